"""How long one call of a network takes on this CPU, in each of its forms, and what it costs.

    python -m benchmarks.call
    python -m benchmarks.call --checkpoint fashion_mnist_few --compile

Median milliseconds of a call in a run of ten (of two for a student), for several numbers of
pictures; and how far its pictures are from eager float32's, as relative L2.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

import ddpm
from benchmarks.samplers import Compiled
from ddpm.networks.bf16 import InBf16, computes_in_bf16
from ddpm.networks.network import Network
from ddpm.sampling import openvino
from devtools.timing import medians

EAGER = "float32"


def channels_last(network: Network) -> Network:
    return network.to(memory_format=torch.channels_last)


def forms(checkpoint: str, compile_too: bool) -> dict[str, ddpm.Denoiser]:
    """The network in each form that this processor supports."""

    def model(wrap: Callable | None = None) -> ddpm.Denoiser:
        plain = ddpm.load_checkpoint(checkpoint, "cpu").model
        if wrap is None:
            return plain
        network = wrap(plain.network)
        return ddpm.Denoiser(network, plain.schedule, plain.objective).eval()

    found = {EAGER: model(), "float32, channels_last": model(channels_last)}
    has_bf16 = computes_in_bf16(torch.device("cpu"))
    if has_bf16:
        found["bf16"] = model(InBf16)
    if compile_too:
        for bf16 in (False, True) if has_bf16 else (False,):
            name = f"{'bf16' if bf16 else 'float32'}, torch.compile"
            found[name] = model(partial(Compiled, bf16=bf16))
    if (fast := openvino.compiled(found[EAGER])) is not found[EAGER]:
        found["float32, OpenVINO"] = fast
    return found


def relative(x: Tensor, reference: Tensor) -> float:
    return ((x - reference).norm() / reference.norm()).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--compile", action="store_true", help="torch.compile too: minutes")
    args = parser.parse_args()
    is_student = ddpm.load_checkpoint(args.checkpoint, "cpu").config.distill is not None
    calls, sampler = (2, "consistency") if is_student else (10, "dpm_solver")
    models = forms(args.checkpoint, args.compile)
    print(f"{torch.get_num_threads()} threads, {calls} calls of {sampler}; ms a call\n")
    print("|  |", " | ".join(f"{count} pictures" for count in args.counts), "| relative L2 |")
    print("|---" * (len(args.counts) + 2) + "|")
    cells: dict[str, list[str]] = {name: [] for name in models}
    for count in args.counts:
        runs = {
            name: partial(
                ddpm.sample, model, count, labels=torch.arange(count) % 10, sampler=sampler,
                steps=calls,
            )
            for name, model in models.items()
        }  # fmt: skip
        pictures = {name: run() for name, run in runs.items()}
        seconds = medians(runs, args.repeats)
        for name in models:
            cells[name].append(f"{1000 * seconds[name] / calls:.2f}")
    for name, row in cells.items():
        far = relative(pictures[name], pictures[EAGER])
        print("|", name, "|", " | ".join(row), f"| {far:.4f} |")


if __name__ == "__main__":
    main()
