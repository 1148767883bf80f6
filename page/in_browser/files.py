"""The files by which a visitor's browser draws, by the paths that they are served at.

A path has a hash of the content, so that browsers keep the file for good. What is large is sent as
gzip and unpacked by the script that asks for it (fetched.js), by any server and on any network.
"""

import hashlib
from functools import cache
from pathlib import Path

from ddpm.files import fingerprint

HERE = Path(__file__).parent
PAGE = HERE.parent
ROOT = "/browser/"  # of their paths
RUNTIME = f"{HERE.name}/runtime/ort.wasm.bundle.min.mjs"
WASM = f"{HERE.name}/runtime/ort-wasm-simd-threaded.wasm.gz"
PACKED = ".gz"  # ends the path of what is sent as gzip


@cache
def exported(checkpoint: Path) -> Path | None:
    """The same network as ONNX, if `ddpm export` made it from these very weights."""
    onnx = checkpoint.with_suffix(".onnx")
    if not (checkpoint.is_file() and onnx.is_file()):
        return None
    return onnx if fingerprint(checkpoint).encode() in onnx.read_bytes() else None


def modules() -> dict[str, Path]:
    """Those of this folder and of instruments that run here, by their paths below page/."""
    found = sorted([*HERE.rglob("*.js"), *PAGE.glob("widgets/*/modules/*.js")])
    return {path.relative_to(PAGE).as_posix(): path for path in found}


@cache
def scripts() -> dict[str, Path]:
    """The modules and the runtime. They share a folder, as modules ask for each other by name."""
    found = modules() | {name: PAGE / name for name in (RUNTIME, WASM)}
    folder = hashlib.sha256(b"".join(file.read_bytes() for file in found.values())).hexdigest()[:16]
    return {f"{ROOT}{folder}/{name}": file for name, file in found.items()}


def served(exported: Path | None) -> dict[str, Path]:
    """All that the server gives out."""
    return scripts() | ({} if exported is None else model(exported))


@cache
def model(file: Path) -> dict[str, Path]:
    """An exported model, by its path."""
    return {f"{ROOT}{fingerprint(file)}/{file.name}{PACKED}": file}


def address(script: str) -> str:
    """Where the page finds a module, or a file of the runtime."""
    return next(url for url in scripts() if url.endswith(f"/{script}")).removeprefix("/")


def addresses(file: Path) -> dict[str, str]:
    """Where the page's script finds what draws with this model."""
    (url,) = model(file)
    names = {"page": "drawing.js", "draw": "draw.js", "compare": "comparison.js"}
    names |= {"worker": "worker.js", "runtime": RUNTIME, "wasm": WASM}
    return {name: address(script) for name, script in names.items()} | {"model": url[1:]}
