"""What letters ask to be shown."""

import asyncio
from uuid import uuid4

import pytest
from attrs import evolve

from ...domain.identity.proof import Proof, Purpose
from ...domain.kernel.ids import ProofId, UserId
from .support import NOW, House, a_user, later


def proof_of(user_id: UserId, purpose: Purpose = Purpose.RESET) -> Proof:
    return Proof(ProofId(uuid4()), user_id, purpose, uuid4().bytes * 2, "ada@example.org", later(-60), later(60))


async def _add(house: House, proof: Proof) -> None:
    await house.done(lambda unit: house.proofs(unit).add(proof))


async def _take(house: House, proof: Proof, purpose: Purpose = Purpose.RESET, at: float = 0) -> Proof | None:
    return await house.done(lambda unit: house.proofs(unit).take(proof.digest, purpose, later(at)))


@pytest.mark.row("ID1")
class ProofsContract:
    """`Proofs`. Asks for `house`."""

    async def test_of_several_who_show_a_proof_one_is_believed(self, house: House) -> None:
        proof = proof_of(a_user())
        await _add(house, proof)
        async with house.store.snapshot() as snapshot:
            assert await house.proofs(snapshot).good(proof.digest, Purpose.RESET, NOW)
        taken = await asyncio.gather(*(_take(house, proof) for _ in range(5)))
        assert [t for t in taken if t is not None] == [evolve(proof, used_at=NOW)]
        async with house.store.snapshot() as snapshot:
            assert not await house.proofs(snapshot).good(proof.digest, Purpose.RESET, NOW)

    async def test_a_proof_is_for_one_purpose_and_has_an_end(self, house: House) -> None:
        proof = proof_of(a_user())
        await _add(house, proof)
        assert await _take(house, proof, Purpose.EMAIL) is None
        assert await _take(house, proof_of(a_user())) is None
        assert await _take(house, proof, at=60) is None
        assert await _take(house, proof, at=59) is not None

    async def test_a_new_one_ends_the_others_of_its_user_and_purpose(self, house: House) -> None:
        user_id = a_user()
        old, new, other = proof_of(user_id), proof_of(user_id), proof_of(user_id, Purpose.EMAIL)
        others = proof_of(a_user())
        for proof in (old, other, others, new, new):
            await _add(house, proof)
        assert await _take(house, old) is None
        assert await _take(house, new) is not None
        assert await _take(house, other, Purpose.EMAIL) is not None
        assert await _take(house, others) is not None

    async def test_what_is_long_over_is_forgotten(self, house: House) -> None:
        kept, gone = proof_of(a_user()), evolve(proof_of(a_user()), expires_at=later(-10))
        for proof in (kept, gone):
            await _add(house, proof)
        assert await house.done(lambda unit: house.proofs(unit).forget_expired(later(-5))) == 1
        assert await _take(house, kept) is not None
