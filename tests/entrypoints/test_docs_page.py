"""`/docs`: the page of both interfaces loads nothing from elsewhere, and is allowed nothing more."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from parlour.entrypoints.http.docs import PAGES, TYPES

from ..server import Server

pytestmark = pytest.mark.row("DX2")
LOADED = re.compile(r"""(?:src|href)="([^"]*)"|url\(([^)]*)\)|fetch\("([^"]*)"|load\("([^"]*)"|import\s.*"([^"]*)\"""")


def loaded(text: str) -> set[str]:
    """Every address that a file names to be loaded."""
    return {address for found in LOADED.findall(text) for address in found if address}


def test_it_is_served_with_a_policy_that_allows_nothing_from_elsewhere(server: Server) -> None:
    for path, kind in (("/docs", "text/html"), ("/docs/docs.js", "text/javascript"), ("/docs/docs.css", "text/css")):
        answer = httpx.get(server.base + path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy.pop("default-src") == "'none'"
        assert set(policy.values()) <= {"'self'", "'none'", "data:"}
        assert "unsafe" not in str(policy)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_it_loads_is_there(server: Server) -> None:
    addresses = {a for name in TYPES for a in loaded((PAGES / name).read_text())}
    assert {"/docs/docs.js", "/docs/docs.css", "/openapi.json", "/asyncapi.json"} <= addresses
    for address in addresses - {"data:,", "/api/signin"}:
        assert address.startswith("/"), address
        assert httpx.get(server.base + address).status_code == 200, address


@pytest.mark.parametrize("path", ["/docs/docs.html", "/docs/nothing", "/docs/..%2fdocs.py"])
def test_nothing_else_is_served(server: Server, path: str) -> None:
    answer = httpx.get(server.base + path)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")


def test_it_makes_no_html_of_texts() -> None:
    script = (PAGES / "docs.js").read_text()
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)
    page = (PAGES / "docs.html").read_text()
    assert not re.findall(r"<script>|<style|\son\w+=|\sstyle=", page), "the policy would refuse it"


@pytest.mark.parametrize("planted", ['<script src="https://cdn.example.org/x.js">', "@import url(//example.org/x.css)"])
def test_what_comes_from_elsewhere_is_seen(planted: str) -> None:
    assert [a for a in loaded(planted) if not re.match(r"/[^/]", a)]


def test_its_script_is_one(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node to read it")
    copy = tmp_path / "docs.mjs"
    copy.write_text((PAGES / "docs.js").read_text())
    done = subprocess.run([node, "--check", copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
