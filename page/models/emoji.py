"""Emoji: a network for pictures in colour, beside those for garments."""

from typing import ClassVar

from ddpm.data.emoji import EMOJI
from ddpm.files import SHIPPED
from page.models.pretrained import OneNetwork


class Emoji(OneNetwork):
    name, about = "emoji", "one that draws emoji in colour"
    order, joined = 55, 70
    file = SHIPPED / "emoji.safetensors"
    data = EMOJI.name
    ignores, of_a_picture = ("picture", "noise"), ()  # a sketch is grey, and of another size
    guides: ClassVar = {"labels": None}
    compared = False


MODEL = Emoji()
