"""A run of the Train tab as a program over `ddpm`."""

from dataclasses import fields

from ddpm.config import Config
from ddpm.presets import PRESETS
from page.server.listeners.validation import check_setting
from page.tabs.train import own_pictures
from page.tabs.train.recipe import SETTINGS, TAB, Recipe
from page.widgets.links import Values
from page.widgets.programs import listed, quoted, scale
from page.widgets.training_monitor.progress import CALLS, GUIDANCE, SHOWN

PROGRAM = """
from dataclasses import replace
{imports}
import ddpm

config = ddpm.PRESETS[{preset!r}]
{changed}{images}

for step in ddpm.fit(config, images, labels):
    if step.step % 50 == 0:
        print(step.step, step.loss)

pictures = ddpm.sample(
    step.model, {count}, labels={labels}, sampler="dpm_solver", steps={calls}, guidance={guidance}
)
ddpm.to_pil(ddpm.make_grid(pictures, nrow=10), scale={scale}).save("trained.png")
"""
PART = "config = replace(config, {part}=replace(config.{part}, **{{{changes}}}))\n"
NAMED = """
data = ddpm.DATASETS[{name!r}].load("train")
images, labels = data.images, data.labels"""
OWN_IMPORTS = "from pathlib import Path\n\nimport torch\nfrom PIL import Image\n"
# the page's network is then one without classes, with the pictures' channels
OWN = """
# your pictures, in a folder beside this program
files = sorted(Path("pictures").iterdir())
images = torch.stack(
    [ddpm.to_uint8(ddpm.from_pil(Image.open(file), {size}, 3)) for file in files]
)
if (images == images[:, :1]).all():
    images = images[:, :1]
labels = None
unet = replace(config.unet, channels=images.shape[1], num_classes=None{sized})
train = replace(config.train, batch_size=min(config.train.batch_size, len(images)))
config = replace(config, unet=unet, train=train)"""


def program(shown: Values) -> str:
    """gr.Error names a setting that is wrong."""
    source = shown["data"]
    check_setting(own_pictures.SOURCE, source, TAB)
    recipe = Recipe(**{name: shown[name] for name in SETTINGS})
    config, data = recipe.config(), own_pictures.CHOICES[source]
    if size := own_pictures.SIZES.get(source):
        patch = own_pictures.patch(config.unet, size)
        is_larger = size > config.unet.image_size
        sized = f", image_size={size}, patch={patch}" if is_larger else ""
        imports, images = OWN_IMPORTS, OWN.format(size=size, sized=sized)
    else:
        config = own_pictures.config(config, source)
        imports, images = "", NAMED.format(name=data.name)
    return PROGRAM.format(
        imports=imports,
        preset=recipe.preset,
        changed=_changed(recipe.preset, config),
        images=images,
        count=SHOWN,
        labels=f"[k % {len(data.classes)} for k in range({SHOWN})]" if data.classes else None,
        calls=min(CALLS, config.diffusion.T),
        guidance=GUIDANCE,
        scale=scale(SHOWN, 10),
    ).lstrip()


def _changed(preset: str, config: Config) -> str:
    """The lines that make the preset's configuration this one."""
    lines = []
    for part, before in PRESETS[preset].parts().items():
        now = {field.name: getattr(config.parts()[part], field.name) for field in fields(before)}
        changes = {name: value for name, value in now.items() if value != getattr(before, name)}
        if changes:
            entries = [f"{name!r}: {quoted(value, 4)}" for name, value in changes.items()]
            lines.append(PART.format(part=part, changes=listed(entries)))
    return "".join(lines)
