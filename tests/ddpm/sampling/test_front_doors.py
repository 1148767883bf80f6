"""What the front doors of sampling take and refuse, all at once: tiny networks that have
learned nothing, and are never asked where a setting is wrong."""

from collections import deque

import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook

import ddpm
from ddpm import Checkpoint
from ddpm.checkpoint import as_denoiser, build_network
from ddpm.config import Config, DiffusionConfig, UnetConfig
from ddpm.networks.clip import EMBEDDING
from ddpm.networks.text import text_encoder
from ddpm.sampling.sample import begin
from ddpm.systems import imagen, unclip
from ddpm.systems.cascade import Cascade

T = 5  # fewer than the usual steps of any model
NAN = float("nan")
PICTURE = torch.zeros(1, 8, 8)


def checkpoint(network: str = "unet", size: int = 8, classes: int | None = 3) -> Checkpoint:
    unet = UnetConfig(size, dim=8, dim_mults=(1, 2), dim_head=4, num_classes=classes)
    config = Config(unet, DiffusionConfig(T=T), network=network)
    model = as_denoiser(build_network(config), config)
    return Checkpoint(model, config, model.schedule, {})


def parts(configs: dict[str, Config]) -> dict[str, Checkpoint]:
    """The networks of a system that draws by words."""
    return {k: checkpoint(of.network, of.unet.image_size, None) for k, of in configs.items()}


MODEL, CLASSIFIER = checkpoint(), checkpoint("classifier")
GUIDE = ddpm.NoisyClassifier(CLASSIFIER.model.network, CLASSIFIER.config, MODEL.schedule, {})
CASCADE = Cascade(checkpoint(size=4), checkpoint("super_resolution"), {})
_TEXT, _UNCLIP = parts(imagen.CONFIGS), parts(unclip.CONFIGS)
TEXT = ddpm.TextToImage(*(part.model for part in _TEXT.values()), encoder=text_encoder(), info={})
UNCLIP = ddpm.UnClip(
    _UNCLIP["pair"].model.network, _UNCLIP["prior"].model, _UNCLIP["decoder"].model,
    text_encoder(), {},
)  # fmt: skip
LARGE, Z = torch.zeros(2, 1, 28, 28), torch.zeros(2, EMBEDDING)

# The doors, each with the settings that it takes besides its own
SHARED = {"guidance", "steps", "sampler"}
DOORS = {
    "begin": (lambda **s: begin(MODEL, **{"n": 2, "labels": 1} | s),
              SHARED | {"labels", "spacing", "interval", "start", "noise", "clip", "device", "n",
                        "classifier", "seed", "schedule"}),
    "trajectory": (lambda **s: ddpm.trajectory(MODEL, **{"n": 2, "labels": 1} | s),
                   SHARED | {"labels", "noise", "start", "schedule"}),
    "Checkpoint.begin": (lambda **s: MODEL.begin(**{"n": 2, "labels": 1} | s),
                         SHARED | {"labels", "spacing", "clip", "n", "seed"}),
    "Cascade.begin": (lambda **s: CASCADE.begin(**{"n": 2} | s),
                      SHARED | {"labels", "interval", "aug", "pair", "n", "seed"}),
    "Cascade.begin, from_one": (lambda **s: CASCADE.begin(**{"n": 2, "from_one": True} | s),
                                SHARED | {"labels", "aug", "n", "seed"}),
    "Cascade.enlarge": (lambda **s: CASCADE.enlarge(**{"low": torch.zeros(2, 1, 4, 4)} | s),
                        SHARED | {"labels", "interval", "aug", "low"}),
    "Imagen.begin": (lambda **s: TEXT.begin(**{"texts": ["a", "b"]} | s),
                     SHARED | {"texts", "interval", "clip", "aug", "pair", "seed"}),
    "UnClip.begin": (lambda **s: UNCLIP.begin(**{"texts": ["a", "b"]} | s),
                     SHARED | {"texts", "prior_guidance", "interval", "pair", "seed"}),
    "UnClip.imagine": (lambda **s: UNCLIP.imagine(**{"texts": ["a", "b"]} | s),
                       {"texts", "prior_guidance"}),
    "UnClip.invert": (lambda **s: UNCLIP.invert(**{"x": LARGE} | s), {"x"}),
    "UnClip.begin_from": (lambda **s: UNCLIP.begin_from(**{"z": Z, "x_T": LARGE} | s),
                          {"eta", "z", "x_T"}),
    "UnClip.variations": (lambda **s: UNCLIP.variations(**{"x": LARGE[0]} | s), {"eta", "x", "n"}),
    "UnClip.between": (lambda **s: UNCLIP.between(**{"x_a": LARGE[0], "x_b": LARGE[1]} | s),
                       {"n", "x_a"}),
    "UnClip.edit": (lambda **s: UNCLIP.edit(
                        **{"x": LARGE, "from_text": "a", "to_text": "a boot"} | s),
                    {"x", "amount", "to_text"}),
}  # fmt: skip

# A setting, values that are wrong, and what the sentence says
SCALE = "must be a number between 0 and 100, not"
WRONG = [
    ("guidance", ["2", None, True, NAN, [2.0], -1.0], f"the guidance scale {SCALE}"),
    ("prior_guidance", ["2", None, 101], f"prior_guidance {SCALE}"),
    ("steps", [(1, 2, 3), "5", 2.0, True, 0, T + 1, {}, {"nobody": 2}], "steps must be"),
    ("pair", [{"super_resolution": 0, "decoder": 2}, {"base": 1, "prior": 2}], "steps must be"),
    ("pair", [(1, T + 1), (2, "2"), [3, 0], (1, 2, 3)], "steps must be"),
    ("sampler", ["best", ["ddim"], 5], "choose one of ddpm, ddim"),
    ("spacing", ["even", 5], "unknown spacing .* one of trailing, linspace, leading, logsnr"),
    ("interval", [5, (1,), (NAN, 3), ("1", "3"), (3, 1)], r"interval must be \(low, high\)"),
    ("clip", ["x", 1, []], "clip must be True, False or a function"),
    ("device", ["gpu", 3.5, "cuda:99"], "device must be one of this machine, cpu"),
    ("n", [0, "2", 2.5, True, None], "number of pictures, must be a whole number from 1"),
    ("seed", [[1, 2, 3], "1", 0.5, True], "seed must be a whole number|as many seeds"),
    ("seed", [["a", "b"], [1.5, 2], [True, 1], {1, 2}], "seed must be a whole number"),
    ("aug", [T + 1, "1", True, 0.5], f"aug must be a whole number from 0 to {T}"),
    ("eta", [-0.1, 1.1, NAN, "1", None], "eta must be a number between 0 and 1"),
    ("amount", [-0.1, 1.1, NAN, "1", None], "amount must be a number between 0 and 1"),
    ("labels", [True, [True, False], "Bag", [0.5, 1.5], [], [0, 9]], "labels must"),
    ("labels", [[0, 1, 2], torch.ones(3, 3), 1.5], "one for all, or 2 whole numbers"),
    ("labels", [[0, None]], "whole numbers, not .0, None"),
    ("labels", [4, [0, -1]], "between 0 and 2"),
    ("labels", [torch.tensor([[NAN, 0, 1], [1, 0, 0]])], "weights of labels must be finite"),
    ("classifier", [5, MODEL.model.network], "classifier must be a NoisyClassifier, or its name"),
    ("classifier", ["nobody"], "nobody: there is no such checkpoint"),
    ("texts", ["a", None, 5, [None]], "texts must be a list of texts"),
    ("texts", [[]], "there must be 1 to 4096 texts"),
    ("texts", [["boot " * 40]], "a text has at most 32 words"),
    ("to_text", [None], "texts must be a list of texts"),
    ("noise", [torch.full((2, 1, 8, 8), NAN)], "noise must be finite numbers"),
    ("noise", [torch.zeros(2, 1, 8, 8).long(), 1.0], "noise must be floats"),
    ("noise", [torch.zeros(1, 8, 8)], r"\(2, 1, 8, 8\), not .* \(1, 8, 8\)"),
    ("start", [(PICTURE * NAN, 3)], "picture of start must be finite"),
    ("start", [(PICTURE.byte(), 3), (None, 3)], "picture of start must be floats"),
    ("start", [(torch.zeros(1, 9, 9), 3), (torch.zeros(3, 1, 8, 8), 3), (torch.zeros(1, 1), 3)],
     r"\(1, 8, 8\) or \(2, 1, 8, 8\), not torch.float32 of shape"),
    ("start", [PICTURE], r"a pair \(picture, t\)"),
    ("start", [(PICTURE, "3"), (PICTURE, 2.5), (PICTURE, T), (PICTURE, -1)], "whole number"),
    ("schedule", ["linear"], "must be a Schedule, see Schedule.named, not 'linear'"),
    ("low", [torch.full((2, 1, 4, 4), NAN)], "low must be finite"),
    ("low", [torch.zeros(0, 1, 4, 4), torch.zeros(2, 1, 8, 8), None], "low must be floats"),
    ("low", [torch.zeros(2, 1, 4, 4).byte(), [[0.0]]], "low must be floats"),
    ("x", [LARGE[0] * NAN, LARGE[:1] / 0], "must be finite|must be floats of shape"),
    ("x", [LARGE[:0], LARGE[0].byte(), None], "must be floats of shape"),
    ("x_a", [torch.zeros(28, 28), torch.zeros(1, 8, 8)], "the picture must be floats of shape"),
    ("z", [Z * NAN, Z[:0], None], "z must be"),
    ("x_T", [LARGE * NAN, LARGE[:1], None], "x_T must be"),
]  # fmt: skip
CASES = [
    pytest.param(door, {"steps" if name == "pair" else name: value}, says, id=f"{door}-{name}-{k}")
    for name, values, says in WRONG
    for k, value in enumerate(values)
    for door, (_, takes) in DOORS.items()
    if name in takes
]


@pytest.fixture
def unasked():
    """Fails the test if any network is asked anything."""
    asked = []
    hook = register_module_forward_pre_hook(lambda module, _: asked.append(type(module).__name__))
    yield
    hook.remove()
    assert not asked


@pytest.mark.parametrize("door, wrong, says", CASES)
@pytest.mark.usefixtures("unasked")
def test_a_wrong_setting_is_refused_in_a_sentence_at_the_call(door, wrong, says):
    with pytest.raises(ValueError, match=says):
        DOORS[door][0](**wrong)


# ------------------------------------------------------------------ what is right


@pytest.mark.parametrize("door", DOORS)
def test_usual_settings_fit_a_short_schedule(door):
    """Of five times, or four, where the last holds nothing of a picture."""
    found = DOORS[door][0]()
    found = getattr(found, "steps", found)
    if not isinstance(found, torch.Tensor | tuple):
        (found,) = deque(found, maxlen=1)
    shortest = ddpm.Schedule.named("cosine~zero_terminal", T)
    assert len(begin(MODEL, 1, schedule=shortest).timesteps) == T - 1


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_pictures_and_noise_may_have_any_precision(dtype):
    """They draw what the same numbers in float32 draw."""
    small, picture, large, noise = (
        torch.rand(*shape).mul(2).sub(1).to(dtype)
        for shape in ((2, 1, 4, 4), (1, 8, 8), (2, 1, 28, 28), (2, 1, 8, 8))
    )
    weights = torch.rand(2, 3).to(dtype)

    def drawn(of) -> list[torch.Tensor]:
        z, x_T = UNCLIP.invert(of(large))
        return [
            ddpm.sample(MODEL, 2, noise=of(noise), labels=of(weights)),
            ddpm.sample(MODEL, 2, start=(of(picture), 3), guidance=2.0, labels=of(weights)),
            CASCADE.enlarge(of(small)),
            UNCLIP.draw(of(z), of(x_T)) if dtype == torch.float64 else z,
            UNCLIP.edit(of(large), "a", "a boot", 0.5),
        ]

    for given, same in zip(drawn(lambda x: x), drawn(lambda x: x.float()), strict=True):
        assert given.dtype == torch.float32 and torch.equal(given, same)


@pytest.mark.parametrize("kind", [list, tuple, lambda x: torch.tensor(x, dtype=torch.uint8)])
def test_labels_may_be_a_list_or_small_numbers(kind):
    labels, long = kind([2, 1]), torch.tensor([2, 1])
    x, t = torch.randn(2, 1, 8, 8), torch.tensor([1, 3])
    for guided in (
        lambda given: ddpm.classifier_free_guided(MODEL.model, given)(x, t),
        lambda given: ddpm.classifier_free_guided(MODEL.model, given, 3.0)(x, t),
        lambda given: ddpm.label_gradient(GUIDE, given)(x, t),
        lambda given: ddpm.classifier_guided(MODEL.model, GUIDE, MODEL.schedule, given)(x, t),
        lambda given: ddpm.sample(MODEL, 2, labels=given),
        lambda given: CASCADE.sample(2, labels=given),
    ):
        with torch.no_grad():
            assert torch.equal(guided(labels), guided(long))


def test_a_classifier_may_be_given_by_its_shipped_name():
    model = ddpm.load_checkpoint("fashion_mnist", "cpu")
    by_name, loaded = (
        ddpm.sample(model, 1, labels=7, classifier=guide, guidance=4.0, steps=1)
        for guide in ("noisy_classifier", ddpm.NoisyClassifier.load(device="cpu"))
    )
    assert torch.equal(by_name, loaded)


def test_one_number_of_steps_is_that_of_both_stages():
    for found in (CASCADE.trajectory(1, steps=2), TEXT.stages(["a"], steps=2)):
        assert [step.step.i for step in found] == [0, 1, 0, 1]
    assert len(list(TEXT.stages(["a"], steps=[1, 2]))) == 3


@pytest.mark.parametrize("sampler", ddpm.sampling.samplers.ALL_SAMPLERS.values())
@pytest.mark.parametrize("times", [[1, 3], [3, 3], [3, -1], [3.5, 1.0], [T], [], ["3"], 3])
def test_a_sampler_refuses_times_that_it_can_not_visit(sampler, times):
    says = rf"timesteps must (be whole numbers|fall, between {T - 1} and 0)"
    with pytest.raises(ValueError, match=says):
        next(sampler(pytest.fail, MODEL.schedule, torch.zeros(1, 1, 8, 8), times))
    whole = torch.tensor([3, 1])
    steps = sampler(lambda x, t: x, MODEL.schedule, torch.zeros(1, 1, 8, 8), whole)
    assert [step.t for step in steps] == [3, 1]


@pytest.mark.parametrize("shift", [0, -1.0, NAN, float("inf"), "3", None])
def test_a_shift_that_is_none(shift):
    with pytest.raises(ValueError, match="shift must be a number above 0"):
        ddpm.Schedule.named("rectified_flow", T, shift=shift)
