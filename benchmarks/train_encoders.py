"""Train the encoders that judge pictures without ever having seen a label.

    python -m benchmarks.train_encoders

A denoising autoencoder (Vincent et al. 2008), of which the bottleneck is kept; a network whose
features agree for two views of a picture and differ between pictures (SimCLR, Chen et al. 2020);
and principal components. Prints of each how often the nearest training picture has the class of a
test picture, the only use of labels here.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from ddpm.data import USUAL
from ddpm.data.batches import batches
from ddpm.data.images import to_float
from ddpm.evaluation.encoders import FEATURES, NETWORKS, Encoder
from ddpm.training.state import make_accelerator
from devtools import ROOT

STATES = ("real_features_sum", "real_features_cov_sum", "real_features_num_samples")
TEMPERATURE = 0.2


def autoencoder(feed: Iterator[tuple[Tensor, Tensor]], steps: int) -> nn.Module:
    encoder, features = NETWORKS["autoencoder"](1, FEATURES["autoencoder"]), 64 * 7 * 7
    decoder = nn.Sequential(
        nn.Linear(FEATURES["autoencoder"], features), nn.Unflatten(1, (64, 7, 7)),
        nn.Conv2d(64, 64, 3, padding=1), nn.SiLU(), nn.Upsample(scale_factor=2),
        nn.Conv2d(64, 32, 3, padding=1), nn.SiLU(), nn.Upsample(scale_factor=2),
        nn.Conv2d(32, 1, 3, padding=1),
    )  # fmt: skip

    def loss(x: Tensor) -> Tensor:
        sigma = 0.6 * torch.rand(len(x), 1, 1, 1, device=x.device)
        return F.mse_loss(decoder(encoder(x + sigma * torch.randn_like(x))).float(), x)

    return learned(encoder, decoder, loss, feed, steps)


def contrastive(feed: Iterator[tuple[Tensor, Tensor]], steps: int) -> nn.Module:
    dim = FEATURES["contrastive"]
    encoder = NETWORKS["contrastive"](1, dim)
    head = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 64))

    def loss(x: Tensor) -> Tensor:
        z = F.normalize(head(encoder(torch.cat([view(x), view(x)]))).float(), dim=1)
        alike = (z @ z.T / TEMPERATURE).fill_diagonal_(-math.inf)
        other = torch.arange(len(z), device=x.device).roll(len(x))  # each one's other view
        return F.cross_entropy(alike, other)

    return learned(encoder, head, loss, feed, steps)


def view(x: Tensor) -> Tensor:
    """Turned, moved, enlarged, darkened and noised a little, each picture in its own way. Not
    mirrored: shoes point to the left."""
    angle, scale, gain, noise = torch.rand(4, len(x), device=x.device) * 2 - 1
    angle, scale = 0.25 * angle, 1 + 0.2 * scale
    turned = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).view(-1, 2, 2)
    moved = 0.2 * (2 * torch.rand(len(x), 2, 1, device=x.device) - 1)
    grid = F.affine_grid(
        torch.cat([turned * scale.view(-1, 1, 1), moved], 2), list(x.shape), align_corners=False
    )
    seen = F.grid_sample(x + 1, grid, align_corners=False) * (1 + 0.3 * gain.view(-1, 1, 1, 1)) - 1
    return seen + 0.1 * noise.abs().view(-1, 1, 1, 1) * torch.randn_like(x)


def learned(
    encoder: nn.Module,
    other: nn.Module,
    loss_of: Callable[[Tensor], Tensor],
    feed: Iterator[tuple[Tensor, Tensor]],
    steps: int,
) -> nn.Module:
    accelerator = make_accelerator()
    both = nn.ModuleList([encoder, other]).to(accelerator.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(both.parameters(), weight_decay=0.01)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for step in range(1, steps + 1):
        x = next(feed)[0].to(accelerator.device, memory_format=torch.channels_last)
        with accelerator.autocast():
            loss = loss_of(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
        if step % 100 == 0 or step == steps:
            print(f"  step {step} of {steps}: loss {loss.item():.4f}", flush=True)
    return encoder.cpu()


def principal(images: Tensor) -> nn.Module:
    network = NETWORKS["pixels"](1, FEATURES["pixels"])
    pixels = to_float(images).flatten(1)
    mean = pixels.mean(0)
    directions = torch.linalg.eigh((pixels - mean).T.cov()).eigenvectors.flip(1)
    weight = directions[:, : FEATURES["pixels"]].T
    network[1].weight.data, network[1].bias.data = weight.contiguous(), -weight @ mean
    return network


def nearest_is_right(encoder: Encoder, train: tuple[Tensor, Tensor], test: tuple) -> float:
    near = torch.cdist(encoder(test[0][:1000]), encoder(train[0])).argmin(1)
    return (train[1][near] == test[1][:1000]).double().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "checkpoints/encoders.safetensors")
    parser.add_argument("--epochs", type=int, default=6)
    args = parser.parse_args()

    train, test = USUAL.load("train"), USUAL.load("test")
    assert train.labels is not None
    tensors = {}
    for name, batch_size in (("pixels", 0), ("autoencoder", 128), ("contrastive", 256)):
        print(name, flush=True)
        torch.manual_seed(0)
        if name == "pixels":
            network = principal(train.images)
        else:
            feed = batches(train.images, train.labels, batch_size, seed=0)
            steps = args.epochs * len(train.images) // batch_size
            network = {"autoencoder": autoencoder, "contrastive": contrastive}[name](feed, steps)
        encoder = Encoder(network.half().float(), FEATURES[name]).eval()
        shares = nearest_is_right(encoder, (train.images, train.labels), (test.images, test.labels))
        print(f"  {shares:.1%} of 1,000 test pictures have the class of their neighbour")
        metric = encoder.metric()
        for part in train.images.split(1000):
            metric.update(part, real=True)
        tensors |= {f"{name}.{each}": getattr(metric, each) for each in STATES}
        for key, value in encoder.state_dict().items():
            half = value.is_floating_point()
            tensors[f"{name}.{key}"] = (value.half() if half else value).contiguous()
    save_file(tensors, args.out)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
