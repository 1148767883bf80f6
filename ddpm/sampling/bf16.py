"""The same model, faster on a CPU that computes in bfloat16."""

from ddpm.diffusion.denoiser import Denoiser
from ddpm.networks.bf16 import InBf16, computes_in_bf16


def in_bf16(model: Denoiser) -> Denoiser:
    """The model with a copy of its network in bfloat16, or the model itself if its device is no CPU
    that has the instructions."""
    device = model.schedule.device
    if device.type != "cpu" or not computes_in_bf16(device):
        return model
    return Denoiser(InBf16(model.network), model.schedule, model.objective).eval()
