"""A frozen text encoder: GloVe vectors (Pennington et al. 2014); Chinese through a lexicon.

It knows words and not their order: what comes out is a sequence of word vectors, and a weight
for each. 10,000 words in int8 ship with the code; `devtools/word_vectors.py` made the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

WORDS = Path(__file__).parents[1] / "data/words"
WIDTH = 50  # of a word vector
MAX_LETTERS, MAX_WORDS = 1000, 32  # of a text
COMMON = 3e-4  # a of Arora et al. 2017: a word with this share of all text weighs one half

# A run of Chinese characters (T恤, a T-shirt, is one of their words), a word with its inner hyphens
# and apostrophes, or a symbol
_HAN, _LETTER = r"[\u3400-\u9fff]", r"[^\W\d_\u3400-\u9fff]"
_CHINESE = re.compile(rf"(?:{_HAN}|t(?=恤))+")
_PIECES = re.compile(rf"{_CHINESE.pattern}|{_LETTER}+(?:[-'’]{_LETTER}+)*|\S")
_PUNCTUATION = set(
    ".,;:!?'’\"()[]{}<>/\\-_–—…|&=+*#%@~^`$。，、；：！？“”‘’（）《》「」·0123456789"
)


@dataclass(frozen=True)
class EncodedText:
    """The words of B texts, L at most in each."""

    tokens: Tensor  # (B, L, WIDTH), entries of unit variance; zero beyond a text's end
    weights: Tensor  # (B, L), 0 beyond its end and for a hidden text; a rare word weighs most

    def to(self, device: torch.device | str) -> EncodedText:
        return EncodedText(self.tokens.to(device), self.weights.to(device))

    def cat(self, other: EncodedText) -> EncodedText:
        """Of both batches; their texts must have the same L."""
        return EncodedText(
            torch.cat([self.tokens, other.tokens]), torch.cat([self.weights, other.weights])
        )

    def hidden(self, hide: Tensor) -> EncodedText:
        """Without the texts at which hide (B,) is true: for training, and for guidance."""
        return EncodedText(self.tokens, self.weights.masked_fill(hide[:, None], 0.0))

    def blurred(self, amount: float, rng: torch.Generator) -> EncodedText:
        """With Gaussian noise on the word vectors, so that training covers a word's synonyms."""
        noise = torch.randn(self.tokens.shape, generator=rng).to(self.tokens)
        return EncodedText(self.tokens + amount * noise, self.weights)


class TextEncoder:
    """Texts to `EncodedText`; a word that it doesn't know is left out, and `unknown` names it."""

    def __init__(self, words: Sequence[str], vectors: Tensor, weights: Tensor, lexicon: dict):
        self.ids = {word: k for k, word in enumerate(words)}
        self.vectors, self.weights = vectors, weights  # (N, WIDTH), (N,)
        self.lexicon = lexicon  # a Chinese word, or one whose garment sense is rare: English words
        self.longest = max(map(len, lexicon), default=1)

    def __call__(self, texts: Sequence[str]) -> EncodedText:
        """Texts (B) to vectors; an empty text, or one of unknown words, is like a hidden one."""
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"texts must be a list of str, not {texts!r:.80}")
        rows = [self.split(text)[0] for text in texts]
        longest = max(1, *map(len, rows)) if rows else 1
        tokens = torch.zeros(len(rows), longest, WIDTH)
        weights = torch.zeros(len(rows), longest)
        for k, row in enumerate(rows):
            tokens[k, : len(row)] = self.vectors[row]
            weights[k, : len(row)] = self.weights[row]
        return EncodedText(tokens, weights)

    def unknown(self, text: str) -> list[str]:
        """The words and symbols of a text that the encoder doesn't know, each once."""
        return list(dict.fromkeys(self.split(text)[1]))

    def split(self, text: str) -> tuple[list[int], list[str]]:
        """The numbers of the words that it knows, and the pieces that it doesn't. ValueError for a
        text that is too long. Full-width letters and those with accents count as plain ones."""
        pieces = [*self.pieces(text)]
        known = [number for _, numbers in pieces if numbers for number in numbers]
        unknown = [piece for piece, numbers in pieces if numbers is None]
        if len(known) > MAX_WORDS:
            raise ValueError(
                f"a text has at most {MAX_WORDS} words that the encoder knows, not {len(known)}: "
                "say it more briefly"
            )
        return known, unknown

    def pieces(self, text: str) -> Iterator[tuple[str, list[int] | None]]:
        """Each word or symbol that may say something, and its numbers; None if it is unknown.
        ValueError for a text of too many letters."""
        if len(text) > MAX_LETTERS:
            raise ValueError(f"a text has at most {MAX_LETTERS} letters, not {len(text)}")
        for piece in _PIECES.findall(unicodedata.normalize("NFKC", text).lower()):
            if _CHINESE.match(piece):
                yield from self._chinese_pieces(piece)
            elif (found := self._look_up(_plain(piece))) is not None:
                yield piece, found
            elif piece not in _PUNCTUATION:
                yield piece, None

    def _look_up(self, word: str) -> list[int] | None:
        """A word as it stands, without its plural's s, or part by part; None if unknown."""
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if form in self.lexicon:
                return [self.ids[english] for english in self.lexicon[form]]
            if form in self.ids:
                return [self.ids[form]]
        parts = [self._look_up(part) for part in re.split("[-'’]", word) if part != word]
        if not parts or None in parts:
            return None
        return [number for part in parts if part for number in part]

    def _chinese_pieces(self, run: str) -> Iterator[tuple[str, list[int] | None]]:
        """Longest match first; characters between two matches are one unknown word."""
        place, missed = 0, ""
        while place < len(run):
            lengths = range(min(self.longest, len(run) - place), 0, -1)
            ends = (place + n for n in lengths if run[place : place + n] in self.lexicon)
            end = next(ends, None)
            if end is None:
                missed, place = missed + run[place], place + 1
                continue
            if missed:
                yield missed, None
            yield run[place:end], [self.ids[english] for english in self.lexicon[run[place:end]]]
            place, missed = end, ""
        if missed:
            yield missed, None


def _plain(word: str) -> str:
    """Without accents: no word of the vectors has one."""
    letters = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def text_encoder() -> TextEncoder:
    """The encoder that ships with the code, read once."""
    stored = load_file(WORDS / "glove_10k.safetensors")
    words = bytes(stored["words"].tolist()).decode().split("\n")
    vectors = stored["vectors"].float()  # int8, each row scaled to its largest entry
    vectors = vectors / vectors.square().mean(1, keepdim=True).sqrt()
    # Zipf's law: the word of rank r has a share of about 1 / (12 r) in a text
    share = 1 / (12 * stored["ranks"].float())
    return TextEncoder(words, vectors, COMMON / (COMMON + share), read_lexicon())


def read_lexicon(path: Path = WORDS / "lexicon.txt") -> dict[str, list[str]]:
    """Lines "word: english words"; # begins a comment. No English words: the word says nothing."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    pairs = (line.partition(":") for line in lines if line)
    entries = ((words.split(), english.split()) for words, _, english in pairs)
    return {word: english for words, english in entries for word in words}
