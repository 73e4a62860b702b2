"""Tenants behind the wall, as a server's role sees them."""

from collections.abc import AsyncIterator

import pytest

from .tenants import Tenant, Tenants, tenants_at


@pytest.fixture
async def tenants(app_url: str) -> AsyncIterator[Tenants]:
    async with tenants_at(app_url) as tenants:
        yield tenants


@pytest.fixture
async def ann(tenants: Tenants) -> Tenant:
    return await tenants.tenant("ann")
