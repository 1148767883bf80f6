"""A Space's requirements.txt: the page's dependencies, pinned to constraints.txt.

Hugging Face may rebuild a Space at any time; pins keep it as tested.
"""

import re

ZERO_GPU = {"torch": "2.11.0"}  # the newest that ZeroGPU lists
FROM_THE_SPACE = {"gradio", "spaces"}  # preinstalled; sdk_version picks gradio's release
CPU_INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"  # PyTorch without CUDA


def space_requirements(constraints: str, hardware: str) -> str:
    """The contents of the file for a Space on `hardware`, such as "cpu-basic" or "zero-a10g".

    `constraints` is what `make pins` writes: "name==version ; marker  # via who needs it".
    """
    pins = [re.split(r"\s*# via ", line) for line in constraints.splitlines() if "==" in line]
    parents = {_name(pin): set(via.split(", ")) for pin, via in pins}
    # leave out what only torch needs: it is pinned for another release of torch
    needed, before = {"-r requirements.txt"}, set()
    while needed != before:
        before = needed
        needed = needed | {name for name in parents if parents[name] & (needed - {"torch"})}
    lines = [CPU_INDEX] if hardware.startswith("cpu") else []
    for pin, _ in pins:
        if (name := _name(pin)) in ZERO_GPU:
            lines.append(f"{name}=={ZERO_GPU[name]}")
        elif name in needed - FROM_THE_SPACE:
            lines.append(pin)
    return "\n".join(lines) + "\n"


def _name(pin: str) -> str:
    return pin.partition("==")[0]
