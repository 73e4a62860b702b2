"""Letters that prove whose an address is: for a new password, and for the address itself."""

from typing import Annotated
from uuid import UUID

from attrs import evolve, frozen

from ...domain.identity.events import EmailProven
from ...domain.identity.ports import AccessTokens, Proofs, Sessions, Users
from ...domain.identity.proof import Proof, Purpose, spent
from ...domain.identity.user import User, UserState, checked_password, email_of
from ...domain.kernel.ids import ProofId, UserId
from ...domain.kernel.streams import Stream
from ...domain.kernel.text import folded
from ..kernel.actor import Actor
from ..kernel.catalogue import Command
from ..kernel.constraints import Length
from ..kernel.digest import digest_of
from ..kernel.links import Links
from ..kernel.mail import Letter, Letters, Waiting
from ..kernel.ports import Clock, Ids, Passwords, Tokens
from ..kernel.uow import UnitOfWork
from .signing import check_active, close_session, own_user
from .tokens import close_token
from .views import Done

Secret = Annotated[str, Length(1, 255)]


@frozen
class RequestPasswordReset(Command[Done]):
    """Ask for a letter with which a new password can be set. The answer is the same, and takes as long, whether or not there
    is an account with this address: nobody looks before the letter is written."""

    email: Annotated[str, Length(3, 254)]


async def request_password_reset(
    command: RequestPasswordReset, uow: UnitOfWork, letters: Letters, clock: Clock, ids: Ids
) -> Done:
    now, address = clock.now(), folded(email_of(command.email))
    async with uow:
        asked = {"proof_id": str(ids.new()), "email": address}
        until = now + Purpose.RESET.lifetime
        await letters.add(Waiting(ids.new(), "write_reset_letter", asked, now, until))
    return Done()


@frozen
class WriteResetLetter(Command[Letter | None]):
    """The letter for a new password; none when nobody has the address, or they are suspended."""

    proof_id: ProofId
    email: str


async def write_reset_letter(
    command: WriteResetLetter, uow: UnitOfWork, users: Users, proofs: Proofs, tokens: Tokens, clock: Clock, links: Links
) -> Letter | None:
    secret = tokens.letter(command.proof_id)
    async with uow:
        user = await users.by_login(command.email)
        if user is None or user.email_key != command.email or user.state is not UserState.ACTIVE:
            return None
        await proofs.add(_proof(command.proof_id, user, Purpose.RESET, secret, clock))
    text = RESET_LETTER.format(name=user.name, link=links.password_reset(secret), secret=secret)
    return Letter(user.email, "A new password", text)


@frozen
class ResetPassword(Command[Done]):
    """Set a new password with what a letter said. All sessions and personal access tokens of the account end."""

    token: Secret
    new_password: Annotated[str, Length(1, 1024)]


async def reset_password(
    command: ResetPassword, uow: UnitOfWork, users: Users, sessions: Sessions, access_tokens: AccessTokens,
    proofs: Proofs, passwords: Passwords, clock: Clock,
) -> Done:  # fmt: skip
    checked_password(command.new_password, "new_password")
    digest, now = digest_of(command.token), clock.now()
    if not await proofs.good(digest, Purpose.RESET, now):
        raise spent()  # before anything is hashed
    hashed = await passwords.hash(command.new_password)
    async with uow:
        user = await _proved(proofs, users, digest, Purpose.RESET, clock)
        check_active(user)
        await users.save(
            evolve(user, password_hash=hashed, updated_at=now, email_proven_at=user.email_proven_at or now)
        )
        if user.email_proven_at is None:
            await uow.record(Stream.of_user(user.id), EmailProven(user.id))
        for session in await sessions.open_of(user.id):
            await close_session(uow, sessions, session, "password_reset", now)
        for token in await access_tokens.open_of(user.id):
            await close_token(uow, access_tokens, token, "password_reset", now)
    return Done()


@frozen
class RequestEmailProof(Command[Done]):
    """Ask for a letter to one's own address, to prove that it is one's own."""


async def request_email_proof(
    command: RequestEmailProof, actor: Actor, uow: UnitOfWork, users: Users, letters: Letters, clock: Clock, ids: Ids
) -> Done:
    now = clock.now()
    async with uow:
        user = await own_user(users, actor)
        asked = {"proof_id": str(ids.new()), "user_id": str(user.id)}
        await letters.add(Waiting(ids.new(), "write_email_letter", asked, now, now + Purpose.EMAIL.lifetime))
    return Done()


@frozen
class WriteEmailLetter(Command[Letter | None]):
    """The letter that asks for a proof of the address; none when it was proven meanwhile."""

    proof_id: ProofId
    user_id: UserId


async def write_email_letter(
    command: WriteEmailLetter, uow: UnitOfWork, users: Users, proofs: Proofs, tokens: Tokens, clock: Clock, links: Links
) -> Letter | None:
    secret = tokens.letter(command.proof_id)
    async with uow:
        user = await users.get(command.user_id)
        if user is None or user.state is not UserState.ACTIVE or user.email_proven_at is not None:
            return None
        await proofs.add(_proof(command.proof_id, user, Purpose.EMAIL, secret, clock))
    text = EMAIL_LETTER.format(name=user.name, link=links.email_proof(secret), secret=secret)
    return Letter(user.email, "Your e-mail address", text)


@frozen
class ProveEmail(Command[Done]):
    """Prove one's address with what a letter said."""

    token: Secret


async def prove_email(command: ProveEmail, uow: UnitOfWork, users: Users, proofs: Proofs, clock: Clock) -> Done:
    async with uow:
        user = await _proved(proofs, users, digest_of(command.token), Purpose.EMAIL, clock)
        await users.save(evolve(user, email_proven_at=clock.now()))
        await uow.record(Stream.of_user(user.id), EmailProven(user.id))
    return Done()


async def _proved(proofs: Proofs, users: Users, digest: bytes, purpose: Purpose, clock: Clock) -> User:
    """Whose proof this is, which is spent by it."""
    proof = await proofs.take(digest, purpose, clock.now())
    user = await users.get(proof.user_id) if proof is not None else None
    if proof is None or user is None or user.email_key != proof.email_key:
        raise spent()
    return user


def _proof(proof_id: UUID, user: User, purpose: Purpose, secret: str, clock: Clock) -> Proof:
    now = clock.now()
    return Proof(ProofId(proof_id), user.id, purpose, digest_of(secret), user.email_key, now, now + purpose.lifetime)


RESET_LETTER = """\
Hello {name},

somebody, probably you, asked for a new password. Set it within the hour, here:

{link}

Where you are asked for a code, it is {secret}

If it was not you, do nothing: your password stays as it is.
"""
EMAIL_LETTER = """\
Hello {name},

show that this address is yours, here:

{link}

Where you are asked for a code, it is {secret}

If you know nothing of this, do nothing.
"""
