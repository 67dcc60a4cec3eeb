"""What a detector finds while it learns, for TensorBoard: average precision, and pictures with true and found boxes."""

from __future__ import annotations

from itertools import tee
from typing import TYPE_CHECKING, Final

import torch

from ..bundles.boxes import with_probabilities
from ..bundles.scores import Calibration
from ..evaluation.boxes import LEAST, Looked, box_protocol
from ..images.outlines import FOUND_COLOUR, TRUTH_COLOUR, outlined
from ..images.sight import Sight
from .box_draws import numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from ..images.picture import Picture
    from ..images.sight import Net
    from .models.ssd import Ssd
    from .scenes import Scenes

_LOOKS: Final = 10  # over a training
_PICTURES, _SHOWN, _SURE = 96, 4, 0.5


class BoxWatch:
    """Looks at a network ten times while it learns, at pictures that are always the same.

    Parameters
    ----------
    model
        The network.
    scenes
        What it is shown.
    patients
        Of whom pictures are looked at.
    folder
        Of the run; the log goes beside Lightning's.
    steps
        Of the training.
    """

    def __init__(self, model: Ssd, scenes: Scenes, patients: Collection[str], folder: Path, steps: int) -> None:
        self._model, self._classes, self._size, self._folder = model, scenes.classes, scenes.size, folder
        self._every = max(steps // _LOOKS, 1)
        self._scenes, self._patients = scenes, patients
        self._pictures: list[Picture] = []

    def __call__(self, steps: int) -> None:
        """Look, if it is time: after so many steps."""
        if steps % self._every:
            return
        from torch.utils.tensorboard import SummaryWriter

        if not self._pictures:
            self._pictures = list(self._scenes.shown(self._patients, _PICTURES))
        pictures = look(self._model, self._pictures, self._classes, self._size)
        self._model.train()
        judged = box_protocol(pictures, self._classes, draws=1)["metrics"]
        with SummaryWriter(str(self._folder / "tensorboard")) as writer:
            for name in ("map50", "map50_95", "ap50_any"):
                writer.add_scalar(f"looked/{name}", judged[name]["value"] or 0.0, steps)
            for number, (picture, one) in enumerate(zip(self._pictures[:_SHOWN], pictures, strict=False)):
                writer.add_image(f"looked/{number}", self._drawn(picture, one), steps, dataformats="HWC")

    def _drawn(self, picture: Picture, one: Looked) -> NDArray[np.uint8]:
        """Draw true boxes, and those found that are more likely right than not."""
        sure = one.found.pick(one.found.score >= _SURE)
        words = [f"{self._classes[c]} {p:.2f}" for c, p in zip(sure.class_id, sure.probability.max(1), strict=True)]
        true = [TRUTH_COLOUR] * len(picture.labels)
        drawn = outlined(picture.pixels, picture.boxes_xyxy, picture.labels, true, below=True)
        return outlined(drawn, sure.boxes_xyxy, words, [FOUND_COLOUR] * len(sure))


def look(model: Ssd, pictures: Iterable[Picture], classes: Sequence[str], size: tuple[int, int]) -> list[Looked]:
    """Let a network look at pictures."""
    return looked_at(Sight(size, model.maps, model.default_wh), as_net(model), pictures, classes)


def looked_at(sight: Sight, net: Net, pictures: Iterable[Picture], classes: Sequence[str]) -> list[Looked]:
    """Let whatever answers look at pictures."""
    shown, known = tee(pictures)  # few are held at once: those that are looked at together
    found = sight.find(net, (one.pixels for one in shown), least=LEAST)
    return [
        Looked(one.boxes_xyxy, numbered(one.labels, classes), of, one.record)
        for one, of in zip(known, found, strict=True)
    ]


def as_net(model: Ssd) -> Net:
    """Give a network, whose logits are taken as they are, as what :class:`~einthoven.images.sight.Sight` asks."""
    model.eval()
    lines = [Calibration()] * model.classes

    def net(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return with_probabilities(model(torch.from_numpy(pictures)).float().numpy(), lines)

    return net
