"""Deploy the page to Hugging Face as a Space of your own.

    HF_TOKEN=hf_... python -m deploy.space your-name/diffusion

Creates the Space if needed, on the hardware that Space.yaml suggests, and makes its files match
those that the page needs here; others are deleted. Its requirements.txt is pinned.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import yaml
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.utils import validate_repo_id

from deploy.card import ROOT, with_front_matter
from deploy.requirements import space_requirements

LESSONS = ("docs/lesson.ipynb", "docs/lesson.zh.ipynb")
NEEDED = (
    "app.py",
    "requirements.txt",
    "pyproject.toml",  # by which Colab installs it all
    "LICENSE",
    "Space.yaml",
    "README.md",
    *LESSONS,
    "checkpoints/README.md",  # by name: your own models may lie beside these
    "checkpoints/cascade.safetensors",
    "checkpoints/cascade_longer.safetensors",
    "checkpoints/classifier.safetensors",
    "checkpoints/emoji.safetensors",
    "checkpoints/emoji_classifier.safetensors",
    "checkpoints/encoders.safetensors",
    "checkpoints/fashion_mnist.onnx",
    "checkpoints/fashion_mnist.safetensors",
    "checkpoints/fashion_mnist_few.onnx",
    "checkpoints/fashion_mnist_few.safetensors",
    "checkpoints/fashion_mnist_flow.safetensors",
    "checkpoints/fashion_mnist_flow_jumps.safetensors",
    "checkpoints/fashion_mnist_flow_moments.safetensors",
    "checkpoints/fashion_mnist_large.safetensors",
    "checkpoints/fashion_mnist_large_early.safetensors",
    "checkpoints/fashion_mnist_matched.safetensors",
    "checkpoints/fashion_mnist_matched_large.safetensors",
    "checkpoints/fashion_mnist_matched_longer.safetensors",
    "checkpoints/fashion_mnist_matched_small.safetensors",
    "checkpoints/fashion_mnist_matched_small_warm.safetensors",
    "checkpoints/fashion_mnist_matched_warm.safetensors",
    "checkpoints/fashion_mnist_minute.safetensors",
    "checkpoints/fashion_mnist_moments.safetensors",
    "checkpoints/fashion_mnist_moments_longer.safetensors",
    "checkpoints/fashion_mnist_moments_small.safetensors",
    "checkpoints/fashion_mnist_taught.onnx",
    "checkpoints/fashion_mnist_taught.safetensors",
    "checkpoints/noisy_classifier.safetensors",
    "checkpoints/text_to_image.safetensors",
    "checkpoints/text_to_image_longer.safetensors",
    "checkpoints/unclip.safetensors",
)
FOLDERS = ("page", "ddpm")
KEPT = {".gitattributes"}  # created by Hugging Face
ANY = "your-name/diffusion"  # the Space that files name, until they are on one


class CanNotDeploy(Exception):
    """The message says what is wrong and what to do."""


def space_files(root: Path = ROOT) -> dict[str, Path]:
    """The files of a Space, by their paths there: the code, and the pictures in the README."""
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
    """Create or update the Space and return its URL. Raises CanNotDeploy if it can't."""
    return published(space, token, lambda hub: _push(hub, space, root))


def published(space: str, token: str | None, push: Callable[[HfApi], str]) -> str:
    """What `push` returns. Raises CanNotDeploy in place of what can go wrong with it."""
    try:
        validate_repo_id(space)
    except HFValidationError as error:
        raise CanNotDeploy(f"{space!r} is not a valid Space name: {error}") from error
    if "/" not in space:
        raise CanNotDeploy(f"{space!r} has no owner: expected your-name/{space}.")
    if not token:
        raise CanNotDeploy(
            "No token found. Create one with write access at "
            "https://huggingface.co/settings/tokens, then run `hf auth login` or set HF_TOKEN."
        )
    try:
        return push(HfApi(token=token))
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise CanNotDeploy(
                f"Hugging Face refused ({status}): the token is invalid or has no write access to "
                f"{space}."
            ) from error
        raise CanNotDeploy(f"Hugging Face answered {status}: {error.server_message}") from error
    except (ValueError, yaml.YAMLError) as error:  # from the Hub's check of the metadata, or yaml
        raise CanNotDeploy(f"Space.yaml is not valid: {error}") from error
    except httpx.TransportError as error:
        raise CanNotDeploy(f"Can't reach Hugging Face: {type(error).__name__}.") from error


def _push(hub: HfApi, space: str, root: Path) -> str:
    metadata = (root / "Space.yaml").read_text("utf-8")
    constraints = (root / "constraints.txt").read_text("utf-8")
    hardware = yaml.safe_load(metadata).get("suggested_hardware", "cpu-basic")
    files = space_files(root)
    owner = f"{space.split('/')[0]}/"
    metadata = metadata.replace(ANY, space).replace("your-name/", owner)
    written = {
        "README.md": with_front_matter(files["README.md"].read_text("utf-8"), metadata),
        "requirements.txt": space_requirements(constraints, hardware),
    } | {name: files[name].read_text("utf-8").replace(ANY, space) for name in LESSONS}
    url = hub.create_repo(
        space, repo_type="space", space_sdk="gradio", space_hardware=hardware, exist_ok=True
    )
    replace_files(hub, space, files | {name: text.encode() for name, text in written.items()})
    return str(url)


def replace_files(hub: HfApi, space: str, files: Mapping[str, Path | bytes]) -> None:
    """Make these the files of the Space, by their paths there, and delete its others."""
    additions = [CommitOperationAdd(name, content) for name, content in files.items()]
    there = set(hub.list_repo_files(space, repo_type="space"))
    deletions = [CommitOperationDelete(name) for name in sorted(there - KEPT - files.keys())]
    hub.create_commit(
        space,
        [*additions, *deletions],
        commit_message="The page as it is in its repository",
        repo_type="space",
    )


def main(target: str = "deploy", deploy: Callable[..., str] = deploy) -> int:
    if len(sys.argv) != 2 or not sys.argv[1]:
        print(f"Which Space? make {target} SPACE=your-name/its-name", file=sys.stderr)
        return 2
    try:
        print(f"Deployed to {deploy(sys.argv[1], get_token())}")
    except CanNotDeploy as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
