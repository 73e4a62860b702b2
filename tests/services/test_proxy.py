"""The proxy's faults, as a client of PostgreSQL meets them."""

import select
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.services.postgres import Postgres, at_port
from tests.services.proxy import Proxy, running_proxy


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with running_proxy(urlsplit(postgres.url).port or 5432) as running:
        yield running


@pytest.fixture
def client(postgres: Postgres, proxy: Proxy) -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(at_port(postgres.url, proxy.port), autocommit=True)) as connection:
        yield connection


def seconds_of(client: psycopg.Connection) -> float:
    started = time.monotonic()
    assert client.execute("select 1").fetchone() == (1,)
    return time.monotonic() - started


def test_it_passes_everything_on(client: psycopg.Connection):
    words = "x" * 3_000_000
    assert client.execute("select %s", (words,)).fetchone() == (words,)


def test_it_is_late_each_way_until_told_otherwise(client: psycopg.Connection, proxy: Proxy):
    assert seconds_of(client) < 0.2
    proxy.pass_on(late=0.15)
    assert seconds_of(client) >= 0.3
    proxy.pass_on()
    assert seconds_of(client) < 0.2


def test_it_cuts_what_is_open_and_takes_new_connections(client: psycopg.Connection, proxy: Proxy, postgres: Postgres):
    proxy.cut()
    with pytest.raises(psycopg.OperationalError):
        client.execute("select 1")
    assert postgres.run("select 1", dsn=at_port(postgres.url, proxy.port)) == [(1,)]


def test_it_refuses_until_told_otherwise(client: psycopg.Connection, proxy: Proxy, postgres: Postgres):
    proxy.refuse()
    for trouble in range(3):
        with pytest.raises(psycopg.OperationalError):
            postgres.run("select %s", trouble, dsn=at_port(postgres.url, proxy.port))
    with pytest.raises(psycopg.OperationalError):
        client.execute("select 1")
    proxy.pass_on()
    assert postgres.run("select 1", dsn=at_port(postgres.url, proxy.port)) == [(1,)]


def test_a_black_hole_says_nothing_and_what_it_swallowed_is_reset_after_it(
    client: psycopg.Connection, proxy: Proxy, postgres: Postgres
):
    proxy.black_hole()
    client.pgconn.send_query(b"select 1")
    assert select.select([client.fileno()], [], [], 0.3)[0] == []
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        psycopg.connect(at_port(postgres.url, proxy.port), connect_timeout=2)
    proxy.pass_on()
    with pytest.raises(psycopg.OperationalError):
        client.pgconn.consume_input()
    assert postgres.run("select 1", dsn=at_port(postgres.url, proxy.port)) == [(1,)]


def test_a_black_hole_over_what_says_nothing_leaves_it_whole(client: psycopg.Connection, proxy: Proxy):
    proxy.black_hole()
    proxy.pass_on()
    assert seconds_of(client) < 0.2
