"""A residual network along time that is also told what was measured of the record."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from .resnet1d import Resnet1d

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class MeasuredResnet1d(nn.Module):
    """Features of :class:`.resnet1d.Resnet1d` and a layer over measures, side by side, read by one linear layer.

    Each measure is counted in quartile ranges from its median among the records learnt from, and bent by a hyperbolic
    tangent, so that wild values say no more than far ones; what could not be measured is the median.

    Parameters
    ----------
    shapes
        Takes two inputs: ``signal``, (lead, sample), and ``measures``, (measure,), NaN for what could not be measured.
    classes
        Number of outputs.
    hidden
        Features of the measures.
    unseen
        Share of the measures that are left out in training.
    dropout
        Share of the features left out before the output in training.
    widths, depth, kernel
        As the residual network takes them.
    """

    median: Tensor
    spread: Tensor

    def __init__(
        self,
        shapes: Mapping[str, tuple[int | None, ...]],
        classes: int,
        *,
        hidden: int = 128,
        unseen: float = 0.2,
        dropout: float = 0.3,
        widths: tuple[int, ...] = (32, 48, 64, 96),
        depth: int = 1,
        kernel: int = 7,
    ) -> None:
        super().__init__()
        n_measures = shapes["measures"][0] or 1
        self.register_buffer("median", torch.zeros(n_measures))
        self.register_buffer("spread", torch.ones(n_measures))
        self.network = Resnet1d(shapes, classes, widths=widths, depth=depth, kernel=kernel)
        self.network.head = nn.Sequential()  # its features as they are
        self.measured = nn.Sequential(
            nn.Dropout(unseen),
            nn.Linear(n_measures, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        features = 2 * widths[-1] + hidden
        self.head = nn.Sequential(nn.BatchNorm1d(features), nn.Dropout(dropout), nn.Linear(features, classes))

    def look_at(self, inputs: Mapping[str, NDArray[np.float32]]) -> None:
        """Take median and spread of the measures, shape (item, measure), of the records that are learnt from."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a measure that no record has
            low, median, high = np.nanpercentile(inputs["measures"], (25, 50, 75), axis=0)
        range_of_quartiles = np.nan_to_num(high - low)
        self.median.copy_(torch.from_numpy(np.nan_to_num(median).astype(np.float32)))
        self.spread.copy_(torch.from_numpy(np.where(range_of_quartiles > 0, range_of_quartiles, 1).astype(np.float32)))

    def forward(self, signal: Tensor, measures: Tensor) -> Tensor:
        """Logits, shape (item, class), of signals (item, lead, sample) and measures (item, measure)."""
        far = torch.where(torch.isnan(measures), torch.zeros_like(measures), measures - self.median) / self.spread
        out: Tensor = self.head(torch.cat((self.network(signal), self.measured(2 * torch.tanh(far / 2))), dim=1))
        return out
