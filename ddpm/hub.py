"""The Hugging Face Hub: what it has of a model, and in one sentence why it can't be had."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MODEL = "model.safetensors"  # as a run writes it
CONFIG = "config.json"  # its settings; and the Hub counts downloads by how often it is asked for
PIPELINE = "model_index.json"  # of a pipeline of diffusers, with these parts
PARTS = {
    "scheduler": ("scheduler_config.json",),
    "unet": ("config.json", "diffusion_pytorch_model.safetensors"),
}
MOST_BYTES = 4 * 2**30  # of a file; what is shipped has 10 MB
REFUSED = {
    401: "there is none that can be seen without a login, or the login is not valid: check the "
    "name, or run `hf auth login`",
    403: "the login may not do this: run `hf auth login` with a token that has the right to",
    404: "there is none of this name, or it is private: check the name, or run `hf auth login`",
    429: "too many requests from here: try again in some minutes",
}


class HubError(OSError):
    """Why the Hub did not do what was asked, and what to do."""


def download(name: str, revision: str | None = None) -> Path:
    """The file of the model "owner/name": its model.safetensors, or the model_index.json of a
    pipeline of diffusers, whose parts lie around it. `revision` is a branch, a tag or a commit.

    Whatever was downloaded before is not downloaded again, and is used if the Hub can't be
    reached. HubError says what is wrong; then nothing is half written.
    """
    with sentences(name):
        kept = next((file for file in (MODEL, PIPELINE) if _kept(name, file, revision)), None)
        try:
            config = _had(name, CONFIG, revision)
        except Exception:  # the Hub can't be reached, and earlier models have no such file
            if kept is None:
                raise
            config = None
        what = None if config is None else _what(config)
        if what is None and kept != PIPELINE and (file := _had(name, MODEL, revision)):
            return file
        if file := _had(name, PIPELINE, revision):
            if all(_part(name, part, revision) for part in PARTS):
                return file
            what = "a pipeline without a UNet2DModel in safetensors"
        raise HubError(
            f"it has no {MODEL} of this project and no {PIPELINE} of diffusers"
            + (f": it is {what}" if what else "")
        )


def find_dataset(name: str, timeout_s: float | None = None) -> None:
    """HubError unless `datasets` has kept this data set, or the Hub says in time that it has it.
    By itself `datasets` tries for minutes where a network stalls, and doesn't say what failed."""
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    kept = Path(os.environ.get("HF_DATASETS_CACHE", home / "datasets"))
    if (kept / name.replace("/", "___")).exists():
        return
    import huggingface_hub as hub

    with sentences(name):
        wait = timeout_s or hub.constants.HF_HUB_ETAG_TIMEOUT
        hub.HfApi().dataset_info(name, timeout=wait)


def _kept(name: str, file: str, revision: str | None) -> bool:
    """Whether it was downloaded before."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(name, file, revision=revision), str)


def _had(name: str, file: str, revision: str | None) -> Path | None:
    """A file of a model; None if it has no such file."""
    import huggingface_hub as hub  # heavy, and needed only here
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        if not _kept(name, file, revision):
            url = hub.hf_hub_url(name, file, revision=revision)
            wait = hub.constants.HF_HUB_ETAG_TIMEOUT
            size = hub.get_hf_file_metadata(url, timeout=wait).size
            if size is None or size > MOST_BYTES:
                raise HubError(f"its {file} has {size} bytes, and no model here {MOST_BYTES}")
        return Path(hub.hf_hub_download(name, file, revision=revision))
    except LocalEntryNotFoundError:
        raise  # the Hub was not reached
    except EntryNotFoundError:
        return None


def _part(name: str, part: str, revision: str | None) -> bool:
    """Whether it has this part of a pipeline, in a folder of its own or, as early ones do, beside
    the model_index.json. What was kept is asked for first, as then it needs no network."""
    files = PARTS[part]
    places = [[f"{part}/{file}" for file in files], list(files)]
    places.sort(key=lambda place: not _kept(name, place[-1], revision))
    return any(all(_had(name, file, revision) for file in place) for place in places)


def _what(config: Path) -> str | None:
    """What this is the config.json of; None if it is one of this project's."""
    try:
        values = json.loads(config.read_text("utf-8"))
        parts = [values] if "unet" in values else list(values.values())
        if all("unet" in part and "diffusion" in part for part in parts) and parts:
            return None
        kinds = values.get("architectures") or [values.get("_class_name") or "another library"]
        return f"a model of {', '.join(map(str, kinds)):.80}"
    except (ValueError, TypeError, AttributeError):
        return f"not a model whose {CONFIG} is JSON"


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """Turn whatever huggingface_hub raises into a HubError of one sentence, without a token."""
    try:
        yield
    except HubError as error:
        raise HubError(f"{name} on the Hugging Face Hub: {error}") from error
    except Exception as error:  # of its own, of the HTTP library of its release, of files
        raise HubError(f"{name} on the Hugging Face Hub: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    from huggingface_hub.errors import HFValidationError, RevisionNotFoundError

    cause: Any = error
    while (response := getattr(cause, "response", None)) is None and cause.__cause__ is not None:
        cause = cause.__cause__
    status = getattr(response, "status_code", 0)
    if isinstance(error, RevisionNotFoundError):
        return "it has no such revision: name a branch, a tag or a commit"
    if status in REFUSED:
        return f"{REFUSED[status]} (HTTP {status})"
    if status >= 500:
        return f"the Hub has trouble of its own: try again later (HTTP {status})"
    said = " ".join(str(error).split())
    said = re.sub(r"\bhf_\w+|(?<=//)[^/@\s]+@|(?<=[Bb]earer )\S+", "…", said)
    if isinstance(error, HFValidationError):
        return f"a model there is named owner/name ({said:.200})"
    if isinstance(error, OSError) and status == 0 and "onsistency" in said:
        return f"the file arrived damaged: try again ({said:.200})"
    kind = type(error).__name__
    return f"it can't be reached, or did not answer as the Hub does ({kind}: {said:.200})"
