"""Several processes that `accelerate launch` started for one command, or the one that there is."""

import os
from collections.abc import Sequence
from typing import Any

import torch

from ddpm.devices import best_device


def count() -> int:
    """How many there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def number() -> int:
    """Which of them this is, from 0. The first call joins the others, and takes a GPU of its own
    where there are some."""
    if count() == 1:
        return 0
    from accelerate import PartialState  # heavy: not for those who are alone

    return PartialState(cpu=best_device().type == "cpu").process_index


def wait() -> None:
    """Until all have come here."""
    if count() > 1:
        number()
        torch.distributed.barrier()


def share(items: Sequence) -> Sequence:
    """What this process has to do of all that is to be done: dealt out like cards."""
    return items[number() :: count()]


def gathered(own: list) -> list | None:
    """What all have done, in the order of before `share`; None in all but the first."""
    if count() == 1:
        return own
    hands: list[Any] | None = [None] * count() if number() == 0 else None
    torch.distributed.gather_object(own, hands)
    torch.distributed.barrier()  # nobody leaves while the first still reads
    if hands is None:
        return None
    return [hands[k % count()][k // count()] for k in range(sum(map(len, hands)))]


def lost(error: RuntimeError) -> bool:
    """Whether it says that another process has ended: so NCCL and gloo do."""
    return count() > 1 and (isinstance(error, torch.distributed.DistError) or "gloo" in str(error))


def end() -> None:
    """Call it once no network is left that trained: the group ends with the last one. A gloo thread
    that outlives the interpreter aborts the process, and threads end with their group."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
