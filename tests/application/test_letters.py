"""Letters from asking to arriving: new passwords, proofs of an address, invitations; and mail that does not work."""

import asyncio
import email
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from parlour.adapters.inprocess.world import SystemClock
from parlour.adapters.mail.folder import FolderMailer
from parlour.application.identity.commands import SignIn, SignUp
from parlour.application.identity.instance import SuspendUser
from parlour.application.identity.proofs import ProveEmail, RequestEmailProof, RequestPasswordReset, ResetPassword
from parlour.application.identity.queries import GetMe, ListSessions
from parlour.application.identity.tokens import CreateToken, ListTokens
from parlour.application.kernel.actor import STRANGER, SYSTEM, Actor
from parlour.application.kernel.mail import Letters, Mailer
from parlour.application.workspaces.commands import CreateWorkspace, RenameWorkspace
from parlour.application.workspaces.invitations import (
    AcceptInvitation,
    CreateInvitation,
    ListInvitations,
    RevokeInvitation,
)
from parlour.application.workspaces.letters import ResendInvitation
from parlour.domain.identity.events import EmailProven, SessionEnded
from parlour.domain.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from parlour.domain.kernel.permissions import Permission
from parlour.domain.kernel.streams import Stream

from .desk import Office, office

OLD, NEW = "correct horse", "another horse"


@define
class Post:
    """An office whose letters go to a folder when `deliver` is called."""

    opened: Office
    folder: Path

    async def ask(self, message: Any, actor: Actor = STRANGER) -> Any:
        return await self.opened.instance.chat.execute(message, actor)

    async def deliver(self) -> list[EmailMessage]:
        """What arrives now; it is taken out of the folder."""
        await self.opened.instance.post.once()
        found = sorted(self.folder.glob("*.eml"))
        letters = [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]
        for path in found:
            path.unlink()
        return letters

    async def code(self) -> str:
        """The secret of the one letter that arrives."""
        (letter,) = await self.deliver()
        return code_in(letter)

    async def sign_up(self, name: str) -> Actor:
        said = await self.ask(SignUp(name, f"{name}@example.org", OLD))
        return Actor(said.user.id, session_id=said.session_id, workspace_id=said.workspace.id)

    async def waiting(self) -> int:
        scoped: Any = self.opened.instance.ports.find(Letters)
        async with self.opened.instance.store.snapshot() as snapshot:
            return len(await scoped.make(snapshot).due(self.opened.clock.now() + timedelta(days=1000), 100))


def code_in(letter: EmailMessage) -> str:
    found = re.search(r"it is ([0-9a-f]{64})", str(letter.get_content()))
    assert found is not None
    return found[1]


@pytest.fixture
async def post(database_url: str, tmp_path: Path) -> AsyncIterator[Post]:
    mailer = FolderMailer(str(tmp_path / "mail"), "parlour@example.org", SystemClock())
    async with office(database_url, start=False, given={Mailer: mailer}) as opened:
        yield Post(opened, tmp_path / "mail")


@pytest.mark.row("ID1")
async def test_a_new_password_by_letter_ends_all_that_was_signed_in(post: Post) -> None:
    ann, ben = await post.sign_up("ann"), await post.sign_up("ben")
    await post.ask(CreateToken("A bot", [Permission.ROOM_READ]), ann)
    await post.ask(RequestPasswordReset("ANN@example.org"))
    (letter,) = await post.deliver()
    assert [a.addr_spec for a in letter["To"].addresses] == ["ann@example.org"]
    code = code_in(letter)
    assert f"/reset?token={code}" in letter.get_content()
    await post.ask(ResetPassword(code, NEW))
    assert await post.ask(ListSessions(), ann) == []
    assert await post.ask(ListTokens(), ann) == []
    assert len(await post.ask(ListSessions(), ben)) == 1, "the control"
    assert (await post.ask(SignIn(login="ann", password=NEW))).user.id == ann.user_id
    with pytest.raises(Unauthenticated):
        await post.ask(SignIn(login="ann", password=OLD))
    assert (await post.ask(GetMe(), ann)).email_proven, "whoever reads the letter has the address"
    told = [e.tag for e in await post.opened.log(Stream.of_user(ann.known))]
    assert SessionEnded.tag in told
    assert EmailProven.tag in told


@pytest.mark.row("ID1")
async def test_asking_for_a_new_password_is_the_same_for_everybody(post: Post) -> None:
    """Nothing is read before the letter is written, so an address that nobody has is answered alike and as fast; a username
    is no address."""
    ann = await post.sign_up("ann")
    asked = [RequestPasswordReset(a) for a in ("ann@example.org", "nobody@example.org", "ANN@EXAMPLE.ORG")]
    assert len({str(await post.ask(one)) for one in asked}) == 1
    assert await post.waiting() == 3
    assert [m["To"] for m in await post.deliver()] == ["ann@example.org"] * 2
    assert await post.waiting() == 0
    await post.ask(SuspendUser(ann.known), SYSTEM)
    await post.ask(asked[0])
    assert await post.deliver() == [], "who is suspended is not let in by a letter"


@pytest.mark.row("ID1")
async def test_a_letter_is_good_once_and_for_an_hour_and_the_newest_counts(post: Post) -> None:
    await post.sign_up("ann")
    codes = []
    for _ in range(2):
        await post.ask(RequestPasswordReset("ann@example.org"))
        codes.append(await post.code())
    for wrong in (codes[0], "0" * 64):
        with pytest.raises(Conflict) as refused:
            await post.ask(ResetPassword(wrong, NEW))
        assert refused.value.code == "proof_spent"
    with pytest.raises(Invalid):
        await post.ask(ResetPassword(codes[1], "short"))
    racing = await asyncio.gather(*(post.ask(ResetPassword(codes[1], NEW)) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in racing) == 2
    await post.ask(RequestPasswordReset("ann@example.org"))
    late = await post.code()
    post.opened.clock.advance(timedelta(hours=1))
    with pytest.raises(Conflict):
        await post.ask(ResetPassword(late, OLD))


@pytest.mark.row("ID1")
async def test_an_address_is_proven_by_what_was_sent_there(post: Post) -> None:
    ann = await post.sign_up("ann")
    assert not (await post.ask(GetMe(), ann)).email_proven
    await post.ask(RequestEmailProof(), ann)
    code = await post.code()
    with pytest.raises(Conflict):
        await post.ask(ResetPassword(code, NEW))  # what is for one thing is not for another
    await post.ask(ProveEmail(code))
    assert (await post.ask(GetMe(), ann)).email_proven
    with pytest.raises(Conflict):
        await post.ask(ProveEmail(code))
    await post.ask(RequestEmailProof(), ann)
    assert await post.deliver() == [], "nothing is left to prove"


@pytest.mark.row("WS3", "RT3")
async def test_the_inbox_of_who_has_the_address_tells_of_an_invitation(post: Post) -> None:
    ann, ben, eve = [await post.sign_up(name) for name in ("ann", "ben", "eve")]
    home = await post.ask(CreateWorkspace("Home"), ann)
    codec = post.opened.instance.codec

    async def told(who: Actor) -> list[dict[str, Any]]:
        return [codec.parse(e.data) for e in await post.opened.log(Stream.of_user(who.known)) if e.tag == "invited"]

    made = await post.ask(CreateInvitation.of(workspace_id=home.id, email="BEN@example.org", role="admin"), ann)
    (first,) = await told(ben)
    assert (first["invitation_id"], first["workspace_id"], first["role"]) == (str(made.id), str(home.id), "admin")
    assert first["expires_at"] is not None
    assert first["workspace_name"] is None, "anybody can sign up with the address of another"
    assert made.token not in str(first)
    await post.deliver()
    await post.ask(RequestEmailProof(), ben)
    await post.ask(ProveEmail(await post.code()))
    await post.ask(CreateInvitation.of(workspace_id=home.id, email="ben@example.org"), ann)
    assert [t["workspace_name"] for t in await told(ben)] == [None, "Home"]
    for nobody in (None, "nobody@example.org"):
        await post.ask(CreateInvitation.of(workspace_id=home.id, email=nobody), ann)
    await post.ask(SuspendUser(eve.known), SYSTEM)
    await post.ask(CreateInvitation.of(workspace_id=home.id, email="eve@example.org"), ann)
    assert [await told(who) for who in (ann, eve)] == [[], []]
    assert len(await told(ben)) == 2


@pytest.mark.row("WS3")
async def test_an_invitation_by_letter_is_for_one_address(post: Post) -> None:
    ann, ben, eve = [await post.sign_up(name) for name in ("ann", "ben", "eve")]
    home = await post.ask(CreateWorkspace("Home\u00ad & hearth"), ann)
    made = await post.ask(CreateInvitation.of(workspace_id=home.id, email="Ben@Example.org"), ann)
    assert (made.email, made.max_uses) == ("Ben@Example.org", 1)
    (letter,) = await post.deliver()
    assert letter["To"] == "Ben@Example.org"
    assert home.name in letter["Subject"]
    assert made.url in letter.get_content()
    with pytest.raises(Forbidden) as refused:
        await post.ask(AcceptInvitation(code_in(letter)), eve)
    assert refused.value.code == "invitation_for_another"
    assert (await post.ask(AcceptInvitation(code_in(letter)), ben)).id == home.id


@pytest.mark.row("WS3")
async def test_a_letter_is_sent_again_until_the_invitation_is_withdrawn(post: Post) -> None:
    ann, ben = await post.sign_up("ann"), await post.sign_up("ben")
    home = await post.ask(CreateWorkspace("Home"), ann)
    made = await post.ask(CreateInvitation.of(workspace_id=home.id, email="ben@example.org"), ann)
    link = await post.ask(CreateInvitation.of(workspace_id=home.id), ann)
    first = await post.code()
    await post.ask(ResendInvitation(home.id, made.id), ann)
    assert await post.code() == first == made.token
    with pytest.raises(Conflict) as refused:
        await post.ask(ResendInvitation(home.id, link.id), ann)
    assert refused.value.code == "invitation_without_email"
    with pytest.raises(NotFound):
        await post.ask(ResendInvitation(home.id, made.id), ben)
    await post.ask(ResendInvitation(home.id, made.id), ann)
    await post.ask(RevokeInvitation(home.id, made.id), ann)
    assert await post.deliver() == [], "a letter that waits is not sent any more"
    with pytest.raises(Conflict) as over:
        await post.ask(ResendInvitation(home.id, made.id), ann)
    assert over.value.code == "invitation_revoked"
    assert [i.email for i in await post.ask(ListInvitations(home.id), ann)] == [None]


@pytest.mark.row("WS3")
async def test_names_add_no_lines_to_a_letter(post: Post) -> None:
    ann = await post.sign_up("ann")
    home = await post.ask(CreateWorkspace("Home"), ann)
    for bad in ("a\r\nBcc: eve@example.org", "a\nb"):
        with pytest.raises(Invalid):
            await post.ask(RenameWorkspace(home.id, bad), ann)
    for bad in ("ben@example.org\r\nBcc: eve@example.org", "ben@example.org,eve@example.org", "Ben <ben@example.org>"):
        with pytest.raises(Invalid) as refused:
            await post.ask(CreateInvitation.of(workspace_id=home.id, email=bad), ann)
        assert [f.pointer for f in refused.value.faults] == ["/email"]
    assert await post.waiting() == 0


@pytest.mark.row("WS3")
async def test_letters_wait_while_mail_does_not_work_and_come_in_the_end(post: Post) -> None:
    await post.sign_up("ann")
    post.folder.write_text("in the way")
    await post.ask(RequestPasswordReset("ann@example.org"))
    await post.opened.instance.post.once()
    assert await post.waiting() == 1
    await post.opened.instance.post.once()  # not before its time
    post.folder.unlink()
    assert await post.deliver() == []
    post.opened.clock.advance(timedelta(seconds=31))
    assert len(await post.deliver()) == 1
    assert await post.waiting() == 0


@pytest.mark.row("WS3")
async def test_a_letter_that_is_of_no_use_any_more_is_given_up(post: Post) -> None:
    await post.sign_up("ann")
    post.folder.write_text("in the way")
    await post.ask(RequestPasswordReset("ann@example.org"))
    await post.opened.instance.post.once()
    post.folder.unlink()
    post.opened.clock.advance(timedelta(hours=2))
    assert await post.deliver() == []
    assert await post.waiting() == 0


@pytest.mark.row("WS3")
async def test_nothing_that_opens_a_door_is_kept_in_the_store(post: Post) -> None:
    """The secret of a letter is made when it is written; the table of those that wait has only what it is about."""
    ann = await post.sign_up("ann")
    home = await post.ask(CreateWorkspace("Home"), ann)
    made = await post.ask(CreateInvitation.of(workspace_id=home.id, email="ben@example.org"), ann)
    scoped: Any = post.opened.instance.ports.find(Letters)
    async with post.opened.instance.store.snapshot() as snapshot:
        (waiting,) = await scoped.make(snapshot).due(post.opened.clock.now(), 10)
    assert made.token not in str(waiting)
    assert str(made.id) in str(waiting), "the control"
