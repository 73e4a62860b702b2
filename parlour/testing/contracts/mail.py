"""Letters: waiting in the store, and brought on their way."""

from collections.abc import Callable, Sequence
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from ...application.kernel.mail import Letter, LetterRefused, Mailer, Waiting
from ...application.kernel.uow import Work
from .support import NOW, House, later

LETTER = Letter("ada@example.org", "An invitation", "Hello Ada,\n\ncome in.\n")
INJECTED = "A subject\r\nBcc: everybody@example.org"
Arrived = Callable[[], Sequence[EmailMessage]]


class MailerContract:
    """`Mailer`. Asks for `mailer`, and for `arrived`, which reads what was delivered, parsed with `email.policy.default`."""

    async def test_a_letter_arrives_as_it_was_written(self, mailer: Mailer, arrived: Arrived) -> None:
        letter_id = uuid4()
        await mailer.send(LETTER, letter_id)
        (message,) = arrived()
        assert message["To"].addresses[0].addr_spec == LETTER.to
        assert message["Subject"] == LETTER.subject
        assert message.get_content().replace("\r\n", "\n") == LETTER.text
        assert str(letter_id) in message["Message-ID"]
        assert message["From"]
        assert message["Date"].datetime is not None

    @pytest.mark.parametrize(
        "letter",
        [
            evolve(LETTER, subject="Ein Gruß 🏖️ 你好", text="Grüße 🏖️\n.\nFrom here on\n" + "x" * 2000 + "\n"),
            evolve(LETTER, subject="s" * 300),
            evolve(LETTER, subject="=?utf-8?q?not_decoded?= <b>"),
        ],
    )
    async def test_any_words_arrive(self, mailer: Mailer, arrived: Arrived, letter: Letter) -> None:
        await mailer.send(letter, uuid4())
        (message,) = arrived()
        assert message.get_content().replace("\r\n", "\n") == letter.text
        if not letter.subject.startswith("=?"):
            assert message["Subject"] == letter.subject

    async def test_the_same_letter_again_is_known_by_its_id(self, mailer: Mailer, arrived: Arrived) -> None:
        letter_id = uuid4()
        for _ in range(2):
            await mailer.send(LETTER, letter_id)
        await mailer.send(LETTER, uuid4())
        assert len({m["Message-ID"] for m in arrived()}) == 2

    @pytest.mark.parametrize(
        "letter",
        [
            evolve(LETTER, subject=INJECTED),
            evolve(LETTER, subject="A subject\nBcc: everybody@example.org"),
            evolve(LETTER, to="ada@example.org\r\nBcc: everybody@example.org"),
            evolve(LETTER, to="ada@example.org, everybody@example.org"),
            evolve(LETTER, to="nobody"),
            evolve(LETTER, to=""),
        ],
    )
    async def test_what_would_be_more_than_a_line_of_the_head_is_refused(
        self, mailer: Mailer, arrived: Arrived, letter: Letter
    ) -> None:
        with pytest.raises(LetterRefused):
            await mailer.send(letter, uuid4())
        assert list(arrived()) == []


class LettersContract:
    """`Letters`. Asks for `house`."""

    async def test_letters_wait_until_they_are_done(self, house: House) -> None:
        first, second, tomorrow = (
            Waiting(uuid4(), f"write_{n}", {"n": n, "text": "é 🏖️"}, later(n), later(1000)) for n in (1, 2, 100)
        )

        async def add(unit: Work) -> None:
            for letter in (second, tomorrow, first):
                await house.letters(unit).add(letter)

        await house.done(add)
        assert await _due(house, 10) == [first, second]
        assert await _due(house, 10, most=1) == [first]
        await house.done(lambda unit: house.letters(unit).again(first.id, later(50)))
        await house.done(lambda unit: house.letters(unit).done(second.id))
        await house.done(lambda unit: house.letters(unit).done(UUID(int=1)))
        assert await _due(house, 10) == []
        assert await _due(house, 50) == [evolve(first, due_at=later(50), tries=1)]

    async def test_a_letter_is_asked_for_with_its_unit_or_not_at_all(self, house: House) -> None:
        unit = house.store.unit()
        async with unit:
            await house.letters(unit).add(Waiting(uuid4(), "write", {}, NOW, later(1)))
        await unit.rollback()
        assert await _due(house, 10) == []


async def _due(house: House, seconds: float, most: int = 10) -> list[Waiting]:
    async with house.store.snapshot() as snapshot:
        return await house.letters(snapshot).due(later(seconds), most)
