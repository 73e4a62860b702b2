"""New passwords and invitations by letter, against a real server whose letters go to its folder."""

import asyncio
import email
import re
from collections.abc import Callable
from email.policy import default
from pathlib import Path

import pytest

from ..server import Server
from .people import Person, sign_up, team
from .wire import wire

SOON = 1.0  # seconds after a revocation was acknowledged, as promised by G6


async def code_for(folder: Path, address: str) -> str:
    """The secret of the letter to an address; it comes within seconds."""
    async with asyncio.timeout(10):
        while True:
            for path in folder.rglob("*.eml"):
                letter = email.message_from_bytes(path.read_bytes(), policy=default)
                found = re.search(r"it is ([0-9a-f]{64})", letter.get_content())
                if letter["To"] == address and found is not None:
                    path.unlink()
                    return found[1]
            await asyncio.sleep(0.05)


@pytest.fixture
def mailing(make_server: Callable[..., Server], tmp_path: Path) -> Server:
    return make_server(mail_folder=tmp_path / "letters")


@pytest.mark.row("ID1", "RT5")
async def test_a_new_password_by_letter_closes_all_sockets(mailing: Server, tmp_path: Path) -> None:
    ann, ben = sign_up(mailing), sign_up(mailing)
    async with wire(mailing, ann.token) as a, wire(mailing, ben.token) as b:
        with mailing.http_now() as client:
            asked = [client.post("/api/auth/reset", json={"email": e}) for e in (ann.email, "nobody@example.org")]
            assert [(r.status_code, r.json()) for r in asked] == [(202, {"ok": True})] * 2
            code = await code_for(tmp_path / "letters", ann.email)
            set_ = client.post("/api/auth/reset/confirm", json={"token": code, "new_password": "another horse"})
            assert set_.status_code == 200
            assert await a.closed(SOON) == 4401
            assert (await b.query("get_me"))["id"] == ben.id, "the control"
            again = client.post("/api/auth/reset/confirm", json={"token": code, "new_password": "third horse"})
            assert (again.status_code, again.json()["code"]) == (409, "proof_spent")
            signed_in = client.post("/api/signin", json={"login": ann.username, "password": "another horse"})
            assert signed_in.status_code == 200
    assert code not in mailing.log()


@pytest.mark.row("WS3")
async def test_an_invitation_by_letter(mailing: Server, tmp_path: Path) -> None:
    ann, ben = sign_up(mailing), sign_up(mailing)
    w = team(ann)
    made = ann.done("POST", f"/api/workspaces/{w}/invitations", {"email": ben.email})
    code = await code_for(tmp_path / "letters", ben.email)
    ann.done("POST", f"/api/workspaces/{w}/invitations/{made['id']}/resend")
    assert await code_for(tmp_path / "letters", ben.email) == code
    assert ben.done("POST", f"/api/invites/{code}/accept")["id"] == w
    answer = ann.ask("POST", f"/api/workspaces/{w}/invitations", {"email": "not an address"})
    assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (400, ["/email"])


@pytest.mark.row("ID1")
async def test_proving_ones_address(mailing: Server, tmp_path: Path) -> None:
    ann: Person = sign_up(mailing)
    assert ann.ask("POST", "/api/auth/email").status_code == 202
    code = await code_for(tmp_path / "letters", ann.email)
    with mailing.http_now() as client:
        assert client.post("/api/auth/email/confirm", json={"token": code}).status_code == 200
    assert ann.done("GET", "/api/auth/me")["email_proven"] is True


@pytest.mark.row("ID1")
def test_letters_to_one_address_are_few(make_server: Callable[..., Server]) -> None:
    """The same for an address that nobody has: the limit tells nothing."""
    server = make_server(rate_letters_name_per_hour=2)
    ann = sign_up(server)
    with server.http_now() as client:
        for address in (ann.email, "nobody@example.org"):
            codes = [client.post("/api/auth/reset", json={"email": address}).status_code for _ in range(3)]
            assert codes == [202, 202, 429]
