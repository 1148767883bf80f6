"""A visit to the Generate tab as its functions see it, without a page."""

from types import SimpleNamespace

VISITOR = SimpleNamespace(session_hash="visitor")
ASKED = dict(
    label=7, count=4, sampler="ddim", steps=5, schedule="cosine", guidance=1.0, seed=0
)  # fmt: skip
