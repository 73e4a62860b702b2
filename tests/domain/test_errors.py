"""Errors as people read them."""

from parlour.domain.kernel.errors import Conflict, Fault, Invalid, invalid


def test_an_error_of_input_says_what_is_wrong_where() -> None:
    assert str(invalid("name", "length", "Too long.")) == "The input is not valid. /name: Too long."
    assert str(Invalid(Fault("", "type", "Not JSON."), message="No.")) == "No. /: Not JSON."
    assert str(Conflict("Another was faster.")) == "Another was faster."
