"""Which diagnoses to write down so that the answer is worth most: the decision of the 2020 challenge, not thresholds.

The challenge pays for each pair of a true and a written class, over the number of classes that are true or written
(Perez Alday et al., Physiol Meas 2020;41:124003). What a class is worth thus depends on the whole answer: a doubtful
second diagnosis may cost half of what the first earns, a third costs less. A threshold for each class cannot know that,
and one that was fitted on a hospital's records fits their share of the class, too. Here each record is answered for
itself, by its probabilities alone: looked for is the answer that is expected to earn most. Nothing else is fitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import CINC2020_CLASSES, CINC2020_DIAGNOSES
from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Worth = NDArray[np.float64]

NORMAL: Final = CINC2020_CLASSES.index("426783006")
"""Column of sinus rhythm."""

EVEN: Final = 0.5
"""Share of records called sinus rhythm that is expected of a hospital nothing is known of."""

_LEAST: Final = 0.01  # no share of sinus rhythm is so sure that odds can be brought from it without bound

# The published table of 729 weights is one number a class: how far it is from sinus rhythm, in eightieths. Two classes
# have the weight 1/2 less the distance between them; a class with itself, or with one scored as the same, has 1.
_FROM_NORMAL: Final = {
    0: "NSR",
    4: "IAVB Brady IRBBB LPR SA SB",
    7: "PAC",
    8: "LAnFB LAD NSIVCB RAD",
    10: "PR PVC STach",
    12: "CRBBB",
    14: "LQRSV",
    16: "LQT",
    18: "LBBB",
    20: "AF AFL TAb TInv",
    28: "QAb",
}


def confusion_weights() -> Worth:
    """Return what it is worth to answer one class where another is true, float64, shape (class, class).

    The numbers are those of the challenge's ``weights.csv``, to the last bit.

    Examples
    --------
    >>> weights = confusion_weights()
    >>> fibrillation = CINC2020_CLASSES.index("164889003")
    >>> weights.shape, weights[fibrillation, [fibrillation, NORMAL]].tolist()
    ((24, 24), [1.0, 0.25])
    """
    place_of = {short: place for place, shorts in _FROM_NORMAL.items() for short in shorts.split()}
    place = np.array([place_of[CINC2020_DIAGNOSES[code].short] for code in CINC2020_CLASSES])
    weights: Worth = (40 - np.abs(place[:, np.newaxis] - place)) / 80
    np.fill_diagonal(weights, 1.0)
    return weights


def written(
    probability: NDArray[np.floating],
    classes: Sequence[str],
    thresholds: Mapping[str, float],
    sinus_share: float = EVEN,
) -> NDArray[np.bool_]:
    """Tell which diagnoses to write down: those of the challenge as is worth most, others from their threshold on.

    Parameters
    ----------
    probability
        float, shape (record, class): calibrated.
    classes
        Names of the columns.
    thresholds
        By class: the probability from which on it is written down, where not all of the challenge's are among them.
    sinus_share
        As `most_worth` takes it; brought to 0.01 to 0.99.

    Returns
    -------
    ndarray
        bool, shape (record, class).

    Examples
    --------
    >>> written(np.array([[0.4, 0.6]]), ("MI", "CD"), {"MI": 0.3, "CD": 0.7}).tolist()
    [[True, False]]
    """
    answer: NDArray[np.bool_] = probability >= np.array([thresholds[name] for name in classes])
    if len(probability) and set(CINC2020_CLASSES) <= set(classes):
        columns = [list(classes).index(code) for code in CINC2020_CLASSES]
        answer[:, columns] = most_worth(probability[:, columns], min(max(sinus_share, _LEAST), 1 - _LEAST))
    return answer


def most_worth(probability: NDArray[np.floating], sinus_share: float = EVEN) -> NDArray[np.bool_]:
    """Choose the answer to each record that is expected to earn most.

    Classes are taken for independent, and the mean of one over a count for one over the mean count. The answer grows,
    or shrinks, by the class that gains most until none gains; so one class at least is answered where any is possible.

    Parameters
    ----------
    probability
        float, shape (record, class): calibrated, columns as :data:`~einthoven.codes.CINC2020_CLASSES`.
    sinus_share
        Share of the records with sinus rhythm among those that the probabilities were calibrated on. Hospitals differ
        most in what they call so, from one record in seven to five in six of the published databases; so the
        probability of sinus rhythm is brought from that share to `EVEN` before it counts. (So much of the hospitals of
        the challenge was known when `EVEN` was chosen; with `EVEN` itself for a share nothing is brought anywhere.)

    Returns
    -------
    ndarray
        bool, shape (record, class): what to write down.

    Raises
    ------
    OptionError
        The shape is another, a probability is not from 0 to 1, or the share is not between them.

    Examples
    --------
    >>> def answered(probability, share):
    ...     codes = np.array(CINC2020_CLASSES)[most_worth(probability, share)[0]]
    ...     return [CINC2020_DIAGNOSES[code].short for code in codes]
    >>> probability = np.full((1, 24), 0.01)
    >>> probability[0, NORMAL] = 0.9
    >>> answered(probability, 0.5)
    ['NSR']
    >>> probability[0, CINC2020_CLASSES.index("164889003")] = 0.8
    >>> answered(probability, 0.5), answered(probability, 0.99)
    (['AF', 'NSR'], ['AF'])
    """
    likely = _checked(probability, sinus_share)
    odds_up = (1 - sinus_share) / sinus_share * EVEN / (1 - EVEN)
    rhythm = likely[:, NORMAL]
    likely[:, NORMAL] = rhythm * odds_up / (rhythm * odds_up + 1 - rhythm)
    answer = np.zeros(likely.shape, np.bool_)
    for rows in np.array_split(np.arange(len(likely)), len(likely) // 256 + 1):  # what is tried at once stays small
        answer[rows] = _climbed(likely[rows])
    return answer


def _climbed(likely: Worth) -> NDArray[np.bool_]:
    """Change the best class of each record's answer as long as any change gains."""
    classes = likely.shape[1]
    weights, flip = confusion_weights(), np.eye(classes, dtype=np.bool_)
    answer, best = np.zeros(likely.shape, np.bool_), np.zeros(len(likely))
    open_rows = np.arange(len(likely))
    while len(open_rows):
        tried = answer[open_rows, np.newaxis] ^ flip  # (record, changed class, class)
        worth = _expected(tried, likely[open_rows, np.newaxis], weights)
        change = worth.argmax(axis=1)
        gained = np.take_along_axis(worth, change[:, np.newaxis], axis=1)[:, 0]
        better = gained > best[open_rows] + 1e-12
        open_rows, change = open_rows[better], change[better]
        answer[open_rows, change] ^= True
        best[open_rows] = gained[better]
    return answer


def _expected(answer: NDArray[np.bool_], likely: Worth, weights: Worth) -> Worth:
    """Return what answers are expected to earn, along the last axis: for each class that may be true, its pairs."""
    pairs = answer @ weights
    others = (likely * ~answer).sum(axis=-1, keepdims=True)  # that are true beside the answer
    together = answer.sum(axis=-1, keepdims=True) + others + np.where(answer, 0, 1 - likely)  # where the class is true
    expected: Worth = (likely * pairs / np.maximum(together, 1)).sum(axis=-1)
    return expected


def _checked(probability: NDArray[np.floating], sinus_share: float) -> Worth:
    """Return a copy to be worked on."""
    if probability.ndim != 2 or probability.shape[1] != len(CINC2020_CLASSES):
        raise OptionError(f"probabilities {probability.shape}: they must be (record, {len(CINC2020_CLASSES)})")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise OptionError("probabilities must be from 0 to 1, each of them")
    if not 0 < sinus_share < 1:
        raise OptionError(f"share of sinus rhythm is {sinus_share}; it must be between 0 and 1")
    return np.array(probability, np.float64)
