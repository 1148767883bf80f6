"""Pictures for slides and papers, 1600 pixels wide: each function returns a matplotlib Figure.

    from ddpm import Schedule, figures
    curves = figures.schedules({name: Schedule.named(name, 1000) for name in ("linear", "cosine")})
    figures.save(curves, "schedules.svg")  # or .png

They use matplotlib's objects alone, never pyplot, whose state all threads of a process share.
Labels are in English, or in Chinese with language="zh"; names are the caller's, in any script.
"""

from ddpm.figures.curves import LossCurve, losses, quality, ranking, read_quality, schedules
from ddpm.figures.pictures import comparison, noise, strip, strip_places, trajectory
from ddpm.figures.style import has_chinese, save

__all__ = [
    "LossCurve", "comparison", "has_chinese", "losses", "noise", "quality", "ranking",
    "read_quality", "save", "schedules", "strip", "strip_places", "trajectory",
]  # fmt: skip
