"""Databases that cannot be used: each its own clear error, nothing changed, and never the password."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg import sql

from parlour.adapters.sql.migrations import CORE, MigrationError
from parlour.adapters.sql.postgres_link import Reach
from parlour.adapters.sql.postgres_open import PostgresDatabase
from parlour.adapters.sql.postgres_roles import walls_of
from parlour.adapters.sql.unfit import DatabaseUnfit, DatabaseUnreachable

from ...house import MEANS, postgres_store
from ...server import free_port, parlour
from ...services.postgres import ROLE_PASSWORD, Postgres, as_role, at_database, at_port
from .tenants import SECRET

pytestmark = [pytest.mark.postgres, pytest.mark.row("OP8")]

CATALOGUE = """
    select c.relname, c.relkind, c.relacl::text, (select count(*) from pg_policy where polrelid = c.oid)
    from pg_class c where c.relnamespace = 'public'::regnamespace order by 1
"""


def database_at(url: str, wait: float = 0.0, core: Path = CORE) -> PostgresDatabase:
    return PostgresDatabase(Reach(url), MEANS, wait, core)


@pytest.fixture
def plain(postgres: Postgres) -> str:
    """A role that may sign in and nothing else."""
    return postgres.role("parlour_test_plain")


@contextmanager
def nothing_changes(postgres: Postgres, url: str) -> Iterator[None]:
    before = postgres.run(CATALOGUE, dsn=url)
    yield
    assert postgres.run(CATALOGUE, dsn=url) == before


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda url: url.replace(ROLE_PASSWORD, "wrong-secret"), "password authentication failed for user"),
        (lambda url: url.replace("parlour_test_plain", "parlour_test_unknown"), "as parlour_test_unknown "),
        (lambda url: at_database(url, "parlour_nowhere"), 'database "parlour_nowhere" does not exist'),
        (lambda url: at_port(url, free_port()), "refused"),
        (lambda url: url.replace("127.0.0.1", "nowhere.invalid"), "PostgreSQL at nowhere.invalid:"),
        (lambda url: url + "?options=-c%20parlour_nonsense%3D1%20-c%20nonsense%3D1", "nonsense"),
    ],
    ids=["password", "role", "database", "port", "host", "option"],
)
async def test_who_is_not_let_in_is_told_what_was_tried(
    postgres: Postgres, plain: str, change: Callable[[str], str], said: str
) -> None:
    url = change(as_role(postgres.url, plain))
    with pytest.raises(DatabaseUnreachable) as caught:
        await database_at(url).prepare()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not any(secret in str(caught.value) for secret in (ROLE_PASSWORD, "wrong-secret"))


async def test_a_wrong_password_is_not_tried_again(postgres: Postgres, plain: str) -> None:
    """However long a server would be waited for."""
    url = as_role(postgres.url, plain).replace(ROLE_PASSWORD, "wrong")
    with pytest.raises(DatabaseUnreachable):
        await database_at(url, wait=3600).prepare()


async def test_a_server_that_is_down_is_tried_again_and_told_of_once(
    postgres: Postgres, plain: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = at_port(as_role(postgres.url, plain), free_port())
    with caplog.at_level(logging.WARNING), pytest.raises(DatabaseUnreachable):
        await database_at(url, wait=1.2).prepare()
    (line,) = [r.getMessage() for r in caplog.records if r.name == "parlour.store"]
    assert "trying again for 1 s" in line
    assert ROLE_PASSWORD not in caplog.text


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
async def test_an_encoding_that_is_not_utf_8(postgres: Postgres, encoding: str) -> None:
    name = f"parlour_{encoding.lower()}"
    made = "create database {} template template0 encoding {} lc_collate 'C' lc_ctype 'C'"
    postgres.run(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
    postgres.run(sql.SQL(made).format(sql.Identifier(name), sql.Literal(encoding)))
    try:
        with nothing_changes(postgres, postgres.dsn(name)), pytest.raises(DatabaseUnfit) as caught:
            await database_at(postgres.dsn(name)).prepare()
    finally:
        postgres.run(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    assert str(caught.value).startswith(f"the database {name} is in {encoding}; parlour needs UTF8")


@pytest.mark.parametrize(
    "foreign",
    [
        "create table users (id serial primary key, email text)",
        "create view messages as select 1 as id",
        "create table migrations (id serial primary key, migration text, batch integer)",
    ],
)
async def test_a_database_of_another_program(postgres: Postgres, foreign: str) -> None:
    with postgres.database() as url:
        postgres.run(foreign, dsn=url)
        with nothing_changes(postgres, url), pytest.raises(DatabaseUnfit, match=r"is somebody else's: it has tables"):
            await database_at(url).prepare()


async def test_a_role_that_may_not_make_tables(postgres: Postgres, plain: str) -> None:
    with postgres.database() as url:
        postgres.run("revoke create on schema public from public", dsn=url)
        with nothing_changes(postgres, url), pytest.raises(DatabaseUnfit) as caught:
            await database_at(as_role(url, plain)).prepare()
        assert "grant create on schema public to parlour_test_plain" in str(caught.value)


async def test_a_role_that_may_not_connect(postgres: Postgres, plain: str) -> None:
    with postgres.database() as url:
        name = url.rpartition("/")[2]
        postgres.run(sql.SQL("revoke connect on database {} from public").format(sql.Identifier(name)))
        with pytest.raises(DatabaseUnreachable, match="CONNECT privilege"):
            await database_at(as_role(url, plain), wait=3600).prepare()


async def test_a_role_without_rights_in_a_database_that_is_parlours(
    postgres: Postgres, owner_url: str, plain: str
) -> None:
    with nothing_changes(postgres, at_superuser(postgres, owner_url)), pytest.raises(DatabaseUnfit) as caught:
        await database_at(as_role(owner_url, plain)).prepare()
    assert "grant parlour_app to parlour_test_plain" in str(caught.value)


async def test_a_role_that_may_read_and_is_no_member(postgres: Postgres, owner_url: str, plain: str) -> None:
    postgres.run("grant select on migrations, meta to parlour_test_plain", dsn=at_superuser(postgres, owner_url))
    store = postgres_store(as_role(owner_url, plain))
    await store.database.prepare()
    await store.link.open()
    try:
        with pytest.raises(MigrationError, match="nor is a member of parlour_app"):
            await walls_of(store.link)
    finally:
        await store.close()


async def test_a_database_of_a_newer_version(postgres: Postgres, owner_url: str, app_url: str) -> None:
    newer = "insert into migrations values ('core', 999, 'from_the_future', 'x', now())"
    postgres.run(newer, dsn=at_superuser(postgres, owner_url))
    for url in (owner_url, app_url):
        with nothing_changes(postgres, at_superuser(postgres, owner_url)), pytest.raises(MigrationError, match="newer"):
            await database_at(url).prepare()


async def test_a_migration_that_waits_is_the_owners_to_run(
    postgres: Postgres, owner_url: str, app_url: str, tmp_path: Path
) -> None:
    """A server beside the wall says so and changes nothing; once it was run it starts, with rights in the new table."""
    shutil.copytree(CORE / "core", tmp_path / "core")
    number = len({p.name[:3] for p in (CORE / "core").glob("*.sql")}) + 1
    step = "create table badges (workspace_id uuid, id uuid, primary key (workspace_id, id));"
    (tmp_path / "core" / f"{number:03}_badges.postgres.sql").write_text(step)
    with nothing_changes(postgres, at_superuser(postgres, owner_url)), pytest.raises(MigrationError) as caught:
        await database_at(app_url, core=tmp_path).prepare()
    assert f"may not run migration {number:03} (badges) of core" in str(caught.value)
    assert "Run `parlour migrate` as the owner of the tables" in str(caught.value)
    await database_at(owner_url, core=tmp_path).prepare()
    await database_at(app_url, core=tmp_path).prepare()
    assert postgres.run("select count(*) from badges", dsn=app_url) == [(0,)]
    assert postgres.run("delete from badges", dsn=app_url) == []


def test_the_command_line_says_it_in_one_line(postgres: Postgres, plain: str, tmp_path: Path) -> None:
    url = as_role(postgres.url, plain)
    for wrong, said in (
        (url.replace(ROLE_PASSWORD, "wrong-secret"), "password authentication failed"),
        (at_database(url, "parlour_nowhere"), "does not exist"),
    ):
        ended = parlour(tmp_path, "serve", DATABASE_URL=wrong, JWT_SECRET=SECRET, PORT=free_port())
        assert ended.returncode == 69, ended.stderr
        assert said in ended.stderr
        assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
        assert ROLE_PASSWORD not in ended.stderr + ended.stdout
        assert "wrong-secret" not in ended.stderr + ended.stdout


def test_a_server_that_does_not_come_is_waited_for_as_long_as_is_set(
    postgres: Postgres, plain: str, tmp_path: Path
) -> None:
    url = at_port(as_role(postgres.url, plain), free_port())
    ended = parlour(tmp_path, "migrate", DATABASE_URL=url, JWT_SECRET=SECRET, DATABASE_WAIT_SECONDS=1.2)
    assert ended.returncode == 69, ended.stderr
    waiting, gave_up = ended.stderr.strip().splitlines()
    assert "trying again for 1 s" in waiting
    assert gave_up.startswith("parlour: PostgreSQL at 127.0.0.1:")
    assert ROLE_PASSWORD not in ended.stderr


def at_superuser(postgres: Postgres, url: str) -> str:
    """The same database, as the superuser."""
    return postgres.dsn(url.rpartition("/")[2])
