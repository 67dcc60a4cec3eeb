"""What a detector finds, without leaving torch: for networks that stay on an accelerator.

The same as :func:`einthoven.images.boxes.found_in`, which needs NumPy alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..images.boxes import LARGEST, MOST_OVERLAP, VARIANCES


def decoded(place: Tensor, defaults: Tensor) -> Tensor:
    """Return the boxes that offsets beside default boxes say, both of shape (box, 4); see ``images.boxes.decode``."""
    centre = (defaults[:, :2] + defaults[:, 2:]) / 2
    size = (defaults[:, 2:] - defaults[:, :2]).clamp(min=1e-3)
    told = place * place.new_tensor(VARIANCES)
    centre = centre + told[:, :2] * size
    size = size * told[:, 2:].clamp(-LARGEST, LARGEST).exp()
    return torch.cat((centre - size / 2, centre + size / 2), dim=1)


def suppressed(boxes: Tensor, score: Tensor, most_overlap: float = MOST_OVERLAP) -> Tensor:
    """Return the numbers of boxes that stay when of those that overlap much only the surest does, surest first.

    Parameters
    ----------
    boxes, score
        Shapes (box, 4) and (box,).
    most_overlap
        Intersection over union from which on a less sure box goes.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
    >>> suppressed(boxes, torch.tensor([0.6, 0.9, 0.5]), 0.5).tolist()
    [1, 2]
    """
    order = torch.argsort(score, descending=True, stable=True)
    of = boxes[order]
    low = torch.maximum(of[:, None, :2], of[None, :, :2])
    high = torch.minimum(of[:, None, 2:], of[None, :, 2:])
    both = (high - low).clamp(min=0).prod(2)
    area = (of[:, 2:] - of[:, :2]).clamp(min=0).prod(1)
    near = both >= most_overlap * (area[:, None] + area[None] - both).clamp(min=1e-12)
    alive = torch.ones_like(score, dtype=torch.bool)
    for place in range(len(order)):
        if alive[place]:
            alive[place + 1 :] &= ~near[place, place + 1 :]
    return order[alive]
