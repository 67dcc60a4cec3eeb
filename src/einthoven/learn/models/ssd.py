"""A single-shot detector: what is in a picture, and where, in one pass, on maps of several scales."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, smooth_l1_loss

from ...errors import unknown
from ...images.boxes import default_boxes
from .resnet2d import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping

LOSSES: Final = ("mined", "focal")
"""How classes are judged: by the surest mistakes on empty ground beside what is there (Liu et al., ECCV 2016), or by
all, each weighed by how wrong it is (Lin et al., ICCV 2017)."""

_MINED: Final = 3  # empty places judged, for one that is not
_FOCUS, _BALANCE = 2.0, 0.25  # powers of the published focal loss
_PRIOR: Final = 0.01  # of anything being anywhere, to begin with


class Ssd(nn.Module):
    """Residual stages, each but the first of half the resolution of the one before; the last are asked for boxes.

    Liu et al., ECCV 2016, with a small residual network instead of VGG-16.

    Parameters
    ----------
    shapes
        Takes one input, ``picture``: (1, row, column), brightness from 0, white, to 1, black.
    classes
        How many classes there are, without the background.
    widths
        Channels of each stage.
    depths
        Residual blocks of each stage.
    stem_stride
        By how much the first stage shrinks the picture; a convolution of 7 x 7 that does so by four costs less
        than two that do by two.
    first_map
        The first stage that is asked for boxes, counted from 0; so are all after it.
    default_wh
        For each of these: width and height in pixels of its default boxes.
    context
        Layers that look along each row of the picture, all of its height together, before boxes are asked for: how a
        beat stands among the others. They belong to the first map.
    context_kernel
        Cells of that map a layer spans.
    loss
        One of :data:`LOSSES`.
    class_weights
        Of what is there, by class; none: all alike.
    dropout
        Share of the channels of each map that is left out in training.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[int, ...]],
        classes: int,
        *,
        widths: tuple[int, ...] = (32, 64, 128, 128, 128, 128),
        depths: tuple[int, ...] = (0, 1, 2, 1, 0, 0),
        stem_stride: int = 4,
        first_map: int = 2,
        default_wh: tuple[tuple[tuple[float, ...], ...], ...] = (),
        context: int = 0,
        context_kernel: int = 9,
        loss: str = "mined",
        class_weights: tuple[float, ...] = (),
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if loss not in LOSSES:
            raise unknown("loss of a detector", loss, LOSSES)
        if not len(widths) == len(depths) == first_map + len(default_wh):
            raise ValueError(
                f"{len(widths)} widths, {len(depths)} depths, {len(default_wh)} lists of default boxes from stage "
                f"{first_map} on; each stage has a width and a depth, each from there on a list"
            )
        if len(class_weights) not in (0, classes):
            raise ValueError(f"{len(class_weights)} class_weights for {classes} classes")
        channels, rows, columns = shapes["picture"]
        self.classes, self.first_map, self.loss_kind = classes, first_map, loss
        stages, maps = [], []
        for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            blocks = (Residual(width) for _ in range(depth))
            stride = 2 if stage else stem_stride
            stages.append(nn.Sequential(layer(channels, width, 3 if stage else 7, stride), *blocks))
            channels, rows, columns = width, -(-rows // stride), -(-columns // stride)
            maps.append((rows, columns))
        self.stages = nn.ModuleList(stages)
        self.context = Context(widths[first_map], context, context_kernel) if context else nn.Identity()
        self.outputs = classes + (loss == "mined")  # with the background
        heads = []
        for width, of_map in zip(widths[first_map:], default_wh, strict=True):
            head = nn.Conv2d(width, len(of_map) * (self.outputs + 4), 3, padding=1)
            if loss == "focal":
                rest = torch.zeros(len(of_map), self.outputs + 4)
                rest[:, :classes] = log(_PRIOR / (1 - _PRIOR))
                head.bias = nn.Parameter(rest.reshape(-1))
            heads.append(nn.Sequential(nn.Dropout2d(dropout), head))
        self.heads = nn.ModuleList(heads)
        self.maps, self.default_wh = tuple(maps[first_map:]), default_wh
        defaults = default_boxes((shapes["picture"][1], shapes["picture"][2]), self.maps, default_wh)
        self.register_buffer("defaults", torch.from_numpy(defaults), persistent=False)
        weights = torch.tensor(class_weights or (1.0,) * classes)
        self.register_buffer("class_weights", weights, persistent=False)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    class_weights: Tensor
    defaults: Tensor

    def said(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is said of each default box: classes, shape (item, box, output), and place (item, box, 4)."""
        found = picture.contiguous(memory_format=torch.channels_last)
        parts = []
        for number, stage in enumerate(self.stages):
            found = stage(found)
            if number == self.first_map:
                found = self.context(found)
            if number >= self.first_map:
                head = self.heads[number - self.first_map](found)
                parts.append(head.permute(0, 2, 3, 1).reshape(head.shape[0], -1, self.outputs + 4))
        every = torch.cat(parts, dim=1)
        return every[..., : self.outputs], every[..., self.outputs :]

    def forward(self, picture: Tensor) -> Tensor:
        """Logits of each class and offsets, shape (item, default box, class + 4), of pictures (item, 1, row, column).

        Offsets are as :func:`einthoven.images.boxes.decode` wants them.
        """
        logit, place = self.said(picture)
        if self.loss_kind == "mined":  # from one choice of all to the odds of each
            others = torch.logsumexp(logit, dim=2, keepdim=True)
            share = (logit[..., 1:] - others).clamp(max=-1e-6)
            logit = share - torch.log(-torch.expm1(share))
        return torch.cat((logit, place), dim=2)

    def losses(self, picture: Tensor, target: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the parts of the loss, whose sum is learnt from.

        Parameters
        ----------
        picture
            Shape (item, 1, row, column).
        target
            ``class_id``, int64 (item, box): the class of each default box, -1 where nothing is, -2 where nobody is to
            say; ``place``, float32 (item, box, 4): its offsets.
        """
        logit, place = self.said(picture)
        logit, place = logit.float(), place.float()
        class_id = target["class_id"]
        there = class_id >= 0
        count = there.sum().clamp(min=1)
        box = smooth_l1_loss(place[there], target["place"][there], reduction="sum") / count
        judged = self._mined if self.loss_kind == "mined" else self._focal
        return {"class": judged(logit, class_id) / count, "box": box}

    def _mined(self, logit: Tensor, class_id: Tensor) -> Tensor:
        wrong = cross_entropy(logit.transpose(1, 2), (class_id + 1).clamp(min=0), reduction="none")
        there, empty = class_id >= 0, class_id == -1
        weight = torch.where(there, self.class_weights[class_id.clamp(min=0)], 0.0)
        many = (_MINED * there.sum(1, keepdim=True)).clamp(min=_MINED)
        rank = torch.where(empty, wrong.detach(), -1.0).argsort(1, descending=True).argsort(1)
        hard = empty & (rank < many)
        return (wrong * (weight + hard)).sum()

    def _focal(self, logit: Tensor, class_id: Tensor) -> Tensor:
        one = torch.nn.functional.one_hot(class_id.clamp(min=0), self.classes) * (class_id >= 0)[..., None]
        one = one.to(logit.dtype)
        wrong = binary_cross_entropy_with_logits(logit, one, reduction="none")
        believed = torch.sigmoid(logit)
        off = believed + one - 2 * believed * one  # the probability of the contrary of what is so
        weight = _BALANCE * one * self.class_weights + (1 - _BALANCE) * (1 - one)
        known = (class_id > -2)[..., None]
        return (wrong * off**_FOCUS * weight * known).sum()


def layer(n_in: int, n_out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Convolution, normalisation, rectifier."""
    return nn.Sequential(*normalised(n_in, n_out, kernel, stride), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Two convolutions, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.two = nn.Sequential(layer(width, width, 3), *normalised(width, width, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Return as many channels of the same size."""
        out: Tensor = torch.relu(x + self.two(x))
        return out


class Context(nn.Module):
    """Layers along the rows of what all of the height shows, added to every place of the same column."""

    def __init__(self, width: int, layers: int, kernel: int) -> None:
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(2 * width, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.along = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width, width, (1, kernel), padding=(0, kernel // 2), bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            )
            for _ in range(layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return as many channels of the same size."""
        row = self.squeeze(torch.cat((x.mean(2, keepdim=True), x.amax(2, keepdim=True)), dim=1))
        for one in self.along:
            row = row + one(row)
        out: Tensor = x + row
        return out
