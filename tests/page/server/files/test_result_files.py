"""How long result files are kept: the last few of each visit, on disk and over HTTP."""

import os
import shutil
import time

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file

from devtools.visit import visitor
from page.server.files import result_files
from page.server.limits import Limits
from page.tabs.noise import tab as noise_tab


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "new"))
    return result_files.ResultStore()


def put(store, visit, kind="film", size=10, address="192.0.2.1", work=0.0):
    with store.folder(kind, visitor(visit, address), work) as folder:
        (folder / "a.gif").write_bytes(bytes(size))
    return folder


def exist(folders):
    return [(folder / "a.gif").exists() for folder in folders]


def test_a_visit_replaces_only_its_own_results(store):
    other = put(store, "other")
    mine = [put(store, "mine") for _ in range(result_files.KEPT + 3)]
    assert exist([other, *mine]) == [True, *[False] * 3, *[True] * result_files.KEPT]
    assert not [folder for folder in mine[:3] if folder.exists()]
    assert len({*mine}) == len(mine)


def test_kinds_are_kept_apart(store):
    film = put(store, "mine", "film")
    for _ in range(result_files.KEPT + 1):
        put(store, "mine", "model")
    assert exist([film]) == [True]


def test_all_visits_share_a_size_limit_and_the_oldest_go_first(store):
    store = result_files.ResultStore(most=1000)
    small = [put(store, k, size=100) for k in range(10)]
    assert all(exist(small))
    more = [put(store, k, size=100) for k in range(3)]
    assert exist([*small, *more]) == [False] * 3 + [True] * 10


def test_large_results_are_deleted_before_those_of_small_visits(store):
    store = result_files.ResultStore(most=1000)
    little = put(store, "first", "model", size=200)
    much = [put(store, "second", "model", size=300) for _ in range(4)]
    assert exist([little, *much]) == [True, False, False, True, True]
    huge = put(store, "second", "film", size=800)
    assert exist([little, *much, huge]) == [True, *[False] * 4, True]
    third = put(store, "third", size=1)  # the one that takes all the room goes
    assert exist([little, huge, third]) == [True, False, True]


def test_one_address_takes_nothing_from_another(store):
    """However many sessions it has: 48 trainings of one made everybody's models go."""
    store = result_files.ResultStore(models=1000)
    mine = put(store, "mine", "train", size=100, address="192.0.2.7")
    foe = [put(store, f"foe {k}", "train", size=100) for k in range(48)]
    assert exist([mine, *foe]) == [True, *[False] * 39, *[True] * 9]
    film = put(store, "foe", "film", size=2000)  # which models don't make room for
    assert exist([mine, film]) == [True, True]


def test_a_model_that_took_a_minute_outlives_those_that_took_a_second(store):
    """Of one address, a school's: one of them trains ten steps again and again."""
    store = result_files.ResultStore(models=8000)
    school = [put(store, f"pupil {k}", "train", size=100, work=60) for k in range(50)]
    foe = [put(store, f"foe {k}", "train", size=100, work=1) for k in range(200)]
    assert all(exist(school)) and sum(exist(foe)) == 30
    assert exist(foe[-30:]) == [True] * 30  # its newest


def test_a_result_over_the_limit_stays_until_the_next(store):
    store = result_files.ResultStore(most=1000)
    folders = [put(store, "mine", size=size) for size in (10, 2000)]
    assert exist(folders) == [False, True]
    folders.append(put(store, "mine"))
    assert exist(folders) == [False, False, True]


def test_a_failed_result_leaves_nothing_and_deletes_nothing(store, tmp_path):
    kept = put(store, "mine")
    with pytest.raises(OSError, match="full"), store.folder("film", visitor("mine")) as folder:
        (folder / "a.gif").write_bytes(b"half of it")
        raise OSError("disk full")
    assert list((tmp_path / "new").iterdir()) == [kept] and exist([kept])


def test_models_can_be_rescued_at_shutdown(store, tmp_path):
    models = [put(store, k, "model", size=k) for k in range(1, 4)]
    put(store, 1, "film")
    shutil.rmtree(models[1])  # as when it has expired
    assert store.rescue("model", tmp_path / "kept") == 2
    assert sorted(file.stat().st_size for file in (tmp_path / "kept").iterdir()) == [1, 3]
    assert store.rescue("nothing", tmp_path / "none") == 0 and not (tmp_path / "none").exists()


def test_kept_models_are_limited_in_number_and_size_and_the_oldest_go(tmp_path):
    names = [f"{k}-ddpm-cosine-{k}-steps.safetensors" for k in range(5)]
    names[2] += ".12ab.part"  # of a process killed while it wrote
    for k, name in enumerate(names):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (k, k))
    (tmp_path / "mine.safetensors").write_bytes(bytes(1000))
    os.utime(tmp_path / "mine.safetensors", (0, 0))

    def left():
        return sorted(path.name for path in tmp_path.glob("*-ddpm-*"))

    result_files.delete_oldest(tmp_path, count=4, size=500)
    assert left() == names[1:]
    result_files.delete_oldest(tmp_path, count=4, size=250)
    assert left() == names[3:]
    result_files.delete_oldest(tmp_path, count=1, size=250)
    assert left() == names[4:] and (tmp_path / "mine.safetensors").exists()
    result_files.delete_oldest(tmp_path / "none", count=1, size=1)


@pytest.fixture
def model(store, tmp_path, monkeypatch):
    """A trained model at a server that shares its models."""
    monkeypatch.setattr(result_files, "LIMITS", Limits(results=str(tmp_path / "shared")))
    with store.folder("train", visitor("mine")) as folder:
        path = folder / "ddpm-cosine-7-steps.safetensors"
        path.write_bytes(b"weights")
    result_files.share(path)
    return path


def test_a_shared_model_outlives_its_server(model):
    shutil.rmtree(model.parent)
    copy = result_files.shared(str(model))
    assert copy is not None and copy.read_bytes() == b"weights"
    elsewhere = f"/other/server/{model.parent.name}/{model.name}"
    assert result_files.shared(elsewhere) == copy


def test_only_who_knows_a_models_path_finds_it(model, tmp_path):
    shared = tmp_path / "shared"
    (shared / "secret").write_text("x")
    (shared / f"{'0' * 32}-ddpm-secret").write_text("x")
    half = shared / f"{'1' * 32}-ddpm-a.safetensors.part"  # still being written
    half.write_text("x")
    for path in (
        "", "/", "..", "secret", str(shared / "secret"), f"{'0' * 32}/ddpm-secret",
        f"{'1' * 32}/{half.name[33:]}", f"{'1' * 32}/ddpm-a.safetensors", f"*/{model.name}",
        f"{model.parent.name}/../{model.name}", f"{model.parent.name}/{model.name}\0",
        f"{model.parent.name[:-1]}?/{model.name}", f"{model.parent.name}/ddpm-*.safetensors",
    ):  # fmt: skip
        assert result_files.shared(path) is None, path


def test_what_is_shared_goes_within_the_hour_and_the_oldest_when_it_is_too_much(model, tmp_path):
    shared = tmp_path / "shared"
    result_files.tidy_shared()
    assert result_files.shared(str(model))
    (oldest,) = shared.iterdir()
    now = time.time()
    os.utime(oldest, (now - 3500, now - 3500))
    result_files.tidy_shared()
    assert oldest.exists()
    others = [shared / f"{k:032x}-ddpm-cosine-1-steps.safetensors" for k in range(200)]
    for other in others:
        other.write_bytes(b"")
    result_files.tidy_shared()
    assert {*shared.iterdir()} == {*others}
    os.utime(others[0], (now - 3601, now - 3601))
    result_files.tidy_shared()
    assert {*shared.iterdir()} == {*others[1:]}


def test_without_a_shared_folder_nothing_is_shared(model, tmp_path, monkeypatch):
    monkeypatch.setattr(result_files, "LIMITS", Limits())
    shutil.rmtree(tmp_path / "shared")
    result_files.share(model)
    result_files.tidy_shared()
    assert result_files.shared(str(model)) is None and not (tmp_path / "shared").exists()


def test_a_client_can_fetch_only_its_last_results(shared_app):
    others = {*shared_app.files.rglob("*.gif")}
    client = Client(shared_app.url, verbose=False, download_files=False, analytics_enabled=False)
    addresses, sizes = [], []
    for seed in range(result_files.KEPT + 1):
        result = client.predict(
            image=handle_file(noise_tab.CAT), T=10, schedules=["cosine"], seed=seed,
            api_name="/forward_gif",
        )  # fmt: skip
        addresses.append(result["url"])
        sizes.append(len({*shared_app.files.rglob("*.gif")} - others))
    client.close()
    assert sizes == [*range(1, result_files.KEPT + 1), result_files.KEPT]
    first, *last = (httpx.get(address).status_code for address in addresses)
    assert first in (403, 404) and set(last) == {200}


def test_gradio_serves_results_without_copying_them(store):
    file = put(store, "mine") / "a.gif"
    assert gr.DownloadButton(value=str(file)).value["path"] == str(file)


def test_only_a_results_own_file_is_held(store, tmp_path):
    model = put(store, "mine", "train") / "a.gif"
    (secret := tmp_path / "secret").write_text("x")
    assert store.holds("train", str(model))
    assert not store.holds("film", str(model))  # of another kind
    for other in (secret, model.parent / ".." / secret.name, model.with_name("b"), ""):
        assert not store.holds("train", str(other))
    shutil.rmtree(model.parent)
    assert not store.holds("train", str(model))
