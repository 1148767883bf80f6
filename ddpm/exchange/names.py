"""What other tools call a sampler or a spacing of ours."""

TOOLS = ("diffusers", "k-diffusion", "ComfyUI", "A1111")
# In the order of TOOLS; empty where it has none. How far they agree: docs/PROGRAMS.md.
SAMPLERS = {
    "ddpm": ("DDPMScheduler", "", "ddpm", ""),
    "ddim": ("DDIMScheduler", "sample_euler", "ddim", "DDIM"),
    "dpm_solver": ("DPMSolverMultistepScheduler", "sample_dpmpp_2m", "dpmpp_2m", "DPM++ 2M"),
    "deis": ("DEISMultistepScheduler", "", "deis", ""),
    "consistency": ("LCMScheduler", "", "lcm", "LCM"),
}
SPACINGS = {
    "trailing": ('timestep_spacing="trailing"', "", "simple", "Simple"),
    "leading": ('timestep_spacing="leading"', "", "ddim_uniform", "DDIM"),
    "linspace": ('timestep_spacing="linspace"', "get_sigmas", "normal", "Uniform"),
    "logsnr": ("use_exponential_sigmas", "get_sigmas_exponential", "exponential", "Exponential"),
}


def table() -> str:
    """All of them, as Markdown."""
    rows = [("ddpm", *TOOLS), ("---",) * (1 + len(TOOLS))]
    for name, theirs in {**SAMPLERS, **SPACINGS}.items():
        rows.append((f"`{name}`", *(f"`{each}`" if each else "–" for each in theirs)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
