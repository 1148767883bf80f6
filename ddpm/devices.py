"""Where to compute."""

import torch


def best_device() -> torch.device:
    """cuda or mps if there is one, otherwise the CPU."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def chosen_device(device: torch.device | str | None) -> torch.device:
    """The device of this name, the best one for None. ValueError if there is none such here."""
    if device is None:
        return best_device()
    try:
        return torch.empty(0, device=device).device  # "cuda" is "cuda:0" once a tensor is there
    except (AssertionError, RuntimeError, TypeError) as error:
        known = " or ".join(sorted({"cpu", best_device().type}))
        raise ValueError(f"device must be one of this machine, {known}, not {device!r}") from error
