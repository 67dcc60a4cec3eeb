"""Trees with random splits over measures of a record, as a network: no gradient leads to them, but they run as one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SUREST: Final = 1e-3
"""The least probability that is told: of 360 records nothing surer can be learnt."""

STEPS: Final = 240
"""Into how many parts the shares of classes that may go together are rounded: they fit into a byte, and halves, thirds,
quarters, fifths, sixths and eighths are whole, as most are, since few leaves hold more records."""

RARE: Final = 0.03
"""Added to the spread of a target, which is divided by it, so that a class of few records does not rule the splits."""

COLUMNS: Final = {
    "root": "int32",
    "feature": "int16",
    "threshold": "float32",
    "right": "int16",
    "missing": "int8",
    "answer": "float32",
}
"""Of the trees, shape (tree,), the node each begins at; and of their nodes, shape (node,): the measure to compare; the
threshold, with which the next node follows where the measure is not above it, minus infinity at a leaf; how many
nodes further one follows where it is, 0 at a leaf; whether the next one follows where it is not known; and, of use at a
leaf, the share of the second of two classes, or for several its row in the table of their shares."""


class Forest(nn.Module):
    """Extremely randomised trees (Geurts, Ernst & Wehenkel 2006).

    They tell two classes apart; or, of any other number, whether each is there. Then the same trees tell them all,
    split by the squared error of each class over its spread, so that rare ones have their say. When trees are grown,
    thresholds are rounded to float16, in which bundles store numbers; so are the answers of two classes, and those of
    several to whole `STEPS`.

    Parameters
    ----------
    shapes
        Takes one input, ``measures``: (measure,), NaN where one could not be taken: then what follows is what follows
        of the median of the records learnt from.
    classes
        Number of outputs.
    trees
        How many.
    features
        Share of the measures that each split chooses from.
    leaf
        Fewest records in a leaf.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        trees: int = 300,
        features: float = 0.4,
        leaf: int = 2,
    ) -> None:
        super().__init__()
        self.trees, self.features, self.leaf, self.two = trees, features, leaf, classes == 2
        leaves = torch.arange(trees)  # before anything is learnt, each tree is one leaf that says nothing
        columns = (
            leaves,
            leaves * 0,
            torch.full((trees,), -torch.inf),
            leaves * 0,
            leaves * 0,
            torch.full((trees,), 0.5 if self.two else 0),
        )
        for name, column in zip(COLUMNS, columns, strict=True):
            self.register_buffer(name, column.to(getattr(torch, COLUMNS[name])))
        if not self.two:
            self.register_buffer("shares", torch.full((1, classes), STEPS // 2, dtype=torch.uint8))

    def column(self, name: str) -> Tensor:
        """Return one of :data:`COLUMNS`, whole numbers as int64."""
        found: Tensor = getattr(self, name)
        return found if found.is_floating_point() else found.long()

    def learn_at_once(self, inputs: Mapping[str, NDArray[np.float32]], target: NDArray[np.float32], seed: int) -> None:
        """Grow the trees on measures, shape (item, measure), and targets, shape (item, class).

        Of several classes, NaN is a target that is not known: what is usual of the class is learnt in its place.
        """
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        rows = np.asarray(inputs["measures"], np.float32)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of a measure that no record has, or a class
            median = np.nan_to_num(np.nanmedian(rows, axis=0)).astype(np.float32)
            usual, spread = np.nan_to_num(np.nanmean(target, axis=0)), np.nan_to_num(np.nanstd(target, axis=0)) + RARE
        wanted = target[:, 1] > 0.5 if self.two else np.where(np.isnan(target), usual, target) / spread
        grower = (ExtraTreesClassifier if self.two else ExtraTreesRegressor)(
            self.trees,
            max_features=self.features,
            min_samples_leaf=self.leaf,
            random_state=seed,
            n_jobs=torch.get_num_threads(),  # which changes nothing but the time
        )
        grower.fit(np.where(np.isnan(rows), median, rows), wanted)
        grown = [tree.tree_ for tree in grower.estimators_]
        sizes = np.array([tree.node_count for tree in grown])
        columns = dict(zip(COLUMNS, (np.cumsum(sizes) - sizes, *_columns(grown, median)), strict=True))
        if self.two:
            columns["answer"] = np.concatenate([_share(tree.value[:, 0]) for tree in grown])
        else:
            shares = np.concatenate([tree.value[tree.children_left < 0, :, 0] for tree in grown]) * spread
            self.shares = torch.from_numpy(np.rint(STEPS * shares.clip(0, 1)).astype(np.uint8))
        for name, column in columns.items():
            setattr(self, name, torch.from_numpy(column).to(getattr(torch, COLUMNS[name])))

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *arguments: Any) -> None:
        """Make room for trees of another size, and load them."""
        for name in (*COLUMNS, "shares"):
            if prefix + name in state_dict:
                setattr(self, name, torch.empty_like(state_dict[prefix + name]))
        super()._load_from_state_dict(state_dict, prefix, *arguments)

    def forward(self, measures: Tensor) -> Tensor:
        """Logits, shape (item, class), of measures (item, measure).

        The logarithms of the mean of what the trees say of two classes; the log-odds of that for each of several.
        """
        feature, threshold, right, missing = map(self.column, ("feature", "threshold", "right", "missing"))
        node = self.column("root").expand(len(measures), -1)
        while bool((right[node] > 0).any()):  # not at leaves yet
            value = torch.gather(measures, 1, feature[node])
            left = (value <= threshold[node]) | (torch.isnan(value) & (missing[node] > 0))
            node = node + torch.where(left, torch.where(right[node] > 0, 1, 0), right[node])
        answer = self.column("answer")[node]
        if self.two:
            ill = answer.mean(1, keepdim=True).clamp(SUREST, 1 - SUREST)
            return torch.log(torch.cat((1 - ill, ill), dim=1))
        return torch.logit(self.shares[answer.long()].float().mean(1) / STEPS, SUREST)


def _share(value: NDArray[np.float64]) -> NDArray[np.float32]:
    share: NDArray[np.float64] = value[:, -1] / value.sum(axis=1)
    return share.astype(np.float16).astype(np.float32)


def _columns(grown: list[Any], median: NDArray[np.float32]) -> tuple[NDArray[Any], ...]:
    """Join trees whose nodes follow one another depth first, so that what is left of a node is the next one.

    The last column numbers the leaves of all of them.
    """
    parts = []
    for tree in grown:
        leaf, here = tree.children_left < 0, np.arange(tree.node_count)
        threshold = np.where(leaf, -np.inf, tree.threshold).astype(np.float16).astype(np.float32)
        feature = np.where(leaf, 0, tree.feature)
        right = np.where(leaf, 0, tree.children_right - here)
        parts.append((feature, threshold, right, ~leaf & (median[feature] <= threshold)))
    columns = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    return *columns, np.cumsum(columns[2] == 0) - 1
