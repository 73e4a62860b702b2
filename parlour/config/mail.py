"""What can be wrong with the settings for letters."""

from email.utils import parseaddr
from importlib.util import find_spec
from urllib.parse import urlsplit

FORM = "smtp://user:password@host:587 or smtps://host"


def wrong_with_mail(url: str, sender: str) -> str | None:
    """The setting that cannot be used, and why; the password is never shown."""
    user, at, domain = parseaddr(sender)[1].rpartition("@")
    if not (user and at and domain) or not sender.isprintable():
        return "MAIL_FROM is no address; it is like: parlour <parlour@example.org>"
    if not url:
        return None
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"smtp", "smtps"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits:
        return f"SMTP_URL cannot be used; it is like {FORM}"
    if find_spec("aiosmtplib") is None:
        return "SMTP_URL is set, but aiosmtplib is not installed: pip install 'parlour[smtp]'"
    return None
