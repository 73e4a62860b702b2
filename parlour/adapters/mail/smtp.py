"""Letters to a server by SMTP, with aiosmtplib."""

from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from ...application.kernel.mail import Letter, LetterRefused, away
from ...application.kernel.ports import Clock
from .message import message_of

AT_HOME = {"localhost", "127.0.0.1", "::1"}
PORTS = {"smtp": 587, "smtps": 465}


class SmtpMailer:
    """`Mailer` to the server that a URL names: `smtp://user:password@host:587`, or `smtps://` for TLS from the start.

    On `smtp://` the connection is encrypted where the server offers it; a password goes to another machine only encrypted.
    """

    def __init__(self, url: str, sender: str, clock: Clock, *, patience: float = 10.0) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        self._must = self._user is not None and self._host not in AT_HOME and not self._tls
        self._sender, self._clock, self._patience = sender, clock, patience

    async def send(self, letter: Letter, letter_id: UUID) -> None:
        message = message_of(letter, letter_id, self._sender, self._clock.now())
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=False if self._tls else (True if self._must else None),
                timeout=self._patience,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise self._said(error.recipients[0]) from error
        except (aiosmtplib.SMTPNotSupported, UnicodeError) as error:
            raise LetterRefused("The mail server cannot take this letter.") from error
        except aiosmtplib.SMTPResponseException as error:
            raise self._said(error) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise away(f"{self._host} does not answer as it should") from error

    def _said(self, error: aiosmtplib.SMTPResponseException) -> Exception:
        """What the server says of the letter is for good when it begins with 5; of who we are, nothing is."""
        if isinstance(error, aiosmtplib.SMTPDataError | aiosmtplib.SMTPRecipientRefused) and 500 <= error.code < 600:
            return LetterRefused("The mail server will not take this letter.")
        return away(f"{self._host} says {error.code}")
