"""What bundles are asked of beats: where they are, and of which class each is."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ..beats.class_stream import ClassStream
from ..beats.classify import ABNORMAL, label, label_classes
from ..beats.detect import LATENCY_S
from ..beats.inputs import SEQUENCES
from ..beats.overlap import run_in_sequences
from ..beats.sequences import EDGE
from ..codes import AAMI_CLASSES
from ..errors import BundleError
from ..images.sight import PICTURE_INPUTS
from .bundle import ITEMS_AT_ONCE
from .inputs import input_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ..beats.detect import Net
    from ..beats.rows import Rows
    from ..record import Beats
    from .bundle import Bundle

_NUMBERS_AT_ONCE = 1 << 20  # of large items such as pictures; with more of them the processor's cache is too small
_SIDE_BY_SIDE = 2  # cutting the waves is NumPy's work, which goes on while the network runs


def beat_net(model: Bundle) -> Net:
    """Return the network of a bundle as what :func:`einthoven.beats.detect.detect` asks.

    Raises
    ------
    BundleError
        The bundle answers another question.
    """
    if model.card.classes != ("beat",):
        raise BundleError(f"bundle {model.card.name} tells {', '.join(model.card.classes)}; finding beats needs 'beat'")

    def net(leads: NDArray[np.float32], /) -> NDArray[np.float32]:
        logit: NDArray[np.float32] = model.run({"leads": leads}).values[..., 0]
        return logit

    return net


def classify(beats: Beats, signal: NDArray[np.float32], fs_hz: float, model: Bundle) -> Beats:
    """Ask a model whether each beat is abnormal, or of which class it is.

    Parameters
    ----------
    beats
        The beats.
    signal
        float32, shape (lead, sample) or (sample,): the leads to look at, mV, no more than the model sees at once.
    fs_hz
        Their rate.
    model
        A bundle with the class ``abnormal``, or with classes of AAMI.

    Returns
    -------
    Beats
        With probability and symbol, and where classes exclude each other, those that are possible.

    Raises
    ------
    BundleError
        The bundle answers another question.
    """
    card = model.card
    if card.preprocessing["kind"] in PICTURE_INPUTS:
        raise BundleError(f"bundle {card.name} looks at pictures; classes of beats need one that looks at signals")
    of_aami = card.exclusive and "N" in card.classes and set(card.classes) <= set(AAMI_CLASSES)
    if card.classes != (ABNORMAL,) and not of_aami:
        raise BundleError(f"bundle {card.name} tells {', '.join(card.classes)}; beats need '{ABNORMAL}' or N, S, V, F")
    rows = input_kind(card.preprocessing["kind"])(
        signal if card.n_leads > 1 else np.atleast_2d(signal)[0], fs_hz, beats.sample, **card.preprocessing["options"]
    ).arrays
    probability = _probabilities(model, rows, len(beats))
    if ABNORMAL in card.classes:
        return label(beats, probability[:, 0], card.thresholds[ABNORMAL])
    return label_classes(beats, probability, card.classes, card.thresholds)


def class_stream(model: Bundle, n_leads: int, fs_hz: float, *, latency_s: float = LATENCY_S) -> ClassStream:
    """Return what tells classes of beats as they come, by a bundle whose network looks at nothing later.

    Parameters
    ----------
    model
        A bundle with classes of AAMI and a causal network.
    n_leads
        How many leads there are, one or two.
    fs_hz
        Their rate.
    latency_s
        How much later than a beat it may be handed in; by default as late as
        :class:`~einthoven.beats.detect.BeatStream` tells it when it decides on two seconds at a time.

    Raises
    ------
    BundleError
        The network looks at later beats, too.
    OptionError
        There are other numbers of leads.
    """
    card = model.card
    if card.preprocessing["kind"] not in SEQUENCES or not _causal(model):
        raise BundleError(f"bundle {card.name} looks at whole recordings; a stream needs a causal one")
    return ClassStream(
        n_leads,
        fs_hz,
        lambda arrays: model.predict(arrays).values,
        card.classes,
        card.thresholds,
        latency_s=latency_s,
    )


def _causal(model: Bundle) -> bool:
    """Tell whether a model is shown nothing later than the next beat."""
    return bool(model.card.preprocessing["options"].get("causal", False))


def _probabilities(model: Bundle, rows: Mapping[str, Rows], n_beats: int) -> NDArray[np.float32]:
    """Ask for the probabilities of all beats; rows are made as they are needed, whatever the length of the record."""
    name, shape = next(iter(model.card.inputs.items()))
    if len(shape) == len(rows[name].shape):  # an item is a sequence of beats
        return run_in_sequences(
            lambda some: model.predict(some).values,
            rows,
            length=shape[0] or 1,
            edge=EDGE,
            causal=_causal(model),
            side_by_side=_SIDE_BY_SIDE,
        )
    probability = np.empty((n_beats, len(model.card.classes)), np.float32)
    size = sum(prod(of.shape[1:]) for of in rows.values())
    at_once = min(ITEMS_AT_ONCE, max(1, _NUMBERS_AT_ONCE // size))
    for first in range(0, n_beats, at_once):
        part = np.arange(first, min(first + at_once, n_beats))
        probability[part] = model.predict({name: of[part] for name, of in rows.items()}).values
    return probability
