"""How much faster a preset trains than the notebook's recipe, timed in one run.

    python -m ddpm train --preset notebook --out runs/notebook  # the repaired recipe, once: hours
    python -m benchmarks.speedrun --recipe runs/notebook

With --label-dropout 1 --ema-decay 0 the repaired recipe has neither labels nor averaged weights,
like the notebook's.

The recipe's time is that of its 2,345 steps of 128 images. A step in float32 is timed 20 times,
with the notebook's own network and with that of the preset "notebook", which uses all its skips and
has labels, and the median is multiplied by 2,345. Loading data isn't counted (for the notebook's
transform of each picture see benchmarks.training). Right after that the preset is trained from
random weights to its last step, once for each seed. Measures a thousand pictures of each model, and
of the repaired recipe's if --recipe names its folder, in the eyes of benchmarks.guides.
"""

import argparse
import time
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor, nn

import ddpm
from benchmarks.guides import PLAIN, Eyes, Way, print_head, row, said
from ddpm.data.batches import batches
from devtools import notebook_unet
from devtools.configs import altered
from devtools.networks import parameters, plain_step
from devtools.timing import medians

TIMED = 20
# How pictures are drawn for the figures: (guidance, interval of t). Strong guidance on pure noise
# costs variety.
DRAWN = {"sampler": "dpm_solver", "steps": 10}
WAYS: tuple[Way, ...] = (PLAIN, (2.0, (0, 700)), (3.0, (0, 900)))


def step_of(network: nn.Module, images: Tensor) -> Callable[[], None]:
    """One step of the notebook's recipe, in float32: Huber loss, Adam, batches of 128."""
    schedule = ddpm.Schedule.named("linear", notebook_unet.T)
    denoiser = ddpm.Denoiser(network, schedule, "eps")

    def loss_of(x: Tensor) -> Tensor:
        return ddpm.p_losses(denoiser, x, torch.randint(0, schedule.T, (len(x),)), loss="huber")

    adam = torch.optim.Adam(network.parameters(), lr=notebook_unet.LEARNING_RATE)
    return plain_step(network, loss_of, batches(images, None, notebook_unet.BATCH), adam)


def recipe_seconds(images: Tensor) -> dict[str, float]:
    """Seconds for the whole recipe by network, from the time of a step."""
    networks = {
        "the notebook's own network": notebook_unet.NotebookUnet(),
        "the repaired one": ddpm.Unet(ddpm.PRESETS["notebook"].unet),
    }
    taken = medians({name: step_of(net, images) for name, net in networks.items()}, TIMED)
    for name, step in taken.items():
        whole = step * notebook_unet.STEPS
        print(f"recipe, {name}, {parameters(networks[name]):,} parameters: {step:.2f} s a step, "
              f"times {notebook_unet.STEPS} is {whole:,.0f} s")  # fmt: skip
    return {name: step * notebook_unet.STEPS for name, step in taken.items()}


def figures(name: str, model: ddpm.Denoiser, eyes: Eyes, ways: tuple[Way, ...] = WAYS) -> None:
    for way in ways:
        row(f"{name}, {said(way)}", eyes, model, guidance=way[0], interval=way[1], **DRAWN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="minute", choices=ddpm.PRESETS)
    parser.add_argument("--recipe", help="folder of a trained run of the preset notebook")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--n", type=int, default=1000)
    args = parser.parse_args()

    eyes = Eyes(args.n)
    print_head("")
    training = ddpm.fashion_mnist("train")
    config = ddpm.PRESETS[args.preset]
    for seed in range(args.seeds):
        recipe = recipe_seconds(training[0])
        config = altered(config, train={"seed": seed})
        begin = time.perf_counter()
        (last,) = deque(ddpm.fit(config, *training), maxlen=1)
        taken = time.perf_counter() - begin
        shares = ", ".join(f"1/{whole / taken:.0f} with {name}" for name, whole in recipe.items())
        print(f"{args.preset}, seed {seed}: {taken:.1f} s; of the recipe {shares}")
        figures(f"{args.preset}, seed {seed}", last.model, eyes)
    if args.recipe:
        trained = ddpm.load_checkpoint(args.recipe)
        without_labels = trained.config.train.label_dropout == 1
        ways = ((0.0, None),) if without_labels else WAYS
        figures("the repaired recipe", trained.model, eyes, ways)


if __name__ == "__main__":
    main()
