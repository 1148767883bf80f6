"""What every public docstring says: shapes, parameters with their meaning, errors, its source."""

import ast
import inspect
import re
import textwrap

import ddpm
from ddpm import figures

# (B, C, H, W), (T,), (…,); or that it is one number
SHAPE = re.compile(r"\([A-Za-z0-9·/ +-]+,[^)]*\)|\(…,\)|scalar")
SOURCE = re.compile(r"\b(19|20)\d\d\b|equation|algorithm|section", re.IGNORECASE)
# Formulas of papers. The others in their modules are plumbing.
FROM_PAPERS = {
    *("linear", "quadratic", "sigmoid", "cosine"), *ddpm.SAMPLERS, "consistency", "q_sample",
    "q_posterior", "predict_start_from_noise", "p_losses", "p_sample", "classifier_free_guided",
    "autoguided",
    "classifier_guided", "retimed", "dynamic_threshold", "bits_per_dim", "frechet_distance",
    "spaced_timesteps", "start_from_picture", "zero_terminal_snr", "label_gradient", "train",
}  # fmt: skip
PLAIN = {"self", "cls", "device"}


def functions(cls):
    for name, member in vars(cls).items():
        found = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
        if not name.startswith("_") and inspect.isfunction(found):
            yield name, found, inspect.getdoc(getattr(cls, name)) or ""


def public():
    """(name, what, its docstring, that of its class)"""
    for module in (ddpm, figures):
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isfunction(found):
                yield name, found, inspect.getdoc(found) or "", ""
            elif inspect.isclass(found):
                yield name, found, found.__doc__ or "", ""
                for each, function, doc in functions(found):
                    yield f"{name}.{each}", function, doc, found.__doc__ or ""


def raised(function):
    """The exceptions that it raises itself."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return {call.func.id for call in calls if isinstance(getattr(call, "func", None), ast.Name)}


def lacking(name, what, doc, of_class):
    if len(doc) < 15 or doc.startswith(f"{name}("):  # which a dataclass writes itself
        return ["a docstring"]
    if not inspect.isfunction(what):
        return []
    found, signature = [], inspect.signature(what)
    given = list(signature.parameters.values())
    kinds = [str(each.annotation) for each in given] + [str(signature.return_annotation)]
    if any("Tensor" in kind and "Callable" not in kind for kind in kinds):
        found += [] if SHAPE.search(f"{doc} {of_class}") else ["a shape"]
    named = [
        each.name for each in given if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    ]
    said = f"{doc} {of_class}"
    found += [each for each in named if each not in PLAIN and not re.search(rf"\b{each}\b", said)]
    found += [each for each in raised(what) if each not in said and each != "NotImplementedError"]
    if name.removesuffix("_beta_schedule") in FROM_PAPERS and not SOURCE.search(doc):
        found.append("its source")
    return found


def test_every_public_docstring_says_shapes_parameters_errors_and_source():
    found = {each[0]: lack for each in public() if (lack := lacking(*each))}
    assert found == {}
