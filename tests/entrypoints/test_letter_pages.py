"""The pages that links in letters lead to, as a browser without scripts uses them, against a real server."""

import asyncio
import email
import re
from collections.abc import Callable, Iterator
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from attrs import define, field

from ..engines import Databases
from ..server import Server, serving
from .people import PASSWORD, Person, a_name, sign_up, team

pytestmark = pytest.mark.row("ID1")
CODE = re.compile(r"it is ([0-9a-f]{64})")
LINK = re.compile(r"(http://\S+)")
FORM = "application/x-www-form-urlencoded"
NEW = "another horse"


@define
class Page(HTMLParser):
    """What a page shows and holds."""

    answer: httpx.Response
    forms: list[dict[str, Any]] = field(factory=list)
    loaded: list[str] = field(factory=list)
    text: str = ""

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def __attrs_post_init__(self) -> None:
        assert self.answer.headers["Content-Type"] == "text/html; charset=utf-8", self.answer.text
        self.feed(self.answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.loaded += [given[name] for name in ("src", "href") if name in given]
        assert tag not in {"script", "style", "iframe"}, "the policy would refuse it"
        assert not [n for n in given if n.startswith("on") or n == "style"], "the policy would refuse it"
        if tag == "form":
            self.forms.append({"action": given["action"], "method": given["method"], "fields": {}})
        if tag == "input":
            self.forms[-1]["fields"][given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        self.text += data


@define
class Browser:
    """Opens links and sends forms, as a browser does."""

    http: httpx.Client

    def open(self, link: str) -> Page:
        return Page(self.http.get(link))

    def send(self, page: Page, form: int = 0, **typed: str) -> Page:
        shown = page.forms[form]
        assert (shown["method"], set(typed) <= set(shown["fields"])) == ("post", True)
        to = page.answer.url.join(shown["action"])
        assert page.answer.url.copy_with(query=None, path="/") == to.copy_with(query=None, path="/"), "nothing leaves"
        headers = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Origin": "null"}
        return Page(self.http.post(to, content=urlencode(shown["fields"] | typed), headers=headers))


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="module")
def mailing(tmp_path_factory: pytest.TempPathFactory, databases: Databases, letters: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mailing")
    with databases() as url, serving(folder, url, mail_folder=letters, log_level="debug") as server:
        yield server


@pytest.fixture
def browser(mailing: Server) -> Iterator[Browser]:
    with mailing.http_now() as http:
        yield Browser(http)


@pytest.fixture
def ann(mailing: Server) -> Person:
    return sign_up(mailing)


async def letter(folder: Path, address: str) -> tuple[str, str]:
    """The link and the code in the letter to an address, on the server that is asked here; it comes within seconds."""
    async with asyncio.timeout(60):
        while True:
            for path in folder.rglob("*.eml"):
                said = email.message_from_bytes(path.read_bytes(), policy=default)
                if said["To"] == address:
                    path.unlink()
                    link, code = LINK.search(said.get_content()), CODE.search(said.get_content())
                    assert link is not None
                    assert code is not None
                    return link[1], code[1]
            await asyncio.sleep(0.05)


async def reset_letter(server: Server, person: Person, letters: Path) -> tuple[str, str]:
    with server.http_now() as http:
        assert http.post("/api/auth/reset", json={"email": person.email}).status_code == 202
    return await letter(letters, person.email)


def signs_in(person: Person, password: str) -> bool:
    with person.server.http_now() as http:
        return http.post("/api/signin", json={"login": person.username, "password": password}).is_success


async def test_a_new_password(mailing: Server, browser: Browser, ann: Person, letters: Path) -> None:
    link, code = await reset_letter(mailing, ann, letters)
    assert link == f"{mailing.base}/reset?token={code}"
    page = browser.open(link)
    refused = browser.send(page, new_password="short")
    assert (refused.answer.status_code, "8 to 128 bytes" in refused.text) == (400, True)
    done = browser.send(refused, new_password=NEW)
    assert (done.answer.status_code, "The password is set" in done.text, done.forms) == (200, True, [])
    assert (signs_in(ann, NEW), signs_in(ann, PASSWORD)) == (True, False)
    again = browser.send(page, new_password="a third horse")
    assert (again.answer.status_code, signs_in(ann, NEW)) == (409, True)


async def test_looking_changes_nothing(mailing: Server, browser: Browser, ann: Person, letters: Path) -> None:
    """Whoever opens a link without asking, as scanners of letters do, spends nothing by it."""
    ann.done("POST", "/api/auth/email")
    prove, _ = await letter(letters, ann.email)
    reset, _ = await reset_letter(mailing, ann, letters)
    ben, workspace = sign_up(mailing), team(ann)
    ann.done("POST", f"/api/workspaces/{workspace}/invitations", {"email": ben.email})
    invite, _ = await letter(letters, ben.email)
    for link in (prove, reset, invite):
        for method in ("GET", "HEAD", "GET"):
            assert browser.http.request(method, link).status_code == 200
        assert browser.http.put(link).status_code == 405
    assert (ann.done("GET", "/api/auth/me")["email_proven"], signs_in(ann, PASSWORD)) == (False, True)
    assert [m["user"]["id"] for m in ann.done("GET", f"/api/workspaces/{workspace}/members")["items"]] == [ann.id]
    done = browser.send(browser.open(prove))
    assert "The address is yours" in done.text
    assert ann.done("GET", "/api/auth/me")["email_proven"] is True
    assert browser.send(browser.open(prove)).answer.status_code == 409
    assert browser.send(browser.open(reset), new_password=NEW).answer.status_code == 200


@pytest.mark.row("WS3")
async def test_an_invitation_for_somebody_with_an_account(browser: Browser, ann: Person, letters: Path) -> None:
    ben, workspace = sign_up(ann.server), team(ann)
    ann.done("POST", f"/api/workspaces/{workspace}/invitations", {"email": ben.email})
    link, _ = await letter(letters, ben.email)
    page = browser.open(link)
    assert "You are invited to Team." in page.text
    wrong = browser.send(page, login=ben.username, password="the wrong horse")
    assert (wrong.answer.status_code, wrong.forms[0]["fields"]["login"]) == (401, ben.username)
    another = browser.send(page, login=ann.username, password=PASSWORD)
    assert "You are in Team" in another.text, "who is in it already stays as they are"
    done = browser.send(wrong, password=PASSWORD)
    assert (done.answer.status_code, "You are in Team" in done.text) == (200, True)
    assert workspace in [w["id"] for w in ben.done("GET", "/api/workspaces")["items"]]
    assert [s["current"] for s in ben.done("GET", "/api/sessions")] == [True], "no session is left behind"
    assert browser.open(link).answer.status_code == 409, "it was used"


@pytest.mark.row("WS3")
async def test_an_invitation_for_somebody_without_one(browser: Browser, ann: Person, letters: Path) -> None:
    name, workspace = a_name(), team(ann)
    address = f"{name}@example.org"
    ann.done("POST", f"/api/workspaces/{workspace}/invitations", {"email": address})
    link, _ = await letter(letters, address)
    other, account = a_name(), {"password": PASSWORD}
    elsewhere = browser.send(browser.open(link), 1, username=other, email=f"{other}@example.org", **account)
    assert (elsewhere.answer.status_code, "for another e-mail address" in elsewhere.text) == (403, True)
    assert "Your account was made." in elsewhere.text, "so that nobody tries to make it again"
    taken = browser.send(elsewhere, 1, username=ann.username, email=address, **account)
    assert (taken.answer.status_code, taken.forms[1]["fields"]["email"]) == (409, address)
    done = browser.send(taken, 1, username=name, **account)
    assert (done.answer.status_code, "You are in Team" in done.text) == (200, True)
    members = ann.done("GET", f"/api/workspaces/{workspace}/members")["items"]
    assert {m["user"]["username"] for m in members} == {ann.username, name}


def test_a_link_that_was_made_by_hand_leads_there_too(browser: Browser, ann: Person) -> None:
    workspace = ann.done("POST", "/api/workspaces", {"name": '<b>"Cats" & dogs</b>'})["id"]
    made = ann.done("POST", f"/api/workspaces/{workspace}/invitations")
    page = browser.open(made["url"])
    assert 'invited to <b>"Cats" & dogs</b>.' in page.text, "a name is a name, not a part of the page"
    ann.done("DELETE", f"/api/workspaces/{workspace}/invitations/{made['id']}")
    assert browser.open(made["url"]).answer.status_code == 409
    assert browser.open("/invite?token=nothing").answer.status_code == 404
    before = browser.http.post("/invite", content=urlencode({"token": "nothing", "username": (name := a_name())}))
    assert before.status_code == 415
    lost = {"token": made["token"], "username": name, "email": f"{name}@example.org", "password": PASSWORD}
    assert browser.http.post("/invite", content=urlencode(lost), headers={"Content-Type": FORM}).status_code == 409
    with ann.server.http_now() as http:
        said = http.post("/api/signin", json={"login": name, "password": PASSWORD})
    assert said.status_code == 401, "no account is made for an invitation that is worth nothing"


@pytest.mark.parametrize("path", ["/reset", "/confirm-email"])
def test_without_its_code_a_page_asks_for_it(browser: Browser, path: str) -> None:
    planted = '"><script>alert(1)</script>'
    page = browser.open(f"{path}?{urlencode({'token': planted})}")
    assert page.forms[0]["fields"]["token"] == planted, "what came in the address is text"
    assert browser.open(path).forms[0]["fields"]["token"] == ""
    page.forms[0]["fields"] |= {"new_password": NEW} if path == "/reset" else {}
    refused = browser.send(page)
    assert (refused.answer.status_code, refused.forms[0]["fields"]["token"]) == (409, planted)
    assert browser.send(browser.open(path)).answer.status_code == 400


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(browser: Browser, ann: Person) -> None:
    link = ann.done("POST", f"/api/workspaces/{team(ann)}/invitations")["url"]
    for page in (browser.open("/reset"), browser.open("/confirm-email"), browser.open(link), browser.open("/invite")):
        said = page.answer.headers
        policy = dict(part.strip().partition(" ")[::2] for part in said["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'none'", "style-src": "'self'", "img-src": "data:", "form-action": "'self'",
            "base-uri": "'none'", "frame-ancestors": "'none'",
        }  # fmt: skip
        assert (said["Referrer-Policy"], said["Cache-Control"]) == ("no-referrer", "no-store")
        assert (said["X-Frame-Options"], said["X-Content-Type-Options"]) == ("DENY", "nosniff")
        assert "Set-Cookie" not in said
        assert set(page.loaded) == {"data:,", "letter.css"}
    style = browser.http.get("/letter.css")
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert not re.findall(r"url\(|@import", style.text)


async def test_another_sites_page_sends_no_form(mailing: Server, browser: Browser, ann: Person, letters: Path) -> None:
    _, code = await reset_letter(mailing, ann, letters)
    asked = urlencode({"token": code, "new_password": NEW})
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
        headers = {"Content-Type": FORM, "Sec-Fetch-Site": site}
        assert browser.http.post("/reset", content=asked, headers=headers).status_code == status, site
    assert signs_in(ann, NEW), "the control"


@pytest.mark.parametrize(
    "body,kind,status",
    [
        (b'{"token": "x"}', "application/json", 415),
        (b"token=%ff", FORM, 400),
        (b"token=\xff", FORM, 400),
        (b"token", FORM, 400),
        (b"&".join(b"a%d=1" % n for n in range(50)), FORM, 400),
        (b"token=" + b"x" * 20_000, FORM, 413),
        (b"token=" + b"x" * 5_000, FORM, 400),
        (b"name=1&self=2&resp=3", FORM, 400),
        (b"", FORM, 400),
    ],
)
def test_what_is_no_form_is_refused(browser: Browser, body: bytes, kind: str, status: int) -> None:
    for path in ("/reset", "/confirm-email", "/invite"):
        answer = browser.http.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code in {status, 404 if path == "/invite" else status}, (path, answer.text)


async def test_no_code_is_in_the_log(mailing: Server, browser: Browser, ann: Person, letters: Path) -> None:
    reset, code = await reset_letter(mailing, ann, letters)
    ann.done("POST", "/api/auth/email")
    prove, proof = await letter(letters, ann.email)
    invited = ann.done("POST", f"/api/workspaces/{team(ann)}/invitations")
    browser.send(browser.open(invited["url"]), login=ann.username, password=PASSWORD)
    browser.send(browser.open(prove))
    browser.send(browser.open(reset), new_password="a horse to look for")
    browser.send(browser.open(reset), new_password="a horse to look for")
    log = mailing.log()
    assert [s for s in (code, proof, invited["token"], "horse to look for", PASSWORD) if s in log] == []
    assert all(f"{method} {path}" in log for method in ("GET", "POST") for path in ("/reset", "/invite")), "the control"


async def test_guessing_is_counted_with_the_sign_ins(make_server: Callable[..., Server]) -> None:
    server = make_server(rate_sign_in_per_minute=2)
    with server.http_now() as http:
        browser = Browser(http)
        page = browser.open(f"/reset?token={'0' * 64}")
        assert [browser.send(page, new_password=NEW).answer.status_code for _ in range(3)] == [409, 409, 429]
        assert int(browser.send(page, new_password=NEW).answer.headers["Retry-After"]) >= 1
