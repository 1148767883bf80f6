"""The command `ddpm export`: a network in a format that other programs load."""

import argparse
from typing import Any

from ddpm.checkpoint import Part, load_parts
from ddpm.commands.options import add_checkpoint
from ddpm.data import learned_from
from ddpm.exchange.diffusers_export import export_diffusers
from ddpm.files import find_checkpoint, fingerprint
from ddpm.sampling.onnx_file import DTYPES, export_onnx

USUAL = {"onnx": "model.onnx", "diffusers": "diffusers"}  # where each format is written


def export_command(args: argparse.Namespace) -> None:
    file = find_checkpoint(args.checkpoint)
    parts, _ = load_parts(file, device="cpu")
    part, dtype = _chosen(parts, args), DTYPES[args.dtype]
    out = args.out or USUAL[args.to]
    if args.to == "onnx":
        export_onnx(part, out, dtype=dtype, made_from=fingerprint(file))
    else:
        classes = learned_from(part.config.data, part.info).classes
        export_diffusers(part, out, dtype=dtype, classes=classes)
    print(out)


def _chosen(parts: dict[str, Part], args: argparse.Namespace) -> Part:
    """The only network of a file, or the one that --part names."""
    if args.part is None and len(parts) == 1:
        return next(iter(parts.values()))
    if args.part in parts:
        return parts[args.part]
    names = ", ".join(parts)
    if args.part is None:
        raise ValueError(f"{args.checkpoint} has several networks: choose one with --part, {names}")
    raise ValueError(f"{args.checkpoint} has no network called {args.part}: its parts are {names}")


def add(commands: Any) -> None:
    """The command, on a parser's sub-commands."""
    export = commands.add_parser("export", help="write a network for other programs")
    export.set_defaults(run=export_command)
    add_checkpoint(export)
    export.add_argument(
        "--to",
        choices=[*USUAL],
        default="onnx",
        help="one ONNX file, or a folder that diffusers loads as a pipeline (default: onnx)",
    )
    export.add_argument(
        "--out", help="the file, or a new folder (default: model.onnx, or diffusers)"
    )
    export.add_argument(
        "--part", help="which network of several, such as base or super_resolution of a cascade"
    )
    export.add_argument(
        "--dtype", choices=[*DTYPES], default="float32", help="of the stored weights"
    )
