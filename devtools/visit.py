"""A visitor, and what they ask for, as the functions of the tabs see it; and what they get."""

import base64
import io
from types import SimpleNamespace

from PIL import Image


def visitor(session: str, address: str = "127.0.0.1") -> SimpleNamespace:
    return SimpleNamespace(session_hash=session, client=SimpleNamespace(host=address), headers={})


def in_both_languages(message: str) -> bool:
    """Whether a refusal is a sentence in English, and then in Chinese."""
    english, _, chinese = message.partition("<br>")
    return english != chinese and any("一" <= letter <= "鿿" for letter in chinese)


def picture_of(uri: str) -> Image.Image:
    """The picture in a data URI."""
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


VISITOR = visitor("visitor")
ASKED = dict(
    label=7, count=4, sampler="ddim", steps=5, schedule="cosine", guidance=1.0, seed=0
)  # fmt: skip
RECIPE = dict(
    preset="minute", schedule="cosine", T=100, objective="v", loss="l2", block="resnet",
    optimizer="muon", dim=8, steps=10, batch_size=8, rate=2e-3, seed=0,
)  # fmt: skip
