"""Writes the static edition: `python -m page.static.build dist`, which is `make static`.

Everything but the page itself, the script for use without a network and serve.py lies in a folder
whose name changes with the content, so that browsers may keep it for good.
"""

import base64
import hashlib
import json
import shutil
import sys
from html import escape
from pathlib import Path

import page.compute  # before gradio and torch

# isort: split
import page.server.patches.gradio_stubs  # noqa: F401  before gradio

# isort: split
from page.in_browser import files as browser_files
from page.static import content, known
from page.texts import TEXTS
from page.widgets.first_sight.first_sight import PREFERENCES

HERE = Path(__file__).parent
PAGE = HERE.parent
ON_ITS_OWN = {"sw.js", "tabs.js"}  # scripts of page/static that are no modules
FIRST = """
document.documentElement.lang = preferredLanguage();
document.documentElement.classList.add("noise-is-there", "generate-is-there");
document.body.classList.toggle("dark", preferredTheme() === "dark");
"""
# what Noise needs for its first picture, asked for at once
NEEDED_FIRST = (
    "static/app.js", "data.js", "static/host.js", "static/links.js", "static/locale.js",
    "static/offline.js", "static/words.js", "static/views/noise.js", "static/views/tables.js",
    "static/views/pictures.js", "static/form/form.js", "static/form/steps.js",
    "in_browser/diffusion/schedule.js", "in_browser/diffusion/curve.js",
    "in_browser/diffusion/noise.js", "in_browser/diffusion/mersenne_twister.js",
    "instruments/header.js", "instruments/noise-view.js", "instruments/share.js",
)  # fmt: skip


def built() -> dict[str, bytes]:
    """All files by their paths in the folder."""
    inner = _inner()
    version = _hash(inner)
    found = {f"{version}/{name}": content for name, content in inner.items()}
    found["index.html"] = _page(version).encode()
    found["serve.py"] = (HERE / "serve.py").read_bytes()
    found["LICENSE"] = (PAGE.parent / "LICENSE").read_bytes()
    kept = ["./", *(name for name in found if name not in ("index.html", "serve.py", "LICENSE"))]
    head = f"const VERSION = {json.dumps(_hash(found))};\nconst FILES = {json.dumps(kept)};\n"
    found["sw.js"] = (head + (HERE / "sw.js").read_text("utf-8")).encode()
    return found


def _inner() -> dict[str, bytes]:
    """All that lies in the folder of this version."""
    found = {
        f"instruments/{name}.js": content.module_of(name, view).encode()
        for name, view in content.instruments().items()
    }
    own = (file for file in sorted(HERE.rglob("*.js")) if file.name not in ON_ITS_OWN)
    runtime = sorted((browser_files.HERE / "runtime").iterdir())  # with its licence
    for file in (*own, *browser_files.modules().values(), *runtime):
        found[file.relative_to(PAGE).as_posix()] = file.read_bytes()
    paths = {}
    for name, (_, file) in known.drawn_here().items():
        paths[name] = f"models/{file.name}{browser_files.PACKED}"
        found[paths[name]] = content.packed(file)
    found |= {f"pictures/{name}.png": picture for name, picture in content.pictures()}
    told = json.dumps(known.of_scripts(paths), ensure_ascii=False)
    found["data.js"] = f"export default {told};\n".encode()
    found["shell.js"] = content.shell().encode()
    return found


def _page(version: str) -> str:
    script = PREFERENCES + FIRST
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    examples = "".join(
        f'<button type="button" class="gallery-item"><img src="{version}/pictures/{name}.png" '
        f'width="44" height="44" alt=""></button>'
        for name in content.example_names()
    )
    places = ("noise", "generate", "compare", "walk", "plane", "noise_points")
    texts = {f"{name}_intro" for name in places}
    filled = {name: f'<p class="intro both">{content.both(name)}</p>' for name in texts}
    tabs = ("noise_tab", "generate_tab", "draw_tab", "compare_tab", "walk_tab", "points_tab")
    filled |= {name: escape(TEXTS[name][0]) for name in tabs}
    filled |= {
        "version": version,
        "title": escape(TEXTS["header_title"][0]),
        "lead": escape(TEXTS["header_lead"][0]),
        "noise_points_title": content.both("noise_points_title"),
        "about": f'<p class="both">{content.both("static_about")}</p>',
        "preloads": "\n".join(
            f'<link rel="modulepreload" href="{version}/{name}">' for name in NEEDED_FIRST
        ),
        "script_hash": f"'sha256-{digest}'",
        "css": content.styles(),
        "examples": examples,
        "script": script,
    }
    page = (HERE / "index.html").read_text("utf-8")
    for name, value in filled.items():
        page = page.replace(f"{{{name}}}", value)
    return page


def _hash(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return whole.hexdigest()[:12]


def write(folder: Path) -> dict[str, bytes]:
    """Write the edition in place of an older one. What else lies in the folder is refused."""
    if folder.exists() and not (folder / "sw.js").is_file() and any(folder.iterdir()):
        raise SystemExit(
            f"{folder} holds other files: expected an empty folder, or one of an older edition. "
            "Choose another, or empty it."
        )
    found = built()
    shutil.rmtree(folder, ignore_errors=True)
    for name, inside in found.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(inside)
    return found


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "dist")
    found = write(folder)
    size = sum(map(len, found.values()))
    print(f"{folder}: {len(found)} files, {size / 1e6:.1f} MB. Open it: python {folder}/serve.py")


if __name__ == "__main__":
    main()
