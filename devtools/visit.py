"""A visitor, and what they ask for, as the functions of the tabs see it."""

from types import SimpleNamespace

VISITOR = SimpleNamespace(session_hash="visitor")
ASKED = dict(
    label=7, count=4, sampler="ddim", steps=5, schedule="cosine", guidance=1.0, seed=0
)  # fmt: skip
