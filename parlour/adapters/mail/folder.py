"""A folder of `.eml` files: the embedded default, which any mail program opens."""

import asyncio
import os
from pathlib import Path
from uuid import UUID

from ...application.kernel.mail import Letter, away
from ...application.kernel.ports import Clock
from .message import message_of


class FolderMailer:
    """`Mailer` into a folder, one file for each letter. The folder is made with the first, for its owner's eyes only: letters
    hold secrets."""

    def __init__(self, folder: str, sender: str, clock: Clock) -> None:
        self._folder, self._sender, self._clock = Path(folder), sender, clock

    async def send(self, letter: Letter, letter_id: UUID) -> None:
        message = message_of(letter, letter_id, self._sender, self._clock.now())
        try:
            await asyncio.to_thread(self._keep, f"{letter_id}.eml", message.as_bytes())
        except OSError as error:
            raise away(f"the folder {self._folder}: {error.strerror}") from error

    def _keep(self, name: str, raw: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._folder / f".{name}.part"  # no `*.eml` before it is whole
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._folder / name)
