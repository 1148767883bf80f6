"""The pretrained model's wider sister: nearer to real garments, and slower."""

from __future__ import annotations

from typing import ClassVar

from ddpm.files import SHIPPED
from page.models.guides import GUIDES, offered, worse
from page.models.pretrained import Pretrained


class Large(Pretrained):
    name, about = "large", "a wider one, nearer to real garments and slower"
    order, joined = 5, 80
    file = SHIPPED / "fashion_mnist_large.safetensors"
    guides: ClassVar = offered({**GUIDES, "worse": worse("fashion_mnist_large_early", 1.5)})
    ways: ClassVar = {}  # of Compare's calls, which the pretrained one draws


MODEL = Large()
