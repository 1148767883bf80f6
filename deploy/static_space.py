"""Deploy the static edition, as `make static` wrote it to dist/, to a static Space of your own.

    HF_TOKEN=hf_... python -m deploy.static_space your-name/diffusion-static

Creates the Space if needed, and makes its files those of dist/; others are deleted. A static Space
needs no hardware.
"""

import sys
from pathlib import Path

import yaml
from huggingface_hub import HfApi

from deploy.card import ROOT
from deploy.space import CanNotDeploy, main, published, replace_files

DIST = ROOT / "dist"
OF_A_SERVER = ("sdk_version", "python_version", "app_file", "suggested_hardware")
README = """
The static edition of [Diffusion, hands on]({url}): everything is computed in the visitor's browser.
"""


def deploy(space: str, token: str | None, folder: Path = DIST) -> str:
    """Create or update the Space and return its URL. Raises CanNotDeploy if it can't."""
    if not (folder / "sw.js").is_file():
        raise CanNotDeploy(f"There is no static edition in {folder}: run make static first.")
    return published(space, token, lambda hub: _push(hub, space, folder))


def _push(hub: HfApi, space: str, folder: Path) -> str:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    files: dict[str, Path | bytes] = {path.relative_to(folder).as_posix(): path for path in paths}
    url = str(hub.create_repo(space, repo_type="space", space_sdk="static", exist_ok=True))
    replace_files(hub, space, files | {"README.md": _card(url).encode()})
    return url


def _card(url: str) -> str:
    metadata = yaml.safe_load((ROOT / "Space.yaml").read_text("utf-8"))
    own = {name: value for name, value in metadata.items() if name not in OF_A_SERVER}
    head = yaml.safe_dump(own | {"sdk": "static"}, allow_unicode=True, sort_keys=False)
    return f"---\n{head}---\n{README.format(url=url)}"


if __name__ == "__main__":
    sys.exit(main("deploy-static", deploy))
