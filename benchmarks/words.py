"""What words do to the two text models: `Imagen` and `UnClip`.

    python -m benchmarks.words --text runs/text_to_image --unclip runs/unclip        # all tables
    python -m benchmarks.words --text runs/text_to_image --tables captions phrases --n 1000
    python -m benchmarks.words --text text_to_image --unclip unclip --tables guidance --n 2000

A property counts as right if the rule that made the captions finds it clearly in the picture; a
class if the classifier of checkpoints/ sees it. `real` is what both say of real test images under
their own captions: no model is expected to do better.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.guides import Eyes, listed
from ddpm import figures
from ddpm.data.captions import CLASSES, HELD_OUT, captioned
from ddpm.data.images import to_float, to_uint8
from ddpm.evaluation.captions import Request, requests_like, shares, texts_for
from ddpm.evaluation.frechet import features_and_logits
from ddpm.sampling.bf16 import in_bf16
from ddpm.sampling.text_guidance import dynamic_threshold
from ddpm.systems.imagen import Imagen
from ddpm.systems.unclip import UnClip
from devtools import ROOT
from devtools.drawing import BATCH, TUNING_SEED, Judge, in_batches
from devtools.phrases import PHRASES
from devtools.tables import row
from page.models.words import GUIDED

FAST = {"Imagen's way": ("base", "super_resolution"), "DALL·E 2's way": ("decoder",)}
UP_TO = {t: {"interval": (0, t)} for t in (500, 700, 850)}
STATIC = {"clip": True}  # thresholding
WAYS = {  # of guidance by words
    "Imagen's way": (
        {}, {"guidance": 1}, STATIC, UP_TO[700], STATIC | UP_TO[850], STATIC | UP_TO[700],
        STATIC | UP_TO[500], STATIC | UP_TO[700] | {"guidance": 2.5},
        STATIC | UP_TO[500] | {"guidance": 2.5},
    ),
    "DALL·E 2's way": (
        {}, {"guidance": 1}, UP_TO[850], UP_TO[700], UP_TO[500], UP_TO[700] | {"guidance": 1.5},
        UP_TO[700] | {"guidance": 1.5, "prior_guidance": 2},
    ),
}  # fmt: skip
ON_THE_PAGE = {"interval": GUIDED}
AS_IT_BEGINS = {"Imagen's way": ({}, STATIC | ON_THE_PAGE), "DALL·E 2's way": ({}, ON_THE_PAGE)}
Draw = Callable[[list[str], int], Tensor]  # texts, seed -> pictures (n, 1, 28, 28) in [-1, 1]


def drawn(draw: Draw, texts: list[str]) -> Tensor:
    """uint8 (n, 1, 28, 28), in batches; picture k has the noise of seed k."""
    parts = [draw(texts[k : k + BATCH], k).cpu() for k, _ in in_batches(len(texts))]
    return to_uint8(torch.cat(parts))


def asked_of(n: int, seed: int) -> tuple[list[Request], list[str]]:
    """What n test pictures show, and captions that say it."""
    known = captioned("test")
    requests = [known.described(k % len(known.images)) for k in range(n)]
    return requests, texts_for(requests, seed)


def line(name: str, figures: dict[str, float]) -> None:
    row(name, *(f"{key} {value:.1%}" for key, value in figures.items()))


def captions_table(models: dict[str, Draw], n: int, judge: Judge) -> None:
    """n captions of the kind that training had, then n with a combination that it never saw."""
    known, classifier = captioned("test"), judge.classifier
    requests = requests_like(known, n, seed=0)
    hidden = [(name, dict(values)) for name, values in HELD_OUT]
    hidden = [hidden[k % len(hidden)] for k in range(n)]
    rows = torch.randperm(len(known.images), generator=torch.Generator().manual_seed(0))[:n]
    line("real", shares(known.images[rows], [known.described(int(k)) for k in rows], classifier))
    for name, draw in models.items():
        for kind, asked in (("captions", requests), ("held out", hidden)):
            images = drawn(draw, texts_for(asked, seed=1))
            line(f"{name}, {kind}", shares(images, asked, classifier))
        held_out_classes = {name for name, _ in HELD_OUT}
        same = [request for request in requests if request[0] in held_out_classes]
        images = drawn(draw, texts_for(same, seed=1))
        line(f"{name}, captions of the held-out classes", shares(images, same, classifier))


def phrases_table(models: dict[str, Draw], judge: Judge, each: int = 10) -> None:
    """Phrases that no template has, `each` pictures for each; the share seen as their class."""
    for name, draw in models.items():
        for language, phrases in PHRASES.items():
            texts = [text for text in phrases for _ in range(each)]
            wanted = [(phrases[text], {}) for text in texts]
            images = drawn(draw, texts)
            line(f"{name}, {language}", shares(images, wanted, judge.classifier))
            labels = torch.tensor([CLASSES.index(kind) for kind, _ in wanted])
            seen = features_and_logits(images, judge.classifier)[1].argmax(1) == labels
            share = seen.double().reshape(-1, each).mean(1).tolist()
            wrong = [f"{text} {s:.0%}" for text, s in zip(phrases, share, strict=True) if s < 0.5]
            print(f"  below a half: {', '.join(wrong) or 'none'}", flush=True)


def distance_table(models: dict[str, Draw], n: int, judge: Judge) -> None:
    """Fréchet distance of n pictures for the captions of n test images, to n training images."""
    _, texts = asked_of(n, seed=2)
    print(f"Fréchet distance at n = {n}; real test images {judge.floor(n):.3f}")
    for name, draw in models.items():
        row(name, f"{judge.distance(drawn(draw, texts)):.3f}")


def guidance_table(name: str, model: Imagen | UnClip, n: int, reported: int) -> None:
    """How much, and when: what several kinds of eyes say (see benchmarks/guides.py), and how much
    of the captions is heeded. First with seeds that nothing else uses, then as the library draws
    and as the page begins, with others. In bf16, where the processor computes in it."""
    fast = replace(model, **{part: in_bf16(getattr(model, part)) for part in FAST[name]})
    for seed, of, ways in ((TUNING_SEED, n, WAYS[name]), (0, reported, AS_IT_BEGINS[name])):
        eyes = Eyes(of)
        requests, texts = asked_of(of, seed)
        for way in ways:
            images = drawn(lambda t, s, w=way, k=seed: fast.sample(t, seed=k + s, **w), texts)
            found = shares(images, requests, eyes.judge.classifier)
            line(f"{name}, {way or 'as it is'}: {listed(eyes.distances(images))}", found)


def thresholding_table(model: Imagen, n: int, judge: Judge, plot: Path) -> None:
    """Dynamic against static thresholding over the guidance scale: distance, and right classes."""
    requests, texts = asked_of(n, seed=3)
    lines = {}
    scales = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0)
    for name, clip in (("dynamic", dynamic_threshold()), ("static", True)):
        distances = []
        for scale in scales:
            images = drawn(
                lambda t, seed, c=clip, s=scale: model.sample(t, guidance=s, clip=c, seed=seed),
                texts,
            )
            distances.append(judge.distance(images))
            right = shares(images, requests, judge.classifier)["class"]
            grey = ((images > 25) & (images < 230)).double().mean().item()
            found = f"distance {distances[-1]:.3f}", f"class {right:.1%}"
            row(name, f"guidance {scale:g}", *found, f"grey pixels {grey:.1%}")
        lines[f"{name} thresholding"] = dict(zip(scales, distances, strict=True))
    ylabel = f"Fréchet distance, {n=}"
    figures.save(figures.quality(lines, xlabel="guidance", ylabel=ylabel), plot)


def prior_table(model: UnClip, n: int, judge: Judge) -> None:
    """The prior's z_i against z_t put straight into the decoder."""
    requests, texts = asked_of(n, seed=4)
    for name, use_prior in (("prior", True), ("text embedding", False)):
        images = drawn(lambda t, s, p=use_prior: model.sample(t, use_prior=p, seed=s), texts)
        found = shares(images, requests, judge.classifier)
        line(f"{name}, distance {judge.distance(images):.3f}", found)


@torch.no_grad()
def retrieval_table(model: UnClip, groups: int = 50, size: int = 100) -> None:
    """How often a caption finds its own picture among 100 test images, first or in five."""
    known = captioned("test")
    first, five = [], []
    for group in range(groups):
        draw = torch.Generator().manual_seed(group)
        rows = torch.randperm(len(known.images), generator=draw)[:size]
        texts = texts_for([known.described(int(k)) for k in rows], seed=group)
        z_i = model.pair.image(to_float(known.images[rows]).to(model.device))
        z_t = model.pair.text(model.encoder(texts).to(model.device))
        order = (z_t @ z_i.T).argsort(1, descending=True)
        place = (order == torch.arange(size, device=order.device)[:, None]).int().argmax(1)
        first.append((place == 0).double().mean().item())
        five.append((place < 5).double().mean().item())
    line(f"retrieval in {size}", {"first": sum(first) / groups, "among five": sum(five) / groups})


TABLES = ("captions", "phrases", "distance", "guidance", "thresholding", "prior", "retrieval")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", help="Imagen's way: a file, a run's folder or a shipped name")
    parser.add_argument("--unclip", help="an UnClip, likewise")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument("--n", type=int, default=1000, help="captions (default: 1000)")
    parser.add_argument("--distance-n", type=int, default=5000)
    parser.add_argument("--plot", type=Path, default=ROOT / "docs/thresholding.png")
    args = parser.parse_args()
    if not args.plot.parent.is_dir():  # said now, not after an hour
        parser.error(f"--plot: there is no folder {args.plot.parent}")
    judge = Judge()
    models: dict[str, Draw] = {}
    text = Imagen.load(args.text) if args.text else None
    unclip = UnClip.load(args.unclip) if args.unclip else None
    if text:
        models["Imagen's way"] = lambda texts, seed: text.sample(texts, seed=seed)
    if unclip:
        models["DALL·E 2's way"] = lambda texts, seed: unclip.sample(texts, seed=seed)
    for table in args.tables:
        print(f"\n{table}")
        if table == "captions":
            captions_table(models, args.n, judge)
        elif table == "phrases":
            phrases_table(models, judge)
        elif table == "distance":
            distance_table(models, args.distance_n, judge)
        elif table == "guidance":
            for name, model in (("Imagen's way", text), ("DALL·E 2's way", unclip)):
                if model:
                    guidance_table(name, model, args.n, args.distance_n)
        elif table == "thresholding" and text:
            thresholding_table(text, args.n, judge, args.plot)
        elif table == "prior" and unclip:
            prior_table(unclip, args.n, judge)
        elif table == "retrieval" and unclip:
            retrieval_table(unclip)


if __name__ == "__main__":
    main()
