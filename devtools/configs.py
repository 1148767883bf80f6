"""A config with some settings at other values."""

from dataclasses import replace

from ddpm.config import Config


def altered(config: Config, **parts: dict) -> Config:
    """altered(config, train={"steps": 1})"""
    return replace(config, **{k: replace(getattr(config, k), **new) for k, new in parts.items()})
