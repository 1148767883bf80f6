"""Random values of what a link may say, as a visitor could choose them on the page."""

import random

from ddpm.schedules.text_form import drawn_text
from ddpm.settings import Setting
from page.models.registry import KINDS, Request
from page.widgets.links import Linked, Values

LETTERS = "ab z&=#%+,~'\"<>\\靴👢é"


def random_values(linked: Linked, chance: random.Random) -> Values:
    """Each setting has its default, or any other value that it takes; of the ways to draw only the
    model's own."""
    chosen: Values = {}
    for name, setting in linked.settings.items():
        if chance.random() < 0.5:
            chosen[name] = _value(setting, chance)
    values = linked.defaults(chosen) | chosen
    if linked.place == "noise":
        T, schedules = values["T"], values["schedules"]
        values["t"] = chance.randrange(T)
        names = [each.split("~")[0] for each in schedules]
        values["hidden"] = tuple(name for name in names if chance.random() < 0.3)
    if "model" in values:
        names = ("sampler", "steps", "guidance", "guided_by", "schedule")
        way = {name: values[name] for name in names}
        model = KINDS[values["model"]]
        own = model.fitted(Request(**way), model.load(None))
        values |= {name: getattr(own, name) for name in way}
        if values.get("label", 0) >= len(model.classes(None)):  # emoji have one fewer
            values["label"] = linked.settings["label"].default
        if "start" in values and "picture" not in model.heeds:
            values["start"] = "noise"
    return values


def drawn_schedule(chance: random.Random) -> str:
    count = chance.randint(2, 32)
    us = sorted(chance.sample(range(1, 1000), count))
    levels = sorted((chance.uniform(-20, 20) for _ in range(count)), reverse=True)
    return drawn_text([(u / 1000, level) for u, level in zip(us, levels, strict=True)])


def _value(setting: Setting, chance: random.Random) -> object:
    if setting.choices is not None:
        choices = list(setting.choices)
        if setting.many:
            some = [each for each in choices if chance.random() < 0.5]
            return tuple(some + ([drawn_schedule(chance)] if setting.form else []))
        if setting.form and chance.random() < 0.3:
            return drawn_schedule(chance)
        return chance.choice(choices)
    if setting.pair:
        low, high = setting.low, setting.high
        return tuple(sorted(chance.randint(int(low), int(high)) for _ in range(2)))
    if setting.kind is bool:
        return chance.random() < 0.5
    if setting.most is not None:
        return "".join(chance.choices(LETTERS, k=chance.randint(0, setting.most)))
    assert setting.low is not None and setting.high is not None
    if setting.step is None and setting.kind is float:
        return float(f"{chance.uniform(setting.low, setting.high):.4g}")
    step = setting.step or 1
    return setting.kind(
        setting.low + step * chance.randint(0, int((setting.high - setting.low) / step))
    )
