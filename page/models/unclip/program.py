"""What Draw and Compare show of DALL·E 2's way, as programs over `ddpm`."""

from typing import Any

from page.models.pretrained import sketch
from page.models.two_stages import within
from page.models.words import COMPARING
from page.widgets.programs import quoted, saved

LOADED = """{imports}import ddpm
{more}
model = ddpm.UnClip.load({name!r})
{given}"""
WORDS = "words = {words}\n"
BEFORE = "before = {before}\n"
BY_WORDS = """
steps = model.trajectory(
    [words] * {count}, guidance={guidance}, use_prior={use_prior}, sampler={sampler!r},
    steps={steps}, seed={seed},{within}
)
film = [found.step.x for found in steps if found.stage == "decoder"]
"""
FROM_PICTURE = """
z, x_T = model.invert(picture[None])  # what it shows, and the noise that it is drawn from
z, x_T = z.expand({count}, -1), x_T.expand({count}, -1, -1, -1)
{moved}film = [step.x for step in model.steps(z, x_T, eta={eta}, seed={seed})]
"""
TURNED = "z = model.turned(z, before, words, {amount})\n"
MIXED = """\
other = model.imagine([words] * {count}, use_prior={use_prior}, seed={seed})
z, x_T = mixed((z, x_T), other, {place})
"""
COMPARING_PAIRS = """

def draw(amount=None, place=None, eta=0.0, use_prior=True, seed=0):
    by_words = {{"use_prior": use_prior, "seed": seed}}
{begin}    if amount is not None:
        z = model.turned(z, before, words, amount)
    if place is not None:
        z, x_T = mixed((z, x_T), model.imagine([words] * {count}, **by_words), place)
    return model.draw(z, x_T, eta=eta, seed=seed)

"""
OF_PICTURE = """\
    z, x_T = model.invert(picture[None])
    z, x_T = z.expand({count}, -1), x_T.expand({count}, -1, -1, -1)
"""
MORE = """
unclip = ddpm.UnClip.load({name!r})
words = {words}
"""
AMONG_OTHERS = """    if model == "unclip":  # by words, under its own schedule
        settings.pop("labels")
        return unclip.sample([words] * {count}, use_prior={use_prior}, **settings)
"""
OF_WORDS = "    z, x_T = model.imagine([before] * {count}, **by_words)\n"


def drawing(request: Any, own: dict, name: str) -> str:
    """What the "Draw" button would draw now, with the model's `own` arguments; `name` is what it
    is loaded by."""
    count = request.count
    if request.from_pair:
        moved = TURNED if request.amount is not None else ""
        moved += MIXED if request.place is not None else ""
        moved = moved.format(count=count, **own)
        steps = FROM_PICTURE.format(moved=moved, count=count, **own)
    else:
        steps = BY_WORDS.format(count=count, within=within(request), **own)
    return _loaded(request, name) + steps + saved(count)


def comparing(request: Any, name: str) -> str:
    """How each picture of a comparison is drawn; `request` is any of its own."""
    head, count = _loaded(request, name, "import torch\n\n"), request.count
    if not request.from_pair:
        return head + COMPARING.format(count=count)
    begin = (OF_WORDS if request.picture is None else OF_PICTURE).format(count=count)
    return head + COMPARING_PAIRS.format(count=count, begin=begin)


def among_others(request: Any, name: str) -> dict[str, str]:
    words, use_prior = quoted(request.words), request.prior == "used"
    way = AMONG_OTHERS.format(count=request.count, use_prior=use_prior)
    return {"more": MORE.format(name=name, words=words), "ways": way}


def _loaded(request: Any, name: str, imports: str = "") -> str:
    """The head of a program: the model, and what it is given."""
    given, more = WORDS.format(words=quoted(request.words)), ""
    if request.from_pair:
        given += BEFORE.format(before=quoted(request.words_before))
        more = "from ddpm.sampling.inversion import mixed\n"
    if request.picture is not None:
        imports = "import base64\n\nimport torch\n\n"
        given += sketch(request.picture)
    return LOADED.format(imports=imports, more=more, name=name, given=given)
