"""What a settings dataclass says of its fields: meaning, range and choices, declared once.

A field made by `setting` carries them. The command line, the page and every check read them
through `settings_of`, so that none of the three can disagree with the others.
"""

import dataclasses
import importlib
import types
import typing
from collections.abc import Collection
from dataclasses import MISSING, dataclass, field
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One field: its type, its meaning and the values it takes."""

    name: str
    kind: type  # bool, int, float or str; of each item where `many`
    about: str
    default: object = MISSING
    low: float | None = None  # least and greatest number, both allowed
    high: float | None = None
    step: float | None = None  # between the values that a slider offers; None to type them
    table: str | Collection | None = None  # the choices, or where they are: "schedules.SCHEDULES"
    form: str | None = None  # where a test for texts beyond the choices is: "schedules.is_schedule"
    most: int | None = None  # characters of a text
    many: bool = False  # a tuple or list of values
    pair: bool = False  # of two, the lower first
    optional: bool = False  # None is a value too

    @property
    def choices(self) -> tuple | None:
        """What can be chosen from; None if this setting is not a choice."""
        table = _of_core(self.table) if isinstance(self.table, str) else self.table
        return None if table is None else tuple(table)

    @property
    def expected(self) -> str:
        """The values it takes, in words: "a whole number from 1 to 64"."""
        if self.choices is not None:
            words = f"one of {', '.join(map(str, self.choices))}"
            words += ", or its text form" if self.form else ""
        elif self.low is not None:
            number = "a whole number" if self.kind is int else "a number"
            words = f"{number} from {self.low} to {self.high}"
        else:
            words = {bool: "true or false", str: "text"}[self.kind]
            words += f" of at most {self.most} characters" if self.most else ""
        if self.many:
            words = f"(low, high), each {words}" if self.pair else f"a list, each {words}"
        return f"{words}, or none" if self.optional else words

    def check(self, value: object) -> None:
        """Raise WrongSetting unless the setting takes this value."""
        if value is None and self.optional:
            return
        values: Any = value if self.many else [value]
        if not isinstance(values, list | tuple) or not all(map(self._takes, values)):
            raise WrongSetting(self, value)
        if self.pair and (len(values) != 2 or values[0] > values[1]):
            raise WrongSetting(self, value)
        if self.choices is not None:
            listed = sum(each in self.choices for each in values)
            if max(listed, len(values) - listed) > len(self.choices):  # some of them twice
                raise WrongSetting(self, value)

    def _takes(self, value: object) -> bool:
        if self.choices is not None:
            if not isinstance(value, self.kind):
                return False
            return value in self.choices or bool(self.form and _of_core(self.form)(value))
        if self.most is not None and isinstance(value, str) and len(value) > self.most:
            return False
        if self.low is None or self.high is None:
            return isinstance(value, self.kind)
        number = isinstance(value, int if self.kind is int else int | float)
        return number and not isinstance(value, bool) and self.low <= value <= self.high

    def read(self, text: str) -> object:
        """The value that a text stands for; a text that stands for none is left for `check`."""
        if self.optional and text == "none":
            return None
        try:
            if self.many:
                return tuple(self.kind(part) for part in text.split(","))
            if self.kind is bool:
                return {"true": True, "false": False}.get(text.lower(), text)
            return self.kind(text)
        except ValueError:
            return text


def _of_core(path: str) -> Any:
    """What stands in this package under a name like "schedules.SCHEDULES"."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"ddpm.{module}"), name)


class WrongSetting(ValueError):
    """A value that a setting does not take: names the setting, what it takes and what came."""

    def __init__(self, setting: Setting, value: object):
        shown = repr(value)
        shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
        super().__init__(f"{setting.name} must be {setting.expected}, not {shown}")
        self.setting = setting


def setting(
    default: object = MISSING,
    about: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    choices: str | Collection | None = None,
    form: str | None = None,
    most: int | None = None,
) -> Any:
    """A dataclass field that knows its meaning, its range or its choices.

    `choices` is a collection, or names one of this package, "schedules.SCHEDULES", which is looked
    up when it is shown or checked. `form` names a function of this package that says whether a text
    which is none of the choices stands for a value too. A text has at most `most` characters.
    """
    what = {"about": about, "low": low, "high": high, "step": step, "table": choices, "form": form}
    return field(default=default, metadata=what | {"most": most})


def like(cls: type, name: str, default: object = MISSING, **changes) -> Any:
    """The field `name` of the settings dataclass `cls` again: the same meaning and choices, with
    another default, `low`, `high` or `step`."""
    known = cls.__dataclass_fields__[name]
    default = known.default if default is MISSING else default
    return field(default=default, metadata={**known.metadata, **changes})


@cache  # asked at every check
def settings_of(cls: type) -> dict[str, Setting]:
    """The settings of a dataclass by name, in the order of its fields."""
    hints = typing.get_type_hints(cls)
    return {
        f.name: Setting(f.name, default=f.default, **_shape(hints[f.name]), **f.metadata)
        for f in dataclasses.fields(cls)
        if "about" in f.metadata
    }


def _shape(hint) -> dict:
    """`kind`, `many`, `pair` and `optional` of a field annotated int, tuple[int, ...],
    tuple[int, int], int | None, …"""
    optional = isinstance(hint, types.UnionType)
    if optional:
        (hint,) = (part for part in typing.get_args(hint) if part is not types.NoneType)
    many = typing.get_origin(hint) in (tuple, list)
    kind, *others = typing.get_args(hint) if many else (hint,)
    return {"kind": kind, "many": many, "pair": kind in others, "optional": optional}


def check_settings(instance) -> None:
    """Raise WrongSetting if a field of a settings dataclass has a value that it does not take."""
    for name, known in settings_of(type(instance)).items():
        known.check(getattr(instance, name))
