"""How long the files of results stay: the last few of each visit, on disk and over HTTP."""

import shutil
from types import SimpleNamespace

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file

from page.server import result_files
from page.tabs.noise import tab as noise_tab


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "new"))
    return result_files.ResultStore()


def put(store, visit, kind="film", size=10):
    with store.folder(kind, SimpleNamespace(session_hash=visit)) as folder:
        (folder / "a.gif").write_bytes(bytes(size))
    return folder


def there(folders):
    return [(folder / "a.gif").exists() for folder in folders]


def test_a_visit_keeps_its_last_results_and_no_other_visit_s(store):
    other = put(store, "other")
    mine = [put(store, "mine") for _ in range(result_files.KEPT + 3)]
    assert there([other, *mine]) == [True, *[False] * 3, *[True] * result_files.KEPT]
    assert not [folder for folder in mine[:3] if folder.exists()]
    assert len({*mine}) == len(mine)


def test_kinds_are_kept_apart(store):
    film = put(store, "mine", "film")
    for _ in range(result_files.KEPT + 1):
        put(store, "mine", "model")
    assert there([film]) == [True]


def test_all_visits_together_keep_so_many_bytes_and_the_oldest_go_first(store, monkeypatch):
    monkeypatch.setattr(result_files, "MAX_BYTES", 1000)
    small = [put(store, k, size=100) for k in range(10)]
    assert all(there(small))
    more = [put(store, k, size=100) for k in range(3)]
    assert there([*small, *more]) == [False] * 3 + [True] * 10


def test_who_has_much_takes_nothing_from_who_has_little(store, monkeypatch):
    monkeypatch.setattr(result_files, "MAX_BYTES", 1000)
    little = put(store, "first", "model", size=200)
    much = [put(store, "second", "model", size=300) for _ in range(4)]
    assert there([little, *much]) == [True, False, False, True, True]
    huge = put(store, "second", "film", size=2000)
    assert there([little, *much, huge]) == [True, *[False] * 4, True]
    third = put(store, "third", size=1)  # and gone is who takes all the room
    assert there([little, huge, third]) == [True, False, True]


def test_what_is_larger_than_all_together_may_be_stays_until_the_next(store, monkeypatch):
    monkeypatch.setattr(result_files, "MAX_BYTES", 1000)
    folders = [put(store, "mine", size=size) for size in (10, 2000)]
    assert there(folders) == [False, True]
    folders.append(put(store, "mine"))
    assert there(folders) == [False, False, True]


def test_a_result_that_fails_leaves_nothing_and_takes_nothing_away(store, tmp_path):
    kept = put(store, "mine")
    with (
        pytest.raises(OSError, match="full"),
        store.folder("film", SimpleNamespace(session_hash="mine")) as folder,
    ):
        (folder / "a.gif").write_bytes(b"half of it")
        raise OSError("disk full")
    assert list((tmp_path / "new").iterdir()) == [kept] and there([kept])


def test_what_outlives_the_server(store, tmp_path):
    models = [put(store, k, "model", size=k) for k in range(1, 4)]
    put(store, 1, "film")
    shutil.rmtree(models[1])  # as after its hour
    assert store.rescue("model", tmp_path / "kept") == 2
    assert sorted(file.stat().st_size for file in (tmp_path / "kept").iterdir()) == [1, 3]
    assert store.rescue("nothing", tmp_path / "none") == 0 and not (tmp_path / "none").exists()


def test_a_client_can_fetch_its_last_results_and_the_disk_stays_as_it_is(own_app):
    client = Client(own_app.url, verbose=False, download_files=False, analytics_enabled=False)
    addresses, sizes = [], []
    for seed in range(result_files.KEPT + 3):
        result = client.predict(
            image=handle_file(noise_tab.CAT), T=10, schedules=["cosine"], seed=seed,
            api_name="/forward_gif",
        )  # fmt: skip
        addresses.append(result["url"])
        sizes.append(len(list(own_app.files.rglob("*.gif"))))
    client.close()
    assert sizes == [*range(1, result_files.KEPT + 1), *[result_files.KEPT] * 3]
    answers = [httpx.get(address).status_code for address in addresses]
    assert answers[-result_files.KEPT :] == [200] * result_files.KEPT
    assert not [code for code in answers[: -result_files.KEPT] if code not in (403, 404)]


def test_gradio_serves_from_where_results_lie(store):
    file = put(store, "mine") / "a.gif"
    assert gr.DownloadButton(value=str(file)).value["path"] == str(file)  # no copy of it
