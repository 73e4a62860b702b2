"""Shops to be killed: for each line that comes in, one process that takes orders until it is.

    python -m tests.faults.shopping URL together|apart

Each says its process id, then of every order when it stands between the two, and when it was taken. `apart` is the planted fault: the message has a transaction
of its own.
"""

import asyncio
import itertools
import os
import sys
from typing import NoReturn
from unittest.mock import patch

import parlour
import parlour.adapters.sql.postgres
import parlour.config.main
from examples.shop.shop import Shop, open_shop

BETWEEN = "between"


async def together(shop: Shop, number: str) -> None:
    take = shop.take

    async def told(inside: parlour.Inside, number: str, item: str) -> None:
        await take(inside, number, item)
        tell(BETWEEN)

    with patch.object(shop, "take", told):
        await shop.order(number, "tea")


async def apart(shop: Shop, number: str) -> None:
    async with shop.transaction() as inside:
        await shop.take(inside, number, "tea")
    tell(BETWEEN)
    await shop.chat.execute(parlour.SendMessage(shop.room_id, f"{number}: tea"), shop.clerk)


async def take_orders(url: str, how: str, name: str) -> None:
    async with open_shop(url) as shop:
        for n in itertools.count(1):
            number = f"{name}-{n:04}"
            await (together if how == "together" else apart)(shop, number)
            tell(number)


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def main() -> NoReturn:
    url, how = sys.argv[1:]
    for round_ in itertools.count(1):
        if not sys.stdin.readline():
            sys.exit()
        child = os.fork()
        if child == 0:
            tell(str(os.getpid()))
            asyncio.run(take_orders(url, how, f"{round_:03}"))
        os.waitpid(child, 0)
    raise AssertionError("there is always another")


if __name__ == "__main__":
    main()
