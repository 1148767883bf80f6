"""Two page servers and one Ray cluster of two nodes, on this machine; one node is killed midway.

    python -m benchmarks.ray_cluster                     # 1,000 samplings from 50 clients
    python -m benchmarks.ray_cluster --nodes 1 --no-kill # what one sampler does, for comparison

Needs `pip install ".[ray]"`. Each client is a program that asks /generate for four pictures by two
calls of the student, with a seed that nobody else has, and its answer is compared with what this
process draws. Each node has one core for one sampler. Last, a hundred trajectories are compared
number by number.
"""

import argparse
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import ray
import torch
from gradio_client import Client
from ray.cluster_utils import Cluster

import ddpm
from devtools import ROOT
from devtools.server import App, running_app
from devtools.visit import picture_of

ASKED = {"model": "student", "sampler": "consistency", "steps": 2, "count": 4}
COMPARED = 100  # trajectories, number by number


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--samplings", type=int, default=1000)
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--nodes", type=int, default=2)
    options.add_argument("--no-kill", action="store_true")
    args = options.parse_args()
    os.environ |= {
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        "DDPM_COMPUTE": "ray",
    }
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    os.environ["RAY_ADDRESS"] = cluster.address
    nodes = [cluster.add_node(num_cpus=1) for _ in range(args.nodes)]
    try:
        with running_app() as one, running_app() as two:
            print(f"{args.nodes} node(s) with a core each, two page servers")
            kill = None if args.no_kill else lambda: cluster.remove_node(nodes[-1], False)
            ask_all([one, two], args.samplings, args.clients, kill)
            compare()
    finally:
        ray.shutdown()
        cluster.shutdown()


def ask_all(apps: list[App], count: int, clients: int, kill) -> None:
    answers: dict[int, list[list[np.ndarray]]] = {seed: [] for seed in range(count)}
    errors: list[str] = []
    opened = [Client(apps[k % len(apps)].url, verbose=False) for k in range(clients)]
    own = threading.local()
    left = iter(opened)
    begin, done = time.monotonic(), 0

    def ask(seed: int) -> None:
        nonlocal done
        client = own.client = getattr(own, "client", None) or next(left)
        try:
            pictures, *_ = client.predict(**ASKED, seed=seed, api_name="/generate")
            answers[seed].append([np.asarray(picture_of(each), np.int16) for each in pictures])
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}"[:200])
        done += 1
        if kill and done == count // 2:
            print(f"a node is killed after {done} answers, {time.monotonic() - begin:.0f} s")
            threading.Thread(target=kill).start()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, range(count)))
    seconds = time.monotonic() - begin
    drawn = [sum(run["ended"] == "done" for run in app.logged("sample")) for app in apps]
    worst = max(_difference(found[0], seed) for seed, found in answers.items() if found)
    once = sum(len(found) == 1 for found in answers.values())
    print(
        f"{count} samplings asked for by {clients} clients: {once} answered once, "
        f"{len(errors)} errors {sorted(set(errors))[:3]}; the servers drew {drawn}; "
        f"{seconds:.0f} s, {once / seconds:.2f} a second; "
        f"at most {worst} of 255 levels from this process's"
    )


def _difference(found: list[np.ndarray], seed: int) -> int:
    last = list(_steps(seed)[1])[-1].x
    expected = [np.asarray(ddpm.to_pil(x), np.int16) for x in last]
    return max(int(abs(a - b).max()) for a, b in zip(found, expected, strict=True))


def _steps(seed: int, through=None):
    from page.models.registry import Request, begun

    asked = {"label": -1, "schedule": "cosine", "guidance": 1.0} | ASKED | {"seed": seed}
    request = Request(**asked)
    system = request.kind.load(None)
    request = request.kind.suited(request, system)
    return through(begun, system, request) if through else begun(system, request)


def compare() -> None:
    """Trajectories of the cluster beside this process's."""
    from page.compute.ray_cluster import RayCluster

    far = RayCluster()
    worst = 0.0
    for seed in range(COMPARED):
        x, steps = _steps(seed, far.trajectory)
        here_x, here = _steps(seed)
        pairs = [(x, here_x), *((a.x, b.x) for a, b in zip(steps, here, strict=True))]
        worst = max(worst, *(float((a - b).abs().max()) for a, b in pairs))
    print(f"{COMPARED} trajectories: at most {worst:.1e} from this process's")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
