"""Whether a browser draws what Python draws: seeds and samplers, picture by picture.

    make static
    python -m benchmarks.in_browser              # 100 seeds, three samplers
    python -m benchmarks.in_browser --seeds 4
    python -m benchmarks.in_browser --lighthouse # the static edition on a telephone instead
    python -m benchmarks.in_browser --first-picture # seconds until it is there instead

Opens dist/ in headless Chromium, and in Debian's Firefox if it's there, and draws one picture for
each seed with DDIM and DPM-Solver++ (the pretrained model, ten calls) and with its student (two).
Prints the largest difference of the noise, and of the pictures from float64, in which the browser's
samplers compute, and from Python's float32. The weights are those of the browser's files, most of
which are rounded to float16. Exits with 1 if noise differs by more than 1e-6, or a picture from
float64's by more than 1e-3.

--first-picture visits the static edition as a workshop has it, at an address without a service
worker, and prints medians of five: until Noise's first picture, on a fast line and a slow one, of a
first visit and a second.
"""

import argparse
import functools
import itertools
import json
import sys
from collections.abc import Callable, Iterator

import onnx
import torch
from playwright.sync_api import sync_playwright
from torch import Tensor

import ddpm
from benchmarks.page import Seconds, loads
from ddpm.files import SHIPPED
from ddpm.sampling.samplers import ALL_SAMPLERS, BEST_SPACING
from devtools import ROOT, firefox, idle, lighthouse
from devtools.chromium import find_chromium, open_chromium
from devtools.server import serving
from devtools.tables import head, row
from devtools.timing import versions_table

NOISE, PICTURE = 1e-6, 1e-3  # the most that may differ
HOST = "classroom.test"  # which browsers don't trust
VISITS = 5
RUNS = (
    ("ddim", "shipped", "fashion_mnist", 10),
    ("dpm_solver", "shipped", "fashion_mnist", 10),
    ("consistency", "student", "fashion_mnist_few", 2),
)
DRAW = """async ({ version, model, request, seeds }) => {
    const at = (path) => new URL(`${version}/${path}`, document.baseURI).href;
    const { filesOf } = await import(at("static/models.js"));
    const { openDrawing } = await import(at("in_browser/drawing.js"));
    const drawing = await openDrawing(filesOf(model), () => {});
    const drawn = [];
    for (const seed of seeds) {
        let noise, picture;
        await drawing.run({ ...request, seed }, ({ begins, step }) => {
            if (begins) noise = [...begins.x];
            else picture = [...step.x];
        }, new AbortController().signal);
        drawn.push({ noise, picture });
    }
    return drawn;
}"""


def halves(file: str) -> set[str]:
    """Weights that the browser's file has in float16; what the exporter has computed from others
    is in float32."""
    weights = onnx.load(SHIPPED / f"{file}.onnx").graph.initializer
    names = (each.name for each in weights if each.data_type == onnx.TensorProto.FLOAT16)
    return {name.removeprefix("network.").removesuffix(".half") for name in names}


def reference(file: str, sampler: str, steps: int, seeds: list[int], wide: bool) -> Tensor:
    """What Python draws with these weights as the browser has them, (seeds, 784)."""
    checkpoint = ddpm.load_checkpoint(SHIPPED / f"{file}.safetensors", "cpu")
    network, halved = checkpoint.model.network, halves(file)
    for name, weight in network.named_parameters():
        if name in halved:
            weight.data = weight.data.half().float()
    network = network.double() if wide else network
    schedule, dtype = checkpoint.schedule, torch.float64 if wide else torch.float32
    sources = ddpm.generators(len(seeds), seeds)
    x = ddpm.randn_like(torch.empty(len(seeds), 1, 28, 28), sources).to(dtype)
    own = checkpoint.info.get("sampling", {}).get("times", {}).get(str(steps))
    times = own or ddpm.spaced_timesteps(schedule, steps, BEST_SPACING[sampler])
    eps_fn = ddpm.classifier_free_guided(ddpm.Denoiser(network, schedule, "v"), None)
    *_, last = ALL_SAMPLERS[sampler](eps_fn, schedule, x, times, generator=sources)
    return last.x.flatten(1)


def differences(
    evaluate: Callable[[dict], list[dict]], version: str, run: tuple, seeds: list[int]
) -> Iterator[float]:
    """The largest of the noise, and of the pictures from Python's in float64 and in float32."""
    sampler, model, file, steps = run
    request = {"sampler": sampler, "steps": steps, "schedule": "cosine", "guidance": 1}
    request |= {"label": -1, "count": 1}
    drawn = evaluate({"version": version, "model": model, "request": request, "seeds": seeds})
    noise = torch.tensor([each["noise"] for each in drawn])
    expected = ddpm.randn_like(torch.empty(len(seeds), 784), ddpm.generators(len(seeds), seeds))
    yield float((noise - expected).abs().max())
    pictures = torch.tensor([each["picture"] for each in drawn], dtype=torch.float64)
    for wide in (True, False):
        with torch.no_grad():
            of_python = reference(file, sampler, steps, seeds, wide)
        yield float((pictures - of_python).abs().max())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--folder", default=ROOT / "dist", help="where make static wrote it")
    parser.add_argument("--lighthouse", action="store_true", help="performance, accessibility")
    parser.add_argument("--first-picture", action="store_true", help="how long until it is there")
    idle.add_argument(parser)
    asked = parser.parse_args()
    is_right = True
    with serving(asked.folder) as url, sync_playwright() as playwright:
        chromium = find_chromium(playwright)
        if asked.lighthouse:
            print(lighthouse.performance(url, True, chromium), lighthouse.audit(url, 390, chromium))
            return 0
        if asked.first_picture:
            browser = open_chromium(playwright, f"--host-resolver-rules=MAP {HOST} 127.0.0.1")
            taken: Seconds = {}
            with idle.watched(asked.idle):
                for _ in range(VISITS):
                    loads(browser, url.replace("127.0.0.1", HOST), taken)
            versions_table({"the static edition": taken})
            return 0
        page = open_chromium(playwright).new_page()
        page.set_default_timeout(0)
        page.goto(url)
        version = page.locator("script[src$='shell.js']").get_attribute("src").split("/")[0]
        browsers = {"Chromium": functools.partial(page.evaluate, DRAW)}
        if firefox.can_run():
            browsers["Firefox"] = lambda asked: firefox.evaluate(
                url, f"({DRAW})({json.dumps(asked)})", timeout=3600
            )
        print(f"{asked.seeds} seeds; the largest difference anywhere, of pictures in [-1, 1]:\n")
        far = "picture, from float64", "from Python's float32"
        head("browser", "sampler", "calls", "noise", *far)
        for (browser, evaluate), run in itertools.product(browsers.items(), RUNS):
            off = [*differences(evaluate, version, run, [*range(asked.seeds)])]
            is_right &= off[0] <= NOISE and off[1] <= PICTURE
            row(browser, run[0], run[3], *(f"{each:.1e}" for each in off))
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
