"""The suite of mailers: a folder, and a real server by SMTP."""

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from parlour.adapters.inprocess.world import SystemClock
from parlour.adapters.mail.folder import FolderMailer
from parlour.adapters.mail.smtp import SmtpMailer
from parlour.application.kernel.mail import Letter, LetterRefused, Mailer
from parlour.domain.kernel.errors import Unavailable
from parlour.testing import contracts
from parlour.testing.contracts.mail import LETTER, Arrived
from tests.server import free_port

FROM = "parlour <parlour@example.org>"


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=default)


class TestFolderMailer(contracts.MailerContract):
    """`.eml` files."""

    @pytest.fixture
    def mailer(self, tmp_path: Path) -> Mailer:
        return FolderMailer(str(tmp_path / "mail"), FROM, SystemClock())

    @pytest.fixture
    def arrived(self, tmp_path: Path) -> Arrived:
        return lambda: [parsed(path.read_bytes()) for path in sorted((tmp_path / "mail").glob("*.eml"))]

    async def test_letters_are_for_the_owners_eyes(self, mailer: Mailer, tmp_path: Path) -> None:
        await mailer.send(LETTER, uuid4())
        (path,) = (tmp_path / "mail").glob("*.eml")
        assert [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777] == [0o600, 0o700]

    async def test_a_folder_that_cannot_be_written_to_may_be_later(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder")
        with pytest.raises(Unavailable) as away:
            await FolderMailer(str(tmp_path / "file"), FROM, SystemClock()).send(LETTER, uuid4())
        assert away.value.code == "mail_unavailable"


class PostOffice:
    """What a mail server does as it is told; `answer` is what it says of a recipient."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content)
        return "250 OK"


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def address(office: PostOffice) -> Iterator[str]:
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


class TestSmtpMailer(contracts.MailerContract):
    """A real exchange with a server."""

    @pytest.fixture
    def mailer(self, address: str) -> Mailer:
        return SmtpMailer(address, FROM, SystemClock(), patience=5)

    @pytest.fixture
    def arrived(self, office: PostOffice) -> Arrived:
        return lambda: [parsed(raw) for raw in office.letters]

    @pytest.mark.parametrize("said, error", [("550 no such user", LetterRefused), ("450 busy", Unavailable)])
    async def test_what_the_server_says_is_for_good_or_for_now(
        self, mailer: Mailer, office: PostOffice, said: str, error: type[Exception]
    ) -> None:
        office.answer = said
        with pytest.raises(error):
            await mailer.send(LETTER, uuid4())
        assert office.letters == []

    async def test_a_server_that_is_not_there_may_be_later(self) -> None:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{free_port()}", FROM, SystemClock(), patience=1)
        with pytest.raises(Unavailable):
            await mailer.send(LETTER, uuid4())

    async def test_an_address_beyond_ascii_arrives(self, mailer: Mailer, office: PostOffice) -> None:
        await mailer.send(Letter("jörg@example.org", "s", "t"), uuid4())
        assert "To: jörg@example.org\r\n".encode() in office.letters[0]

    async def test_a_password_goes_to_another_machine_only_encrypted(self, address: str, office: PostOffice) -> None:
        elsewhere = address.replace(
            "smtp://127.0.0.1", "smtp://ann:secret@127.1"
        )  # a name that is not known for this machine
        with pytest.raises((LetterRefused, Unavailable)):
            await SmtpMailer(elsewhere, FROM, SystemClock(), patience=5).send(LETTER, uuid4())
        assert office.letters == []
        await SmtpMailer(elsewhere.replace("ann:secret@", ""), FROM, SystemClock(), patience=5).send(LETTER, uuid4())
        assert len(office.letters) == 1, "the control: without a password it goes there"
