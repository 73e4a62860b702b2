"""What the faults work on."""

from collections.abc import Iterator

import pytest

from ..services.find import Installation
from ..services.server import PostgresServer, running_postgres


@pytest.fixture(scope="module")
def harmed(postgres_installation: Installation) -> Iterator[PostgresServer]:
    """A durable PostgreSQL that may be harmed, with few connections to give."""
    with running_postgres(postgres_installation, durable=True, max_connections=30) as running:
        yield running
