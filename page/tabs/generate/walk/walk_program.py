"""What Walk draws at its place, as a program over `ddpm`."""

from page.models.pretrained import loaded
from page.models.registry import walker
from page.models.request import ANY
from page.tabs.generate.walk.walk import CORNERS, place_of, seeds_from
from page.widgets.links import Values
from page.widgets.programs import scale

WALKING = """
model = load({model!r})
x, y = {x}, {y}  # the place on the pad; the corners' weights sum to 1
weights = torch.outer(torch.tensor([1 - y, y]), torch.tensor([1 - x, x])).flatten()
{mixture}
picture = ddpm.sample(
    model, 1, labels={labels}, noise={noise}, sampler={sampler!r}, steps={steps}, seed={seed}
)

ddpm.to_pil(picture[0], scale={scale}).save("picture.png")
"""
BETWEEN_NOISES = """\
# a sum of normal noises is as normal over the root of the squares
sources = ddpm.generators({count}, {seeds})
noises = ddpm.randn_like(torch.empty({count}, 1, 28, 28), sources)
noise = (weights.view(-1, 1, 1, 1) * noises).sum(0, keepdim=True) / weights.norm()
"""
BETWEEN_CLASSES = """\
labels = torch.zeros(1, {classes})  # the weight of each class, summed over the corners
for k, weight in zip({corners}, weights):
    labels[0, k] += weight
"""


def walking(shown: Values) -> str:
    """What Walk draws at its place."""
    place, kind = place_of(shown), walker()
    assert kind is not None
    if place.corners == "classes":
        mixture = BETWEEN_CLASSES.format(classes=len(kind.classes(None)), corners=place.classes)
        labels, noise = "labels", None
    else:
        mixture = BETWEEN_NOISES.format(count=CORNERS, seeds=place.seeds or seeds_from(place.seed))
        labels, noise = None if place.label == ANY else place.label, "noise"
    body = WALKING.format(
        model=kind.saved_as(None),
        x=place.x,
        y=place.y,
        mixture=mixture,
        labels=labels,
        noise=noise,
        sampler=next(iter(kind.samplers)),
        steps=kind.walk_calls,
        scale=scale(1, 1),
        seed=place.seed,
    )
    return loaded() + body
