"""Addresses that people follow."""

from attrs import frozen


@frozen
class Links:
    """`base` is where this server, or the pages in front of it, are reached from outside, without a slash at its end."""

    base: str = "http://127.0.0.1:8000"

    def invitation(self, token: str) -> str:
        return f"{self.base}/invite?token={token}"

    def password_reset(self, token: str) -> str:
        return f"{self.base}/reset?token={token}"

    def email_proof(self, token: str) -> str:
        return f"{self.base}/confirm-email?token={token}"
