"""What bundles are asked of whole records: whether twelve leads are normal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.detect import detect
from ..diagnosis.explain import explain, explain_measures
from ..diagnosis.independent import INDEPENDENT
from ..diagnosis.inputs import record_input_kind
from ..diagnosis.measures import MEASURES
from ..diagnosis.normality import CLASSES, VIEW_S, abnormal_finding, decide, middle, share, views
from ..errors import BundleError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ..beats.detect import Net
    from ..diagnosis.explain import Explanation, LogOdds
    from ..findings import Decision, Finding
    from ..record import Record
    from ..signal.quality import Quality
    from .bundle import Bundle

AT_ONCE: Final = 32
"""Records run through the network together: as fast as more, and their inputs stay small."""

BEAT_LEADS: Final = ("II", "I", "V2", "V5")
"""Leads that beats are looked for on."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model says of one record.

    Parameters
    ----------
    probability
        That it is abnormal, calibrated, 0 to 1.
    decision
        Whether it is abnormal, unsure where the model's rate of error leaves both classes possible, or neither.
    without
        Leads without a signal; where one is missed, the decision is unsure.
    """

    probability: float
    decision: Decision
    without: tuple[str, ...] = ()


def read_records(records: Iterable[Record], model: Bundle, net: Net) -> Iterator[Reading]:
    """Ask whether each record is normal, many at a time.

    Parameters
    ----------
    records
        Of any leads, rates and lengths: an answer is given for every one, of a long record for its middle. They are
        taken as they are needed.
    model
        A bundle that tells `einthoven.diagnosis.normality.CLASSES` apart.
    net
        What finds beats, as :func:`einthoven.bundles.beats.beat_net` makes it of a bundle.

    Raises
    ------
    BundleError
        The bundle answers another question.
    """
    left = iter(records)
    while some := list(islice(left, AT_ONCE)):
        shown = [middle(record) for record in some]
        yield from readings([inputs_of(record, peaks(record, net), model) for record in shown], model)


def readings(inputs: Sequence[Mapping[str, NDArray[np.float32]]], model: Bundle) -> Iterator[Reading]:
    """Ask about records by what `inputs_of` gave for them, all at once; raises as `read_records` does."""
    for probability in map(share, log_odds(inputs, model).tolist()):
        yield Reading(probability, decide(probability, model.card.thresholds))


def operating_point(model: Bundle, name: str) -> float:
    """Return the probability from which a record is called abnormal at an operating point of the model's card.

    Raises
    ------
    OptionError
        The card has no such point; the message lists those it has.
    BundleError
        The bundle answers another question.
    """
    check(model)
    points = model.card.operating_points
    if name not in points:
        raise unknown("operating point", name, points)
    return points[name]


def check(model: Bundle) -> None:
    """Raise BundleError for a bundle that does not tell normal from abnormal records."""
    if model.card.classes != CLASSES or not model.card.exclusive:
        told = ", ".join(model.card.classes)
        raise BundleError(f"bundle {model.card.name} tells {told}; whole records need {' or '.join(CLASSES)}")


def peaks(record: Record, net: Net) -> NDArray[np.int64]:
    """Return the R peaks that a model of whole records is given: int64, shape (beat,).

    They are looked for on `BEAT_LEADS`, which see the heart from as many sides as twelve leads do, in half the time; on
    all leads where less than two of these have a signal. They are placed on II if it is there, else on the next.
    """
    shown = [lead for lead in BEAT_LEADS if lead in record and _moves(record[lead])]
    leads = shown if len(shown) > 1 else sorted(record.leads, key=lambda lead: lead != "II")
    return detect(record, net, leads=leads, placed_on=leads[0]).sample


def _moves(row: NDArray[np.float32]) -> bool:
    return bool(np.fmax.reduce(row) > np.fmin.reduce(row))


def inputs_of(record: Record, peak: NDArray[np.int64], model: Bundle) -> Mapping[str, NDArray[np.float32]]:
    """Return the arrays a model takes of one record with these R peaks."""
    preprocessing = model.card.preprocessing
    return record_input_kind(preprocessing["kind"])(record, peak, **preprocessing["options"])


def log_odds(inputs: Sequence[Mapping[str, NDArray[np.float32]]], model: Bundle) -> NDArray[np.float64]:
    """Return the calibrated log-odds of "abnormal": float64, shape (item,); raises as `read_records` does."""
    check(model)
    if not inputs:
        return np.empty(0)
    logit = model.run({name: np.stack([one[name] for one in inputs]) for name in model.card.inputs}).values
    lines = (model.card.calibration[name] for name in CLASSES)
    normal, abnormal = (line.slope * logit[:, i].astype(np.float64) + line.intercept for i, line in enumerate(lines))
    return abnormal - normal


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Whether a record is abnormal, and what was looked at to say so.

    Parameters
    ----------
    finding
        The answer.
    starts_s
        When each ten seconds begins.
    log_odds
        float64, shape (view,): the answer for each.
    inputs
        What the network was given of each.
    """

    finding: Finding
    starts_s: tuple[float, ...]
    log_odds: NDArray[np.float64]
    inputs: tuple[Mapping[str, NDArray[np.float32]], ...]


def ask(record: Record, peak: NDArray[np.int64], quality: Quality, model: Bundle) -> Answer:
    """Ask whether a record of twelve leads is abnormal, of ten seconds or several.

    Raises
    ------
    BundleError
        The bundle answers another question.
    """
    starts_s = views(record, quality)
    inputs = tuple(inputs_of(*part(record, peak, start_s), model) for start_s in starts_s)
    odds = log_odds(inputs, model)
    finding = abnormal_finding(odds, starts_s, model.card.thresholds, quality, model.card.name)
    return Answer(finding, starts_s, odds, inputs)


def part(record: Record, peak: NDArray[np.int64], start_s: float) -> tuple[Record, NDArray[np.int64]]:
    """Return ten seconds of a record from `start_s` on, all of a shorter one, with the R peaks in them."""
    if record.duration_s <= VIEW_S:
        return record, peak
    view = record.crop(start_s, start_s + VIEW_S)
    first = round(start_s * record.fs_hz)
    inside = (peak >= first) & (peak < first + view.n_samples)
    return view, peak[inside] - first


def why(answer: Answer, model: Bundle) -> Explanation | None:
    """Find out what moved an answer, in the ten seconds that speak for it most.

    The signal that a network sees is changed, with what was measured left as it is, and then the other way round. None
    for a model that is not shown the eight independent leads, whose names are told.
    """
    finding, odds = answer.finding, answer.log_odds
    view = int(odds.argmax() if finding.probability and finding.probability >= 0.5 else odds.argmin())
    inputs, start_s = answer.inputs[view], answer.starts_s[view]
    if "signal" not in inputs or len(inputs["signal"]) != len(INDEPENDENT):
        return None

    def asked(name: str) -> LogOdds:
        return lambda changed, /: log_odds([{**inputs, name: one} for one in changed], model)

    found = explain(inputs["signal"], model.card.fs_hz, asked("signal"), start_s=start_s)
    if "measures" not in inputs:
        return found
    return replace(found, measured=explain_measures(inputs["measures"], MEASURES, asked("measures")))
