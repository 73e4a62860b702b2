"""The kernel's own use cases, registered like those of any feature."""

from .about import CONFIG
from .batch import BATCH
from .bundle import BUNDLE
from .catalogue import Chore, Feature
from .doctor import DOCTOR
from .explain import EXPLAIN
from .retention import RETENTION, KeepWithinBounds

KERNEL = Feature(
    "kernel", use_cases=(BATCH, EXPLAIN, CONFIG, RETENTION, DOCTOR, BUNDLE), chores=(Chore(KeepWithinBounds(), 600),)
)
