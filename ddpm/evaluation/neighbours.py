"""Two sets of points compared: by their nearest neighbours, by how far one has to be moved, and by
how far all of them lie apart."""

import torch
import torch.nn.functional as F
from torch import Tensor

PART = 500  # rows of a table of distances at a time


def _radii(points: Tensor, k: int) -> Tensor:
    """From each point to its k-th neighbour."""
    near = [
        torch.cdist(part, points).topk(k + 1, largest=False).values for part in points.split(PART)
    ]
    return torch.cat(near)[:, k]  # entry 0 is the point itself


def precision_recall(generated: Tensor, real: Tensor, k: int = 3) -> tuple[float, float]:
    """Kynkäänniemi et al. 2019 on features (N, D), (M, D): the share of generated features
    within the real manifold, and of real ones within the generated; a manifold is the union
    of balls that reach each point's k-th neighbour."""

    def covered(points: Tensor, manifold: Tensor) -> float:
        reach = _radii(manifold, k)
        inside = [(torch.cdist(part, manifold) <= reach).any(1) for part in points.split(PART)]
        return torch.cat(inside).double().mean().item()

    return covered(generated, real), covered(real, generated)


def density_coverage(generated: Tensor, real: Tensor, k: int = 5) -> tuple[float, float]:
    """Naeem et al. 2020 on features (N, D), (M, D): how many real balls a generated feature lies
    in, of k; and the share of real balls with a generated feature. Outliers among the real ones
    matter less than for precision and recall; equal distributions have a density near 1."""
    reach, within = _radii(real, k), 0
    covered = torch.zeros(len(real), dtype=torch.bool, device=real.device)
    for part in generated.split(PART):  # the whole table, of 50,000 each, has 2.5 GB
        inside = torch.cdist(part, real) <= reach
        within += int(inside.sum())
        covered |= inside.any(0)
    return within / (k * len(generated)), covered.double().mean().item()


def nearest(pictures: Tensor, others: Tensor) -> Tensor:
    """(N,) root mean square distance of each picture (N, C, H, W) from the nearest other, in grey
    levels. Generated pictures that lie nearer to training pictures than test pictures do were
    learned by heart."""
    points, beside = (each.flatten(1).float() for each in (pictures, others))
    least = [torch.cdist(part, beside).amin(1) for part in points.split(PART)]
    return torch.cat(least) / points.shape[1] ** 0.5


def sliced_wasserstein(a: Tensor, b: Tensor, size: int = 7, directions: int = 128) -> float:
    """How far the patches of pictures (N, C, H, W), b as many, lie apart along random directions
    of pixels (Karras et al. 2018, section 5), in grey levels: what a feature network overlooks.
    Patches are size × size, from a grid, and directions the same each time."""
    if a.shape != b.shape:
        raise ValueError(f"both sets must have one shape, not {a.shape} and {b.shape}")
    points = [F.unfold(each.float(), size, stride=size).mT.flatten(0, 1) for each in (a, b)]
    random = torch.randn(points[0].shape[1], directions, generator=torch.Generator().manual_seed(0))
    along = [(each @ (random / random.norm(dim=0))).sort(0).values for each in points]
    return (along[0] - along[1]).abs().mean().item()


def energy_distance(a: Tensor, b: Tensor) -> float:
    """Between two sets of points (N, D), (M, D): 0 for equal distributions, 1 for two points.

    Székely & Rizzo 2013, "Energy statistics", section 3: 1 - (E|A-A'| + E|B-B'|) / 2E|A-B|. The
    distance to a finite sample of the same distribution is of order 1/N, not 0.
    """
    within = torch.cdist(a, a).mean() + torch.cdist(b, b).mean()
    return (1 - within / (2 * torch.cdist(a, b).mean())).item()
