"""Tables in Markdown, printed row by row as their figures come."""


def head(*names: str) -> None:
    """The names of the columns, and the line below them."""
    row(*names)
    print("|---" * (len(names) + sum(name.count(" | ") for name in names)) + "|")


def row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)
