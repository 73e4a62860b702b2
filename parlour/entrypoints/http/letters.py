"""The pages that links in letters lead to: plain forms without a script. Looking at one changes nothing; what changes
something is a form that is sent, and its authority is what it holds: there are no cookies that another site's page could
make use of."""

import html
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qsl

import falcon
import falcon.asgi

from ...application.kernel.actor import STRANGER, Actor, Call, Way
from ...domain.kernel.errors import DomainError, Forbidden, Invalid, TooLarge
from ..errors import TABLE
from .app import tell_in_headers
from .context import Known
from .resource import Means, UnsupportedBody

PAGES = Path(__file__).parent / "pages"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FORM_BYTES = 16_384
FORM = "application/x-www-form-urlencoded"

Form = dict[str, str]


class LetterPages:
    """`/reset`, `/confirm-email` and `/invite`: what a letter asks for, done in a browser."""

    def __init__(self, means: Means) -> None:
        self._means = means
        names = ("letter", "reset", "confirm-email", "invite")
        self._templates = {name: Template((PAGES / f"{name}.html").read_text()) for name in names}
        self._style = (PAGES / "letter.css").read_bytes()

    async def on_get_style(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        resp.content_type, resp.data = "text/css; charset=utf-8", self._style

    async def on_get_reset(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        self._show(resp, "A new password", self._body("reset", {"token": _token(req)}))

    async def on_post_reset(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        form = await _form(req)
        try:
            await self._call(req, "reset_password", _of(form, "token", "new_password"))
        except DomainError as error:
            self._refuse(resp, "A new password", error, self._body("reset", form))
        else:
            self._show(
                resp, "The password is set", "<p>All devices were signed out. Sign in with the new password.</p>"
            )

    async def on_get_address(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        self._show(resp, "Your e-mail address", self._body("confirm-email", {"token": _token(req)}))

    async def on_post_address(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        form = await _form(req)
        try:
            await self._call(req, "prove_email", _of(form, "token"))
        except DomainError as error:
            self._refuse(resp, "Your e-mail address", error, self._body("confirm-email", form))
        else:
            self._show(resp, "The address is yours", "<p>Nothing else is to be done.</p>")

    async def on_get_invite(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        try:
            self._show(resp, "An invitation", await self._invitation(req, {"token": _token(req)}))
        except DomainError as error:
            self._refuse(resp, "An invitation", error)

    async def on_post_invite(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        form, body = await _form(req), ""
        try:
            body = await self._invitation(req, form)  # before an account is made for nothing
            if "username" in form:
                signed = await self._call(req, "sign_up", _of(form, "username", "email", "password"))
                body = "<p>Your account was made.</p>" + await self._invitation(req, form | {"login": form["username"]})
            else:
                signed = await self._call(req, "sign_in", _of(form, "login", "password"))
            workspace = await self._come_in(req, form["token"], signed.access_token)
        except DomainError as error:
            self._refuse(resp, "An invitation", error, body)
        else:
            self._show(resp, f"You are in {workspace}", "<p>Sign in with your account to see it.</p>")

    on_head_reset, on_head_address, on_head_invite = on_get_reset, on_get_address, on_get_invite

    async def _invitation(self, req: falcon.asgi.Request, form: Form) -> str:
        invited = await self._call(req, "get_invitation", _of(form, "token"))
        return self._body("invite", form | {"workspace": invited.workspace_name})

    async def _come_in(self, req: falcon.asgi.Request, token: str, access_token: str) -> str:
        """Accept an invitation in a session that is for this alone; the workspace's name."""
        actor, _ = await self._means.authenticator.actor(access_token)
        try:
            entered = await self._call(req, "accept_invitation", {"token": token}, actor)
        finally:
            await self._call(req, "sign_out", {}, actor)
        return str(entered.name)

    async def _call(self, req: falcon.asgi.Request, name: str, data: Form, actor: Actor = STRANGER) -> Any:
        known: Known = req.context.known
        call = Call(actor, Way.HTTP, known.request_id, address=known.address, agent=known.agent)
        return (await self._means.bus.call(name, data, call)).value

    def _body(self, name: str, texts: Form) -> str:
        blank = dict.fromkeys(("token", "workspace", "login", "username", "email"), "")
        return self._templates[name].substitute(blank | {n: html.escape(text) for n, text in texts.items()})

    def _refuse(self, resp: falcon.asgi.Response, title: str, error: DomainError, body: str = "") -> None:
        resp.status = TABLE[error.category].status
        tell_in_headers(resp, error)
        said = [fault.detail for fault in error.faults] if isinstance(error, Invalid) else [error.message]
        items = "".join(f"<li>{html.escape(text)}</li>" for text in said)
        self._send(resp, title, body, f'<div class="trouble" role="alert"><ul>{items}</ul></div>')

    def _show(self, resp: falcon.asgi.Response, title: str, body: str) -> None:
        self._send(resp, title, body, "")

    def _send(self, resp: falcon.asgi.Response, title: str, body: str, trouble: str) -> None:
        page = self._templates["letter"].substitute(title=html.escape(title), body=body, trouble=trouble)
        resp.content_type, resp.data = "text/html; charset=utf-8", page.encode()
        resp.set_header("Content-Security-Policy", POLICY)


def _token(req: falcon.asgi.Request) -> str:
    """What the link held; without it the page asks for the code."""
    return str(req.get_param("token") or "")


def _of(form: Form, *names: str) -> Form:
    return {name: form.get(name, "") for name in names}


async def _form(req: falcon.asgi.Request) -> Form:
    """The fields of a form that one of these pages sent."""
    if req.get_header("Sec-Fetch-Site", default="same-origin") not in {"same-origin", "none"}:
        raise Forbidden("This form was sent by the page of another site.", code="cross_site")
    if (req.content_type or "").partition(";")[0].strip().lower() != FORM:
        raise UnsupportedBody(message=f"Forms are sent as {FORM}.")
    raw = b""
    while chunk := await req.stream.read(FORM_BYTES + 1 - len(raw)):
        raw += chunk
        if len(raw) > FORM_BYTES:
            raise TooLarge(f"A form has at most {FORM_BYTES:,} bytes.")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=bool(raw), errors="strict", max_num_fields=10
        )
    except ValueError:
        raise Invalid(message="This is no form.", code="malformed") from None
    return dict(pairs)
