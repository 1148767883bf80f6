"""Reading a tour's YAML: its nodes as Python's values, and what is wrong with them, by line."""

import re
from collections.abc import Sequence

from yaml.nodes import MappingNode, Node, ScalarNode

MAX_TEXT = 3000
LANGUAGES = ("en", "zh")
MARKS = "\u3000-\u303f\uff00-\uffef"  # full-width
CHINESE = f"{MARKS}\u3040-\u9fff"
# a line's end, which a browser shows as a space; the end of a paragraph stays
BETWEEN_CHINESE = re.compile(
    f"(?<=[{CHINESE}”…])\n(?=[{CHINESE}])|(?<=[{CHINESE}])\n(?=[“…])"
    f"|(?<=[{MARKS}])\n(?!\n)|(?<!\n)\n(?=[{MARKS}])"
)


class Wrong(list[tuple[int, str]]):
    """What is wrong with a file: in which line, and why."""

    def at(self, node: Node, why: str) -> None:
        self.append((node.start_mark.line + 1, why))


def parts_of(node: Node, names: Sequence[str], wrong: Wrong) -> dict[str, Node] | None:
    """The parts of a mapping by name; None if it is none."""
    if not isinstance(node, MappingNode):
        wrong.at(node, f"here belong {', '.join(names)}, each with a colon")
        return None
    parts: dict[str, Node] = {}
    for key, value in node.value:
        name = plain(key)
        if name not in names:
            wrong.at(key, f"{name!r} is none of {', '.join(names)}")
        elif name in parts:
            wrong.at(key, f"{name} is here for the second time")
        else:
            parts[name] = value
    return parts


def words_of(node: Node, wrong: Wrong) -> list[str]:
    """A text in both languages."""
    if isinstance(node, ScalarNode):
        return [text_of(node, wrong)] * 2
    parts = parts_of(node, LANGUAGES, wrong) or {}
    for language in LANGUAGES:
        if language not in parts:
            wrong.at(node, f"this text is missing in {language}")
    return [text_of(parts[name], wrong) for name in LANGUAGES if name in parts]


def text_of(node: Node, wrong: Wrong) -> str:
    text = plain(node) or ""
    if not 0 < len(text.strip()) <= MAX_TEXT:
        wrong.at(node, f"here belongs a text of 1 to {MAX_TEXT} characters")
    return BETWEEN_CHINESE.sub("", text.strip())


def plain(node: Node | None) -> str | None:
    return node.value if isinstance(node, ScalarNode) else None
