"""Where the store is, as an address: read, checked part by part, and shown without its password."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

POSTGRES = ("postgresql", "postgres")
FORM = "postgresql://user:password@host:5432/database"
OPTIONS = frozenset({
    "application_name", "channel_binding", "connect_timeout", "gssencmode", "host", "load_balance_hosts", "options",
    "passfile", "password", "port", "require_auth", "service", "sslcert", "sslcrl", "sslkey", "sslmode", "sslnegotiation",
    "sslpassword", "sslrootcert", "target_session_attrs", "user",
})  # fmt: skip
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
RESERVED = {"/": "%2F", "?": "%3F", "#": "%23", "@": "%40"}

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s\[\]:]*)(?::(?P<port>.*))?")


def on_sqlite(url: str) -> bool:
    """Whether a database's address names a SQLite file."""
    return url.partition(":")[0] == "sqlite"


def sqlite_path(url: str) -> str:
    """The file that `sqlite:///<file>` names; `sqlite://` and `sqlite:///:memory:` name one that is gone afterwards."""
    path = url.removeprefix("sqlite://").removeprefix("/")
    return path or ":memory:"


def shown_url(url: str) -> str:
    """An address without its password, also when it is not right otherwise."""
    scheme, separator, rest = url.partition("://")
    if scheme not in POSTGRES:
        return url
    who, at, where = rest.rpartition("@")
    user, colon, _ = who.partition(":")
    return scheme + separator + user + (":***" if colon else "") + at + re.sub(r"(password=)[^&]*", r"\1***", where)


def wrong_in(url: str) -> Iterator[str]:
    """What is wrong with the address of a PostgreSQL database, without a word of its password."""
    _, _, rest = url.partition("://")
    place, slash, tail = rest.partition("/")
    if "@" in tail.partition("?")[0]:
        yield "has a / in its user or password; write it as %2F"
        return
    who, _, hosts = place.rpartition("@")
    yield from (f"has a {c} in its user or password; write it as {to}" for c, to in RESERVED.items() if c in who)
    if "#" in hosts + tail:
        yield "has a #, which means nothing there; write it as %23"
    database, _, query = tail.partition("?")
    yield from _encoding("user or password", who)
    yield from _hosts(hosts.partition("?")[0])
    if not slash or not database:
        yield f"names no database: {FORM}"
    yield from _encoding("database", database)
    for pair in query.split("&") if query else ():
        yield from _option(*pair.partition("="))


def _encoding(part: str, text: str) -> Iterator[str]:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        yield f"has a % in its {part} without two hexadecimal digits behind it; the sign itself is written as %25"
        return
    try:
        plain = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        yield f"has a {part} that is not UTF-8 behind its % signs"
    else:
        if "\0" in plain:
            yield f"has a NUL in its {part}"


def _hosts(hosts: str) -> Iterator[str]:
    for host in hosts.split(","):
        found = _HOST.fullmatch(host)
        if found is None:
            yield "has a host that no server can be called: a name, an address, or [an IPv6 address]"
        elif found["port"] is not None and not _is_port(found["port"]):
            yield "has a port that is no number from 1 to 65535"


def _is_port(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,5}", text) is not None and 0 < int(text) < 65_536


def _option(name: str, equals: str, value: str) -> Iterator[str]:
    if name not in OPTIONS:
        yield f"has an option {name!r} that PostgreSQL's clients do not know"
    elif not equals:
        yield f"has an option {name!r} without a value"
    else:
        yield from _encoding(f"option {name}", value)
    if name == "sslmode" and value not in SSL_MODES:
        yield f"has a sslmode that is not one of {', '.join(SSL_MODES)}"
    if name == "connect_timeout" and not re.fullmatch(r"[0-9]+", value):
        yield "has a connect_timeout that is no number of seconds"
    if name == "port" and not all(map(_is_port, value.split(","))):
        yield "has a port that is no number from 1 to 65535"
