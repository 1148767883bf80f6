"""Images per second in training: ours and other libraries', our data path and the notebook's.

    python -m benchmarks.training               # tables, with the ratio of each row to ours
    python -m benchmarks.training --memory 60   # memory of a training process over an hour

The networks have about as many parameters as the preset "base". A step is forward, backward,
clipping and the optimizer, and for ours also the averaged weights and the log's figures. The
notebook's data path is its transform of each picture; benchmarks.speedrun times its network. As the
machine may be busy, everything is timed in turns in one run, and medians are printed.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable

import datasets
import psutil
import torch
from PIL import Image
from torch import Tensor
from torchvision import transforms

import ddpm
from ddpm.data.batches import batches
from devtools import ROOT
from devtools.networks import training_steps
from devtools.notebook_unet import BATCH as NOTEBOOK_BATCH
from devtools.timing import medians

SAMPLE_S = 0.5  # between memory readings


def notebooks_data(images: Tensor) -> Callable[[], object]:
    """An endless supply of the notebook's batches: a transform of each picture, in a DataLoader."""
    transform = transforms.Compose(
        [
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Lambda(lambda t: (t * 2) - 1),
        ]
    )

    def transform_all(examples: dict) -> dict:
        return {"pixel_values": [transform(image.convert("L")) for image in examples["image"]]}

    pictures = [Image.fromarray(image[0].numpy()) for image in images]
    features = datasets.Features({"image": datasets.Image()})
    columns = datasets.Dataset.from_dict({"image": pictures}, features=features)
    columns = columns.with_transform(transform_all)
    loader = torch.utils.data.DataLoader(columns, batch_size=NOTEBOOK_BATCH, shuffle=True)
    feed = itertools.chain.from_iterable(itertools.repeat(loader))
    return lambda: next(feed)


def table(taken: dict[str, float], batch: int) -> None:
    base = taken["ours"]
    for name, seconds in taken.items():
        print(f"  {name:28} {batch / seconds:9.0f} images/s, {seconds * 1e3:8.2f} ms per batch, "
              f"{seconds / base:6.2f}x ours")  # fmt: skip


def memory(minutes: float) -> None:
    """Resident memory of `python -m ddpm train` with the preset "base"."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "ddpm", "train", "--steps", "1000000", "--out", out]
        job = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            begin, seen = time.monotonic(), []
            while time.monotonic() - begin < minutes * 60 and job.poll() is None:
                seen.append(psutil.Process(job.pid).memory_info().rss / 2**30)
                time.sleep(SAMPLE_S)
        finally:
            job.terminate()
            job.wait()
    print("maximum within each tenth of the time")
    tenth = -(-len(seen) // 10)
    for k in range(0, len(seen), tenth):
        print(f"  {k * SAMPLE_S / 60:5.1f} minutes: {max(seen[k : k + tenth]):6.3f} GiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--memory", type=float, metavar="MINUTES", help="measure memory instead")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # the CPU's figures
    if args.memory:
        return memory(args.memory)
    images, labels = ddpm.fashion_mnist("train", source="shipped")
    base = ddpm.PRESETS["base"]
    taken = medians(training_steps(base, images, labels), args.repeats)
    table(taken, base.train.batch_size)
    print(f"\ndata alone, batches of {NOTEBOOK_BATCH}")
    feed = batches(images, labels, NOTEBOOK_BATCH)
    both = {"ours": lambda: next(feed), "the notebook's": notebooks_data(images)}
    table(medians(both, args.repeats), NOTEBOOK_BATCH)


if __name__ == "__main__":
    main()
