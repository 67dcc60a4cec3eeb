"""The main job: from a record to a report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import __version__
from .beats.classify import ABNORMAL, beat_findings
from .beats.detect import detect
from .beats.episodes import episode_findings, episodes
from .beats.fast import fast_detect, leading_lead
from .beats.fibrillation import fibrillation, fibrillation_findings
from .beats.hrv import hrv
from .beats.intervals import nn_intervals
from .beats.pacing import find_pacing, mark_paced, pacing_finding
from .beats.rhythm import rhythm, rhythm_findings
from .bundles.beats import beat_net, classify
from .bundles.bundle import Bundle
from .bundles.diagnoses import diagnose, tells_diagnoses
from .bundles.diagnosis import ask, check, why
from .codes import symbol_name
from .diagnosis.agreement import agreeing
from .diagnosis.diagnoses import covering, untold
from .diagnosis.normality import FEWEST_BEATS, VIEW_S, has_twelve_leads, why_not
from .errors import OptionError
from .findings import percent
from .signal.leads import check_leads
from .signal.qrs import candidates
from .signal.quality import Verdict, assess
from .signal.wild import mend_wild

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from .beats.episode import Episode
    from .beats.hrv import HRV
    from .beats.rhythm import Rhythm
    from .diagnosis.explain import Explanation
    from .findings import Finding
    from .record import Beats, Record
    from .signal.quality import Quality

    Asked = str | Path | Bundle

DETECTORS = ("learned", "fast")
"""Ways to find beats. ``learned``: a network over all leads, the bundle ``beat-detector``
(:mod:`einthoven.beats.detect`). ``fast``: two classical detectors on every lead (:mod:`einthoven.beats.fast`)."""

DIAGNOSIS = ("cpic2019", "cinc2020")
"""The bundles that are asked about twelve leads, unless others are named."""

LIMITS = (
    "For research; not a medical device. No finding here replaces a reading by a physician.",
    "Beats are told apart by kind, not by cause; class N includes bundle branch block and escape beats.",
    "Premature beats from the atria are often missed where most beats are premature, or taken for atrial fibrillation.",
    "Rate, pauses and beats are only as good as the signal: see its quality.",
    "Above 250 beats a minute (225 with the detector 'fast'), beats may be missed.",
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
        The record as read, less samples that no electrode can have given: `notes` counts them.
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
    leads
        The leads by which beats were classified, that on which they are placed first.
    version
        Of the package.
    limits
        What no report of this package can do.
    episodes
        Stretches of one rhythm, in the order of time.
    hrv
        Heart rate variability; None where it was not asked for.
    explanation
        What moved the answer whether the ECG is abnormal; None where it was not asked for, or nothing was answered.
    """

    record: Record
    beats: Beats
    rhythm: Rhythm
    quality: Quality
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    models: tuple[ModelUse, ...]
    detector: str
    leads: tuple[str, ...]
    version: str = __version__
    limits: tuple[str, ...] = LIMITS
    episodes: tuple[Episode, ...] = ()
    hrv: HRV | None = None
    explanation: Explanation | None = None


def analyze(
    record: Record,
    *,
    detector: str = "learned",
    bundle: Asked = "mitdb-aami",
    diagnosis: Asked | Iterable[Asked] | None = DIAGNOSIS,
    explain: bool = False,
    threads: int = 1,
    watch: Callable[[float, str], None] | None = None,
) -> Report:
    """Find and classify the beats of a record, measure its rhythm and quality, and check its leads.

    Parameters
    ----------
    record
        Any leads, 50 Hz or more, any length. Where there is nothing to analyse the report says so; that is no error.
    detector
        One of `DETECTORS`.
    bundle
        Model that tells what beats are: the name of a shipped one, or a loaded one.
    diagnosis
        Models that tell whether twelve leads are normal, or which diagnoses they show, likewise, one or several; they
        are not asked where there are fewer leads. None: no record is asked.
    explain
        Find out what moved the model that tells whether twelve leads are normal, for some tenths of a second more.
    threads
        Processor threads that the network which finds beats may use.
    watch
        Called as each stage begins, with the share of the time that is over, about, and what is done next.

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
    >>> {finding.name: finding.decision.value for finding in report.findings}["Ventricular ectopic beats"]
    'present'
    """
    if detector not in DETECTORS:
        raise OptionError(f"no detector '{detector}'; choose among {', '.join(DETECTORS)}")
    model = bundle if isinstance(bundle, Bundle) else Bundle.load(bundle)
    readers = _readers_of_twelve_leads(record, diagnosis)
    tell = watch or (lambda share, doing: None)
    tell(0.0, "signal quality")
    record = mend_wild(record)
    seen = candidates(record)
    quality = assess(record, seen=seen)
    leads = _fit_leads(model, quality, partial(leading_lead, record, seen))
    tell(0.3, "finding beats")
    finder = Bundle.load("beat-detector", threads=threads) if detector == "learned" else None
    if finder:
        found = detect(record, beat_net(finder), placed_on=leads[0])
    else:
        found = fast_detect(record, seen=seen, placed_on=leads[0])
    tell(0.55, "classifying beats")
    shown = record.pick(leads).signal
    beats = classify(found, shown, record.fs_hz, model)
    pacing = find_pacing(record, beats)
    beats = mark_paced(beats, pacing)
    tell(0.9, "rhythm")
    lost = unusable(quality)
    heart = rhythm(beats, record.fs_hz, lost)
    af = fibrillation(shown, record.fs_hz, beats, lost, pacing.paced)
    course = episodes(beats, record.fs_hz, lost, af.episodes)
    seen_s = record.duration_s - float(lost.sum())
    seen_enough = 2 * seen_s > record.duration_s
    whole = _of_twelve_leads(record, beats, quality, readers, explain=explain)
    of_beats = (
        *beat_findings(beats, record.fs_hz, lost),
        *([pacing_finding(pacing, record.fs_hz)] if pacing.can_tell and len(beats) and not lost.all() else []),
        *fibrillation_findings(af, seen_s),
        *(episode_findings(course, seen_s, seen_enough=seen_enough) if "V" in beats.classes else []),
        *rhythm_findings(heart),
    )
    return Report(
        record=record,
        beats=beats,
        rhythm=heart,
        quality=quality,
        findings=(
            *whole.findings,
            *agreeing(whole.diagnoses, (*whole.findings, *of_beats)),
            *of_beats,
            *check_leads(record),
        ),
        warnings=(*_warnings(beats, quality), *whole.warnings),
        models=(
            *([_use(finder, "where the beats are")] if finder else []),
            _use(model, f"beats: {_words(model.card.classes)}"),
            *whole.models,
        ),
        detector=detector,
        leads=leads,
        episodes=course,
        hrv=hrv(nn_intervals(beats, record.fs_hz, lost, other_rhythm=af.episodes)),
        limits=(*LIMITS, *whole.limits),
        explanation=whole.explanation,
    )


def _readers_of_twelve_leads(record: Record, diagnosis: Asked | Iterable[Asked] | None) -> tuple[Bundle, ...]:
    """Return the models to ask about a record as a whole; none of them for a record of fewer leads."""
    if diagnosis is None or not has_twelve_leads(record):
        return ()
    named = (diagnosis,) if isinstance(diagnosis, str | Path | Bundle) else diagnosis
    readers = tuple(one if isinstance(one, Bundle) else Bundle.load(one) for one in named)
    for reader in readers:
        if not tells_diagnoses(reader):
            check(reader)
    return readers


_TOO_FEW = f"fewer than {FEWEST_BEATS} beats were found"


@dataclass(frozen=True, slots=True)
class _Whole:
    """What is said of twelve leads as a whole."""

    findings: tuple[Finding, ...] = ()
    diagnoses: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    models: tuple[ModelUse, ...] = ()
    limits: tuple[str, ...] = ()
    explanation: Explanation | None = None

    def __add__(self, other: _Whole) -> _Whole:
        return _Whole(
            self.findings + other.findings,
            self.diagnoses + other.diagnoses,
            self.warnings + other.warnings,
            self.models + other.models,
            self.limits + other.limits,
            self.explanation or other.explanation,
        )


def _of_twelve_leads(
    record: Record, beats: Beats, quality: Quality, readers: Sequence[Bundle], *, explain: bool
) -> _Whole:
    """Ask whether the ECG is abnormal, why, and which diagnoses it shows, or say why nobody was asked."""
    if not readers:
        return _Whole()
    if reason := why_not(record, quality) or (_TOO_FEW if len(beats) < FEWEST_BEATS else ""):
        diagnoses = ", or of diagnoses" if any(map(tells_diagnoses, readers)) else ""
        return _Whole(warnings=(f"Nothing is said of whether the ECG is abnormal{diagnoses}: {reason}.",))
    said = _Whole()
    for reader in readers:
        if tells_diagnoses(reader):
            said += _diagnoses(record, beats, quality, reader)
        else:
            said += _normality(record, beats, quality, reader, explain=explain)
    return said


def _normality(record: Record, beats: Beats, quality: Quality, reader: Bundle, *, explain: bool) -> _Whole:
    answer = ask(record, beats.sample, quality, reader)
    limits = tuple(f"“{answer.finding.name}”: {limit}" for limit in reader.card.limits)
    return _Whole(
        findings=(answer.finding,),
        warnings=limits[:1],
        models=(_use(reader, "twelve leads: normal or abnormal"),),
        limits=limits[1:],
        explanation=why(answer, reader) if explain else None,
    )


def _diagnoses(record: Record, beats: Beats, quality: Quality, reader: Bundle) -> _Whole:
    said = [f"{name} cannot be excluded: too few records had it to learn from." for name in untold(reader.card.sets)]
    if (n_views := len(covering(record.duration_s))) > 1:
        said.append(
            f"{n_views} stretches of 10 s were looked at, {percent(min(1.0, n_views * VIEW_S / record.duration_s))} of "
            "the record; how often they are wrong is known of a single stretch."
        )
    limits = tuple(f"Diagnoses: {limit}" for limit in reader.card.limits)
    return _Whole(
        diagnoses=diagnose(record, beats.sample, quality, reader),
        models=(_use(reader, f"twelve leads: {len(reader.card.classes)} diagnoses"),),
        warnings=limits[:1],
        limits=(*(f"Diagnoses: {one}" for one in said), *limits[1:]),
    )


def _words(classes: tuple[str, ...]) -> str:
    return "normal or abnormal" if classes == (ABNORMAL,) else ", ".join(map(symbol_name, classes))


def _use(model: Bundle, purpose: str) -> ModelUse:
    return ModelUse(model.card.name, model.card.version, model.sha256, purpose)


def _fit_leads(model: Bundle, quality: Quality, leading: Callable[[], str]) -> tuple[str, ...]:
    """Return as many leads as the model sees at once, none of poor signal: first those it names, in its order.

    The `leading` one comes next, then the others. Where all are poor it is first, and those that are there at all for
    half of the time stand beside it: at another gain, poor by the millivolt may be as good as ever.
    """
    fit = [lead for lead, verdict in quality.lead_verdict.items() if verdict is not Verdict.POOR]
    chosen = [lead for lead in model.card.leads if lead in fit]
    if len(chosen) < model.card.n_leads:
        first = leading()
        silent = quality.silent_leads
        others = fit or [first, *(lead for lead in quality.leads if lead not in silent)]
        chosen = list(dict.fromkeys([*chosen, *sorted(others, key=lambda lead: lead != first)]))
    return tuple(chosen[: model.card.n_leads])


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
