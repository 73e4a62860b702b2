"""Run by test_trouble in a process of its own: files stop growing while a hundred write."""

import asyncio
import resource
import sys
from pathlib import Path

from parlour.domain.kernel.errors import Unavailable
from parlour.testing.contracts.support import a_stream
from tests.house import sqlite_house

UNLIMITED = resource.RLIM_INFINITY


async def main(path: Path) -> None:
    async with sqlite_house(path) as house:
        stream, answered, refused = a_stream(), set[str](), 0
        for round_ in range(3):
            size = max(p.stat().st_size for p in path.parent.iterdir())
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, UNLIMITED))
            names = [f"{round_} {n} " + "x" * 8_000 for n in range(100)]
            answers = await asyncio.gather(*(house.note(stream, n) for n in names), return_exceptions=True)
            for name, answer in zip(names, answers, strict=True):
                if isinstance(answer, Unavailable) and answer.retryable:
                    refused += 1
                elif isinstance(answer, BaseException):
                    raise answer
                else:
                    answered.add(name)
            resource.setrlimit(resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))
            await house.note(stream, "space")
            answered.add("space")
        assert refused, "the disk was never full"
    async with sqlite_house(path) as house:
        texts = await house.noted(stream)
        assert set(texts) == answered, "what is there is not what was answered"
        print(f"{len(texts)} answered and there, {refused} refused")


asyncio.run(main(Path(sys.argv[1])))
