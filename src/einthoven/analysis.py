"""The main job: from a record to a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import __version__
from .beats.classify import ABNORMAL, beat_findings, label
from .beats.fast import fast_detect, leading_lead
from .beats.inputs import input_kind
from .beats.rhythm import rhythm, rhythm_findings
from .bundles.bundle import ITEMS_AT_ONCE, Bundle
from .errors import BundleError, OptionError
from .signal.leads import check_leads
from .signal.qrs import candidates
from .signal.quality import Verdict, assess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .beats.rhythm import Rhythm
    from .findings import Finding
    from .record import Beats, Record
    from .signal.quality import Quality

DETECTORS = ("fast",)
"""Ways to find beats. ``fast``: two classical detectors on every lead (:mod:`einthoven.beats.fast`)."""

LIMITS = (
    "For research; not a medical device. No finding here replaces a reading by a physician.",
    "A beat is called normal or abnormal; the kind of abnormality is not named.",
    "Rate, pauses and beats are only as good as the signal: see its quality.",
    "Above 225 beats a minute, beats are missed.",
)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that took part: its name and version, the checksum of its network, and what it was asked."""

    name: str
    version: str
    sha256: str
    purpose: str


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that was found in one record.

    Parameters
    ----------
    record
        The record, as read.
    beats
        Its beats, classified.
    rhythm
        Rate, intervals, pauses.
    quality
        Of the signal, by lead and second.
    findings
        Statements, the most important first.
    warnings
        What limits this report in particular, one sentence each.
    models
        The models that took part.
    detector
        How beats were found.
    lead
        The lead whose beats were classified.
    version
        Of the package.
    limits
        What no report of this package can do.
    """

    record: Record
    beats: Beats
    rhythm: Rhythm
    quality: Quality
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    models: tuple[ModelUse, ...]
    detector: str
    lead: str
    version: str = __version__
    limits: tuple[str, ...] = LIMITS


def analyze(record: Record, *, detector: str = "fast", bundle: str | Bundle = "mitdb-normal") -> Report:
    """Find and classify the beats of a record, measure its rhythm and quality, and check its leads.

    Parameters
    ----------
    record
        Any leads, 50 Hz or more, any length. Where there is nothing to analyse the report says so; that is no error.
    detector
        One of `DETECTORS`.
    bundle
        Model that tells normal from abnormal beats: the name of a shipped one, or a loaded one.

    Raises
    ------
    OptionError
        The detector is unknown, or the rate is too low to find beats.
    BundleError
        The bundle is unknown or damaged.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> report = analyze(simulate(duration_s=20, rhythm="bigeminy", seed=1).record)
    >>> {finding.code: finding.decision.value for finding in report.findings}["abnormal-beats"]
    'present'
    """
    if detector not in DETECTORS:
        raise OptionError(f"no detector '{detector}'; choose among {', '.join(DETECTORS)}")
    model = bundle if isinstance(bundle, Bundle) else Bundle.load(bundle)
    seen = candidates(record)
    quality = assess(record, seen=seen)
    lead = _fit_lead(model, quality) or leading_lead(record, seen)
    beats = classify(fast_detect(record, seen=seen, placed_on=lead), record[lead], record.fs_hz, model)
    lost = unusable(quality)
    heart = rhythm(beats, record.fs_hz, lost)
    return Report(
        record=record,
        beats=beats,
        rhythm=heart,
        quality=quality,
        findings=(*beat_findings(beats, record.fs_hz, lost), *rhythm_findings(heart), *check_leads(record)),
        warnings=_warnings(beats, quality),
        models=(ModelUse(model.card.name, model.card.version, model.sha256, "beats: normal or abnormal"),),
        detector=detector,
        lead=lead,
    )


def classify(beats: Beats, signal: NDArray[np.float32], fs_hz: float, model: Bundle) -> Beats:
    """Ask a model whether each beat is abnormal.

    Parameters
    ----------
    beats
        The beats.
    signal
        float32, shape (sample,): the lead to look at, mV.
    fs_hz
        Its rate.
    model
        A bundle with the class ``abnormal``.

    Returns
    -------
    Beats
        With probability and symbol.

    Raises
    ------
    BundleError
        The bundle answers another question.
    """
    if model.card.classes != (ABNORMAL,):
        raise BundleError(f"bundle {model.card.name} tells {', '.join(model.card.classes)}; beats need '{ABNORMAL}'")
    prepare = input_kind(model.card.preprocessing["kind"])
    arrays = prepare(signal, fs_hz, beats.sample, **model.card.preprocessing["options"]).arrays
    probability = np.empty(len(beats), np.float32)
    for first in range(0, len(beats), ITEMS_AT_ONCE):  # windows are cut as they are needed, whatever the length
        part = np.arange(first, min(first + ITEMS_AT_ONCE, len(beats)))
        probability[part] = model.predict({name: rows[part] for name, rows in arrays.items()}).values[:, 0]
    return label(beats, probability, model.card.thresholds[ABNORMAL])


def _fit_lead(model: Bundle, quality: Quality) -> str | None:
    """Return the best lead of those the model learnt on whose signal is not poor, or None."""
    verdict = quality.lead_verdict
    return next((lead for lead in model.card.leads if verdict.get(lead, Verdict.POOR) is not Verdict.POOR), None)


def unusable(quality: Quality) -> NDArray[np.bool_]:
    """Tell the seconds in which no lead is usable: bool, shape (second,)."""
    lost: NDArray[np.bool_] = ~np.any(quality.usable, axis=0)
    return lost


def _warnings(beats: Beats, quality: Quality) -> tuple[str, ...]:
    """Say what the reader of this report should keep in mind."""
    said = []
    if not len(beats):
        said.append("No beats were found: the signal is flat, missing, or too short.")
    elif len(beats) < 3:
        said.append(f"Only {len(beats)} beat(s): rate and classes have nothing to be compared with.")
    lost_s = int(unusable(quality).sum())
    if lost_s:
        said.append(f"In {lost_s} of {quality.usable.shape[1]} seconds no lead is usable; beats may be missing there.")
    poor = [lead for lead, verdict in quality.lead_verdict.items() if verdict is Verdict.POOR]
    if poor:
        said.append(f"Poor signal in {', '.join(poor)}.")
    return tuple(said)
