"""Put this page on Hugging Face, as a Space of your own.

    HF_TOKEN=hf_... python -m deploy.space your-name/diffusion

Creates the Space, with the hardware that Space.yaml suggests, if there is none, and makes its
files equal to these here: what the page needs, and nothing else. Its requirements.txt is pinned.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import httpx
import yaml
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.utils import validate_repo_id

from deploy.card import ROOT, with_front_matter
from deploy.requirements import space_requirements

NEEDED = (
    "app.py",
    "requirements.txt",
    "LICENSE",
    "Space.yaml",
    "README.md",
    "checkpoints/README.md",  # by name: whoever trains a model of their own may put it beside them
    "checkpoints/classifier.safetensors",
    "checkpoints/fashion_mnist.safetensors",
)
FOLDERS = ("page", "ddpm")
KEPT = {".gitattributes"}  # Hugging Face's own


class CanNotDeploy(Exception):
    """Says what is wrong and what to do."""


def space_files(root: Path = ROOT) -> dict[str, Path]:
    """Everything that a Space gets, by its path there."""
    readme = (root / "README.md").read_text("utf-8")
    shown = re.findall(r'!\[[^\]]*\]\(([^):]+)\)|<img src="([^":]+)"', readme)
    paths = [root / name for name in NEEDED]
    paths += [root / (markdown or html) for markdown, html in shown]
    for folder in FOLDERS:
        paths += [path for path in (root / folder).rglob("*") if path.is_file()]
    files = {path.relative_to(root).as_posix(): path for path in paths}
    return {
        name: files[name]
        for name in sorted(files)
        if not any(part.startswith((".", "__pycache__")) for part in name.split("/"))
    }


def deploy(space: str, token: str | None, root: Path = ROOT) -> str:
    """Create or update the Space, and return where it is. CanNotDeploy, in words, if not."""
    try:
        validate_repo_id(space)
    except HFValidationError as error:
        raise CanNotDeploy(f"{space!r} is no name of a Space: {error}") from error
    if "/" not in space:
        raise CanNotDeploy(f"{space!r} lacks its owner: expected your-name/{space}.")
    if not token:
        raise CanNotDeploy(
            "There is no token. Make one that may write at https://huggingface.co/settings/tokens, "
            "then run `hf auth login`, or set HF_TOKEN."
        )
    metadata = (root / "Space.yaml").read_text("utf-8")
    constraints = (root / "constraints.txt").read_text("utf-8")
    hub, files = HfApi(token=token), space_files(root)
    try:
        hardware = yaml.safe_load(metadata).get("suggested_hardware", "cpu-basic")
        written = {
            "README.md": with_front_matter(files["README.md"].read_text("utf-8"), metadata),
            "requirements.txt": space_requirements(constraints, hardware),
        }
        url = hub.create_repo(
            space,
            repo_type="space",
            space_sdk="gradio",
            space_hardware=hardware,
            exist_ok=True,
        )
        there = set(hub.list_repo_files(space, repo_type="space")) - KEPT
        additions = [
            CommitOperationAdd(name, written[name].encode() if name in written else path)
            for name, path in files.items()
        ]
        gone = there - files.keys()
        hub.create_commit(
            space,
            [*additions, *(CommitOperationDelete(name) for name in sorted(gone))],
            commit_message="The page as it is in its repository",
            repo_type="space",
        )
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise CanNotDeploy(
                f"Hugging Face refused ({status}): the token is not valid, or may not write to "
                f"{space}."
            ) from error
        raise CanNotDeploy(f"Hugging Face answered {status}: {error.server_message}") from error
    except (ValueError, yaml.YAMLError) as error:  # the Hub's words about the metadata, or yaml's
        raise CanNotDeploy(f"Space.yaml is not as a Space needs it. {error}") from error
    except httpx.TransportError as error:
        raise CanNotDeploy(f"Hugging Face can not be reached: {type(error).__name__}.") from error
    return str(url)


def main() -> int:
    if len(sys.argv) != 2 or not sys.argv[1]:
        print("Which Space? make deploy SPACE=your-name/its-name", file=sys.stderr)
        return 2
    try:
        print(f"Deployed to {deploy(sys.argv[1], get_token())}")
    except CanNotDeploy as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
