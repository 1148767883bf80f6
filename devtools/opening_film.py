"""The film that plays when the Generate tab opens: `python -m devtools.opening_film`.

Drawn by the model that the tab begins with; run this again when the model or the look of a film
changes. Its frames are lossy, unlike those of a visitor's own run, so that the file stays below
60 kB.
"""

import base64
import io
import json

from devtools.visit import picture_of
from page.models import registry as models
from page.models.registry import Request, trajectory
from page.models.request import EACH
from page.tabs.generate.opening import FILE
from page.widgets.film.scrubber import Film

REQUEST = Request(count=9, label=EACH, model=models.FIRST)
QUALITY = {"x": 20, "x_start": 40}  # of WebP: noise is costly, and nobody looks at it closely


def drawn() -> Film:
    """The run, frame by frame."""
    checkpoint = models.chosen(None, models.FIRST)
    x, steps = trajectory(checkpoint, REQUEST)
    film = Film(x, checkpoint.schedule.T - 1, REQUEST.steps)
    for step in steps:
        film.add(step)
    return film


def compressed(uri: str, quality: int) -> str:
    """A picture's data URI, as WebP."""
    buffer = io.BytesIO()
    picture_of(uri).save(buffer, "webp", quality=quality, method=6)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def main() -> None:
    film = drawn().value()
    for frame in film["frames"]:
        frame |= {key: compressed(frame[key], quality) for key, quality in QUALITY.items()}
    FILE.write_text(json.dumps(film) + "\n", "utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
