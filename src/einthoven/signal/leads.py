"""Lead laws: whether the limb leads fit each other, what is wrong when they do not, and leads computed from others.

A limb electrode put on the wrong arm does **not** break these laws: three electrodes in any order still span the same
plane. What breaks them is the file: a lead inverted, misnamed, swapped, scaled or computed by a wrong formula.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codes import LIMB_LEADS
from ..errors import OptionError, SignalError
from ..findings import Decision, Finding, Interval
from .limb import FORMULA, LimbPlane, coordinates, formula_text, law_weights, on_basis, spread_mv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..record import Record

_MOST_SAMPLES: Final = 40_000  # laws hold sample by sample, so a long record may be looked at sparsely
_FEWEST_SAMPLES: Final = 20
_SAME_MV: Final = 0.001  # residuals that differ by less than this are equally good
NO_EXPLANATION: Final = "no simple explanation"
SCALED: Final = "each lead scaled on its own"


@dataclass(frozen=True, slots=True)
class Breach:
    """One lead that breaks its law.

    Parameters
    ----------
    lead
        Which.
    law
        What it should equal, e.g. ``"I - II/2"``.
    off_mv
        By how much it misses that: root mean square without offset and the farthest 5 % of samples.
    explanation
        What it is instead, e.g. ``"aVL = II/2"``.
    """

    lead: str
    law: str
    off_mv: float
    explanation: str


@dataclass(frozen=True, slots=True)
class LawCheck:
    """How the limb leads of a record fit each other.

    Parameters
    ----------
    breaches
        The leads at fault, in standard order; empty when all laws hold.
    trusted
        The leads that fit each other; empty when it cannot be told which are right.
    explanation
        The likely cause in short, e.g. ``"aVR inverted, aVL = II/2"``; empty when all laws hold.
    """

    breaches: tuple[Breach, ...]
    trusted: tuple[str, ...]
    explanation: str


def check_laws(record: Record) -> LawCheck:
    """Check Einthoven's and Goldberger's laws among the limb leads that the record has.

    The leads to trust are the largest group whose laws all hold; the others are then explained by the simplest of:
    flat, inverted, another lead, scaled, halves of I and II, any sum of I and II. Where no group stands out (three
    leads have but one law), one inverted lead or one swap that mends all is looked for.

    Laws are checked without constant offsets (recorders set each lead's zero on their own), to within 5 µV and 4 % (see
    :mod:`einthoven.signal.limb`), on samples where all limb leads are there. Fewer than three limb leads obey no law.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate().record
    >>> check_laws(record).explanation
    ''
    >>> wrong = record.signal.copy()
    >>> wrong[3] *= -1
    >>> check_laws(replace(record, signal=wrong)).explanation
    'aVR inverted'
    """
    plane = _plane(record)
    if plane is None or not plane.broken:
        return LawCheck((), plane.leads if plane else (), "")
    for size in range(len(plane.leads) - 1, 2, -1):
        for trusted in combinations(plane.leads, size):
            if plane.consistent(trusted):
                outvoted = len(plane.leads) - size < size
                return _judged(plane, trusted) if outvoted or not _scaled_singly(plane) else _undecided(plane, SCALED)
    return _without_witness(plane)


def check_leads(record: Record) -> tuple[Finding, ...]:
    """Return a finding when limb leads of the record break the lead laws, none otherwise; see :func:`check_laws`.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> check_leads(simulate().record)
    ()
    """
    check = check_laws(record)
    if not check.breaches:
        return ()
    misses = ", ".join(f"{b.lead} misses {b.law} by {b.off_mv:.3f} mV rms" for b in check.breaches)
    where = Interval(0.0, record.duration_s, tuple(b.lead for b in check.breaches))
    return (
        Finding(
            code="lead-law",
            system="einthoven",
            name="Limb leads break the lead laws",
            decision=Decision.PRESENT,
            detail=f"{check.explanation}: {misses}",
            where=(where,),
        ),
    )


def repair_leads(record: Record) -> Record:
    """Rebuild the limb leads at fault from I and II, and say so in the notes.

    Leads that fit are left as they are, so a record whose laws hold comes back unchanged. Where I or II is at fault, or
    it cannot be told which lead is, nothing is rebuilt, and a note says that.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> record = simulate().record
    >>> wrong = record.signal.copy()
    >>> wrong[4] = wrong[1] / 2
    >>> repair_leads(replace(record, signal=wrong)).notes
    ('Rebuilt aVL from I and II; in the file: aVL = II/2.',)
    """
    check = check_laws(record)
    if not check.breaches:
        return record
    if not {"I", "II"} <= set(check.trusted):
        return record.noted(
            f"Limb leads not rebuilt, since I and II cannot be trusted; in the file: {check.explanation}."
        )
    signal = record.signal.copy()
    wrong = [breach.lead for breach in check.breaches]
    for lead in wrong:
        a, b = FORMULA[lead]
        signal[record.leads.index(lead)] = np.float32(a) * record["I"] + np.float32(b) * record["II"]
    note = f"Rebuilt {', '.join(wrong)} from I and II; in the file: {check.explanation}."
    return replace(record, signal=signal).noted(note)


def derive_leads(record: Record) -> Record:
    """Append the limb leads that are missing, computed from those that are there, and say so in the notes.

    From I and II where they are there, otherwise by least squares from all limb leads. A lead without any sample counts
    as not there, and its row is filled.

    Raises
    ------
    OptionError
        The record has fewer than two limb leads.
    SignalError
        Its limb leads contradict each other.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> derived = derive_leads(simulate(leads=("I", "aVF", "V1")).record)
    >>> derived.leads
    ('I', 'aVF', 'V1', 'II', 'III', 'aVR', 'aVL')
    """
    present = [name for name in LIMB_LEADS if name in record and np.isfinite(record[name]).any()]
    missing = [name for name in LIMB_LEADS if name not in present]
    who = f"{record.source or record.id}: " if record.source or record.id else ""
    if not missing:
        return record
    if len(present) < 2:
        has = f"only {present[0]}" if present else "none"
        raise OptionError(f"{who}deriving limb leads needs two of {', '.join(LIMB_LEADS)}; the record has {has}")
    check = check_laws(record)
    if check.breaches:
        raise SignalError(f"{who}limb leads contradict each other ({check.explanation}); repair them before deriving")
    sources = ["I", "II"] if {"I", "II"} <= set(present) else present
    solve = coordinates(missing) @ np.linalg.pinv(coordinates(sources))
    found = dict(zip(missing, solve @ np.stack([record[name] for name in sources]), strict=True))
    rows = [found.get(name, record[name]) for name in record.leads]
    added = [name for name in missing if name not in record]
    signal = np.stack([*rows, *(found[name] for name in added)])
    note = f"Computed {', '.join(missing)} from {', '.join(sources[:-1])} and {sources[-1]}."
    return replace(record, signal=signal, leads=(*record.leads, *added)).noted(note)


def _plane(record: Record) -> LimbPlane | None:
    """Return the limb leads to check, sparse where the record is long; None where no law can be checked."""
    step = max(1, record.n_samples // _MOST_SAMPLES)
    rows = {name: record[name][::step] for name in LIMB_LEADS if name in record}
    finite = {name: np.isfinite(row) for name, row in rows.items()}
    leads = [name for name in rows if finite[name].mean() > 0.5]
    if len(leads) < 3:
        return None
    together = np.logical_and.reduce([finite[name] for name in leads])
    if together.sum() < _FEWEST_SAMPLES:
        return None
    return LimbPlane(leads, np.stack([rows[name][together] for name in leads]).astype(np.float64))


def _judged(plane: LimbPlane, trusted: Sequence[str]) -> LawCheck:
    """Explain every lead not among `trusted`, taking those as right."""
    axes = plane.axes(trusted)
    basis = ("I", "II") if {"I", "II"} <= set(trusted) else tuple(trusted[:2])
    suspects = [name for name in plane.leads if name not in trusted]
    instead = {name: _instead(plane, name, axes) for name in suspects}
    breaches = tuple(
        Breach(
            name,
            formula_text(on_basis(FORMULA[name], basis), basis),
            spread_mv(plane[name] - np.array(FORMULA[name]) @ axes),
            instead[name],
        )
        for name in suspects
    )
    return LawCheck(breaches, tuple(trusted), ", ".join(_swaps_joined(instead)))


def _instead(plane: LimbPlane, lead: str, axes: NDArray[np.float64]) -> str:
    """Say in the simplest way what `lead` holds instead of itself."""
    x, own = plane[lead], np.array(FORMULA[lead])
    if np.ptp(x) == 0:
        return f"{lead} flat"
    left = {text: spread_mv(x - np.array(formula) @ axes) for text, formula in _simple(lead, _gain(x, own @ axes))}
    best_mv = min(left.values())
    if best_mv <= plane.tolerance_mv:
        return next(text for text, rest in left.items() if rest <= best_mv + _SAME_MV)
    free = np.linalg.lstsq(axes.T, x, rcond=None)[0]
    if spread_mv(x - free @ axes) <= plane.tolerance_mv:
        return f"{lead} = {formula_text((float(free[0]), float(free[1])))}"
    return f"{lead}: {NO_EXPLANATION}"


def _gain(x: NDArray[np.float64], model: NDArray[np.float64]) -> float:
    """Return the factor of `model` that comes nearest to `x`, offsets aside."""
    moving = model - model.mean()
    return float(x @ moving / max(float(moving @ moving), 1e-12))


def _simple(lead: str, gain: float) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield what a lead may hold instead of itself, the likelier first."""
    own = FORMULA[lead]
    yield f"{lead} inverted", (-own[0], -own[1])
    for sign, mark in ((1, ""), (-1, "-")):
        for other, (a, b) in FORMULA.items():
            if other != lead:
                yield f"{lead} = {mark}{other}", (sign * a, sign * b)
    yield f"{lead} scaled by {gain:.3g}", (gain * own[0], gain * own[1])
    halves = (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0)
    pairs = [(a, b) for a in halves for b in halves if (a, b) != own]
    for a, b in sorted(pairs, key=lambda pair: (pair[0] != 0) + (pair[1] != 0)):
        yield f"{lead} = {formula_text((a, b))}", (a, b)


def _swaps_joined(instead: dict[str, str]) -> Iterator[str]:
    """Yield the explanations, two leads that hold each other as one swap."""
    for a, text in instead.items():
        partner = next((b for b in instead if text == f"{a} = {b}" and instead[b] == f"{b} = {a}"), None)
        if partner is None:
            yield text
        elif list(instead).index(a) < list(instead).index(partner):
            yield f"{a} and {partner} swapped"


def _without_witness(plane: LimbPlane) -> LawCheck:
    """Explain leads of which no three fit each other."""
    mending = [lead for lead in plane.leads if _mended(plane, {lead: (lead, -1)})]
    swaps = [
        pair for pair in combinations(plane.leads, 2) if _mended(plane, {pair[0]: (pair[1], 1), pair[1]: (pair[0], 1)})
    ]
    if len(mending) == 1 and not swaps:
        return _judged(plane, [name for name in plane.leads if name != mending[0]])
    if mending or swaps:
        told = [f"{lead} inverted" for lead in mending] + [f"{a} and {b} swapped" for a, b in swaps]
        return _undecided(plane, " or ".join(told))
    if _scaled_singly(plane):
        return _undecided(plane, SCALED)
    if {"I", "II"} <= set(plane.leads):
        assumed = _judged(plane, ("I", "II"))
        if NO_EXPLANATION not in assumed.explanation:
            return assumed
    return _undecided(plane, NO_EXPLANATION)


def _mended(plane: LimbPlane, change: dict[str, tuple[str, int]]) -> bool:
    """Tell whether all laws hold once each lead of `change` is replaced by the lead named there, times its sign."""
    sources = [change.get(name, (name, 1)) for name in plane.leads]
    return not LimbPlane(plane.leads, np.stack([sign * plane[name] for name, sign in sources])).broken


def _undecided(plane: LimbPlane, explanation: str) -> LawCheck:
    """Name the leads that miss the law they have with the first two, of which neither is trusted."""
    basis = plane.leads[:2]
    rest = {name: plane[name] - np.array(FORMULA[name]) @ plane.axes(basis) for name in plane.leads[2:]}
    breaches = tuple(
        Breach(name, formula_text(on_basis(FORMULA[name], basis), basis), spread_mv(left), explanation)
        for name, left in rest.items()
        if (*basis, name) in plane.broken
    )
    return LawCheck(breaches, (), explanation)


def _scaled_singly(plane: LimbPlane) -> bool:
    """Tell whether a positive factor for each lead makes all laws hold, as after normalising leads one by one."""
    if len(plane.leads) < 4:
        return False  # three leads of one plane can always be scaled into their law
    first = plane.leads[:3]
    x = np.stack([plane[name] for name in first])
    nearest_zero = np.linalg.eigh(x @ x.T)[1][:, 0]  # weights whose sum of the three is smallest
    factor = nearest_zero / law_weights(first)
    if not (np.all(factor > 0) or np.all(factor < 0)):
        return False
    axes = np.linalg.solve(coordinates(first[:2]), np.abs(factor[:2, None]) * x[:2])
    models = [np.array(FORMULA[name]) @ axes for name in plane.leads]
    gains = [
        float(plane[name] @ model / max(model @ model, 1e-12)) for name, model in zip(plane.leads, models, strict=True)
    ]
    left = [plane[name] - gain * model for name, gain, model in zip(plane.leads, gains, models, strict=True)]
    return min(gains) > 0 and max(map(spread_mv, left)) <= plane.tolerance_mv
