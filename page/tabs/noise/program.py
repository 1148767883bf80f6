"""What the Noise tab shows, as a program over `ddpm`."""

from page.server.listeners.validation import check_setting
from page.tabs.noise.forward import CAT, MAX_SIZE
from page.tabs.noise.link import LINKED
from page.tabs.noise.settings import TAB
from page.widgets.links import Values
from page.widgets.programs import listed, quoted

PROGRAM = """
import torch
from PIL import Image, ImageOps

import ddpm

# the picture on the page, from a file beside this program
picture = ImageOps.exif_transpose(Image.open({file!r}))
channels = 1 if picture.mode in ("1", "L", "I", "I;16", "F") else 3
x_start = ddpm.from_pil(picture, min({size}, *picture.size), channels)[None]

eps = ddpm.randn_like(x_start, torch.Generator().manual_seed({seed}))
t = torch.tensor([{t}])
schedules = [{schedules}]
pictures = []
for name in schedules:
    schedule = ddpm.Schedule.named(name, {T}{rescale}){zero_terminal}
    pictures.append(ddpm.q_sample(schedule, x_start, t, eps))
    print(name[:40], "ᾱ_t =", ddpm.extract(schedule.alphas_cumprod, t, x_start).item())

ddpm.to_pil(ddpm.make_grid(torch.cat(pictures), nrow=len(pictures))).save("noise.png")
"""
ZERO_TERMINAL = "\n    schedule = ddpm.zero_terminal_snr(schedule)"


def program(shown: Values) -> str:
    """gr.Error names a setting that is wrong."""
    for name, setting in LINKED.settings.items():
        check_setting(setting, shown[name], TAB)
    schedules, hidden = shown["schedules"], shown["hidden"]
    visible = [each for each in schedules if each.split("~")[0] not in hidden]
    image = shown.get("image")  # its file, by its visitor's name for it
    name = image.get("orig_name") if isinstance(image, dict) else None
    return PROGRAM.format(
        file=name if isinstance(name, str) else CAT.name,
        size=MAX_SIZE,
        seed=shown["seed"],
        t=min(shown["t"], shown["T"] - 1),
        schedules=listed([quoted(text, 4) for text in visible or schedules]),
        T=shown["T"],
        rescale=", rescale=False" if shown["notebook"] else "",
        zero_terminal=ZERO_TERMINAL if shown["zero_terminal"] else "",
    ).lstrip()
