"""From the settings to a plan: the one place where they are read."""

import secrets
from pathlib import Path
from typing import Any

from ..adapters.security.keyfile import kept_secret
from ..adapters.sql.sqlite_file import StoreBroken
from ..application.identity.signing import Lifetimes, SignInRules
from ..application.kernel.limits import Limits, Rate, Rates
from ..application.kernel.links import Links
from ..application.kernel.retention import Retention
from .database_url import on_sqlite, sqlite_path
from .instance import Plan
from .settings import Settings


def plan_of(settings: Settings) -> Plan:
    """What the settings ask for."""
    return Plan(
        values=values_of(settings),
        flags_path=Path(settings.feature_flags) if settings.feature_flags else None,
        limits=_limits(settings),
        rates=_rates(settings),
        retention=Retention(
            settings.retention_days, settings.retention_events, settings.key_hours, settings.message_retention_days
        ),
        lifetimes=Lifetimes(settings.access_token_seconds, settings.session_seconds, settings.ticket_seconds),
        sign_in=SignInRules(settings.open_sign_up, settings.first_is_admin),
        links=Links((settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")),
        heartbeat=settings.heartbeat_seconds,
    )


def values_of(settings: Settings) -> dict[str, Any]:
    """What the adapters need. Without a secret one is made, and kept beside the database's file where there is one."""
    on_file = on_sqlite(settings.database_url)
    return {
        "sqlite_path": sqlite_path(settings.database_url) if on_file else None,
        "postgres": None if on_file else _reach(settings),
        "database_readers": settings.database_readers,
        "relay_grace": settings.relay_grace_seconds,
        "passwords_together": settings.passwords_together,
        "passwords_queue": settings.passwords_queue,
        "mail": {
            "folder": settings.mail_folder or _folder(settings),
            "smtp": str(settings.smtp_url),
            "sender": settings.mail_from,
        },
        "extensions_schema": settings.extensions_schema,
        "secrets": {"1": _key(settings)},
    }


def _reach(settings: Settings) -> dict[str, Any]:
    return {
        "url": settings.database_url,
        "direct_url": settings.database_direct_url,
        "most": settings.database_connections,
        "waiting": settings.database_waiting,
        "patience": settings.database_patience_seconds,
        "statement": settings.database_statement_seconds,
        "lock": settings.database_lock_seconds,
        "idle": settings.database_idle_seconds,
        "connect": settings.database_connect_seconds,
        "pooled": settings.database_pooled,
        "wait": settings.database_wait_seconds,
    }


def _key(settings: Settings) -> bytes:
    path, secret = sqlite_path(settings.database_url), settings.jwt_secret
    if secret:
        return secret.encode()
    if path == ":memory:" or not on_sqlite(settings.database_url):
        return secrets.token_bytes(32)
    try:
        Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
        return kept_secret(Path(path + ".key"))
    except OSError as error:
        raise StoreBroken(f"{path} and its key cannot be kept there: {error.strerror}") from error


def _folder(settings: Settings) -> str:
    path = sqlite_path(settings.database_url) if on_sqlite(settings.database_url) else ":memory:"
    return "mail" if path == ":memory:" else f"{path}.mail"


def _limits(settings: Settings) -> Limits:
    return Limits(
        message_characters=settings.message_characters,
        frame_bytes=settings.frame_bytes,
        body_bytes=settings.body_bytes,
        header_bytes=settings.header_bytes,
        topics_per_connection=settings.topics_per_connection,
        connections_per_user=settings.connections_per_user,
        connections_per_address=settings.connections_per_address,
        commands_in_flight=settings.commands_in_flight,
        tokens_per_user=settings.tokens_per_user,
        extensions_bytes=settings.extensions_bytes,
        reactions_per_message=settings.reactions_per_message,
        pins_per_room=settings.pins_per_room,
        scheduled_per_user=settings.scheduled_per_user,
    )


def _rates(settings: Settings) -> Rates:
    listed = (
        Rate("default", settings.rate_default_per_minute, 60),
        Rate("send", settings.rate_send_per_minute, 60),
        Rate("sign_up", settings.rate_sign_up_per_hour, 3600, "address"),
        Rate("sign_in", settings.rate_sign_in_per_minute, 60, "address"),
        Rate("sign_in_name", settings.rate_sign_in_name_per_minute, 60, "field:login|username|email"),
        Rate("typing", settings.rate_typing_per_minute, 60),
        Rate("password", settings.rate_password_per_minute, 60),
        Rate("room_password", settings.rate_room_password_per_minute, 60),
        Rate("letters", settings.rate_letters_per_hour, 3600),
        Rate("letters_name", settings.rate_letters_name_per_hour, 3600, "field:email"),
        Rate("follow", settings.rate_follow_per_minute, 60),
        Rate("connection", settings.rate_connection_per_minute, 60, "connection"),
        Rate("workspace", settings.rate_workspace_per_minute, 60, "workspace"),
    )
    return Rates({rate.name: rate for rate in listed})
