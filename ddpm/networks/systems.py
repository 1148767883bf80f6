"""Which networks belong together: how a file, or the folder of a run, says what it is."""

from __future__ import annotations

# All the networks of a system: what loads a file of them, and the command that trains them.
SYSTEMS = {
    ("unet",): ("load_checkpoint", "train"),
    ("classifier",): ("NoisyClassifier.load", "train-classifier"),
    ("unet", "super_resolution"): ("Cascade.load", "train-cascade"),
    ("text_unet", "text_super_resolution"): ("TextToImage.load", "train-text"),
    ("contrastive_pair", "prior", "decoder"): ("UnClip.load", "train-unclip"),
}


def networks_of(values: dict) -> tuple[str, ...]:
    """The networks in a configuration, as `to_dict` gives it: a key of `SYSTEMS` if it is whole."""
    parts = [values] if "unet" in values else values.values()
    return tuple(part.get("network", "unet") for part in parts)


def what_it_is(networks: tuple[str, ...]) -> str:
    """What a file of these networks is, for whoever took it for another."""
    listed = " and ".join(map(repr, networks))
    if networks in SYSTEMS:
        return f"it holds {listed}: load it with ddpm.{SYSTEMS[networks][0]}"
    for whole, (loader, _) in SYSTEMS.items():
        if {*networks} < {*whole}:
            return f"it holds {listed} alone, a part of what ddpm.{loader} loads"
    return f"it holds {listed}, which nothing here loads"
