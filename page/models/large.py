"""The pretrained model's wider sister: nearer to real garments, and slower."""

from __future__ import annotations

from typing import ClassVar

from ddpm.files import SHIPPED
from page.models.pretrained import Pretrained


class Large(Pretrained):
    name, about = "large", "a wider one, nearer to real garments and slower"
    order, joined = 5, 80
    file = SHIPPED / "fashion_mnist_large.safetensors"
    ways: ClassVar = {}  # of Compare's calls, which the pretrained one draws


MODEL = Large()
