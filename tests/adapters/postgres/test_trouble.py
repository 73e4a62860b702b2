"""What PostgreSQL says in trouble, each group of its codes, and what a caller is told: as the server itself says it."""

import psycopg
import pytest
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from parlour.adapters.sql.postgres_trouble import translated
from parlour.domain.kernel.errors import Raced, Unavailable
from tests.services.postgres import Postgres

pytestmark = pytest.mark.postgres

RACED = ["40001", "40P01", "55P03", "23505", "23503", "23P01"]
FULL = ["53100", "53200"]
AWAY = [
    "08000", "08003", "08006",  # the connection
    "53000", "53300",           # too little of something, too many connections
    "57014", "57P01", "57P02", "57P03",  # cancelled, shutting down, crashed, starting
    "58000", "58030",           # the system, input and output
    "25P03", "25000",           # the transaction was ended
    "XX000", "XX001",           # its own faults
]  # fmt: skip
OURS = ["42601", "42P01", "42501", "22P02", "23502", "23514", "22001"]


def said(postgres: Postgres, code: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        postgres.run(f"do $$ begin raise exception using errcode = '{code}', message = 'a secret of inside'; end $$")
    assert caught.value.sqlstate == code
    return caught.value


@pytest.mark.parametrize("code", RACED)
def test_what_another_try_may_change_is_a_race(code: str, postgres: Postgres) -> None:
    assert isinstance(translated(said(postgres, code)), Raced)


@pytest.mark.parametrize(
    "codes, told", [(FULL, "store_full"), (["25006"], "store_read_only"), (AWAY, "store_unavailable")]
)
def test_what_the_server_cannot_do_now_is_unavailable(codes: list[str], told: str, postgres: Postgres) -> None:
    for code in codes:
        error = translated(said(postgres, code))
        assert isinstance(error, Unavailable), code
        assert (error.code, error.retryable) == (told, True), code
        assert error.retry_after, code
        assert "secret" not in error.message, "the server's own words are shown"


@pytest.mark.parametrize("code", OURS)
def test_a_fault_of_ours_stays_what_it_is(code: str, postgres: Postgres) -> None:
    error = said(postgres, code)
    assert translated(error) is error


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("postgresql://127.0.0.1:1/nothing", connect_timeout=2)
    assert isinstance(translated(caught.value), Unavailable)


@pytest.mark.parametrize("error, away, code", [
    (PoolTimeout("late"), False, "store_busy"),
    (TooManyRequests("many"), False, "store_busy"),
    (PoolTimeout("late"), True, "store_unavailable"),
    (TooManyRequests("many"), True, "store_unavailable"),
    (PoolClosed("closed"), False, "closed"),
])  # fmt: skip
def test_a_pool_that_gives_nothing_is_unavailable(error: Exception, away: bool, code: str) -> None:
    found = translated(error, away=away)
    assert isinstance(found, Unavailable)
    assert found.code == code


def test_what_is_no_error_of_the_servers_is_left_alone() -> None:
    error = LookupError("ours")
    assert translated(error) is error
