"""What the points do at the settings of their view, as a program over `ddpm`."""

import gradio as gr

from page.tabs.generate.plane.plane import LINKED, InPlane, updates
from page.texts import Refusal
from page.widgets.links import Place, Values
from page.widgets.programs import quoted

PROGRAM = """
from math import cos, pi, sin

import numpy as np
import torch

import ddpm
from ddpm.diffusion.ideal import exact_eps

uniform, normal = np.random.RandomState(0), torch.Generator().manual_seed(0)


def u():
    return int(uniform.randint(2**32, dtype=np.uint32)) / 2**32


def z():
    return torch.randn(1, generator=normal).item()

{cloud}


x, y, labels = zip(*map(point, range(400)))
data, labels = torch.tensor([x, y]).T[:, None, None], torch.tensor(labels)  # (N, 1, 1, 2), (N,)
schedule = ddpm.Schedule.named({schedule}, 1000)
{eps_fn}
seed = torch.Generator().manual_seed({seed})
x = torch.randn(2000, 1, 1, 2, generator=seed)
times = ddpm.spaced_timesteps(schedule, {calls})
for step in ddpm.{sampler}(eps_fn, schedule, x, times, clip=False, generator=seed):
    print(step.t, step.x.flatten(1).std(0))
ends = step.x.flatten(1)  # (2000, 2)
"""
CLOUDS = {
    "moons": """
def point(k):
    angle = u() * pi
    x, y = (1 - cos(angle), 0.5 - sin(angle)) if k % 2 else (cos(angle), sin(angle))
    return 1.2 * (x - 0.5) + 0.07 * z(), 1.6 * (y - 0.25) + 0.07 * z(), k % 2
""",
    "spiral": """
def point(k):
    part = u() ** 0.5
    angle, radius = (1.5 * part + k % 2 / 2) * 2 * pi, 0.1 + 1.7 * part
    return radius * cos(angle) + 0.04 * z(), radius * sin(angle) + 0.04 * z(), k % 2
""",
    "checkerboard": """
def point(k):
    column, half = int(4 * u()), int(2 * u())
    row = 2 * half + column % 2
    return (column + u()) * 0.9 - 1.8, (row + u()) * 0.9 - 1.8, int(column >= 2)
""",
    "gaussians": """
def point(k):
    angle = k % 8 / 8 * 2 * pi
    return 1.5 * cos(angle) + 0.12 * z(), 1.5 * sin(angle) + 0.12 * z(), k % 8
""",
}
GUIDED = """

def eps_fn(x, t):
    return torch.lerp(away(x, t), towards(x, t), {scale})

"""
BLURRED = """

def away(x, t):
    \"\"\"The exact ε of points that are Gaussians of standard deviation 0.5.\"\"\"
    acp = schedule.exact_alphas_cumprod[t].to(x)[:, None]
    flat, variance = x.flatten(1), 1 - acp + 0.25 * acp
    away = torch.cdist(flat / acp.sqrt(), data.flatten(1)) ** 2
    weights = (-away * acp / (2 * variance)).softmax(1)
    mean = acp.sqrt() * (weights @ data.flatten(1))
    return ((1 - acp).sqrt() * (flat - mean) / variance).view_as(x)
"""
REFLOWED = """
# reflow: pair each noise with the place where the flow takes it
noise = torch.randn(1000, 1, 1, 2, generator=torch.Generator().manual_seed({seed} + 1))
times = ddpm.spaced_timesteps(schedule, 100)
for step in ddpm.ddim({known}, schedule, noise, times, clip=False):
    pass


def on_the_line(x, t):
    \"\"\"x_t as (1-τ) x_0 + τ z, and τ.\"\"\"
    acp = schedule.exact_alphas_cumprod[t].to(x)
    whole = acp.sqrt() + (1 - acp).sqrt()
    return x.flatten(1) / whole, (1 - acp).sqrt() / whole


ends, (noises, _) = step.x.flatten(1), on_the_line(noise, times[0])


def eps_fn(x, t):
    \"\"\"x_τ + (1-τ) v: v is the mean of z - x_0 over the pairs whose lines come near.\"\"\"
    here, tau = on_the_line(x, t[0])
    away = torch.cdist(here, ends + tau * (noises - ends)) ** 2
    velocity = (-away / (2 * 0.1**2)).softmax(1) @ (noises - ends)
    return (here + (1 - tau) * velocity).view_as(x)

"""
IN_THE_BROWSER = {"way": "network", "cloud": "own"}  # what no program has


def program(shown: Values) -> str:
    """Of what the view shows; the usual, while it is still on its way."""
    if any(shown.get(name) == alone for name, alone in IN_THE_BROWSER.items()):
        raise Refusal("points_no_program")
    own = InPlane(**{name: shown[name] for name in InPlane.__dataclass_fields__ if name in shown})
    known = "exact_eps(schedule, data)"
    if own.way == "reflow":
        eps_fn = REFLOWED.format(seed=own.seed, known=known)
    elif own.guide == "none":
        eps_fn = f"eps_fn = {known}"
    elif own.guide == "class":
        label = own.label if own.label < (8 if own.cloud == "gaussians" else 2) else 0
        of_class = f"exact_eps(schedule, data[labels == {label}])"
        eps_fn = f"away, towards = {known}, {of_class}\n" + GUIDED.format(scale=own.scale)
    else:
        eps_fn = f"towards = {known}\n" + BLURRED + GUIDED.format(scale=own.scale)
    is_flow = own.way != "diffusion"
    return PROGRAM.format(
        cloud=CLOUDS[own.cloud].rstrip(),
        schedule=quoted("rectified_flow" if is_flow else own.schedule, 4),
        eps_fn=eps_fn,
        seed=own.seed,
        calls=own.calls,
        sampler="ddim" if is_flow else own.sampler,
    ).lstrip()


def place(view: gr.HTML) -> Place:
    """What links to the view say; the browser holds all of it."""
    return Place(LINKED, {}, [view], updates, program, browser=tuple(LINKED.settings))
