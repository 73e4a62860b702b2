"""Merge patches as RFC 7396 has them, and the bounds of extension data."""

from typing import Any

import pytest
from hypothesis import given

from parlour.domain.identity.extensions import DEEPEST, check_bounds, merged
from parlour.domain.kernel.errors import Invalid
from parlour.testing.text import objects

pytestmark = pytest.mark.row("AD2")


@pytest.mark.parametrize(
    "target, patch, result",
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_the_standard(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


@given(objects(), objects())
def test_a_patch_twice_is_a_patch_once_and_leaves_its_parts_alone(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    before = repr((target, patch))
    once = merged(target, patch)
    assert merged(once, patch) == once
    assert merged(target, {}) == target
    assert repr((target, patch)) == before


def nested(levels: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for _ in range(levels - 1):
        data = {"a": data}
    return data


@pytest.mark.parametrize(
    "data, code",
    [
        (nested(DEEPEST + 1), "too_deep"),
        ({"a": "x" * 1000}, "too_large"),
        ({"a": "é" * 500}, "too_large"),
        ({"a": [float("inf")]}, "number"),
        ({"a": {"b": float("nan")}}, "number"),
    ],
)
def test_what_is_out_of_bounds(data: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_bounds(data, 1000)
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/extensions", code)]


@given(objects())
def test_what_is_within_bounds(data: dict[str, Any]) -> None:
    check_bounds(data, 100_000)
    check_bounds(nested(DEEPEST), 1000)
    check_bounds({"a": "x" * 992}, 1000)
