"""The presence feature, as the catalogue knows it."""

from ..kernel.catalogue import Feature, use_case
from . import typing

PRESENCE = Feature("presence", use_cases=(use_case(typing.show_typing, rates=("typing",)),))
