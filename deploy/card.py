"""The head of README.md, which Hugging Face reads, from Space.yaml, the one source of it.

    python -m deploy.card

Needs nothing but Python, so that `make space` is quick.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]


def with_front_matter(readme: str, metadata: str) -> str:
    """The README under the metadata, whose comments stay behind."""
    lines = metadata.splitlines(keepends=True)
    head = "".join(line for line in lines if not line.startswith("#"))
    body = readme.split("---\n", 2)[2] if readme.startswith("---\n") else "\n" + readme
    return f"---\n{head}---\n{body}"


def main() -> None:
    readme = ROOT / "README.md"
    metadata = (ROOT / "Space.yaml").read_text("utf-8")
    readme.write_text(with_front_matter(readme.read_text("utf-8"), metadata), "utf-8")


if __name__ == "__main__":
    main()
