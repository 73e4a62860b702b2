"""An order and the message about it, in a process that is killed between the two: never one without the other."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from examples.shop.shop import open_shop
from tests.server import environment

from .shopping import BETWEEN

KILLS = 20


class Shops:
    """Shops that are killed at random moments, and what they said they had done."""

    def __init__(self, url: str, how: str) -> None:
        self.told: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.shopping", url, how],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the shops are gone"
        return line

    async def kill(self, chance: random.Random) -> None:
        """Let one take some orders, and kill it while it takes another: between the two, and some way on."""
        assert self._process.stdin is not None
        self._process.stdin.write("another\n")
        pid = await self._until(str.isdecimal)  # after what the last one said before it died
        for _ in range(chance.randint(1, 3)):
            await self._until(BETWEEN.__eq__)
        await asyncio.sleep(chance.uniform(0, 0.005))  # the moment of the fault
        os.kill(int(pid), signal.SIGKILL)

    async def _until(self, wanted: Callable[[str], bool]) -> str:
        while not wanted(said := await asyncio.to_thread(self._line)):
            self._hear(said)
        return said

    def _hear(self, said: str) -> None:
        if said != BETWEEN:
            self.told.append(said)

    def end(self) -> None:
        """No shop is left: the last one was killed, and no other is asked for."""
        rest, _ = self._process.communicate()
        for said in rest.split():
            self._hear(said)


async def what_is_there(url: str) -> tuple[list[str], list[str]]:
    """Orders, and what the staff were told, as of one moment."""
    both = "select 0, id || ': ' || item from orders union all select 1, content from messages"
    async with open_shop(url) as shop, shop.transaction() as inside:
        rows = await shop.say(inside, both)
    return sorted(text for which, text in rows if not which), sorted(text for which, text in rows if which)


async def killed(url: str, how: str, kills: int) -> tuple[list[str], list[str], list[str]]:
    chance, shops = random.Random(7), Shops(url, how)
    try:
        for _ in range(kills):
            await shops.kill(chance)
    finally:
        shops.end()
    return (*await what_is_there(url), [f"{number}: tea" for number in shops.told])


@pytest.fixture
def shop_url(database_url: str, tmp_path: Path) -> str:
    return database_url.removeprefix("sqlite:///")


@pytest.mark.row("DX1")
async def test_neither_is_there_without_the_other(shop_url: str):
    orders, messages, told = await killed(shop_url, "together", KILLS)
    assert orders == messages
    assert len(told) >= KILLS // 2
    assert set(told) <= set(orders), "an order that was taken is gone"
    assert len(set(orders)) == len(orders)


@pytest.mark.row("DX1")
async def test_a_message_in_a_transaction_of_its_own_is_seen_to_be_missing(shop_url: str):
    orders, messages, _ = await killed(shop_url, "apart", KILLS)
    assert set(messages) < set(orders)
