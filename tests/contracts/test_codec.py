"""The suites of the codec, on msgspec."""

import pytest

from parlour.adapters.codec.msgspec_codec import MsgspecCodec
from parlour.testing import contracts


@pytest.fixture
def codec() -> MsgspecCodec:
    return MsgspecCodec()


class TestMsgspecCodec(contracts.CodecContract):
    """`Codec` on what is right."""


class TestMsgspecOnHostileInput(contracts.HostileInputContract):
    """`Codec` on what is wrong."""
