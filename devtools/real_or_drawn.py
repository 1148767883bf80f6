"""Write page/workshop/real_or_drawn.png: a row of garments, some real and some drawn, for the tour.

    python -m devtools.real_or_drawn         # and prints which are real, from 1 on, for tour.yaml

The real ones are of the test split, which no network here has seen; the pretrained model draws as
many of the same classes. None is chosen by hand.
"""

import torch

import ddpm
from devtools import ROOT

ROW = ROOT / "page" / "workshop" / "real_or_drawn.png"
CLASSES = (0, 2, 3, 5, 7, 8, 9, 9)  # one of each kind, real and drawn
SEED = 2026


def garments() -> tuple[torch.Tensor, list[bool]]:
    """(16, 1, 28, 28), uint8, and whether each is real, in a random order."""
    rng = torch.Generator().manual_seed(SEED)
    images, labels = ddpm.fashion_mnist("test")
    real = []
    for label in CLASSES:
        known = (labels == label).nonzero()[:, 0]
        real.append(images[known[torch.randint(len(known), (1,), generator=rng)]][0])
    checkpoint = ddpm.load_checkpoint("fashion_mnist")
    way = {"sampler": "ddpm", "steps": 1000, "seed": SEED}
    drawn = ddpm.sample(checkpoint, len(CLASSES), labels=torch.tensor(CLASSES), **way)
    both = torch.cat([torch.stack(real), ddpm.to_uint8(drawn)])
    order = torch.randperm(len(both), generator=rng)
    return both[order], [int(k) < len(CLASSES) for k in order]


def main() -> None:
    pictures, is_real = garments()
    row = torch.cat(list(pictures), dim=-1)  # side by side
    ddpm.to_pil(row.float() / 127.5 - 1).save(ROW, optimize=True)
    print("right:", [k for k, real in enumerate(is_real, 1) if real])


if __name__ == "__main__":
    main()
