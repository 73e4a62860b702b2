"""Settings, from `parlour.toml` and the environment. Every one is an upper-case variable without a prefix."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import typed_settings as ts
from typed_settings.types import LoadedSettings, LoaderMeta

from ..application.kernel.limits import MESSAGE_CHARACTERS_AT_MOST
from .database_url import FORM, POSTGRES, on_sqlite, wrong_in
from .mail import wrong_with_mail

CONFIG_FILE = "parlour.toml"
FILE_VARIABLE = "PARLOUR_SETTINGS"
_ORIGIN = re.compile(r"https?://[^/*?#\s]+")
GREATEST = {"port": 65_535, "message_characters": MESSAGE_CHARACTERS_AT_MOST}


def _option(default: Any, text: str) -> Any:
    return ts.option(default=default, help=text)


def _secret(text: str) -> Any:
    return ts.secret(default=ts.SecretStr(""), help=text)


@attrs.frozen
class Settings:
    """Everything that can be set. Times are seconds, sizes bytes, unless the name says otherwise."""

    host: str = _option("127.0.0.1", "Address to listen on.")
    port: int = _option(8000, "Port to listen on; 0 lets the system choose.")
    public_url: str = _option("", "Where people reach this server, for links; http://HOST:PORT when empty.")
    log_level: str = _option("info", "debug, info, warning or error.")
    log_format: str = _option("text", "text for people, json for machines.")

    database_url: str = _option(
        "sqlite:///parlour.db",
        "The store: sqlite:///<file>, relative to the working directory, or postgresql://user:password@host:5432/database.",
    )
    database_direct_url: str = _option(
        "", "PostgreSQL past a pooler, for what needs a session of its own; DATABASE_URL when empty."
    )
    database_pooled: bool = _option(
        False, "Whether DATABASE_URL leads to a pooler in transaction mode, such as pgbouncer."
    )
    database_readers: int = _option(4, "Connections that read beside the writer, on SQLite.")
    database_connections: int = _option(10, "Connections to PostgreSQL at most.")
    database_waiting: int = _option(200, "How many may wait for a connection to PostgreSQL; more get 503 at once.")
    database_patience_seconds: float = _option(2.0, "How long one may wait for a connection; then it is 503.")
    database_statement_seconds: float = _option(10.0, "How long a statement may take on PostgreSQL.")
    database_lock_seconds: float = _option(2.0, "How long a statement may wait for a lock on PostgreSQL.")
    database_idle_seconds: float = _option(10.0, "How long a transaction may rest before PostgreSQL ends it.")
    database_connect_seconds: float = _option(2.0, "How long connecting to PostgreSQL may take; at least 2.")
    relay_grace_seconds: float = _option(
        3600.0, "How long events that no consumer of this server wants are left for those of others, on PostgreSQL."
    )
    database_wait_seconds: float = _option(30.0, "How long a start waits for a PostgreSQL that does not answer.")
    redis_url: str = _option("", "Redis, when there is an adapter for it: not in this version.")
    nats_url: str = _option("", "NATS, when there is an adapter for it: not in this version.")
    kafka_brokers: str = _option("", "Kafka, when there is an adapter for it: not in this version.")

    jwt_secret: ts.SecretStr = _secret(
        "Key that signs tokens, 32 characters or more. On SQLite one is made and kept beside the file."
    )
    internal_secret: ts.SecretStr = _secret(
        "What sibling services show to be let in; nothing asks for it in this version."
    )
    feature_flags: str = _option("feature_flags.toml", "The file that switches optional modules on.")

    open_sign_up: bool = _option(True, "Whether strangers may make accounts.")
    first_is_admin: bool = _option(True, "Whether the first account administers the instance.")
    cors_origins: str = _option("", "Web origins that may call the API and open sockets, separated by commas.")
    trusted_proxies: int = _option(0, "How many proxies stand in front and say whom they speak for (X-Forwarded-For).")

    mail_from: str = _option("parlour <parlour@localhost>", "Who letters are from.")
    mail_folder: str = _option(
        "",
        "Where letters are put as .eml files while SMTP_URL is empty; when empty <file>.mail beside the SQLite file, or mail.",
    )
    smtp_url: ts.SecretStr = _secret(
        "The mail server: smtp://user:password@host:587, or smtps:// for TLS from the start. Needs parlour[smtp]."
    )

    access_token_seconds: int = _option(900, "How long an access token is good for.")
    session_seconds: int = _option(2_592_000, "How long a session lasts at most, however often it is renewed.")
    ticket_seconds: int = _option(30, "How long a ticket for opening a socket is good for.")
    passwords_together: int = _option(2, "How many passwords are hashed at a time.")
    passwords_queue: int = _option(20, "How many more may wait for that; then sign-ins are asked to come again.")

    heartbeat_seconds: float = _option(25.0, "How often a socket is sent a ping.")
    heartbeat_timeout_seconds: float = _option(10.0, "How long an answer to it may take.")
    first_frame_seconds: float = _option(10.0, "How long a socket may take to say who it is.")
    handshake_seconds: float = _option(10.0, "How long the head of a request may take to arrive.")
    body_seconds: float = _option(60.0, "How long the body of a request may take to arrive.")
    comment_seconds: float = _option(15.0, "How often a stream of /events is sent a comment.")
    send_seconds: float = _option(10.0, "How long a socket or stream that does not read is waited for.")
    drain_seconds: float = _option(7.0, "How long stopping may take to let go of everybody; the rest is cut off.")
    outbound_bytes: int = _option(
        1_048_576, "What may wait to be sent to one socket; who falls behind comes back and resumes."
    )

    message_characters: int = _option(10_000, "Length of a message.")
    frame_bytes: int = _option(65_536, "Size of a frame from a client.")
    body_bytes: int = _option(1_048_576, "Size of a request's body.")
    header_bytes: int = _option(32_768, "Size of a request's head.")
    topics_per_connection: int = _option(1_000, "Topics one socket may follow.")
    connections_per_user: int = _option(20, "Sockets one user may have.")
    connections_per_address: int = _option(200, "Sockets one address may have.")
    commands_in_flight: int = _option(32, "Commands of one socket that are worked on at a time.")
    tokens_per_user: int = _option(50, "Personal access tokens one user may have.")
    extensions_bytes: int = _option(16_384, "Size of the extension data of one user.")
    extensions_schema: str = _option(
        "", "A file with the JSON Schema that extension data of users must keep to; none when empty."
    )
    reactions_per_message: int = _option(50, "Different reactions a message may have.")
    pins_per_room: int = _option(100, "Messages of a room that may be pinned.")
    scheduled_per_user: int = _option(100, "Messages that one user may have scheduled in a workspace.")

    retention_days: int = _option(90, "How long events can be replayed.")
    retention_events: int = _option(1_000_000, "How many events of one stream can be replayed.")
    key_hours: int = _option(24, "How long answers are kept under their idempotency key.")

    rate_default_per_minute: int = _option(600, "Requests of one user; 0 for no limit.")
    rate_send_per_minute: int = _option(300, "Messages of one user; 0 for no limit.")
    rate_typing_per_minute: int = _option(60, "How often one user may show that they are typing; 0 for no limit.")
    rate_sign_in_per_minute: int = _option(60, "Sign-ins from one address; 0 for no limit.")
    rate_sign_in_name_per_minute: int = _option(10, "Sign-ins under one name; 0 for no limit.")
    rate_sign_up_per_hour: int = _option(100, "Accounts made from one address; 0 for no limit.")
    rate_password_per_minute: int = _option(10, "Password changes of one user; 0 for no limit.")
    rate_room_password_per_minute: int = _option(10, "Passwords of rooms tried or set by one user; 0 for no limit.")
    rate_letters_per_hour: int = _option(60, "Letters that one user or address asks for; 0 for no limit.")
    rate_letters_name_per_hour: int = _option(5, "Letters for a new password to one address; 0 for no limit.")
    rate_connection_per_minute: int = _option(0, "Commands of one socket; 0 for no limit beside the user's.")
    rate_workspace_per_minute: int = _option(0, "Requests of all sessions that work in one workspace; 0 for no limit.")

    @property
    def origins(self) -> list[str]:
        """The origins in `cors_origins`."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]


class SettingsError(ValueError):
    """A setting cannot be used; the message names it and says why."""


@attrs.frozen
class Loaded:
    """The settings, and where each came from: `default`, `environment`, or the file's path."""

    settings: Settings
    sources: Mapping[str, str]


def load_settings(environment: Mapping[str, str] | None = None) -> Loaded:
    """The settings in force. `SettingsError` names what cannot be used."""
    environment = os.environ if environment is None else environment
    file = Path(environment.get(FILE_VARIABLE, CONFIG_FILE))
    if FILE_VARIABLE in environment and not file.exists():
        raise SettingsError(f"{FILE_VARIABLE} names {file}, which is not there")
    _check_toml(file)
    sources: dict[str, str] = {}
    from_file = ts.FileLoader({"*": ts.TomlFormat(None)}, [file])
    try:
        settings = ts.load_settings(
            Settings, [_Told(from_file, str(file), sources), _Environment(environment, sources)]
        )
    except Exception as error:
        raise SettingsError(_said(error)) from error
    return Loaded(checked(settings), {a.name: sources.get(a.name, "default") for a in attrs.fields(Settings)})


def _check_toml(file: Path) -> None:
    """The loader's own words do not say which file it is."""
    try:
        tomllib.loads(file.read_text()) if file.exists() else {}
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error


class _Environment:
    """Loads upper-case variables. (typed-settings' own loader reads the process's environment alone.)"""

    def __init__(self, environment: Mapping[str, str], sources: dict[str, str]) -> None:
        self._environment, self._sources = environment, sources

    def __call__(self, settings_cls: type, options: Any) -> LoadedSettings:
        found: dict[str, Any] = {
            o.path: self._environment[o.path.upper()] for o in options if o.path.upper() in self._environment
        }
        self._sources.update(dict.fromkeys(found, "environment"))
        return LoadedSettings(found, LoaderMeta("environment"))


class _Told:
    """A loader that tells which options it found."""

    def __init__(self, loader: ts.FileLoader, name: str, sources: dict[str, str]) -> None:
        self._loader, self._name, self._sources = loader, name, sources

    def __call__(self, settings_cls: type, options: Any) -> list[LoadedSettings]:
        loaded = self._loader(settings_cls, options)
        for one in loaded:
            self._sources.update(dict.fromkeys(one.settings, self._name))
        return loaded


def _said(error: Exception) -> str:
    """An error of typed-settings in one line; a misspelt name with the one that was meant."""
    if isinstance(error, ExceptionGroup):
        return "; ".join(_said(e) for e in error.exceptions)
    text = " ".join(str(error).split())
    names = [a.name for a in attrs.fields(Settings)]
    if text.startswith("Invalid options found"):
        wrong = text.rpartition(": ")[2]
        near = difflib.get_close_matches(wrong, names, 1)
        return f"{text}." + (f" Did you mean {near[0]}?" if near else "")
    return text


def checked_to_serve(settings: Settings) -> None:
    """`SettingsError` when no server can be made of the settings: the rest of the command line needs less."""
    if not settings.jwt_secret and not on_sqlite(settings.database_url):
        raise SettingsError("JWT_SECRET is not set: servers on PostgreSQL need one, the same for all, of 32 characters")


def checked(settings: Settings) -> Settings:
    """The settings, when they fit together and this version can do what they ask for."""
    for name in ("redis_url", "nats_url", "kafka_brokers"):
        if getattr(settings, name):
            raise SettingsError(f"{name.upper()} is set, but this version has no adapter for it; leave it out")
    check_database(settings.database_url, settings.database_direct_url)
    if (wrong := wrong_with_mail(settings.smtp_url, settings.mail_from)) is not None:
        raise SettingsError(wrong)
    _check_origins(settings)
    secret = settings.jwt_secret
    if secret and len(secret.encode()) < 32:
        raise SettingsError("JWT_SECRET is too short: use 32 random characters or more")
    if settings.log_level.lower() not in {"debug", "info", "warning", "error"}:
        raise SettingsError(f"LOG_LEVEL is {settings.log_level!r}; it is debug, info, warning or error")
    if settings.log_format not in {"text", "json"}:
        raise SettingsError(f"LOG_FORMAT is {settings.log_format!r}; it is text or json")
    for a in attrs.fields(Settings):
        value = getattr(settings, a.name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value < _least(a.name):
            raise SettingsError(f"{a.name.upper()} is {value}; the least is {_least(a.name)}")
    _check_greatest(settings)
    return settings


def _check_origins(settings: Settings) -> None:
    for origin in settings.origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"CORS_ORIGINS holds {origin!r}; an origin is like https://app.example.org, without a path"
            )


def _check_greatest(settings: Settings) -> None:
    for name, greatest in GREATEST.items():
        if (value := getattr(settings, name)) > greatest:
            raise SettingsError(f"{name.upper()} is {value}; the greatest is {greatest}")


def _least(name: str) -> float:
    if name in {"port", "trusted_proxies", "passwords_queue"} or name.startswith("rate_"):
        return 0
    return 0.01 if name.endswith("_seconds") else 1


def check_database(url: str, direct_url: str) -> None:
    """`SettingsError` names the part of a database's URL that is wrong, and never shows the password."""
    for name, given in (("DATABASE_URL", url), ("DATABASE_DIRECT_URL", direct_url)):
        scheme = given.partition("://")[0] if "://" in given else given.partition(":")[0]
        if given and scheme not in POSTGRES and not (name == "DATABASE_URL" and on_sqlite(given)):
            raise SettingsError(
                f"{name} does not begin with sqlite:// or postgresql://; it is sqlite:///parlour.db or {FORM}"
            )
        if scheme in POSTGRES and (wrong := next(wrong_in(given), None)) is not None:
            raise SettingsError(f"{name} {wrong}")
    if direct_url and on_sqlite(url):
        raise SettingsError("DATABASE_DIRECT_URL is set, but DATABASE_URL is a SQLite file; leave it out")
