"""Text that a database does not keep (NUL, half of a surrogate pair) is refused at its place before it gets there."""

from typing import Any, get_type_hints

import attrs
import pytest

from parlour.application.kernel.actor import STRANGER, Call
from parlour.domain.kernel.errors import DomainError, Invalid

from ...entrypoints.access_rows import CATALOGUE
from .tenants import Tenant, Tenants, tenants_at

pytestmark = [pytest.mark.row("OP8")]

BAD = ("a\0b", "a\ud800b")
ENGINES = ["sqlite_url", pytest.param("app_url", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def asked_with(entry: Any, field: str, text: str, ann: Tenant) -> dict[str, Any]:
    ids = {"workspace_id": str(ann.workspace), "room_id": str(ann.room), "user_id": str(ann.actor.user_id)}
    known = {"username": "abc", "email": "a@example.org", "kind": "public_channel", "role": "member", "offset": 0}
    needed = [a.name for a in attrs.fields(entry.input) if a.default is attrs.NOTHING]
    given: dict[str, Any] = {n: ids.get(n, known.get(n, "correct horse")) for n in needed}
    return {**given, field: text}


async def trouble(tenants: Tenants, ann: Tenant) -> list[str]:
    """Each text field of a use case that lets such text through to where it breaks something."""
    found = []
    for entry in CATALOGUE:
        for name, hint in get_type_hints(entry.input).items():
            for bad in BAD if "str" in str(hint) and name != "fields" else ():
                actor = STRANGER if entry.strangers else ann.actor
                try:
                    await tenants.instance.bus.call(entry.name, asked_with(entry, name, bad, ann), Call(actor))
                except DomainError:
                    continue
                except Exception as error:
                    found.append(f"{entry.name} {name}: {error}")
    return found


async def test_no_use_case_breaks_on_it(url: str) -> None:
    async with tenants_at(url) as tenants:
        assert await trouble(tenants, await tenants.tenant("ann")) == []


@pytest.mark.parametrize("bad", BAD)
async def test_a_login_and_a_key_say_where_it_is(url: str, bad: str) -> None:
    async with tenants_at(url) as tenants:
        ann = await tenants.tenant("ann")
        with pytest.raises(Invalid) as login:
            await tenants.ask(STRANGER, "sign_in", login=bad, password="x")
        with pytest.raises(Invalid) as key:
            await tenants.instance.bus.call("create_workspace", {"name": "x"}, Call(ann.actor, key=bad))
        assert [e.pointer for e in (*login.value.faults, *key.value.faults)] == ["/login", "/key"]
        assert all(e.code == "character" for e in (*login.value.faults, *key.value.faults))


@pytest.mark.parametrize("bad", BAD)
async def test_what_a_device_calls_itself_is_kept_without_it(url: str, bad: str) -> None:
    async with tenants_at(url) as tenants:
        ann = await tenants.tenant("ann")
        asked = {"login": "ann", "password": "correct horse"}
        await tenants.instance.bus.call("sign_in", asked, Call(STRANGER, agent=bad))
        agents = {s["agent"] for s in await tenants.ask(ann.actor, "list_sessions")}
        assert agents == {None, "ab" if bad == BAD[0] else "a?b"}
