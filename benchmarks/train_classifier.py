"""Train the classifier whose features `ddpm.evaluation` uses, and print its accuracy.

python -m benchmarks.train_classifier
python -m benchmarks.train_classifier --data pets/ --channels 3 --out pets.safetensors
"""

import argparse
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from ddpm.commands.train import DATA
from ddpm.config import UnetConfig
from ddpm.data import USUAL
from ddpm.data.batches import batches
from ddpm.data.folder import dataset_of
from ddpm.evaluation.frechet import Classifier, features_and_logits
from ddpm.training.state import make_accelerator
from devtools import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usual = UnetConfig()
    parser.add_argument("--data", default=USUAL.name, help=DATA)
    parser.add_argument("--image-size", type=int, default=usual.image_size, help="of a folder's")
    parser.add_argument("--channels", type=int, default=usual.channels, choices=(1, 3))
    parser.add_argument("--out", type=Path, help="(default: that of the shipped one)")
    parser.add_argument("--epochs", type=int, default=8)
    args = parser.parse_args()
    if args.out is None and args.data != USUAL.name:
        parser.error("name a file for the classifier of other pictures: --out")

    data = dataset_of(args.data, (args.channels, args.image_size, args.image_size))
    train, test = data.load("train"), data.load("test")
    if train.labels is None:
        parser.error(f"{args.data} has no classes, as which its pictures could be recognised")
    images, size = train.images, min(128, len(train.images))
    accelerator = make_accelerator()
    torch.manual_seed(0)
    model = Classifier(len(data.classes), data.shape[0]).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
    steps = args.epochs * (len(images) // size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    trained, optimizer = accelerator.prepare(model, optimizer)
    feed = batches(images, train.labels, size, seed=0)
    for step in range(1, steps + 1):
        x, wanted = next(feed)
        x = x.to(accelerator.device, memory_format=torch.channels_last)
        loss = F.cross_entropy(trained(x), wanted.to(accelerator.device), label_smoothing=0.05)
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % (len(images) // size) == 0 or step == steps:
            model.eval()
            _, logits = features_and_logits(test.images, model.cpu())
            accuracy = (logits.argmax(1) == test.labels).double().mean().item()
            print(f"step {step}: loss {loss.item():.3f}, test accuracy {accuracy:.2%}", flush=True)
            model.to(accelerator.device).train()
    out = args.out or ROOT / "checkpoints/classifier.safetensors"
    save_file({k: v.cpu().contiguous() for k, v in model.state_dict().items()}, out)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
