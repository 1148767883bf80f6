"""`ddpm` in several processes that are joined over gloo, as `accelerate launch` starts them."""

import glob
import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import torch

from ddpm.__main__ import main
from devtools.server import free_port

# each process is forked from one that has imported everything, but has never trained
FRESH = multiprocessing.get_context("forkserver")
IMPORTED = ("accelerate", "ddpm.training.run", "torch._dynamo", "torchmetrics", __name__)
# for those that a launcher starts, too
ENV = {"ACCELERATE_USE_CPU": "true", "ACCELERATE_MIXED_PRECISION": "no", "OMP_NUM_THREADS": "1"}


def start(count: int, out: Path, *command: object) -> list[ForkServerProcess]:
    """Processes for this command of `ddpm`; number k prints to `out`/k.out and k.err."""
    told = ENV | {"WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port()}
    processes = []
    FRESH.set_forkserver_preload([*IMPORTED])
    for k in range(count):
        env = {name: str(value) for name, value in (told | {"RANK": k, "LOCAL_RANK": k}).items()}
        argv = ["ddpm", *map(str, command)]
        # daemons, so that one that never ends ends with a test that failed
        processes.append(FRESH.Process(target=_main, args=(env, argv, out / f"{k}"), daemon=True))
        processes[-1].start()
    return processes


def run(count: int, out: Path, *command: object) -> str:
    """What the first of them printed, when all have ended well."""
    started = start(count, out, *command)
    for process in started:
        process.join()
    errors = [(out / f"{k}.err").read_text() for k in range(count)]
    assert [process.exitcode for process in started] == [0] * count, errors
    return (out / "0.out").read_text()


def _main(env: dict[str, str], argv: list[str], output: Path) -> None:
    os.environ.update(env)
    torch.set_num_threads(1)
    sys.modules["openvino"] = None  # pyright: ignore[reportArgumentType]  # to compile takes longer
    for stream, suffix in ((sys.stdout, ".out"), (sys.stderr, ".err")):
        with output.with_suffix(suffix).open("w") as file:
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = argv
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # one that wants the interpreter's lock while it shuts down would abort the process
    threads = [Path(path).read_text() for path in glob.glob("/proc/self/task/*/comm")]
    assert code or not [name for name in threads if "gloo" in name], threads
    sys.exit(code)
