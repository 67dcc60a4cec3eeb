"""Signals with beats to learn a detector from: records at 100 Hz, where their beats are, and where nobody knows."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .. import __version__
from ..atomic import replacing
from ..beats import fast
from ..datasets import annotated, mitdb, ptbxl, svdb
from ..datasets.catalogue import dataset as database
from ..errors import DataError, OptionError
from ..signal import qrs, resample
from . import projections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

RATE_HZ: Final = 100.0
_AGREED: Final = 0.95  # of the beats of a record without marks must be seen in every lead on average
_EDGE_S: Final = 0.4  # near an end the classical detector may miss a beat


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One record to learn from.

    Parameters
    ----------
    name, patient
        Of the record.
    signal
        float32, shape (lead, sample), mV at 100 Hz, NaN where missing.
    peak
        float64, shape (beat,): its beats, in samples.
    unsure
        bool, shape (sample,): where nobody knows whether there are beats.
    fingerprint
        Of what it was made from.
    """

    name: str
    patient: str
    signal: NDArray[np.float32]
    peak: NDArray[np.float64]
    unsure: NDArray[np.bool_]
    fingerprint: str


def of_marked(items: Iterator[annotated.Annotated]) -> Iterator[Strip]:
    """Make strips of records whose beats are marked; flutter, and what could not be read, is left open."""
    for item in items:
        record = item.record
        signal = resample.resample(record.signal, record.fs_hz, RATE_HZ)
        unsure = np.zeros(signal.shape[1], np.bool_)
        for stretch in (*item.flutter, *item.unreadable):
            unsure[int(stretch.start_s * RATE_HZ) : int(np.ceil(stretch.stop_s * RATE_HZ))] = True
        peak = item.beats.sample.astype(np.float64) * (RATE_HZ / record.fs_hz)
        yield Strip(record.id, item.patient, signal, peak, unsure, annotated.fingerprint(item))


def of_twelve_leads(items: Iterator[ptbxl.Stated]) -> Iterator[Strip]:
    """Make strips of unmarked twelve-lead records: what the classical detector finds where the leads agree on it."""
    for item in items:
        record, seen = item.record, qrs.candidates(item.record)
        peak = fast.fast_detect(record, seen=seen).sample
        if not len(peak) or not _agreed(seen.energy, peak, record.fs_hz):
            continue
        record = projections.with_projections(record, np.random.default_rng(list(record.id.encode())))
        unsure = np.zeros(record.n_samples, np.bool_)
        edge = round(_EDGE_S * RATE_HZ)
        unsure[:edge] = unsure[-edge:] = True
        signal = resample.resample(record.signal, record.fs_hz, RATE_HZ)
        yield Strip(record.id, item.patient, signal, peak.astype(np.float64), unsure, ptbxl.fingerprint(item))


def _agreed(hits: tuple[NDArray[np.int64], ...], peak: NDArray[np.int64], fs_hz: float) -> bool:
    """Tell whether on average a lead sees these beats and no others."""
    tolerance = qrs.AGREEMENT_S * fs_hz
    seen = [qrs.near(peak, hit, tolerance).mean() for hit in hits]
    real = [qrs.near(hit, peak, tolerance).mean() if len(hit) else 0 for hit in hits]
    return bool(np.mean(seen) >= _AGREED and np.mean(real) >= _AGREED)


STRIPS: Final[dict[str, Callable[[str | Path | None], Iterator[Strip]]]] = {
    "mitdb": lambda root: of_marked(mitdb.load(root, mitdb.DS1)),
    "svdb": lambda root: of_marked(svdb.load(root)),
    "ptb-xl": lambda root: of_twelve_leads(ptbxl.load(root)),
}
"""Databases to learn a detector from, and what reads them from below a data root."""


def strips(dataset: str, root: str | Path | None, runs: str | Path) -> tuple[Strip, ...]:
    """Give the strips of a database, which are kept in ``prepared`` below the folder of all runs once they are made.

    Parameters
    ----------
    dataset
        Key in :data:`STRIPS`.
    root
        Folder that holds the databases.
    runs
        Folder of all runs.

    Raises
    ------
    OptionError
        Nothing is known to learn from this database.
    DataError
        The database is not there, or has nothing to learn from.
    """
    if dataset not in STRIPS:
        raise OptionError(f"nothing to learn a detector from in {dataset!r}: choose from {', '.join(STRIPS)}")
    file = Path(runs) / "prepared" / f"strips-{dataset}-{_key(dataset, root)}.npz"
    if not file.is_file():
        made = tuple(STRIPS[dataset](root))
        if not made:
            raise DataError(f"{dataset}: no record to learn a detector from")
        with replacing(file) as draft:
            np.savez(draft, **_joined(made))
    with np.load(file) as kept:
        return tuple(_apart(dict(kept)))


def _key(dataset: str, root: str | Path | None) -> str:
    """Hash what makes strips; files count by name, size and time of change."""
    folder = database(dataset).path(root)
    files = [(str(f.relative_to(folder)), f.stat().st_size, f.stat().st_mtime_ns) for f in sorted(folder.rglob("*.*"))]
    code = [inspect.getsource(module) for module in (fast, qrs, projections, annotated)]
    made_by = json.dumps([dataset, __version__, files, code, inspect.getsource(STRIPS[dataset])])
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]


def _joined(made: Sequence[Strip]) -> dict[str, Any]:
    """One array of each kind, record after record."""
    return {
        "signal": np.concatenate([strip.signal for strip in made], axis=1),
        "unsure": np.concatenate([strip.unsure for strip in made]),
        "samples": np.array([len(strip.unsure) for strip in made]),
        "peak": np.concatenate([strip.peak for strip in made]),
        "beats": np.array([len(strip.peak) for strip in made]),
        **{key: np.array([getattr(strip, key) for strip in made]) for key in ("name", "patient", "fingerprint")},
    }


def _apart(kept: dict[str, Any]) -> Iterator[Strip]:
    ends, lasts = np.cumsum(kept["samples"])[:-1], np.cumsum(kept["beats"])[:-1]
    signals, unsure = np.split(kept["signal"], ends, axis=1), np.split(kept["unsure"], ends)
    for number, peak in enumerate(np.split(kept["peak"], lasts)):
        name, patient, fingerprint = (str(kept[key][number]) for key in ("name", "patient", "fingerprint"))
        yield Strip(name, patient, signals[number], peak, unsure[number], fingerprint)
