"""What a detector finds while it learns, for TensorBoard: average precision, and pictures with true and found boxes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from ..bundles.scores import sigmoid
from ..evaluation.boxes import LEAST, Looked, box_protocol
from ..images.boxes import found_in
from ..images.outlines import FOUND_COLOUR, TRUTH_COLOUR, outlined
from .box_draws import of_picture

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..images.picture import Picture
    from .models.ssd import Ssd
    from .scenes import Scenes

_LOOKS: Final = 10  # over a training
_PICTURES, _SHOWN, _SURE = 96, 4, 0.5
_AT_ONCE: Final = 32


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

        if not self._pictures:  # some of all there are, those of one patient following one another
            some = list(islice(self._scenes.shown(self._patients), 40 * _PICTURES))
            self._pictures = some[:: max(len(some) // _PICTURES, 1)][:_PICTURES]
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
        scale = np.array([picture.width / self._size[1], picture.height / self._size[0]] * 2, np.float32)
        true = [TRUTH_COLOUR] * len(picture.labels)
        drawn = outlined(picture.pixels, picture.boxes_xyxy, picture.labels, true, below=True)
        return outlined(drawn, sure.boxes_xyxy * scale, words, [FOUND_COLOUR] * len(sure))


def look(model: Ssd, pictures: Iterable[Picture], classes: Sequence[str], size: tuple[int, int]) -> list[Looked]:
    """Let a network look at pictures."""
    model.eval()
    looked, rest = [], iter(pictures)
    while some := list(islice(rest, _AT_ONCE)):
        items = [of_picture(picture, classes, size) for picture in some]
        said = answers(model, np.stack([seen for seen, _, _ in items]))
        for picture, (_, boxes, class_id), one in zip(some, items, said, strict=True):
            probability = sigmoid(one[:, : len(classes)].astype(np.float64)).astype(np.float32)
            found = found_in(probability, one[:, len(classes) :], model.defaults.numpy(), size, least=LEAST)
            looked.append(Looked(boxes, class_id, found, picture.record))
    return looked


def answers(model: Ssd, seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the network's answers: float32, shape (item, default box, class + 4)."""
    with torch.inference_mode():
        said: NDArray[np.float32] = model(torch.from_numpy(seen)).float().numpy()
    return said
