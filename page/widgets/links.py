"""Links that bring back what a tab is set to: `generate?v=1&label=7&steps=20`, after the page's #.

A link names what differs from the defaults. What is wrong in one is ignored, and said.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

from gradio.components import Component

from ddpm.settings import Setting, WrongSetting
from page.texts import Refusal

VERSION = "1"  # of the names and values; links of before there were versions have none
MAX_LENGTH = 4000  # characters; a drawn schedule has at most 1,000
MAX_PARTS = 60
OPENINGS = itertools.count(1)  # numbers them: the same link, opened twice, counts twice
PLAIN = ",~"  # signs that stay as they are, besides letters, digits and _.-

Values = dict[str, Any]


@dataclass(frozen=True)
class Linked:
    """What a link to one place of the page may say."""

    place: str  # before the question mark
    settings: dict[str, Setting]
    tab: str
    view: str | None = None  # of the tab
    changed_defaults: Callable[[Values], Values] = field(default=lambda values: {})
    unused: Callable[[Values], Iterable[str]] = field(default=lambda values: ())  # names, by values

    def defaults(self, values: Values) -> Values:
        """What a setting is that a link with these values does not name."""
        plain = {name: setting.default for name, setting in self.settings.items()}
        return plain | self.changed_defaults(values)

    def differing(self, values: Values) -> Values:
        """What differs from the defaults. A value that no link may have stays away, and one that
        the others leave without effect."""
        without = set(self.unused(values))
        right = {
            name: values[name]
            for name, setting in self.settings.items()
            if name in values and name not in without and _takes(setting, values[name])
        }
        defaults = self.defaults(right)

        def differs(name: str) -> bool:
            setting = self.settings[name]
            return _text(setting, right[name]) != _text(setting, defaults[name])

        return {name: value for name, value in right.items() if differs(name)}

    def write(self, values: Values) -> str:
        """The link to these values: the reader gets the defaults of those that it doesn't name."""
        parts = [f"v={VERSION}"]
        for name, value in self.differing(values).items():
            parts.append(f"{name}={quote(_text(self.settings[name], value), safe=PLAIN)}")
        return f"{self.place}?{'&'.join(parts)}"

    def read(self, parts: Mapping[str, str]) -> tuple[Values, list[str]]:
        """The values of all settings, and the names of those that were wrong."""
        values: Values = {}
        wrong = []
        for name in self.settings.keys() & parts.keys():
            value, is_whole = _value(self.settings[name], parts[name])
            if value is not None:
                values[name] = value
            if not is_whole:
                wrong.append(name)
        defaults = self.defaults(values)
        return {name: values.get(name, defaults[name]) for name in self.settings}, wrong


@dataclass(frozen=True)
class Place:
    """A place of the page: what links to it may say, and the components that hold it."""

    linked: Linked
    reads: dict[str, Component]  # by name: its settings, and what else a program needs
    sets: Sequence[Component]
    updates: Callable[[Values], list]  # of `sets`, for the values of a link
    program: Callable[[Values], str]  # in Python, what the place shows
    browser: tuple[str, ...] = ()  # names of what no component holds: page/scripts/link.js
    shows: Callable[[Callable], None] = lambda opened: None  # shows, on this event, what it names


@dataclass(frozen=True)
class Opened:
    place: str
    values: Values
    wrong: list[str]  # names of settings whose values were ignored
    unknown: bool  # whether the link has parts that this page doesn't know


def read(text: object, known: Iterable[Linked], beside: Iterable[str] = ()) -> Opened:
    """A link's place and values. `beside` are parts that someone else reads. Raises Refusal."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise Refusal("link_long")
    place, _, query = text.partition("?")
    linked = next((each for each in known if each.place == place), None)
    if linked is None:
        raise Refusal("link_unknown")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARTS)
    except ValueError as error:
        raise Refusal("link_long") from error
    parts = dict(pairs)
    if parts.pop("v", VERSION) != VERSION:
        raise Refusal("link_version")
    values, wrong = linked.read(parts)
    unknown = parts.keys() - linked.settings.keys() - set(beside)
    return Opened(place, values, wrong, bool(unknown))


def _takes(setting: Setting, value: object) -> bool:
    try:
        setting.check(value)
    except WrongSetting:
        return False
    return True


def _text(setting: Setting, value: Any) -> str:
    """A setting's value as it stands in a link."""
    if setting.many:
        return ",".join(map(str, value))
    if setting.kind is bool:
        return str(int(bool(value)))
    if setting.kind is float:
        return repr(float(value)).removesuffix(".0")
    return str(value)


def _value(setting: Setting, text: str) -> tuple[object, bool]:
    """The value that a text stands for, None if there is none; and whether all of it is right. Of
    a list, what is wrong is left out."""
    if setting.many and not setting.pair:
        items = [setting.kind(item) for item in text.split(",") if item]
        right = tuple(dict.fromkeys(item for item in items if _takes(setting, [item])))
        is_whole = len(right) == len(items) and bool(items or not text)
        return (right if right or not text else None), is_whole
    if setting.kind is bool:
        text = {"0": "false", "1": "true"}.get(text, text)
    value = setting.read(text) if text.isascii() else text
    return (value, True) if _takes(setting, value) else (None, False)
