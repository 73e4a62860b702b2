"""Opens parlour with the polls feature: first off, then switched on while it runs."""

import asyncio
from pathlib import Path

import parlour
from parlour.config.settings import Settings

from .polls import POLLS, AskPoll, GetPoll, VotePoll

FLAGS = Path("polls_flags.toml")


def switch(on: bool) -> None:
    FLAGS.write_text(f"enable_polls = {str(on).lower()}\n")


async def main() -> None:
    switch(False)
    settings = Settings(feature_flags=str(FLAGS))
    async with parlour.open("chat.db", modules=[POLLS], settings=settings) as chat:
        ada = chat.actor(parlour.host_id("ada"))
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        channel = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "general", workspace_id=team.id)
        room = await chat.execute(channel, ada)
        ask = AskPoll(room.id, "Tea or coffee?")
        try:
            await chat.execute(ask, ada)
        except parlour.DomainError as error:
            print("off:", error.code)
        switch(True)
        await asyncio.sleep(1.5)  # the file is looked at twice a second
        asked = await chat.execute(ask, ada)
        await chat.execute(VotePoll(asked.poll.id, "tea"), ada)
        shown = await chat.execute(GetPoll(asked.poll.id), ada)
        print("on:", shown.poll.question, [(v.choice, v.votes) for v in shown.votes])


if __name__ == "__main__":
    asyncio.run(main())
