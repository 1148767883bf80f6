"""The pictures that explain the guides in the Generate tab: `python -m devtools.guide_pictures`.

Drawn by the shipped models from the same noise, one of each of eight classes; run this again when
one of them changes.
"""

import json

import ddpm
from page.models.guides import GUIDES
from page.tabs.generate.guide_pictures.guide_pictures import FILE
from page.widgets.data_uri import grid_uri

CLASSES = [0, 1, 3, 5, 6, 7, 8, 9]
SEED = 12
WORSE, LATE = GUIDES["worse"], (0, 700)
ROWS = (
    ("labels", 1.0, None),
    ("labels", 4.0, None),
    ("labels", 4.0, LATE),
    ("classifier", 16.0, None),
    ("worse", WORSE.usual, WORSE.times),
    ("worse", 2.0, None),
    ("worse", 2.0, LATE),
)


def main() -> None:
    model, rows = ddpm.load_checkpoint("fashion_mnist", "cpu"), []
    for guided_by, scale, interval in ROWS:
        guide = GUIDES[guided_by]
        x = ddpm.sample(
            model, len(CLASSES), labels=CLASSES, guidance=scale, interval=interval, seed=SEED,
            **(guide.on(model.schedule.device) if guide else {}),
        )  # fmt: skip
        row = {"guided_by": guided_by, "guidance": scale, "interval": interval}
        rows.append(row | {"picture": grid_uri(x, len(CLASSES))})
    FILE.write_text(json.dumps(rows) + "\n", "utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
