"""A letter as an e-mail message (RFC 5322)."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

from ...application.kernel.mail import Letter, LetterRefused


def message_of(letter: Letter, letter_id: UUID, sender: str, now: datetime) -> EmailMessage:
    """The message. Nothing that is said in a letter can add a line to its head: the library refuses line breaks there, and
    an address is taken apart before it is written."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = _address(sender)
        message["To"] = _address(letter.to)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{letter_id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message.as_bytes()
    except (ValueError, IndexError, UnicodeError, LookupError) as error:
        raise LetterRefused(f"This cannot be a letter: {error}") from error
    return message


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    user, at, domain = spec.rpartition("@")
    if not at or not user or (not name and spec != text):
        raise ValueError("not an address")
    return Address(name, user, domain)
