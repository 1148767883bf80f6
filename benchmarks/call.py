"""How long one call of a network takes on this CPU, in each of its forms, and what it costs.

    python -m benchmarks.call
    python -m benchmarks.call --checkpoint fashion_mnist_few --compile

Median milliseconds of a call in a run of ten (of two for a student), for several numbers of
pictures; and how far its pictures are from eager float32's, as relative L2.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial

import torch

import ddpm
from benchmarks.samplers import Compiled
from ddpm.networks.bf16 import InBf16, computes_in_bf16
from ddpm.sampling import openvino
from devtools.tables import head, row
from devtools.timing import medians

EAGER = "float32"


def forms(checkpoint: str, device: torch.device, compile_too: bool) -> dict[str, ddpm.Denoiser]:
    """The network in each form that this device supports."""

    def model(wrap: Callable) -> ddpm.Denoiser:
        plain = ddpm.load_checkpoint(checkpoint, device).model
        return ddpm.Denoiser(wrap(plain.network), plain.schedule, plain.objective).eval()

    found = {
        EAGER: model(lambda network: network),
        "float32, channels_last": model(lambda net: net.to(memory_format=torch.channels_last)),
    }
    has_bf16 = computes_in_bf16(device)
    if has_bf16:
        found["bf16"] = model(InBf16)
    if compile_too:
        for bf16 in (False, True) if has_bf16 else (False,):
            name = f"{'bf16' if bf16 else 'float32'}, torch.compile"
            found[name] = model(partial(Compiled, bf16=bf16))
    if (fast := openvino.compiled(found[EAGER])) is not found[EAGER]:
        found["float32, OpenVINO"] = fast
    return found


def measured(
    models: Mapping[str, ddpm.Denoiser],
    count: int,
    repeats: int,
    others: Mapping[str, Callable[[], object]] = {},
    **settings,
) -> tuple[dict[str, float], dict[str, float]]:
    """Median seconds of each model's run, and of others', and how far each model's pictures are
    from eager float32's, as relative L2."""
    labels = torch.arange(count) % 10
    runs = {
        name: partial(ddpm.sample, model, count, labels=labels, **settings)
        for name, model in models.items()
    }
    pictures = {name: run() for name, run in runs.items()}
    expected = pictures[EAGER]
    far = {name: ((x - expected).norm() / expected.norm()).item() for name, x in pictures.items()}
    return medians({**runs, **others}, repeats), far


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", default="fashion_mnist", help="as `ddpm.load_checkpoint`")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--compile", action="store_true", help="torch.compile too: minutes")
    args = parser.parse_args()
    is_student = ddpm.load_checkpoint(args.checkpoint, "cpu").config.distill is not None
    calls, sampler = (2, "consistency") if is_student else (10, "dpm_solver")
    models = forms(args.checkpoint, torch.device("cpu"), args.compile)
    print(f"{torch.get_num_threads()} threads, {calls} calls of {sampler}; ms a call\n")
    found = [
        measured(models, count, args.repeats, sampler=sampler, steps=calls) for count in args.counts
    ]
    head("", *(f"{count} pictures" for count in args.counts), "relative L2")
    for name in models:
        cells = (f"{1000 * seconds[name] / calls:.2f}" for seconds, _ in found)
        row(name, *cells, f"{found[-1][1][name]:.4f}")


if __name__ == "__main__":
    main()
