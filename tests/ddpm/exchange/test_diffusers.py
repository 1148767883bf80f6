"""Models and films of diffusers, against diffusers' own pipelines and schedulers."""

import shutil

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMPipeline,
    DDIMScheduler,
    DDPMPipeline,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    UNet2DModel,
    UniPCMultistepScheduler,
)
from safetensors.torch import load_file, save_file

import ddpm
from ddpm.presets import PRESETS, STUDENT

close = torch.testing.assert_close
SMALL = {
    "sample_size": 8, "in_channels": 1, "out_channels": 1, "layers_per_block": 1,
    "norm_num_groups": 4, "block_out_channels": (8, 16), "attention_head_dim": 4,
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
}  # fmt: skip


def unet(**settings):
    torch.manual_seed(3)
    return UNet2DModel(**(SMALL | settings)).eval()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pipeline as diffusers saves it."""
    path = tmp_path_factory.mktemp("pipeline")
    DDPMPipeline(unet(), DDPMScheduler(beta_schedule="squaredcos_cap_v2")).save_pretrained(path)
    return path


def noise(n, seed=0):
    return torch.randn(n, 1, 8, 8, generator=torch.Generator().manual_seed(seed))


def test_a_saved_pipeline_draws_here_what_it_draws_there(folder):
    model = ddpm.from_diffusers(folder, device="cpu")
    theirs = DDIMPipeline.from_pretrained(folder)
    settings = dict(theirs.scheduler.config) | {"timestep_spacing": "trailing"}
    theirs.scheduler = DDIMScheduler.from_config(settings)
    theirs.set_progress_bar_config(disable=True)
    drawn = theirs(
        2, generator=torch.Generator().manual_seed(0), num_inference_steps=10, output_type="np",
        use_clipped_model_output=True,
    )  # fmt: skip
    ours = ddpm.sample(model, 2, noise=noise(2), sampler="ddim", steps=10, spacing="trailing")
    expected = torch.from_numpy(drawn.images).permute(0, 3, 1, 2) * 2 - 1
    close(ours.clamp(-1, 1), expected, atol=1e-4, rtol=0)
    for sampler in ddpm.SAMPLERS:  # and under all others it draws something
        assert ddpm.sample(model, 1, sampler=sampler, steps=3).isfinite().all()


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_classes_and_what_a_network_predicts(kind):
    """DDIM's steps by diffusers' scheduler, with labels; the last class stands for none."""
    scheduler = DDIMScheduler(prediction_type=kind, timestep_spacing="trailing")
    network = unet(num_class_embeds=4)
    pipeline = DDIMPipeline(network, scheduler)
    pipeline.scheduler = scheduler  # the pipeline has made one of its own
    model = ddpm.from_diffusers(pipeline, no_label=True, device="cpu")
    assert model.network.num_classes == 3 and model.network.shape == (1, 8, 8)
    x = noise(2)
    scheduler.set_timesteps(5)
    with torch.no_grad():
        for t in scheduler.timesteps:
            label, none = (network(x, t, torch.tensor(y)).sample for y in ([2, 0], [3, 3]))
            guided = none + 2.0 * (label - none)
            x = scheduler.step(guided, t, x, use_clipped_model_output=True).prev_sample
    settings = {"sampler": "ddim", "steps": 5, "spacing": "trailing", "noise": noise(2)}
    close(ddpm.sample(model, 2, labels=[2, 0], guidance=2.0, **settings), x, atol=1e-4, rtol=0)
    without = ddpm.from_diffusers(pipeline, device="cpu")
    assert without.network.num_classes == 4
    for asked in ({}, {"labels": 1, "guidance": 2.0}):
        with pytest.raises(ValueError, match="no class that stands for no label"):
            ddpm.sample(without, 2, **settings, **asked)
    with pytest.raises(ValueError, match="one label for each picture"):
        ddpm.sample(model, 2, labels=torch.eye(3)[:2], **settings)


def test_what_can_not_be_read_or_asked_is_said(folder, tmp_path):
    with pytest.raises(ddpm.CheckpointError, match="not a pipeline that diffusers can load"):
        ddpm.from_diffusers(tmp_path / "nowhere")
    pickled = tmp_path / "pickled"
    DDPMPipeline.from_pretrained(folder).save_pretrained(pickled, safe_serialization=False)
    with pytest.raises(ddpm.CheckpointError, match="from safetensors"):
        ddpm.from_diffusers(pickled)
    (tmp_path / "other").mkdir()
    other = '{"_class_name": "OtherPipeline", "_diffusers_version": "0.33.0", "text": ["a", "B"]}'
    (tmp_path / "other/model_index.json").write_text(other)
    with pytest.raises(ddpm.CheckpointError, match="a OtherPipeline, not a pipeline with a UNet2D"):
        ddpm.from_diffusers(tmp_path / "other")
    flow = DDPMPipeline(unet(), DDPMScheduler())
    flow.scheduler = FlowMatchEulerDiscreteScheduler()
    with pytest.raises(ValueError, match="FlowMatchEulerDiscreteScheduler has no β"):
        ddpm.from_diffusers(flow)
    garments = DDPMScheduler(prediction_type="v_prediction")
    DDPMPipeline(unet(), garments).save_pretrained(tmp_path / "v")
    for config, role in ((STUDENT, "teacher"), (PRESETS["minute"], "start")):
        with pytest.raises(ValueError, match="network of diffusers"):
            ddpm.run_training(tmp_path / "run", config, **{role: tmp_path / "v"})
    with pytest.raises(ValueError, match="has no classes"):
        ddpm.from_diffusers(DDPMPipeline(unet(), DDPMScheduler()), no_label=True)


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ({"conv_in.bias": torch.zeros(3)}, r"do not fit .*config\.json: .*conv_in\.bias.*\[8\]"),
        ({}, r"lack conv_in\.bias, which the network of its config\.json has"),
    ],
    ids=["shape", "missing"],
)
def test_weights_of_another_network_are_refused(folder, tmp_path, instead, said):
    """diffusers raises a traceback for the first and draws the second at random."""
    other = shutil.copytree(folder, tmp_path / "other")
    file = other / "unet/diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    del weights["conv_in.bias"]
    save_file(weights | instead, file, {"format": "pt"})
    with pytest.raises(ddpm.CheckpointError, match=said) as caught:
        ddpm.load(other, "cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "scheduler",
    [
        DDPMScheduler(), DDIMScheduler(), DPMSolverMultistepScheduler(), UniPCMultistepScheduler(),
        EulerDiscreteScheduler(),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_the_film_of_any_scheduler(scheduler):
    """A network that knows the picture behind all noise: x̂_0 is that picture at each step."""
    picture = noise(1, seed=5).clamp(-1, 1)

    class Knows(torch.nn.Module):
        config, dtype, device = unet().config, torch.float32, torch.device("cpu")

        def forward(self, x, t):
            if isinstance(scheduler, EulerDiscreteScheduler):  # x is x_t / √(σ² + 1)
                sigma = scheduler.sigmas[scheduler.step_index or 0]
                eps = (x * (sigma**2 + 1).sqrt() - picture) / sigma
            else:
                signal = scheduler.alphas_cumprod[t.long()]
                eps = (x - signal.sqrt() * picture) / (1 - signal).sqrt()
            return type("Output", (), {"sample": eps})

    class Pipeline:
        """What all pipelines do."""

        def __init__(self):
            self.scheduler, self.unet = scheduler, Knows()

        def __call__(self, steps):
            self.scheduler.set_timesteps(steps)
            x = noise(1) * self.scheduler.init_noise_sigma
            for t in self.scheduler.timesteps:
                eps = self.unet(self.scheduler.scale_model_input(x, t), t).sample
                x = self.scheduler.step(eps, t, x, return_dict=False)[0]
            self.drawn = x

    pipeline = Pipeline()
    x, steps = ddpm.films(pipeline, steps=5)
    assert "step" not in vars(scheduler)  # it is the scheduler's own again
    assert [step.t for step in steps] == scheduler.timesteps.long().tolist()
    close(x, noise(1) * scheduler.init_noise_sigma)
    close(steps[-1].x, pipeline.drawn)
    for step in steps:
        close(step.x_start, picture, atol=2e-3, rtol=0)
    assert len(ddpm.figures.trajectory(x, steps).axes) > 0


@pytest.mark.parametrize(
    ("scaled", "mean", "std"),
    [({}, 0.0, 1.0), ({"shift_factor": 0.3}, 0.3, 1.0),
     ({"latents_mean": (0.5, -1.0), "latents_std": (2.0, 0.5)}, (0.5, -1.0), (2.0, 0.5))],
    ids=["plain", "shifted", "by channel"],
)  # fmt: skip
def test_the_film_of_a_flow_and_of_latents(scaled, mean, std):
    """x_t = (1-σ) x_0 + σ ε, whose velocity is ε - x_0; a VAE's latents are shown as pictures."""
    scheduler = FlowMatchEulerDiscreteScheduler()
    vae = AutoencoderKL(
        latent_channels=2, block_out_channels=(4,), norm_num_groups=2, **scaled
    ).eval()
    latents, eps = torch.randn(2, 1, 2, 4, 4)

    class Pipeline:
        def __init__(self):
            self.scheduler, self.vae = scheduler, vae

        def __call__(self):
            scheduler.set_timesteps(4)
            x = eps
            for t in scheduler.timesteps:
                x = scheduler.step(eps - latents, t, x).prev_sample

    x, steps = ddpm.films(Pipeline())
    with torch.no_grad():
        mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (mean, std))
        expected = vae.decode(latents * std / vae.config.scaling_factor + mean).sample
    assert x.shape == expected.shape == (1, 3, 4, 4) and len(steps) == 4
    for step in steps:
        close(step.x_start, expected, atol=1e-4, rtol=1e-4)
    close(steps[-1].x, expected, atol=1e-4, rtol=1e-4)
    assert np.isfinite(np.asarray(ddpm.to_pil(steps[0].x_start[0]))).all()


def test_a_pipeline_without_steps_or_pictures_is_refused():
    class Pipeline:
        scheduler = DDPMScheduler()

        def __call__(self, x=None):
            if x is not None:
                self.scheduler.step(x, 999, x)

    with pytest.raises(ValueError, match="took no step"):
        ddpm.films(Pipeline())
    for shape in ((1, 16, 4), (1, 4, 3, 2, 2)):  # packed, as Flux has them; a video
        with pytest.raises(ValueError, match="a video or packed latents, where"):
            ddpm.films(Pipeline(), torch.zeros(shape))
