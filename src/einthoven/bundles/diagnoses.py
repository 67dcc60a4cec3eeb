"""What bundles are asked of whole records: which diagnoses twelve leads show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..beats.detection_inputs import SLOWEST_HZ
from ..codes import CINC2020_CLASSES, TERMS
from ..diagnosis import worth
from ..diagnosis.diagnoses import covering, diagnosis_findings, together
from ..diagnosis.normality import LOWEST_HZ, VIEW_S, why_unsure
from ..diagnosis.repeat import repeated
from ..diagnosis.worth import EVEN, NORMAL
from ..errors import BundleError
from ..signal.resample import resample_record
from ..signal.wild import mend_wild
from .diagnosis import inputs_of, part, peaks
from .scores import on_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..beats.detect import Net
    from ..findings import Finding
    from ..record import Record
    from ..signal.quality import Quality
    from .bundle import Bundle

    Inputs = Mapping[str, NDArray[np.float32]]

_RAREST, _HARDLY = 1e-4, 1e-2
_LEVEL_MV: Final = 1e-3  # what stays below is a straight line


def tells_diagnoses(model: Bundle) -> bool:
    """Tell whether a bundle is one that is asked which diagnoses there are: any number of them, or none."""
    return not model.card.exclusive and set(model.card.classes) <= set(TERMS)


def check(model: Bundle) -> None:
    """Raise BundleError for a bundle that does not tell diagnoses."""
    if not tells_diagnoses(model):
        told = ", ".join(model.card.classes)
        raise BundleError(f"bundle {model.card.name} tells {told}; it must tell diagnoses, each by itself")


def shown(record: Record, model: Bundle, net: Net) -> tuple[Inputs, ...]:
    """Return what a model takes of each ten seconds of a record that it is asked about.

    Parameters
    ----------
    record
        Any leads, rate and length.
    model
        A bundle that tells diagnoses.
    net
        What finds beats, as :func:`einthoven.bundles.beats.beat_net` makes it. It is asked if the model needs them, or
        the record is to be repeated, and the rate is high enough.
    """
    if SLOWEST_HZ <= record.fs_hz < LOWEST_HZ:  # beats can be found; to be measured they must lie closer
        record = resample_record(record, 2 * LOWEST_HZ)
    needs_beats = record.fs_hz >= LOWEST_HZ and ("measures" in model.card.inputs or record.duration_s < VIEW_S)
    inputs = []
    for start_s in covering(record.duration_s):
        view = mend_wild(record.crop(start_s, start_s + VIEW_S))
        peak = peaks(view, net) if needs_beats else np.empty(0, np.int64)
        inputs.append(_inputs(view, peak, model))
    return tuple(inputs)


def _inputs(view: Record, peak: NDArray[np.int64], model: Bundle) -> Inputs:
    """Return what a model takes of ten seconds or less; of less, the signal repeated, and the measures as they are."""
    inputs = inputs_of(view, peak, model)
    if view.n_samples >= round(VIEW_S * view.fs_hz) or "signal" not in inputs:
        return inputs
    return {**inputs, "signal": inputs_of(repeated(view, peak), peak, model)["signal"]}


def log_odds(inputs: Sequence[Inputs], model: Bundle) -> NDArray[np.float64]:
    """Return the calibrated log-odds of each diagnosis: float64, shape (item, class).

    Raises
    ------
    BundleError
        The bundle answers another question, or the inputs do not fit.
    """
    check(model)
    if not inputs:
        return np.empty((0, len(model.card.classes)))
    logit = model.run({name: np.stack([one[name] for one in inputs]) for name in model.card.inputs}).values
    return on_lines(logit, [model.card.calibration[name] for name in model.card.classes])


def record_log_odds(records: Sequence[Sequence[Inputs]], model: Bundle) -> NDArray[np.float64]:
    """Return the log-odds of each diagnosis for records, by what `shown` gave of them, all at once.

    A record in which no lead shows anything, or in which no beat is found to be measured, has what most of the records
    had that the model learnt from, if the card tells it, and hardly anything else: nobody is asked what a straight line
    or noise means.

    Returns
    -------
    float64, shape (record, class).

    Raises
    ------
    BundleError
        The bundle answers another question, or the inputs do not fit.
    """
    odds = log_odds([view for views in records for view in views], model)
    ends = np.cumsum([len(views) for views in records])[:-1]
    rows = [together(views, model.card.classes) for views in np.split(odds, ends)] if len(records) else []
    shares = model.card.training.get("shares", {})
    if shares.keys() >= set(model.card.classes):
        share = np.clip([shares[name] for name in model.card.classes], _RAREST, 1 - _RAREST)
        usual = np.where(share > 0.5, share, np.minimum(share, _HARDLY))
        rows = [
            row if any(seen(view) for view in views) else np.log(usual / (1 - usual))
            for row, views in zip(rows, records, strict=True)
        ]
    return np.stack(rows) if rows else odds


def seen(view: Inputs) -> bool:
    """Tell whether what a model takes of ten seconds shows anything: a lead moves, beats were found if needed."""
    flat = "signal" in view and np.abs(view["signal"]).max() <= _LEVEL_MV
    unmeasured = "measures" in view and np.isnan(view["measures"]).all()
    return not (flat or unmeasured)


def written(probability: NDArray[np.float64], model: Bundle) -> NDArray[np.bool_]:
    """Tell which diagnoses to write down, yes or no, of records: bool, shape (record, class).

    The classes of the 2020 challenge are answered together, as is worth most there; others from their threshold on.

    Parameters
    ----------
    probability
        float64, shape (record, class): calibrated.
    model
        What gave them.
    """
    card = model.card
    sinus_share = card.training.get("shares", {}).get(CINC2020_CLASSES[NORMAL], EVEN)
    return worth.written(probability, card.classes, card.thresholds, sinus_share)


def diagnose(record: Record, peak: NDArray[np.int64], quality: Quality, model: Bundle) -> tuple[Finding, ...]:
    """Say which diagnoses a record of twelve leads shows, those present first; all are unsure where the signal is poor.

    Parameters
    ----------
    record
        It.
    peak
        int64, shape (beat,): its R peaks.
    quality
        Of its signal.
    model
        A bundle that tells diagnoses.

    Raises
    ------
    BundleError
        The bundle answers another question, or says not when it is sure.
    """
    card, starts_s = model.card, covering(record.duration_s)
    if not set(card.classes) <= set(card.sets):
        raise BundleError(f"bundle {card.name} has no sets of what is possible, by which a report says what is unsure")
    odds = log_odds([_inputs(*part(record, peak, start_s), model) for start_s in starts_s], model)
    doubtful = bool(why_unsure(quality, starts_s))
    return diagnosis_findings(
        odds, starts_s, card.classes, card.sets, card.miss_rate, model=card.name, doubtful=doubtful
    )
