"""What a run has learned is saved once, whoever comes first: the run or the end of the server."""

import errno
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from unittest.mock import Mock

import gradio as gr
import pytest
import torch
from gradio.utils import deep_hash

import ddpm
from devtools.visit import RECIPE, VISITOR, visitor
from page.compute import this_process
from page.jobs import run_queue
from page.models import registry as models
from page.models.registry import Request, trajectory
from page.server import work
from page.server.files import result_files
from page.server.limits import Limits
from page.server.machine import disk
from page.tabs.train import endpoint
from page.tabs.train import run as training
from page.tabs.train import tab as train_tab
from page.tabs.train.recipe import Recipe

STEP = 3


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    monkeypatch.setattr(result_files, "STORE", result_files.ResultStore())
    monkeypatch.setattr(work, "closing", threading.Event())


def run(**changes):
    return training.run(VISITOR, Recipe(**RECIPE | changes), "fashion", None)


@pytest.fixture
def long_step(monkeypatch):
    """Step 4 of the run is under way, in a thread, for as long as the test wants."""
    clean = this_process.batches
    reached, go_on = threading.Event(), threading.Event()

    def slow(*args, **kwargs):
        for k, batch in enumerate(clean(*args, **kwargs)):
            if k == STEP:
                reached.set()
                go_on.wait(60)
            yield batch

    monkeypatch.setattr(this_process, "batches", slow)
    with ThreadPoolExecutor(1) as thread:
        updates = thread.submit(list, run(steps=5000))
        assert reached.wait(60)
        try:
            yield lambda: (go_on.set(), updates.result(60))[-1]
        finally:
            go_on.set()
            training.ask_to_stop(VISITOR)


def test_the_end_saves_the_last_whole_step_without_waiting_for_the_next(long_step, tmp_path):
    assert training.end_all(tmp_path / "kept") == 1
    (path,) = (tmp_path / "kept").iterdir()
    kept = ddpm.load_checkpoint(path, "cpu")
    assert kept.info["steps"] == STEP
    config = Recipe(**RECIPE | {"steps": 5000}).config()
    for expected in ddpm.fit(config, *training.data()[1:]):
        if expected.step == STEP:
            break
    found, expected = (each.model.network.state_dict() for each in (kept, expected))
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_a_run_that_meets_the_end_of_the_server_before_it_is_asked_says_stopped(long_step):
    work.close()  # end_all follows, a step later
    report, _ = long_step()[-1]
    assert report["phase"] == "stopped"


def test_a_run_saved_at_the_end_is_not_copied_there_again(long_step, tmp_path):
    """Its visitor gets a file all the same."""
    assert training.end_all(tmp_path / "kept") == 1
    assert training.end_all(tmp_path / "kept") == 0
    report, model = long_step()[-1]
    assert report["phase"] == "stopped"
    assert models.chosen(model, "trained").info["steps"] == STEP + 1
    assert result_files.STORE.rescue("train", tmp_path / "kept") == 0
    assert len([*(tmp_path / "kept").iterdir()]) == 1


def test_a_run_that_saved_its_model_leaves_it_to_be_copied(tmp_path):
    updates = run()
    for _, model in updates:
        if model is not None:
            break
    assert training.end_all(tmp_path / "kept") == 0  # still at work, for the generator is not done
    assert result_files.STORE.rescue("train", tmp_path / "kept") == 1
    updates.close()


def test_a_run_in_line_gets_no_turn_when_the_server_ends(all_places_taken, tmp_path):
    with all_places_taken():
        updates = run()
        assert next(updates)[0]["phase"] == "waiting"
        work.close()
    assert [*updates] == [({"phase": "left"}, None)]
    assert training.end_all(tmp_path) == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_model_that_cannot_be_stored_stays_usable(monkeypatch, warned, number):
    """The visitor is warned without the server's own words; there is nothing to download."""
    error = OSError(number, "No room", "/secret/folder")
    monkeypatch.setattr(result_files.STORE, "folder", Mock(side_effect=error))
    *_, (_, model, download, use) = train_tab.show_run(VISITOR, *RECIPE.values(), "fashion", None)
    assert download["value"] is None and not download["interactive"] and use.interactive
    (warning,) = warned
    assert "secret" not in warning and "Errno" not in warning
    assert "nothing to download" in warning and "无法下载" in warning
    assert ("full" in warning and "已满" in warning) == (number == errno.ENOSPC)
    chosen = models.chosen(model, "trained")
    assert chosen.info["steps"] == RECIPE["steps"]
    _, steps = trajectory(chosen, Request("trained", 1, 2, "ddim", 5, "cosine", 1.0, 0))
    assert all(step.x.isfinite().all() for step in steps)
    report, checkpoint, trained = [*endpoint.train(VISITOR, *RECIPE.values(), "fashion", None)][-1]
    assert report["phase"] == "done" and checkpoint is None
    assert isinstance(trained, ddpm.Checkpoint)
    deep_hash(trained)  # as Gradio does, to see whether the model has changed


@pytest.mark.parametrize(
    ("fault", "english", "chinese"),
    [("disk_full", "disk is full", "磁盘已满"), ("disk_read_only", "can't write", "不可写入")],
)
def test_a_bad_disk_is_named_before_a_run_starts(monkeypatch, fault, english, chinese):
    monkeypatch.setattr(disk, "fault", lambda folder: fault)
    with pytest.raises(gr.Error) as error:
        next(run())
    assert english in error.value.message and chinese in error.value.message
    assert not training._runs and not run_queue.TRAINING.counts()["at_work"]


def test_another_server_goes_on_with_a_model_that_is_shared(tmp_path, monkeypatch):
    monkeypatch.setattr(result_files, "LIMITS", Limits(results=str(tmp_path / "shared")))
    *_, (_, model) = run()
    shutil.rmtree(tmp_path / "files")  # the first server has ended
    monkeypatch.setattr(result_files, "STORE", result_files.ResultStore())
    back, download, use = train_tab.bring_back(visitor("reloaded"), model)
    assert back != model and Path(back).name == Path(model).name and use.interactive
    assert download.value["path"] == back and download.interactive
    assert models.chosen(back, "trained").info["steps"] == RECIPE["steps"]
    assert train_tab.bring_back(visitor("reloaded"), back)[0] == back  # it is here now
    unknown = train_tab.bring_back(visitor("reloaded"), f"{tmp_path}/{'0' * 32}/{Path(back).name}")
    assert unknown[1].value is None and not unknown[1].interactive


def test_another_server_goes_on_with_a_run_whose_server_has_ended(tmp_path, monkeypatch):
    """From what was kept, by one name for all of the run, which is gone when that ends."""
    shared = tmp_path / "shared"
    monkeypatch.setattr(result_files, "LIMITS", Limits(results=str(shared)))
    monkeypatch.setattr(training, "KEEP_S", 0.0)
    updates = run(steps=30)
    kept = [report for report, _ in islice(updates, 20) if report and report.get("kept")]
    assert len(kept) > 1 and len({report["kept"] for report in kept}) == 1
    assert len([*shared.iterdir()]) == 1
    monkeypatch.setattr(result_files, "STORE", result_files.ResultStore())  # the other server's
    *_, (report, _) = training.go_on(visitor("reloaded"), kept[-1]["kept"])
    assert (report["phase"], report["step"], report["run"]) == ("done", 30, kept[-1]["run"])
    assert report["curve"]["raw"][: len(kept[0]["curve"]["raw"])] == kept[0]["curve"]["raw"]
    updates.close()
    assert not [*shared.glob("*stopped*")]
    with pytest.raises(gr.Error, match="can no longer be continued"):
        next(training.go_on(visitor("reloaded"), kept[-1]["kept"]))
