"""Takes onnxruntime-web from npm: what the page's visitors get to draw in their browsers.

    python -m devtools.onnxruntime_web

Writes the files that are served to page/in_browser/runtime, which is committed, as the page has no
npm at run time. npm checks the archive against the registry's hash, and each file is checked
against `FILES`. For another version, change both here; the licence and its notices are
onnxruntime's own.
"""

import gzip
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

from devtools import ROOT

VERSION = "1.30.0"
FILES = {  # SHA-256 of each
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}
PACKED = {"ort-wasm-simd-threaded.wasm"}  # kept as gzip: 14.2 MB are 3.7
FOLDER = ROOT / "page/in_browser/runtime"


def read(folder: Path = FOLDER) -> dict[str, bytes]:
    """The files as they were in the package."""
    found = {}
    for name in FILES:
        packed = folder / f"{name}.gz"
        found[name] = (
            gzip.decompress(packed.read_bytes()) if name in PACKED else (folder / name).read_bytes()
        )
    return found


def check(files: dict[str, bytes]) -> None:
    """ValueError names a file that isn't the one that was looked at."""
    for name, body in files.items():
        if (found := hashlib.sha256(body).hexdigest()) != FILES[name]:
            raise ValueError(f"{name} of onnxruntime-web {VERSION} has the hash {found}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        command = ["npm", "pack", f"onnxruntime-web@{VERSION}", "--json"]
        done = subprocess.run(command, cwd=name, check=True, capture_output=True, text=True)
        (archive,) = json.loads(done.stdout)
        files = {}
        with tarfile.open(Path(name) / archive["filename"]) as packed:
            for each in FILES:
                member = packed.extractfile(f"package/dist/{each}")
                assert member is not None
                files[each] = member.read()
    check(files)
    for each, body in files.items():
        if each in PACKED:
            (FOLDER / f"{each}.gz").write_bytes(gzip.compress(body, 9, mtime=0))
        else:
            (FOLDER / each).write_bytes(body)
        print(each, len(body))


if __name__ == "__main__":
    main()
