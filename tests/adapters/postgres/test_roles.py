"""The roles behind the wall, made by the command line on a server that has none yet."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from ...entrypoints.people import sign_up
from ...house import postgres_store
from ...server import parlour, serving
from ...services.find import find_postgres
from ...services.postgres import ROLE_PASSWORD, Postgres, as_role
from ...services.server import PostgresServer
from .tenants import SECRET

pytestmark = [pytest.mark.postgres, pytest.mark.row("WS4", "OP8")]

ROLES = "select rolname from pg_roles where rolname in ('parlour_app', 'parlour_relay', 'parlour_doctor') order by 1"
ALL = [("parlour_app",), ("parlour_doctor",), ("parlour_relay",)]


@pytest.fixture
def cluster(postgres: Postgres) -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, of the same version: roles are the whole server's."""
    server = PostgresServer(find_postgres(postgres.major))
    try:
        yield server.start()
    finally:
        server.close()


@pytest.fixture
def owned(cluster: PostgresServer) -> Iterator[str]:
    """An empty database that belongs to an ordinary role, as that role."""
    owner = cluster.role("house_owner")
    with cluster.database() as url:
        name = url.rpartition("/")[2]
        cluster.run(sql.SQL("alter database {} owner to {}").format(sql.Identifier(name), sql.Identifier(owner)))
        cluster.run("alter schema public owner to house_owner", dsn=url)
        yield as_role(url, owner)


def test_the_roles_are_made_once_and_a_server_works_behind_them(
    cluster: PostgresServer, owned: str, tmp_path: Path
) -> None:
    given = {"DATABASE_URL": owned, "JWT_SECRET": SECRET}
    refused = parlour(tmp_path, "migrate", "--roles", **given)
    assert refused.returncode == 69, refused.stderr
    assert "the role house_owner may not make roles" in refused.stderr
    assert "alter role house_owner createrole" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert cluster.run(ROLES) == []
    noted = parlour(tmp_path, "doctor", **given)
    assert noted.returncode == 0, noted.stderr
    assert noted.stdout.startswith("note: parlour signs in as the owner of its tables")

    cluster.run("alter role house_owner createrole")
    for _ in range(2):
        made = parlour(tmp_path, "migrate", "--roles", **given)
        assert made.returncode == 0, made.stderr
        assert "grant parlour_app to" in made.stdout
        assert ROLE_PASSWORD not in made.stdout
        assert cluster.run(ROLES) == ALL

    app = as_role(owned, cluster.role("house_server", member_of="parlour_app"))
    quiet = parlour(tmp_path, "doctor", DATABASE_URL=app, JWT_SECRET=SECRET)
    assert quiet.stdout.startswith("all is well"), quiet.stderr
    with serving(tmp_path / "server", database_url=app, jwt_secret=SECRET) as server:
        ann = sign_up(server)
        assert ann.done("GET", "/api/auth/me")["id"] == ann.id
        assert ROLE_PASSWORD not in server.log() + (tmp_path / "server" / "server.out").read_text()
    usage = "select pg_has_role('house_server', 'parlour_relay', 'usage'), pg_has_role('house_server', 'parlour_relay', 'member')"
    assert cluster.run(usage) == [(False, True)]

    doctor = as_role(owned, cluster.role("house_doctor", member_of="parlour_doctor"))
    assert cluster.run("select count(*) > 0 from workspaces", dsn=doctor) == [(True,)]
    with pytest.raises(Exception, match="permission denied"):
        cluster.run("update workspaces set name = ''", dsn=doctor)


def test_a_relay_that_would_be_inherited_is_no_wall(cluster: PostgresServer, owned: str, tmp_path: Path) -> None:
    cluster.run("create role parlour_app inherit")
    cluster.run("create role parlour_relay")
    cluster.run("create role parlour_doctor")
    cluster.run("grant parlour_relay to parlour_app")
    refused = parlour(tmp_path, "migrate", "--roles", DATABASE_URL=owned, JWT_SECRET=SECRET)
    assert refused.returncode == 69, refused.stderr
    assert "by inheritance, so there is no wall" in refused.stderr


def test_who_does_not_own_the_tables_makes_no_roles(app_url: str, tmp_path: Path) -> None:
    refused = parlour(tmp_path, "migrate", "--roles", DATABASE_URL=app_url, JWT_SECRET=SECRET)
    assert refused.returncode == 69, refused.stderr
    assert "does not own parlour's tables" in refused.stderr


def test_a_later_migration_grants_nothing_where_there_are_no_roles(postgres: Postgres, walled: str) -> None:
    """The roles are the whole server's; a database that was not given to them stays closed."""
    with postgres.database() as url:
        asyncio.run(postgres_store(url).database.prepare())
        assert postgres.run("select has_table_privilege('parlour_app', 'messages', 'select')", dsn=url) == [(False,)]


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    refused = parlour(tmp_path, "migrate", "--roles")
    assert refused.returncode == 78
    assert "--roles is for PostgreSQL" in refused.stderr
    assert list(tmp_path.iterdir()) == []
