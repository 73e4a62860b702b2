"""Batches, explanations, and what a client needs to know first."""

from ....application.kernel.about import GetConfig
from ....application.kernel.batch import Batch
from ....application.kernel.explain import Explain
from ..route import get, post

ROUTES = (
    post("/api/batch", Batch),
    get("/api/explain", Explain),
    get("/api/config", GetConfig),
)
