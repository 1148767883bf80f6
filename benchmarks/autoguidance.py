"""The pretrained model guided by a worse one: which worse one, how much, and at which times.

    ddpm train --preset minute --out runs/minute
    python -m benchmarks.autoguidance --worse runs/minute
    python -m benchmarks.autoguidance --worse runs/minute --write minute.safetensors

Two kinds of eyes look at the same pictures: the features of the classifier that `ddpm evaluate`
uses, and a denoising autoencoder that has never seen a label, trained here on the training
pictures: its bottleneck of 64 × 4 × 4, averaged over the picture and divided by the mean standard
deviation. Both give Fréchet distances to the first n training pictures; the floors are those of n
test pictures, their classes in turn, as in what is drawn.

Scales and intervals are tried on seeds of their own. What is best there, by the product of both
distances, is then drawn from other seeds, beside 1.15 at all times. --write keeps the first worse
model in float16, and it is the written one that is measured.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

import ddpm
from ddpm.data.batches import batches
from ddpm.data.fashion_mnist import fashion_mnist
from ddpm.data.images import to_float
from ddpm.evaluation.frechet import (
    features_and_logits,
    load_classifier,
    metric_distance,
    precision_recall,
)
from ddpm.sampling.bf16 import in_bf16
from devtools import ROOT
from devtools.drawing import draw

TUNING_SEED = 1_000_000
SCALES = (1.1, 1.15, 1.2, 1.3, 1.5)
WITHIN = {  # intervals of T = 1000, by scale
    1.3: ((0, 700), (0, 500)),
    1.5: ((0, 700),),
}
NOISE, FEATURES = 0.5, 64  # of the autoencoder
Way = tuple[float, tuple[int, int] | None]  # scale and interval
PLAIN: Way = (1.0, None)


class Encoder(nn.Module):
    """Grey pictures uint8 (B, 1, 28, 28) to their features, as torchmetrics calls it."""

    num_features = FEATURES

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.SiLU(),
            nn.Conv2d(64, FEATURES, 3, stride=2, padding=1),
        )  # fmt: skip
        self.scale = 1.0

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(to_float(images)).mean((2, 3)) / self.scale


def decoder() -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(FEATURES, 64, 3, stride=2, padding=1), nn.SiLU(),
        nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1), nn.SiLU(),
        nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),
    )  # fmt: skip


def trained_encoder(images: Tensor, steps: int) -> Encoder:
    """The half that is kept of an autoencoder that takes noise off pictures."""
    torch.manual_seed(0)
    encoder, back = Encoder(), decoder()
    weights = [*encoder.parameters(), *back.parameters()]
    optimizer = torch.optim.AdamW(weights, weight_decay=0.01)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    feed = batches(images, None, 128, seed=0)
    for _ in range(steps):
        x, _ = next(feed)
        loss = F.mse_loss(back(encoder.layers(x + NOISE * torch.randn_like(x))), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
    encoder.eval().requires_grad_(False)
    encoder.scale = encoder(images[:5000]).std(0).mean().item()
    print(f"autoencoder: {steps} steps, squared error {loss.item():.4f}", flush=True)
    return encoder


class Eyes:
    def __init__(self, n: int, encoder: Encoder):
        self.real, self.n = fashion_mnist("train")[0][:n], n
        self.classifier = load_classifier(ROOT / "checkpoints/classifier.safetensors")
        self.metric = FrechetInceptionDistance(feature=encoder)
        images, labels = fashion_mnist("test")
        each = [torch.nonzero(labels == label).flatten()[: n // 10] for label in range(10)]
        floors = self.distances(images[torch.stack(each, 1).flatten()])
        print(f"n = {n}; floors {floors[0]:.3f} and {floors[1]:.3f}\n", flush=True)

    def distances(self, images: Tensor) -> tuple[float, float]:
        by_classifier = ddpm.frechet_distance(images, self.real, self.classifier)
        return by_classifier, metric_distance(images, self.real, self.metric)


def row(name: str, images: Tensor, seconds: float, eyes: Eyes) -> tuple[float, float]:
    """One row of the table, and its two distances."""
    found = eyes.distances(images)
    features, logits = features_and_logits(images, eyes.classifier)
    real = features_and_logits(eyes.real, eyes.classifier)[0]
    recall = precision_recall(features, real)[1]
    right = (logits.argmax(1) == torch.arange(len(images)) % 10).double().mean().item()
    figures = f"{found[0]:.3f} | {found[1]:.3f} | {recall:.3f} | {right:.1%} | {seconds:.0f}"
    print(f"| {name} | {figures} |", flush=True)
    return found


def table(
    model: ddpm.Denoiser,
    worse: ddpm.Denoiser,
    ways: list[Way],
    eyes: Eyes,
    *,
    folder: Path | None,
    **drawn,
) -> dict[Way, float]:
    """Draw in each of these ways. Returns for each the product of its distances."""
    print("| scale, t | classifier's eyes | label-free eyes | recall | labels right | seconds |")
    print("|---|---|---|---|---|---|")
    products = {}
    for scale, interval in ways:
        begin = time.perf_counter()
        name = f"{scale:g}-{interval}-{eyes.n}-{drawn['seed']}.safetensors"
        images = draw(
            model, eyes.n, guide=worse, guidance=scale, interval=interval,
            sampler="dpm_solver", kept=folder and folder / name, **drawn,
        )  # fmt: skip
        a, b = row(said((scale, interval)), images, time.perf_counter() - begin, eyes)
        products[scale, interval] = a * b
    return products


def said(way: Way) -> str:
    scale, interval = way
    if way == PLAIN:
        return "plain"
    return f"{scale:g}" + (f", t {interval[0]} to {interval[1]}" if interval else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--worse", nargs="+", default=["fashion_mnist_minute"], help="to be tried")
    parser.add_argument("--n", type=int, default=2000, help="pictures that are reported")
    parser.add_argument("--tune-n", type=int, default=1000, help="pictures to tune with")
    parser.add_argument("--calls", type=int, default=10, help="of DPM-Solver++")
    parser.add_argument("--seed", type=int, default=0, help="of the first picture that is reported")
    parser.add_argument("--encoder-steps", type=int, default=1000)
    parser.add_argument("--images", type=Path, help="folder that keeps what is drawn")
    parser.add_argument("--write", type=Path, help="a new file for the first worse model")
    args = parser.parse_args()

    if args.write:
        first = ddpm.load_checkpoint(args.worse[0])
        ddpm.save_checkpoint(args.write, first.model.network.half(), first.config, **first.info)
        args.worse[0] = str(args.write)
    model = in_bf16(ddpm.load_checkpoint(args.checkpoint).model)
    encoder = trained_encoder(fashion_mnist("train")[0], args.encoder_steps)
    for name in args.worse:
        worse = in_bf16(ddpm.load_checkpoint(name).model)
        print(f"\n{name}, tuned from seed {TUNING_SEED:,} on:\n")
        ways = [PLAIN, *((scale, None) for scale in SCALES)]
        ways += [(scale, interval) for scale, each in WITHIN.items() for interval in each]
        tuning = Eyes(args.tune_n, encoder)
        folder = args.images and args.images / Path(name).stem
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        drawn = {"steps": args.calls, "folder": folder}
        products = table(model, worse, ways, tuning, seed=TUNING_SEED, **drawn)
        best = min(products, key=products.__getitem__)
        print(f"\nbest: {said(best)}. From seed {args.seed:,} on, which nothing was tuned on:\n")
        ways = list(dict.fromkeys([PLAIN, best, (1.15, None)]))
        table(model, worse, ways, Eyes(args.n, encoder), seed=args.seed, **drawn)


if __name__ == "__main__":
    main()
