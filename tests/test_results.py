"""How long the files of results stay: the last few of each visit, on disk and over HTTP."""

from types import SimpleNamespace

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file

from tabs import noise, results


def visit(name):
    return SimpleNamespace(session_hash=name)


@pytest.fixture
def kind(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "new"))
    return results.Results()


def test_a_visit_keeps_its_last_results_and_no_other_visit_s(kind):
    other = kind.folder(visit("other"))
    mine = [kind.folder(visit("mine")) for _ in range(results.KEPT + 3)]
    for folder in (other, *mine[3:]):
        assert folder.is_dir() and not list(folder.iterdir())
    assert not [folder for folder in mine[:3] if folder.exists()]
    assert len({*mine}) == len(mine)


def test_kinds_are_kept_apart(kind):
    film, models = kind.folder(visit("mine")), results.Results()
    for _ in range(results.KEPT + 1):
        models.folder(visit("mine"))
    assert film.exists()


def test_only_so_many_visits_are_remembered(kind, monkeypatch):
    monkeypatch.setattr(results, "VISITS", 2)
    folders = [kind.folder(visit(k)) for k in range(5)]
    assert len(kind._of_visit) == 2 and all(folder.exists() for folder in folders)
    kind.folder(visit(3))
    kind.folder(visit(5))
    assert set(kind._of_visit) == {3, 5}  # who asked last


def test_a_client_can_fetch_its_last_results_and_the_disk_stays_as_it_is(own_app):
    client = Client(own_app.url, verbose=False, download_files=False, analytics_enabled=False)
    addresses, sizes = [], []
    for seed in range(results.KEPT + 3):
        result = client.predict(
            image=handle_file(noise.CAT), T=10, schedules=["cosine"], seed=seed,
            api_name="/forward_gif",
        )  # fmt: skip
        addresses.append(result["value"]["url"])
        sizes.append(len(list(own_app.files.rglob("*.gif"))))
    client.close()
    assert sizes == [*range(1, results.KEPT + 1), *[results.KEPT] * 3]
    answers = [httpx.get(address).status_code for address in addresses]
    assert answers[-results.KEPT :] == [200] * results.KEPT
    assert not [code for code in answers[: -results.KEPT] if code not in (403, 404)]


def test_gradio_serves_from_where_results_lie(kind):
    folder = kind.folder(visit("mine"))
    (file := folder / "a.png").write_bytes(b"picture")
    assert gr.DownloadButton(value=str(file)).value["path"] == str(file)  # no copy of it
