"""The sub-commands of `ddpm`, each a file with `add`."""
