"""parlour inside a program: ten lines, no server, one SQLite file. Runs where only `pip install .` has been."""

import asyncio

import parlour


async def main() -> None:
    async with parlour.open("chat.db") as chat:
        ada = chat.actor(parlour.host_id("ada"))
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        channel = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, "general", workspace_id=team.id)
        room = await chat.execute(channel, ada)
        await chat.execute(parlour.SendMessage(room.id, "Hello!"), ada)
        page = await chat.execute(parlour.ListMessages(room.id), ada)
        print([(message.number, message.content) for message in page.items])


asyncio.run(main())
