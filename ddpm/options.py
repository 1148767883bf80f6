"""Settings as options of the command line, and back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

from ddpm.config import Config
from ddpm.data import fashion_mnist
from ddpm.sampling.sample import SAMPLER, STEPS
from ddpm.sampling.samplers import SAMPLERS, STUDENT_SAMPLERS
from ddpm.sampling.spacing import SPACINGS
from ddpm.settings import settings_of


def changed(base: Config, args: argparse.Namespace, prefix: str = "") -> Config:
    """`base` with the settings that stand on the command line, there with this prefix."""
    parts = {}
    for name, part in base.parts().items():
        given = [key for key in settings_of(type(part)) if prefix + key in args]
        parts[name] = replace(part, **{key: getattr(args, prefix + key) for key in given})
    return replace(base, **parts)


def add_settings(
    parser: argparse.ArgumentParser, base: Config, parts: tuple[str, ...], prefix: str = ""
) -> None:
    """An option for each setting of these parts of a `Config`."""
    for part in (getattr(base, name) for name in parts):
        group = parser.add_argument_group(f"{prefix}{type(part).__name__}")
        for name, known in settings_of(type(part)).items():
            group.add_argument(
                f"--{prefix}{name}".replace("_", "-"),
                type=known.read,
                metavar=name.upper() if known.choices is None else "|".join(known.choices),
                default=argparse.SUPPRESS,  # so that a resumed run keeps its own
                help=f"{known.about}: {known.expected} (default: {getattr(part, name)})",
            )


def add_run(parser: argparse.ArgumentParser, out: str, command: Callable) -> None:
    """What all commands take that train in a folder."""
    parser.set_defaults(run=command)
    parser.add_argument("--out", default=out, help=f"folder of the run (default: {out})")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument("--source", default="auto", choices=["auto", *fashion_mnist.SOURCES])


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """What all commands take that draw from a checkpoint."""
    parser.add_argument(
        "--checkpoint",
        default="fashion_mnist",
        help="a file, a shipped name, or owner/name on the Hugging Face Hub",
    )
    parser.add_argument(
        "--sampler", choices=[*SAMPLERS, *STUDENT_SAMPLERS], help=f"default: {SAMPLER}"
    )
    parser.add_argument("--steps", type=int, help=f"network calls (default: {STEPS})")
    parser.add_argument("--guidance", type=float, default=1.0)
    parser.add_argument("--spacing", choices=SPACINGS, help="default: the sampler's best")
    parser.add_argument("--seed", type=int, default=0)


def sampling(args: argparse.Namespace) -> dict:
    """What the command line says of sampling, as `ddpm.sample` takes it."""
    return {key: getattr(args, key) for key in ("sampler", "steps", "guidance", "spacing", "seed")}
