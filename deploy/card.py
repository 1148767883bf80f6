"""Write Space.yaml into README.md as the front matter that Hugging Face reads.

    python -m deploy.card

Imports only the standard library, so that `make space` is quick.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def with_front_matter(readme: str, metadata: str) -> str:
    """The README with the metadata, comments removed, as its front matter."""
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
