"""The files by which a visitor's browser draws, by the paths that they are served at.

A path has a hash of the content, so that browsers keep the file for good. What is large is sent as
gzip and unpacked by the script that asks for it (fetched.js), by any server and on any network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ddpm.files import fingerprint

HERE = Path(__file__).parent
ROOT = "/browser/"  # of their paths
RUNTIME = "runtime/ort.wasm.bundle.min.mjs"
WASM = "runtime/ort-wasm-simd-threaded.wasm.gz"
PACKED = ".gz"  # ends the path of what is sent as gzip


@cache
def exported(checkpoint: Path) -> Path | None:
    """The same network as ONNX, if `ddpm export` made it from these very weights."""
    onnx = checkpoint.with_suffix(".onnx")
    if not (checkpoint.is_file() and onnx.is_file()):
        return None
    return onnx if fingerprint(checkpoint).encode() in onnx.read_bytes() else None


@cache
def scripts() -> dict[str, Path]:
    """The modules and the runtime. They share a folder, as modules ask for each other by name."""
    names = [*sorted(path.name for path in HERE.glob("*.js")), RUNTIME, WASM]
    folder = _hash(HERE / name for name in names)
    return {f"{ROOT}{folder}/{name}": HERE / name for name in names}


def served(exported: Path | None) -> dict[str, Path]:
    """All that the server gives out, which is nothing if there is no model."""
    return {} if exported is None else scripts() | model(exported)


@cache
def model(file: Path) -> dict[str, Path]:
    """An exported model, by its path."""
    return {f"{ROOT}{_hash([file])}/{file.name}{PACKED}": file}


def addresses(file: Path) -> dict[str, str]:
    """Where the page's script finds what draws with this model, seen from the page."""
    by_name = {path.name: url for url, path in scripts().items()}
    (url,) = model(file)
    named = {
        "page": by_name["drawing.js"],
        "draw": by_name["draw.js"],
        "worker": by_name["worker.js"],
        "runtime": by_name[Path(RUNTIME).name],
        "wasm": by_name[Path(WASM).name],
        "model": url,
    }
    return {name: each.removeprefix("/") for name, each in named.items()}


def _hash(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes())
    return whole.hexdigest()[:16]
