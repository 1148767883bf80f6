"""What a step of the tour asks before one looks: its own question or another, with choices of which
some are right.

`choices` are texts, or `pictures` is a file beside the tour's, a row of squares of 28 pixels or
whatever its height is. `right` is the number of the right one, from 1 on; or a list of numbers, and
then an answer may name several.
"""

from pathlib import Path

from PIL import Image
from yaml.nodes import Node, SequenceNode

from page.widgets.data_uri import picture_uri
from page.workshop.nodes import Wrong, parts_of, plain, text_of, words_of

FEWEST, MOST = 2, 16  # choices
PARTS = ("question", "choices", "pictures", "right")
LARGEST = (16 * 64, 64)  # pixels of the row


def ask_of(node: Node, wrong: Wrong, *, folder: Path) -> dict:
    """`question` (None: the step's own) and each of `choices` in both languages, or `pictures` as a
    data URI; how many there are (`count`), `right`, from 0 on, and whether an answer may have
    `several`."""
    parts = parts_of(node, PARTS, wrong) or {}
    if "right" not in parts or ("choices" in parts) == ("pictures" in parts):
        wrong.at(node, "here belong choices or pictures, and what is right")
        return {}
    asked = words_of(parts["question"], wrong) if "question" in parts else None
    found: dict = {"question": asked, "choices": None, "pictures": None}
    if "choices" in parts:
        nodes = parts["choices"]
        listed = nodes.value if isinstance(nodes, SequenceNode) else []
        found["choices"] = [words_of(each, wrong) for each in listed]
        count = len(listed)
    else:
        found["pictures"], count = _row(parts["pictures"], folder, wrong)
    if not FEWEST <= count <= MOST:
        wrong.at(node, f"a question has {FEWEST} to {MOST} choices")
    right = _right(parts["right"], count, wrong)
    several = isinstance(parts["right"], SequenceNode)
    return found | {"count": count, "right": right, "several": several}


def _row(node: Node, folder: Path, wrong: Wrong) -> tuple[str, int]:
    """The pictures, and how many there are."""
    name = text_of(node, wrong)
    try:
        with Image.open(folder / name) as row:
            width, height = row.size
            if width > LARGEST[0] or height > LARGEST[1] or width % height:
                raise ValueError(f"this is no row of squares of at most {LARGEST[1]} pixels")
            return picture_uri(row), width // height
    except (OSError, ValueError) as error:
        wrong.at(node, f"the pictures {name} can't be used: {error}")
        return "", FEWEST


def _right(node: Node, count: int, wrong: Wrong) -> list[int]:
    nodes = node.value if isinstance(node, SequenceNode) else [node]
    numbers = [plain(each) or "" for each in nodes]
    right = [int(each) - 1 for each in numbers if each.isascii() and each.isdecimal()]
    if len(right) < len(numbers) or not all(0 <= each < count for each in right):
        wrong.at(node, f"what is right has numbers from 1 to {count}")
    return right
