"""The servers that other tests stand on."""

from tests.services.postgres import Postgres


def test_the_shared_server_answers(postgres: Postgres):
    assert postgres.run("select 1") == [(1,)]
    assert postgres.run("show synchronous_commit") == [("on",)]
