"""Whether a model's probabilities of beat classes mean what they say, and what its doubt is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.classify import unsure
from ..beats.match import TOLERANCE_S, match
from ..errors import OptionError
from .ec57 import aami
from .intervals import Figure, how_often

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..datasets.annotated import Annotated
    from ..record import Beats

BINS: Final = 15


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """Sums over the beats of one record that were found and are of a class the model tells.

    Parameters
    ----------
    patient
        Whose record it is.
    gap
        float64, shape (bin,): by the probability of the class that was said, that probability less the right ones.
    doubtful, wrong, surely_wrong
        How many beats the model was unsure of; how many it told wrong; and how many it was sure of and told wrong.
    of_class, missed
        float64, shape (class,): how many there are of each class; and for how many of these it did not count as
        possible.
    classes
        Their names.
    """

    patient: str
    gap: NDArray[np.float64]
    doubtful: int
    wrong: int
    surely_wrong: int
    of_class: NDArray[np.float64]
    missed: NDArray[np.float64]
    classes: tuple[str, ...]


def certainty(item: Annotated, found: Beats) -> Certainty:
    """Compare classified beats with those an expert marked, paired within 150 ms.

    Parameters
    ----------
    item
        The recording and its reference.
    found
        Beats of classes that exclude each other.

    Raises
    ------
    OptionError
        The beats have no probabilities, or nothing tells which classes are possible.
    """
    if found.probability is None or found.possible is None:
        raise OptionError(f"record {item.record.id}: beats without probabilities or possible classes")
    pairs = match(item.beats.sample, found.sample, TOLERANCE_S * item.record.fs_hz)
    truth, there = aami(item.beats)[pairs.reference_idx], pairs.found_idx
    told = truth < len(found.classes)  # beats of Q have no column
    truth, there = truth[told], there[told]
    probability, right = found.probability[there], found.probability[there].argmax(axis=1) == truth
    doubt = unsure(found)[there]
    n = len(found.classes)
    top = probability.max(axis=1, initial=0).astype(np.float64)
    place = np.minimum((top * BINS).astype(int), BINS - 1)
    lost = ~found.possible[there, truth]
    return Certainty(
        item.patient,
        np.bincount(place, top - right, minlength=BINS).astype(np.float64),
        int(doubt.sum()),
        int((~right).sum()),
        int((~right & ~doubt).sum()),
        np.bincount(truth, minlength=n).astype(np.float64),
        np.bincount(truth[lost], minlength=n).astype(np.float64),
        found.classes,
    )


def certainty_figures(records: Sequence[Certainty], *, draws: int = 1000, seed: int = 0) -> dict[str, Figure]:
    """Pool records, with intervals by bootstrap over patients.

    Parameters
    ----------
    records
        Sums of each; of the same classes.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    dict
        ``ece``, the expected calibration error of the class that was said (Guo et al. 2017); ``unsure``, the share of
        beats the model was unsure of; ``error`` and ``sure_error``, the share told wrong, of all and of those it was
        sure of; and ``missed``, the share whose right class did not count as possible, for each class
        ``<class>_missed``.

    Raises
    ------
    OptionError
        There is no record.
    """
    if not records:
        raise OptionError("0 records to judge; there must be one at least")
    patients, of_record = np.unique([one.patient for one in records], return_inverse=True)
    often = how_often(len(patients), draws, seed)[:, of_record]

    def total(name: str) -> NDArray[np.float64]:
        return often @ np.array([getattr(one, name) for one in records], np.float64)

    of_class, missed = total("of_class"), total("missed")
    beats = of_class.sum(axis=1)
    with np.errstate(invalid="ignore"):
        shares = {
            "ece": np.abs(total("gap")).sum(axis=1) / beats,
            "unsure": total("doubtful") / beats,
            "error": total("wrong") / beats,
            "sure_error": total("surely_wrong") / (beats - total("doubtful")),
            "missed": missed.sum(axis=1) / beats,
            **{f"{name}_missed": (missed / of_class)[:, i] for i, name in enumerate(records[0].classes)},
        }
    return {name: Figure.of_draws(values) for name, values in shares.items()}
