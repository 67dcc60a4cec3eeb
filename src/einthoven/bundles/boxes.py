"""Bundles that find things in pictures: asked of pictures, and of records drawn as strips."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.detection_inputs import SLOWEST_HZ
from ..beats.placing import on_r_peaks
from ..errors import BundleError, OptionError
from ..images.sight import PICTURE_INPUTS, Net, Sight
from ..images.strip_beats import beats_in_strips, unwatched
from ..record import Beats
from .scores import on_lines, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ..images.boxes import Found
    from ..record import Record
    from .bundle import Bundle
    from .scores import Calibration

LEADS: Final = ("MLII", "II", "ECG1")
"""The lead whose strips are looked at, the first of these that a record has; else its first."""


def sight_of(model: Bundle) -> Sight:
    """Return how the detector of a bundle looks at pictures.

    Raises
    ------
    BundleError
        The bundle finds nothing in pictures.
    """
    kind = model.card.preprocessing["kind"]
    if kind not in PICTURE_INPUTS:
        raise BundleError(f"bundle {model.card.name} takes {kind}; finding boxes needs {' or '.join(PICTURE_INPUTS)}")
    try:
        return PICTURE_INPUTS[kind](**model.card.preprocessing["options"])
    except (TypeError, ValueError) as error:
        raise BundleError(
            f"bundle {model.card.name}: its card does not say how it looks at pictures ({error})"
        ) from error


def net_of(model: Bundle) -> Net:
    """Return the network of a bundle, with calibrated probabilities, as :class:`~einthoven.images.sight.Sight` asks."""
    card = model.card
    lines = [card.calibration[name] for name in card.classes]

    def net(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        (answers,) = model.session.run(None, {"picture": pictures})
        return with_probabilities(answers, lines)

    return net


def with_probabilities(answers: NDArray[np.float32], lines: Sequence[Calibration]) -> NDArray[np.float32]:
    """Turn the logits among a detector's answers, shape (item, box, class + 4), into probabilities on their lines."""
    classes = len(lines)
    probability = sigmoid(on_lines(answers[..., :classes], lines)).astype(np.float32)
    return np.concatenate((probability, answers[..., classes:]), axis=2)


def least_of(model: Bundle) -> float:
    """Return the probability from which on there is something: the lowest threshold of any class."""
    return min(model.card.thresholds.values())


def find_boxes(model: Bundle, pictures: Iterable[NDArray[np.uint8]], *, least: float | None = None) -> Iterator[Found]:
    """Find what is in pictures, uint8 (row, column, 3) each, by a bundle; `least` as :func:`least_of` unless told.

    Raises
    ------
    BundleError
        The bundle finds nothing in pictures.
    OptionError
        A picture is of quite another shape than the detector knows.
    """
    return sight_of(model).find(net_of(model), pictures, least=least_of(model) if least is None else least)


def shown_lead(record: Record) -> str:
    """Return the lead of a record that is drawn for a detector."""
    return next((name for name in LEADS if name in record.leads), record.leads[0])


def beats_seen(
    record: Record,
    sight: Sight,
    net: Net,
    classes: Sequence[str],
    *,
    least: float,
    lead: str | None = None,
    watch: Callable[[int, int], None] = unwatched,
) -> Beats:
    """Find the beats of a record in strips drawn of one of its leads, and place each on its R peak there.

    Parameters
    ----------
    record
        Any length.
    sight, net
        How the detector looks, and its network.
    classes
        What it tells apart, classes of AAMI.
    least
        Least probability of there being a beat.
    lead
        The lead; see :func:`shown_lead`.
    watch
        Told after each strip how many are done, of how many.

    Returns
    -------
    Beats
        Their symbol is the likeliest class; `probability` is that of each class, where there is a beat.

    Raises
    ------
    OptionError
        The record has no such lead, or is sampled below 50 Hz, where a beat shows no shape.
    """
    row = record.row(shown_lead(record) if lead is None else lead)
    if record.fs_hz < SLOWEST_HZ:
        name = record.id or "record"
        raise OptionError(f"{name}: sampled at {record.fs_hz:g} Hz; finding beats needs {SLOWEST_HZ:g} Hz or more")
    find = partial(sight.find, net, least=least)
    seen = beats_in_strips(record.signal[row], record.fs_hz, sight.look, find, len(classes), watch)
    sample = on_r_peaks(record.signal, record.fs_hz, seen.peak_s * record.fs_hz, row)
    order = np.argsort(sample, kind="stable")
    share = seen.probability[order]
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    symbol = np.array(classes)[share.argmax(axis=1)] if len(share) else np.zeros(0, np.str_)
    return Beats(sample[order], symbol, probability=share.astype(np.float32), classes=tuple(classes))


def record_beats(
    model: Bundle,
    record: Record,
    *,
    lead: str | None = None,
    least: float | None = None,
    watch: Callable[[int, int], None] = unwatched,
) -> Beats:
    """Find the beats of a record by a bundle that looks at strips; see :func:`beats_seen`.

    Raises
    ------
    BundleError
        The bundle does not look at strips.
    OptionError
        The record has no such lead, or is sampled below 50 Hz.
    """
    sight = sight_of(model)
    if not sight.px_per_mm:
        raise BundleError(
            f"bundle {model.card.name} looks at pictures of one beat; a record needs one that takes strips"
        )
    least = least_of(model) if least is None else least
    return beats_seen(record, sight, net_of(model), model.card.classes, least=least, lead=lead, watch=watch)
