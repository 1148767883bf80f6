"""The static edition as a folder: what is in it, and what each file asks for."""

import json
import posixpath
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from devtools import ROOT
from page.static import build

MOST = 20e6  # bytes in all
SPECIFIER = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"'$]+)["']""")
KINDS = {"models": 9.5e6, "runtime": 4e6, "pictures": 0.2e6, "scripts and page": 1e6}


@pytest.fixture(scope="module")
def edition() -> dict[str, bytes]:
    return build.built()


def test_it_is_small(edition):
    sizes = dict.fromkeys(KINDS, 0)
    for name, inside in edition.items():
        kind = next((kind for kind in KINDS if kind in name.split("/")), "scripts and page")
        sizes[kind] += len(inside)
    assert sum(sizes.values()) < MOST
    assert {kind: size for kind, size in sizes.items() if size > KINDS[kind]} == {}


def test_every_file_that_is_asked_for_is_there(edition):
    page = edition["index.html"].decode()
    asked = re.findall(r'(?:src|href)="([^":#]+)"', page)
    version = asked[0].split("/")[0]
    data = json.loads(edition[f"{version}/data.js"].decode().removeprefix("export default ")[:-2])
    asked += [f"{version}/{data[name]}" for name in ("runtime", "wasm")]
    asked += [f"{version}/{model['file']}" for model in data["models"].values()]
    for name, inside in edition.items():
        if name.endswith(".js") and "/runtime/" not in name:
            folder = posixpath.dirname(name)
            asked += [posixpath.normpath(f"{folder}/{found}")
                      for found in SPECIFIER.findall(inside.decode())]  # fmt: skip
    assert {*asked} - edition.keys() == set()
    kept = json.loads(re.search(r"const FILES = (.*);", edition["sw.js"].decode())[1])
    alone = {"index.html", "sw.js", "serve.py", "LICENSE"}
    assert {*kept} == {"./", *(edition.keys() - alone)}
    assert "{" + "version}" not in page and not re.search(r"\{[a-z_]+\}", page.split("<body>")[1])


def test_its_scripts_are_the_pages_own(edition):
    """Byte for byte, or within what the full page is given."""
    page = ROOT / "page"
    for name, inside in edition.items():
        folder, _, rest = name.partition("/")[2].partition("/")
        if folder in ("in_browser", "static", "widgets"):
            assert inside == (page / folder / rest).read_bytes(), name
    noise = next(v for k, v in edition.items() if k.endswith("instruments/noise-view.js")).decode()
    for name in ("view/noise_view.js", "view/panels.js", "drawing/handles.js"):
        assert (page / "tabs/noise" / name).read_text("utf-8") in noise, name


def test_it_comes_with_a_server_of_the_standard_library(edition, tmp_path):
    """Which serves each kind of file as it is, by the name of what it is."""
    kinds = {".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript",
             ".png": "image/png", ".gz": "application/octet-stream"}  # fmt: skip
    of_kinds = {Path(name).suffix: name for name in edition}
    for name in ("serve.py", *map(of_kinds.get, kinds)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(edition[name])
    command = [sys.executable, "-I", "-S", tmp_path / "serve.py", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().split()[1]
            for suffix, kind in kinds.items():
                name = of_kinds[suffix].replace("index.html", "")
                with urllib.request.urlopen(url + name, timeout=60) as answer:
                    assert answer.headers.get_content_type() == kind
                    assert answer.headers["content-encoding"] is None
                    assert answer.read() == edition[of_kinds[suffix]], suffix
        finally:
            server.terminate()


def test_an_older_edition_is_replaced_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "built", lambda: {"sw.js": b"", "a/b.js": b"2"})
    build.write(tmp_path / "new")
    (tmp_path / "new/old.js").write_bytes(b"1")
    build.write(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").rglob("*.js")) == ["b.js", "sw.js"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="holds other files"):
        build.write(tmp_path / "mine")
    assert Path(tmp_path / "mine/thesis.txt").read_text() == "mine"
