"""A diffusers pipeline for a network of ddpm-lab (MIT licence). `ddpm export` copies this file
as `pipeline.py`: it needs diffusers, and nothing of the package that made it.
"""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline, ImagePipelineOutput
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor


class DdpmPipeline(DiffusionPipeline):
    """Pictures of noise, by labels or without, with any scheduler of diffusers."""

    def __init__(
        self,
        unet: Any,
        scheduler: Any,
        usual_steps: int = 10,
        times: dict[str, list[int]] | None = None,
        eps_scale: float = 1.0,
        classes: list[str] | None = None,
    ):
        super().__init__()
        self.register_modules(unet=unet, scheduler=scheduler)
        settings = {"usual_steps": usual_steps, "times": times, "eps_scale": eps_scale}
        self.register_to_config(**settings, classes=classes)

    @torch.no_grad()
    def __call__(
        self,
        batch_size: int = 1,
        *,
        class_labels: int | list[int] | Tensor | None = None,
        guidance_scale: float = 1.0,
        num_inference_steps: int | None = None,
        latents: Tensor | None = None,
        generator: torch.Generator | list[torch.Generator] | None = None,
        output_type: str = "pil",
        return_dict: bool = True,
        callback_on_step_end: Callable | None = None,
    ) -> Any:
        """
        Args:
            batch_size: how many pictures.
            class_labels: a class for all, or one for each; None draws without.
            guidance_scale: 1 draws as learned, more follows the labels more closely.
            num_inference_steps: network calls; None for `usual_steps`, at the times that are best.
            latents: x_T (B, C, H, W), standard normal; None to draw it with `generator`.
            generator: one, or one for each picture.
            output_type: "pil", "np" (B, H, W, C) in [0, 1], or "pt" (B, C, H, W) in [-1, 1].
            callback_on_step_end: called as (pipeline, i, t, {"latents": x}); may return other x.
        """
        settings: Any = self.config
        config, device, dtype = self.unet.config, self._execution_device, self.unet.dtype
        shape = (batch_size, config.in_channels, config.sample_size, config.sample_size)
        x = randn_tensor(shape, generator, device, dtype) if latents is None else latents.to(device)
        labels = class_labels
        if labels is not None:
            labels = torch.as_tensor(labels, device=device).expand(len(x))
        self._set_times(num_inference_steps or settings.usual_steps, device)
        takes = inspect.signature(self.scheduler.step).parameters
        extra: dict[str, Any] = {"generator": generator} if "generator" in takes else {}
        if "use_clipped_model_output" in takes:  # DDIM's ε then agrees with the clipped x̂_0
            extra["use_clipped_model_output"] = True
        x = x * self.scheduler.init_noise_sigma
        bar: Any = self.progress_bar
        own = self.scheduler.timesteps.tolist() in (settings.times or {}).values()
        own = own and (labels is None or guidance_scale == 1)  # its scale was found unguided
        for i, t in enumerate(bar(self.scheduler.timesteps)):
            seen = self.scheduler.scale_model_input(x, t)
            output = self.unet(seen, t, labels).sample
            if labels is not None and guidance_scale != 1:
                without = self.unet(seen, t).sample
                output = without + guidance_scale * (output - without)
            if own and settings.eps_scale != 1:
                output = self._scaled(output, seen, t)
            x = self.scheduler.step(output, t, x, **extra).prev_sample
            if callback_on_step_end is not None:
                changed = callback_on_step_end(self, i, t, {"latents": x})
                x = (changed or {}).get("latents", x)
        images: Any = x
        if output_type != "pt":
            images = (x / 2 + 0.5).clamp(0, 1).cpu().permute(0, 2, 3, 1).float().numpy()
            if output_type == "pil":
                images = self.numpy_to_pil(images)
        return ImagePipelineOutput(images=images) if return_dict else (images,)

    def _scaled(self, output: Tensor, x: Tensor, t: Tensor) -> Tensor:
        """Of what says ε / eps_scale, unless the log-SNR is below -3 (Ning et al. 2024)."""
        config: Any = self.config
        kept = self.scheduler.alphas_cumprod[t]
        if kept.logit() < -3:
            return output
        signal, noise, more = kept.sqrt(), (1 - kept).sqrt(), 1 / config.eps_scale - 1
        predicts = self.scheduler.config.prediction_type
        if predicts == "epsilon":
            return output + more * output
        if predicts == "v_prediction":
            return output + more * (noise * x + signal * output) / signal
        return output - more * (x - signal * output) / signal

    def _set_times(self, steps: int, device: Any) -> None:
        """Those that are best for this number of steps, where they are known; "trailing" ones for
        others; or the scheduler's own, if it takes none."""
        if "timesteps" not in inspect.signature(self.scheduler.set_timesteps).parameters:
            return self.scheduler.set_timesteps(steps, device=device)
        count = int((self.scheduler.alphas_cumprod > 0).sum())  # ε says nothing where ᾱ is 0
        config: Any = self.config
        times = (config.times or {}).get(str(steps))
        if times is None:
            even = torch.arange(steps, dtype=torch.float64) * (-count / steps) + (count - 1)
            times = even.round().long().tolist()
        return self.scheduler.set_timesteps(timesteps=times, device=device)
