"""`sample` and `trajectory`, against the same run written out by hand."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

import ddpm
from ddpm.checkpoint import Part, as_denoiser, as_part, build_network
from ddpm.sampling.sample import begin, sample, trajectory
from ddpm.sampling.samplers import BEST_SPACING, SAMPLERS, STUDENT_SAMPLERS
from devtools.configs import altered
from devtools.tiny_models import save_network

close = torch.testing.assert_close
EVERY = SAMPLERS | STUDENT_SAMPLERS  # a bare Denoiser may be a student
LABELS = torch.tensor([2, 0, 1])
PICTURE = torch.zeros(1, 8, 8)


@pytest.fixture
def checkpoint(tiny_config) -> Part:
    """A network whose output depends on every input, labels too."""
    network = build_network(tiny_config)
    gen = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=gen) / 10)
    return as_part(network, tiny_config, {}, "cpu")


@pytest.fixture
def model(checkpoint) -> ddpm.Denoiser:
    return checkpoint.model


def noise(n: int, seed: int) -> torch.Tensor:
    seeds = [torch.Generator().manual_seed(seed + k) for k in range(n)]
    return torch.stack([torch.randn(1, 8, 8, generator=g) for g in seeds])


# ------------------------------------------------------------------ what it does


@pytest.mark.parametrize("sampler", EVERY)
def test_a_trajectory_is_the_run_written_out_by_hand(model, sampler):
    """Noise from each picture's own seed, guidance by its formula, and the sampler itself."""
    seeds = [torch.Generator().manual_seed(5 + k) for k in range(3)]
    x = torch.stack([torch.randn(1, 8, 8, generator=g) for g in seeds])

    def guided(x, t):
        without = model(x, t, torch.full((3,), 3))  # 3 is "no label" of three classes
        return without + 2.5 * (model(x, t, LABELS) - without)

    times = ddpm.spaced_timesteps(model.schedule, 6, BEST_SPACING[sampler])
    by_hand = list(EVERY[sampler](guided, model.schedule, x, times, generator=seeds))

    settings = {"labels": LABELS, "sampler": sampler, "steps": 6, "guidance": 2.5, "seed": 5}
    steps = list(trajectory(model, 3, **settings))
    assert [step.t for step in steps] == times
    for ours, theirs in zip(steps, by_hand, strict=True):
        close(ours.x, theirs.x, rtol=1e-4, atol=1e-4)
        close(ours.x_start, theirs.x_start, rtol=1e-4, atol=1e-4)
    assert torch.equal(sample(model, 3, **settings), steps[-1].x)
    run = begin(model, 3, **settings)
    assert torch.equal(run.x, x) and run.timesteps == times


@pytest.mark.parametrize("sampler", EVERY)
@pytest.mark.parametrize("start", [None, (PICTURE, 30)], ids=["noise", "picture"])
def test_picture_k_has_seed_plus_k_at_any_batch_size(model, sampler, start):
    """Also if the sampler draws noise at each step."""
    settings = {"sampler": sampler, "steps": 5, "labels": 1, "start": start}
    together = sample(model, 4, seed=3, **settings)
    for k in range(4):
        alone = sample(model, 1, seed=3 + k, **settings)[0]
        close(alone, together[k], rtol=0, atol=1e-4)  # processors add in other orders
    assert (together[0] - together[1]).abs().max() > 1e-2


def test_each_picture_may_have_a_seed_of_its_own(model):
    settings = {"sampler": "ddpm", "steps": 5, "labels": 1}
    together = sample(model, 3, seed=[7, 3, 8], **settings)
    close(sample(model, 2, seed=7, **settings), together[[0, 2]], rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match="3 images need as many seeds, not 2"):
        begin(model, 3, seed=[7, 3])


def test_a_label_for_all_a_list_and_a_tensor_are_the_same(model):
    one_for_all = sample(model, 3, labels=2, steps=3)
    for labels in ([2, 2, 2], torch.tensor([2, 2, 2]), torch.tensor(2, dtype=torch.uint8)):
        assert torch.equal(sample(model, 3, labels=labels, steps=3), one_for_all)
    mixed = sample(model, 3, labels=[2, 0, 1], steps=3)
    assert torch.equal(mixed[0], one_for_all[0])
    assert not torch.equal(mixed[1], one_for_all[1])
    assert torch.equal(sample(model, 3, steps=3), sample(model, 3, labels=3, steps=3))  # 3: none


@pytest.mark.parametrize("guidance", [1.0, 2.5])
def test_labels_may_be_weights(model, guidance):
    weights = torch.eye(3)[LABELS]
    of_weights = sample(model, 3, labels=weights, guidance=guidance, steps=4)
    close(of_weights, sample(model, 3, labels=LABELS, guidance=guidance, steps=4))


@pytest.mark.parametrize("sampler", ["ddpm", "dpm_solver"])
def test_the_noise_to_begin_with_may_be_given(model, sampler):
    """Noise that is added later stays the seeds'."""
    settings = {"sampler": sampler, "steps": 4, "seed": 5}
    close(sample(model, 3, noise=noise(3, 5), **settings), sample(model, 3, **settings))
    run = begin(model, 3, noise=noise(3, 9), **settings)
    assert torch.equal(run.x, noise(3, 9))
    assert not torch.equal(sample(model, 3, noise=noise(3, 9), **settings), run.x)


@pytest.mark.parametrize("each", [False, True], ids=["one for all", "one each"])
def test_a_start_is_the_noised_picture(model, each):
    pictures = torch.rand(3, 1, 8, 8) * 2 - 1
    picture = pictures if each else pictures[0]
    run = begin(model, 3, start=(picture, 20), steps=4, seed=7)
    acp = model.schedule.exact_alphas_cumprod[20].item()
    x_t = math.sqrt(acp) * picture.expand(3, 1, 8, 8) + math.sqrt(1 - acp) * noise(3, 7)
    close(run.x, x_t, rtol=1e-5, atol=1e-5)
    assert run.timesteps[0] == 20 and len(run.timesteps) == 4
    with pytest.raises(ValueError, match="from 1 to 21, not 22"):
        begin(model, 3, start=(picture, 20), steps=22)
    with pytest.raises(ValueError, match="has that of its seeds"):
        begin(model, 3, start=(picture, 20), noise=noise(3, 7))


def test_clip_may_be_a_function_or_none(model):
    def halved(x_start):
        return x_start.clamp(-0.5, 0.5)

    steps = list(trajectory(model, 2, steps=4, clip=halved))
    assert max(step.x_start.abs().max() for step in steps) <= 0.5
    steps = list(trajectory(model, 2, steps=4, clip=False))
    assert max(step.x_start.abs().max() for step in steps) > 1


@pytest.mark.parametrize("sampler", EVERY)
def test_where_the_terminal_snr_is_zero_sampling_starts_one_step_earlier(model, sampler):
    """At T-1, ε would say nothing about x_0."""
    T = model.schedule.T
    schedule = ddpm.Schedule.named("cosine~zero_terminal", T)
    steps = list(trajectory(model, 2, sampler=sampler, steps=T - 1, schedule=schedule))
    assert [step.t for step in steps] == list(range(T - 2, -1, -1))
    with pytest.raises(ValueError, match=f"from 1 to {T - 1}"):
        begin(model, 2, sampler=sampler, steps=T, schedule=schedule)
    assert begin(model, 2, steps=T).timesteps[0] == T - 1  # as ever


def test_none_means_the_checkpoints_best_settings(checkpoint):
    own = replace(checkpoint, info={"sampling": {"sampler": "ddim", "steps": 3}})
    ddim3 = list(trajectory(checkpoint.model, 2, sampler="ddim", steps=3))
    by_itself = list(trajectory(own, 2))
    assert [step.t for step in by_itself] == [step.t for step in ddim3]
    assert torch.equal(by_itself[-1].x, ddim3[-1].x)
    assert len(list(trajectory(own, 1, steps=5))) == 5  # explicit settings come first
    deis3 = sample(checkpoint, 1, sampler="deis", steps=3)
    assert torch.equal(sample(own, 1, sampler="deis"), deis3)
    assert len(list(trajectory(own, 1, start=(PICTURE, 1)))) == 2  # only two times are left


def test_without_best_settings_it_is_dpm_solver(checkpoint):
    fast = sample(checkpoint.model, 2, sampler="dpm_solver", steps=10)
    assert torch.equal(sample(checkpoint, 2), fast)
    assert torch.equal(sample(checkpoint.model, 2), fast)
    assert sample(checkpoint, steps=1).shape == (16, 1, 8, 8)


# ------------------------------------------------------------------ where it computes


def test_another_device_gets_a_copy(model):
    """The device "meta" computes no values, only shapes."""
    run = begin(model, 2, device="meta", sampler="ddpm", spacing="trailing", steps=2)
    assert run.x.device.type == "meta" and run.x.shape == (2, 1, 8, 8)
    assert model.schedule.device.type == "cpu"
    assert {p.device.type for p in model.parameters()} == {"cpu"}
    assert torch.equal(sample(model, 2, device="cpu", steps=2), sample(model, 2, steps=2))


def test_another_name_for_its_own_device_copies_nothing(model, monkeypatch):
    monkeypatch.setattr(copy, "deepcopy", lambda _: pytest.fail("a copy"))
    assert sample(model, 1, device="cpu:0", steps=1).shape == (1, 1, 8, 8)


def test_labels_are_checked_before_they_go_to_an_accelerator(model):
    """There, an unknown label ends the process."""
    with pytest.raises(ValueError, match="between 0 and 2"):
        begin(model, 2, device="meta", labels=[0, 4])


def test_the_global_rng_and_the_callers_grad_mode_are_left_alone(model, global_rng_untouched):
    with global_rng_untouched():
        sample(model, 2, labels=1, sampler="ddpm", steps=3)
    for _ in trajectory(model, 2, steps=3):
        assert torch.is_grad_enabled()


# ------------------------------------------------------------------ what it refuses


def test_labels_for_a_network_without_are_refused(tiny_config):
    config = altered(tiny_config, unet={"num_classes": None})
    model = as_denoiser(build_network(config), config)
    with pytest.raises(ValueError, match="without labels"):
        trajectory(model, 2, labels=1)
    assert sample(model, 2, steps=2).shape == (2, 1, 8, 8)


@pytest.mark.parametrize("wrong", ["fashion_mnist", nn.Identity()])
def test_what_is_no_model_is_refused(wrong):
    with pytest.raises(ValueError, match=r"a Checkpoint or a Denoiser, not (str|Identity)"):
        trajectory(wrong)


def test_a_misspelt_setting_is_refused(model):
    with pytest.raises(TypeError, match="step"):
        trajectory(model, 2, step=5)


def test_a_worse_model_guides(tmp_path, tiny_config):
    """By hand: two networks, one step of DDIM from their weighted ε. As a file it is the same."""
    files = [tmp_path / f"{name}.safetensors" for name in ("good", "worse")]
    for seed, file in enumerate(files):
        save_network(file, altered(tiny_config, train={"seed": seed}))
    good, worse = (ddpm.load_checkpoint(file, "cpu") for file in files)
    settings = dict(labels=1, guidance=1.5, sampler="ddim", steps=1, clip=False, seed=3)
    (step,) = trajectory(good, 2, guide=worse, **settings)
    x_T, t = ddpm.randn_like(torch.empty(2, 1, 8, 8), ddpm.generators(2, 3)), torch.tensor([49, 49])
    eps = [model.model(x_T, t, torch.tensor([1, 1])) for model in (good, worse)]
    acp = good.schedule.alphas_cumprod[49]
    eps = eps[1] + 1.5 * (eps[0] - eps[1])
    close(step.x_start, (x_T - (1 - acp).sqrt() * eps) / acp.sqrt(), rtol=1e-4, atol=1e-3)
    assert torch.equal(sample(good, 2, guide=files[1], **settings), step.x)
    assert not torch.equal(sample(good, 2, **settings), step.x)


@pytest.mark.parametrize(
    ("guide", "changes", "says"),
    [
        (7, {}, "guide must be a Checkpoint of one network, or its name, not 7"),
        ("noisy_classifier", {}, "NoisyClassifier"),
        ("cascade", {}, "Cascade"),
        ("fashion_mnist", {}, "knows pictures"),
        ("fashion_mnist", {"classifier": "noisy_classifier"}, "not both"),
    ],
)
def test_what_can_be_no_guide(checkpoint, guide, changes, says):
    with pytest.raises((ValueError, ddpm.CheckpointError), match=says):
        sample(checkpoint, 1, guide=guide, guidance=2.0, steps=1, **changes)
