"""The suites of the store, on SQLite."""

import pytest

from parlour.adapters.inprocess.event_bus import LocalEventBus
from parlour.testing import contracts
from parlour.testing.contracts import House


class TestSqliteStore(contracts.StoreContract):
    """`Store` and `UnitOfWork`."""


class TestSqliteNested(contracts.NestedContract):
    """Nested units."""


class TestSqliteCancellation(contracts.CancellationContract):
    """Units whose callers go away."""


class TestSqliteKeys(contracts.KeysContract):
    """Idempotency keys."""


class TestSqliteStreamLog(contracts.StreamLogContract):
    """`StreamLog`."""


class TestSqliteKeeping(contracts.KeepingContract):
    """`Keeping`."""


class TestSqliteRelay(contracts.RelayContract):
    """`Relay`."""


class TestSqliteDueTable(contracts.DueTableContract):
    """`DueTable`."""


class TestLocalEventBus(contracts.EventBusContract):
    """`EventBus`."""

    @pytest.fixture
    def event_bus(self, house: House) -> LocalEventBus:
        return LocalEventBus(house.relay, tries=3, wait=0.001)
