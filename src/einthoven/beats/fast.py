"""Where the beats are: two detectors on every lead, the best lead of the moment leading, the next one confirming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..record import Beats
from ..signal.pieces import pieces
from ..signal.qrs import AGREEMENT_S, Candidates, candidates, near
from ..signal.wild import mend_wild

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..record import Record

_STRETCH_S = 2.0  # leads are chosen by stretch,
_WINDOW = 5  # each judged with its neighbours: ten seconds
_LOYALTY = 0.1  # a lead takes over for a stretch only if its detectors agree this much better than the best lead's
_TRUSTED = 0.8  # agreement a second lead needs before it may confirm or add beats
_BEATING = 0.5  # trust below which a lead has lost its signal
_REFRACTORY_S = 0.25
_LONG_GAP, _USUAL_OVER, _FEWEST_TO_SEARCH = 1.5, 9, 3  # times the median of nine intervals; beats
_SPIKE_S = 0.008  # a pacing spike, with what sampling makes of it
_PIECE, _SETTLING_S = 1 << 20, 10.0  # samples of a long lead worked on at a time, with so much around them
_REACH_S = 0.08  # R is sought this far around a detection: half a wide QRS


def fast_detect(
    record: Record,
    *,
    leads: Sequence[str] | None = None,
    seen: Candidates | None = None,
    placed_on: str | None = None,
) -> Beats:
    """Find the heartbeats of a record, and place each on its R peak.

    Two independent detectors run on every lead. In every stretch of time that lead leads which the others, and both
    detectors, agree with best, so that a lost electrode or a noisy lead costs nothing while another is good. A beat is
    what its energy detector sees, if the other detector or the second-best lead sees it too (or there is no lead to
    ask), and what only the other detector sees, if the second-best lead confirms it. Where that leaves a gap of half as
    long again as the intervals around it, a beat is what half of all detectors in all leads see there.

    Parameters
    ----------
    record
        Any number of leads, 50 Hz or more. Gain and polarity do not matter.
    leads
        Use only these; all by default.
    seen
        What `einthoven.signal.qrs.candidates` gave for this record, if it was already asked.
    placed_on
        The lead whose R peaks give the positions, by default the one to trust most over the whole record. R peaks of
        two leads may lie 30 ms apart, so the lead changes only where this one has lost its signal.

    Returns
    -------
    Beats
        Unlabelled (symbol ``N``); empty where the record is flat or shorter than a second.

    Raises
    ------
    OptionError
        The record has no such lead, or its rate is below 50 Hz.

    Examples
    --------
    >>> from einthoven.signal.simulate import simulate
    >>> heart = simulate(duration_s=10, seed=2)
    >>> len(fast_detect(heart.record)) == len(heart.beats)
    True
    """
    if leads is not None:
        record, seen = record.pick(leads), None
    record = mend_wild(record)
    seen = seen or candidates(record)
    trust = _trust(seen, record)
    best, second = _leading(trust)
    stretch = _Stretches(record)
    energy, adaptive = stretch.merge(seen.energy, best), stretch.merge(seen.adaptive, best)
    second_energy, second_adaptive = stretch.merge(seen.energy, second), stretch.merge(seen.adaptive, second)
    tolerance = AGREEMENT_S * record.fs_hz

    def among(these: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        return near(these, others, tolerance)

    nobody_to_ask = (second < 0)[stretch.of(energy)]
    confirmed = among(energy, adaptive) | among(energy, second_energy) | among(energy, second_adaptive)
    sure = energy[confirmed | nobody_to_ask]
    missed = adaptive[among(adaptive, second_energy) & ~near(adaptive, sure, _REFRACTORY_S * record.fs_hz)]
    sample = np.sort(np.concatenate([sure, missed]))
    sample = np.sort(np.concatenate([sample, _overlooked(sample, seen, record.fs_hz)]))
    row = int(np.argmax(trust.mean(axis=1))) if placed_on is None else record.row(placed_on)
    lead = np.where(trust[row] >= _BEATING, row, best)[stretch.of(sample)]
    return Beats.unlabelled(_spaced(r_peaks(record, sample, lead), record.fs_hz))


def leading_lead(record: Record, seen: Candidates | None = None) -> str:
    """Return the lead to trust most over the whole record; the first lead if none has beats."""
    seen = seen or candidates(record)
    return record.leads[int(np.argmax(_trust(seen, record).mean(axis=1)))]


def _overlooked(sample: NDArray[np.int64], seen: Candidates, fs_hz: float) -> NDArray[np.int64]:
    """Search the long gaps between beats again: what half of the detectors of all leads see there."""
    from scipy.ndimage import median_filter

    if len(sample) < _FEWEST_TO_SEARCH:
        return np.empty(0, dtype=np.int64)
    interval = np.diff(sample)
    usual = median_filter(interval.astype(np.float64), _USUAL_OVER, mode="nearest")
    lists = (*seen.adaptive, *seen.energy)
    hit = np.concatenate(lists)
    voter = np.repeat(np.arange(len(lists)), [len(hits) for hits in lists])[np.argsort(hit, kind="stable")]
    hit.sort()
    refractory, together = _REFRACTORY_S * fs_hz, AGREEMENT_S * fs_hz
    found: list[int] = []
    for gap in np.flatnonzero(interval > _LONG_GAP * usual):
        first, last = np.searchsorted(hit, [sample[gap] + refractory, sample[gap + 1] - refractory])
        while first < last:
            end = int(np.searchsorted(hit[:last], hit[first] + together, "right"))
            enough = len(set(voter[first:end].tolist())) >= len(lists) / 2
            middle = int(np.median(hit[first:end]))
            if enough and (not found or middle - found[-1] > refractory):
                found.append(middle)
            first = end if enough else first + 1
    return np.array(found, dtype=np.int64)


class _Stretches:
    """A record cut into stretches of two seconds, to choose leads by."""

    def __init__(self, record: Record) -> None:
        self.length = _STRETCH_S * record.fs_hz
        self.count = int(np.ceil(record.n_samples / self.length))

    def of(self, sample: NDArray[np.int64]) -> NDArray[np.int64]:
        return (sample // self.length).astype(np.int64)

    def counts(self, sample: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(self.of(sample), minlength=self.count)

    def merge(self, hits: Sequence[NDArray[np.int64]], lead: NDArray[np.int64]) -> NDArray[np.int64]:
        """Take from each stretch the hits of the lead named for it; lead -1 takes none."""
        return np.sort(np.concatenate([h[lead[self.of(h)] == i] for i, h in enumerate(hits)]))


def _trust(seen: Candidates, record: Record) -> NDArray[np.float64]:
    """Trust in each lead, shape (lead, stretch), over each stretch and its neighbours: 0 to 1.

    It is the mean agreement of the lead's energy detector, the steadier of the two, with the other detector of the lead
    and with the energy detector of every other lead. A lead that is silent while others beat agrees with nobody.
    """
    from scipy.ndimage import uniform_filter1d

    stretch, tolerance = _Stretches(record), AGREEMENT_S * record.fs_hz

    def agreement(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
        common = stretch.counts(first[near(first, second, tolerance)])
        common = common + stretch.counts(second[near(second, first, tolerance)])
        total = stretch.counts(first) + stretch.counts(second)
        # The filter averages; the ratio of two averages over one window is the ratio of the sums.
        sums = uniform_filter1d(np.stack([common, total]).astype(np.float64), _WINDOW, axis=1, mode="nearest")
        ratio: NDArray[np.float64] = np.divide(sums[0], sums[1], out=np.zeros(stretch.count), where=sums[1] > 0)
        return ratio

    trust = np.zeros((len(seen.leads), stretch.count))
    for i, (mine, own) in enumerate(zip(seen.energy, seen.adaptive, strict=True)):
        others = [other for j, other in enumerate(seen.energy) if j != i]
        trust[i] = np.mean([agreement(mine, other) for other in (own, *others)], axis=0)
    return trust


def _leading(trust: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Best and second-best lead of every stretch, shape (stretch,) each; the second is -1 where none is trusted."""
    score = trust.copy()
    score[int(np.argmax(score.mean(axis=1)))] += _LOYALTY
    order = np.argsort(-score, axis=0, kind="stable")
    if len(order) == 1:
        return order[0], np.full_like(order[0], -1)
    trusted = np.take_along_axis(score, order[1:2], axis=0)[0] >= _TRUSTED
    return order[0], np.where(trusted, order[1], -1)


def r_peaks(record: Record, sample: NDArray[np.int64], lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """Move detections to the R peak of their lead: its tallest upright deflection, or the deepest where none stands up.

    Parameters
    ----------
    record
        The recording.
    sample
        int64, shape (beat,): detections.
    lead
        int64, shape (beat,): row of the lead each was made in.

    Returns
    -------
    int64, shape (beat,).
    """
    moved = sample.copy()
    reach = max(1, round(_REACH_S * record.fs_hz))
    offset = np.arange(-reach, reach + 1)
    for row in np.unique(lead):
        mine = np.flatnonzero(lead == row)
        around = _qrs_around(record.signal[row], record.fs_hz, sample[mine, None] + offset)
        rise, fall = around.max(axis=1), -around.min(axis=1)
        upright = np.median(rise) >= _UPRIGHT * np.median(fall)
        up = rise >= (_UPRIGHT if upright else 1 / _UPRIGHT) * fall
        peak = np.where(up, around.argmax(axis=1), around.argmin(axis=1))
        moved[mine] = np.clip(sample[mine] + offset[peak], 0, record.n_samples - 1)
    return np.sort(moved)


def _qrs_around(signal: NDArray[np.float32], fs_hz: float, at: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the samples `at`, shape (beat, place), of a lead without pacing spikes, drift and muscle noise.

    A median takes away the spikes, 0.5-40 Hz the rest; both leave the QRS where it is.
    """
    from scipy.ndimage import median_filter

    from ..signal.filter import bandpass

    around = np.empty(at.shape, np.float32)
    middle = np.clip(at[:, at.shape[1] // 2], 0, len(signal) - 1)
    for piece in pieces(len(signal), _PIECE, round(_SETTLING_S * fs_hz)):
        here = (middle >= piece.first) & (middle < piece.last)
        despiked = median_filter(np.nan_to_num(signal[piece.seen]), 2 * round(_SPIKE_S * fs_hz / 2) + 1)
        clean = bandpass(despiked, fs_hz, 0.5, 40.0)
        around[here] = clean[np.clip(at[here] - piece.start, 0, len(clean) - 1)]
    return around


_UPRIGHT = 0.5  # R is the positive deflection by definition, so a deeper S takes its place only from twice the height


def _spaced(sample: NDArray[np.int64], fs_hz: float) -> NDArray[np.int64]:
    """Leave out a beat nearer to its predecessor than a heart can follow (200 ms), as after a change of lead."""
    if not len(sample):
        return sample
    kept = [int(sample[0])]
    for s in sample[1:].tolist():
        if s - kept[-1] >= 0.2 * fs_hz:
            kept.append(s)
    return np.array(kept, dtype=np.int64)
