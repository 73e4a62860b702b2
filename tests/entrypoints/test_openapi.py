"""`/openapi.json` of a real server is valid, and schemathesis finds no answer that it does not describe."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parlour.adapters.codec.schemas import MsgspecSchemas
from parlour.application.kernel.catalogue import Catalogue
from parlour.config.features import CORE
from parlour.config.flags import TomlFlags
from parlour.entrypoints.http.openapi import describe

from ..engines import on_sqlite
from ..server import Server, bearer
from .people import Person, channel, sign_up, team

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDS_THE_SESSION = "/logout$"
SAME_AGAIN = "^/api/chat"
EXAMPLES = 12


def described() -> Any:
    """What the server will say of itself, told to pytest before there is one."""
    routes = [route for module in CORE for route in module.routes]
    catalogue = Catalogue(module.feature for module in CORE)
    said = describe(routes, catalogue, MsgspecSchemas(), TomlFlags(None, (), _nothing), "0")
    return schemathesis.openapi.from_dict(said).exclude(path_regex=f"{SAME_AGAIN}|{ENDS_THE_SESSION}")


async def _nothing(flag: str) -> None:
    return None


API = described()


@pytest.fixture(scope="module")
def member(server: Server) -> Person:
    return sign_up(server)


@pytest.fixture(scope="module")
def real(member: Person) -> dict[str, str]:
    """Ids of things that exist, by the names they have in addresses."""
    other = sign_up(member.server)
    workspace = team(member, other)
    room = channel(member, workspace, other)
    message = member.done("POST", f"/api/rooms/{room}/messages", {"content": "hi"})["id"]
    invitation = member.done("POST", f"/api/workspaces/{workspace}/invitations", {})
    return {
        "workspace_id": workspace,
        "room_id": room,
        "message_id": message,
        "user_id": other.id,
        "invitation_id": invitation["id"],
        "token": invitation["token"],
    }


@pytest.mark.row("DX2")
@API.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
def test_no_answer_is_undocumented(case: Any, member: Person, real: dict[str, str]) -> None:
    """Each request as it was made up, and again about things that exist."""
    with_token = {"base_url": member.server.base, "headers": bearer(member.token)}
    case.validate_response(case.call(**with_token), checks=CHECKS)
    if case.method != "DELETE" and set(case.path_parameters or {}) & set(real):
        case.path_parameters = {n: real.get(n, v) for n, v in case.path_parameters.items()}
        case.validate_response(case.call(**with_token), checks=CHECKS)


@pytest.mark.row("DX2")
@on_sqlite
def test_the_description_that_is_served_is_valid(server: Server) -> None:
    said = httpx.get(f"{server.base}/openapi.json").json()
    OpenAPIV31SpecValidator(said).validate()
    assert said["openapi"].startswith("3.1")


@on_sqlite
def test_an_undocumented_answer_is_seen(server: Server, member: Person) -> None:
    """The negative control: a description that does not know of the answer it gets."""
    said = httpx.get(f"{server.base}/openapi.json").json()
    operation = said["paths"]["/api/auth/me"]["get"]
    operation["responses"] = {"201": operation["responses"]["200"]}
    schema = schemathesis.openapi.from_dict(said)
    case = schema["/api/auth/me"]["GET"].Case(headers=bearer(member.token))
    answer = case.call(base_url=server.base)
    with pytest.raises(FailureGroup):
        case.validate_response(answer, checks=CHECKS)
