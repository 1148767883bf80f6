"""The command `ddpm export`: a network in a format that other programs load."""

from __future__ import annotations

import argparse
from typing import Any

from ddpm.checkpoint import Part, load_parts
from ddpm.files import find_checkpoint, fingerprint
from ddpm.options import add_checkpoint
from ddpm.sampling.onnx_file import DTYPES, export_onnx


def export_command(args: argparse.Namespace) -> None:
    file = find_checkpoint(args.checkpoint)
    parts, _ = load_parts(file, device="cpu")
    part = _chosen(parts, args)
    export_onnx(part, args.out, dtype=DTYPES[args.dtype], made_from=fingerprint(file))
    print(args.out)


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
    export = commands.add_parser("export", help="write a network as one ONNX file")
    export.set_defaults(run=export_command)
    add_checkpoint(export)
    export.add_argument("--to", choices=["onnx"], default="onnx", help="format (default: onnx)")
    export.add_argument("--out", default="model.onnx", help="file (default: model.onnx)")
    export.add_argument(
        "--part", help="which network of several, such as base or super_resolution of a cascade"
    )
    export.add_argument(
        "--dtype", choices=[*DTYPES], default="float32", help="of the stored weights"
    )
