"""The public names: each is there when it is asked for, and none was forgotten."""

import pytest

import parlour
from parlour.config.features import CORE


@pytest.mark.parametrize("name", dir(parlour))
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(parlour, name) is not None


def test_a_name_that_is_not_there_is_said() -> None:
    with pytest.raises(AttributeError, match="has no 'Nothing'"):
        parlour.Nothing  # type: ignore[attr-defined]  # noqa: B018 - that it is not there


def test_every_use_case_for_people_has_its_name() -> None:
    people = [u.input.__name__ for m in CORE for u in m.feature.use_cases if len(u.absent) < 4]
    assert [name for name in people if name not in dir(parlour)] == []
