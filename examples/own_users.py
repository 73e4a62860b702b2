"""The host keeps the users: parlour asks it for names, and never sees a password.

`People` is the port for names. Ids are the host's own keys, turned into UUIDs by `host_id`.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import parlour

STAFF = {"7": ("ada", "Ada Lovelace"), "8": ("bob", "Bob Frankston")}  # the host's table of users
BY_ID = {parlour.host_id(key): (username, name) for key, (username, name) in STAFF.items()}


class Staff:
    """`People` from the host's own table."""

    async def named(self, ids: Sequence[UUID]) -> dict[UUID, parlour.Person]:
        return {i: parlour.Person(parlour.UserId(i), *BY_ID[parlour.UserId(i)]) for i in ids if i in BY_ID}


async def main() -> None:
    async with parlour.open("chat.db", given={parlour.People: Staff()}) as chat:
        ada, bob = (chat.actor(parlour.host_id(key)) for key in STAFF)
        team = await chat.execute(parlour.CreateWorkspace("Team"), ada)
        await chat.execute(parlour.AddWorkspaceMember(team.id, bob.known), ada)
        direct = parlour.CreateRoom(parlour.RoomKind.DIRECT, member_ids=[bob.known], workspace_id=team.id)
        room = await chat.execute(direct, ada)
        await chat.execute(parlour.SendMessage(room.id, "Hello, Bob."), ada)
        for member in (await chat.execute(parlour.ListMembers(room.id), bob)).items:
            print(member.user.name if member.user else "somebody who has left")
        for message in (await chat.execute(parlour.ListMessages(room.id), bob)).items:
            print(BY_ID[message.author_id][1], "says:", message.content)


if __name__ == "__main__":
    asyncio.run(main())
