"""Networks on a Ray cluster of two nodes: the same pictures, also when a node is lost."""

import os
import sys
import time
from contextlib import ExitStack

import gradio as gr
import numpy as np
import pytest
import torch
import yaml

import ddpm
from devtools import ROOT, faults
from devtools.visit import ASKED, RECIPE, VISITOR, visitor
from page.jobs import run_queue
from page.models.registry import Request, begun
from page.tabs.train import run as training
from page.tabs.train.recipe import Recipe

ray = pytest.importorskip("ray", reason="Ray is an extra: pip install '.[ray]'")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def cluster():
    from ray import serve
    from ray.cluster_utils import Cluster

    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    os.environ["RAY_ADDRESS"] = found.address
    yield found
    serve.shutdown()
    ray.shutdown()
    found.shutdown()
    del os.environ["RAY_ADDRESS"]


@pytest.fixture(scope="module")
def compute(cluster):
    from page.compute.ray_cluster import RayCluster

    cluster.add_node(num_cpus=1)
    return RayCluster()


def test_pictures_are_the_same_bit_for_bit(compute):
    requests = [Request(**ASKED | {"model": "shipped", "seed": seed}) for seed in (1, 9)]
    for mine, step in zip(
        compute.trajectory(begun, None, *requests)[1], begun(None, *requests)[1], strict=True
    ):
        assert (mine.i, mine.t) == (step.i, step.t) and torch.equal(mine.x, step.x)


@pytest.mark.parametrize("error", [gr.Error("No<br>不"), ddpm.TrainingDiverged("no")])
def test_errors_come_back_with_their_type_and_words(compute, error):
    steps = compute._sampler.stream(faults.fails, error)
    assert next(steps) == 1
    with pytest.raises(type(error)) as found:
        next(steps)
    assert type(found.value) is type(error) and str(found.value) == str(error)


def test_what_is_left_is_closed_there(compute, tmp_path):
    steps = compute._sampler.stream(faults.counts, tmp_path / "closed")
    assert [next(steps) for _ in range(3)] == [0, 1, 2]
    steps.close()
    for _ in range(600):  # Serve cancels it in its own time
        if (tmp_path / "closed").exists():
            return
        time.sleep(0.1)
    pytest.fail("it goes on")


def test_a_sampling_whose_node_is_lost_goes_on_elsewhere(cluster, compute):
    steps = compute._sampler.stream(faults.counts)
    assert [next(steps) for _ in range(3)] == [0, 1, 2]
    (first,) = cluster.worker_nodes
    cluster.add_node(num_cpus=1)
    cluster.remove_node(first, allow_graceful=False)
    assert [next(steps) for _ in range(3)] == [3, 4, 5]
    steps.close()


@pytest.fixture
def trained(compute, monkeypatch, tmp_path, warned):
    """`trained(**recipe)`: the updates of a training there, on pictures of the visitor's own."""
    monkeypatch.setattr(training, "COMPUTE", compute)
    monkeypatch.setattr(training, "KEEP_S", 0.0)
    np.save(own := str(tmp_path / "own.npy"), np.zeros((24, 1, 28, 28), np.uint8))
    return lambda **recipe: training.run(VISITOR, Recipe(**RECIPE | recipe), "own", own)


def test_page_servers_have_one_line_which_outlives_its_actor(compute, monkeypatch):
    """What tests/page/jobs/test_shared_line.py holds of a line, through an actor that is lost."""
    from page.compute.ray_cluster import SharedLine

    pools = [run_queue.Pool(1, 9, budget_s=60.0, typical_s=8.0) for _ in range(2)]
    for pool in pools:
        monkeypatch.setattr(pool, "line", SharedLine("test", pool.line))
    with ExitStack() as turns:
        first = turns.enter_context(pools[0].turn("run", visitor("a1")))
        with pools[1].turn("run", visitor("a2")) as second:
            assert [pools[0].ahead(first), pools[1].ahead(second)] == [0, 1]
            ray.kill(pools[0].line._there, no_restart=False)
            for pool in pools:
                pool.look()
            assert [pools[0].ahead(first), pools[1].ahead(second)] == [0, 1]
            turns.close()
            pools[1].look()
            assert second.called.is_set() and pools[1].ahead(second) == 0


def test_a_training_that_is_lost_goes_on_from_what_was_kept(cluster, trained):
    cluster.add_node(num_cpus=1)  # the other one's core samples
    updates = trained(steps=60)
    for report, _ in updates:
        if report and report["phase"] == "training":
            ray.kill(training._runs[VISITOR.session_hash]._training._there)
            break
    *_, (before, _) = updates
    assert before["phase"] == "stopped" and before["step"] < 60
    *_, (after, file) = training.go_on(VISITOR, before["stopped"])
    assert after["phase"] == "done"
    assert ddpm.load_checkpoint(file, "cpu").info["steps"] == 60


def test_the_configuration_is_one_that_serve_takes():
    from ray.serve.schema import ServeDeploySchema

    asked = yaml.safe_load((ROOT / "deploy/ray.yaml").read_text("utf-8"))
    (app,) = ServeDeploySchema(**asked).applications
    from page.compute import ray_cluster

    assert app.name == ray_cluster.NAME and app.deployments[0].name == ray_cluster.Sampler.name
