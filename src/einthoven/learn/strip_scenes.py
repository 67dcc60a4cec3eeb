"""Strips of ten seconds to learn a detector of beats from: of many leads, drawn in many ways, some of them noisy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping  # noqa: TC003 - `checked` reads the types at run time
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..bundles.boxes import shown_lead
from ..codes import AAMI_OF_SYMBOL
from ..datasets import nstdb
from ..datasets.annotated import fingerprint
from ..datasets.splits import ds1_ds2
from ..errors import DataError, OptionError
from ..images.strips import STRIP_LOOK, Lead, StripLook, fitting_gain, strip_picture
from .beat_scenes import spread
from .examples import SOURCES
from .fill import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ..datasets.annotated import Annotated
    from ..images.picture import Picture
    from .recipe import Recipe

CLASSES: Final = ("N", "S", "V", "F")
_LOOKS: Final = 24  # other ways to draw
_AROUND_S: Final = 15.0  # of signal and beats beside a strip, so that stretched ones have enough


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """Leads of a recording, and where no strip may be.

    Parameters
    ----------
    name, record, database
        Whose it is, and where it is from.
    leads
        The one that is tested on first.
    open_s
        float64, shape (stretch, 2): flutter, and what could not be read, in seconds.
    """

    name: str
    record: str
    database: str
    leads: tuple[Lead, ...]
    open_s: NDArray[np.float64]

    def is_open(self, start_s: float, stop_s: float) -> bool:
        """Tell whether nobody knows the beats of all of a stretch."""
        return bool(np.any((self.open_s[:, 0] < stop_s) & (self.open_s[:, 1] > start_s)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """How strips to learn from differ from those tested on.

    Parameters
    ----------
    rare
        Share of the strips that are chosen to show a beat of a class drawn at random from those the lead has.
    other_lead
        Share that show another lead than the one tested on, where there is one.
    stretch, gain
        Standard deviations of the logarithms of a stretch in time and of a gain.
    inverted
        Share turned upside down.
    noisy
        Share with noise of electrodes and muscle.
    shift_px
        Standard deviation of how much the trace is moved downward.
    looks
        Share drawn with another pen and on another paper.
    """

    rare: float = 0.5
    other_lead: float = 0.4
    stretch: float = 0.1
    gain: float = 0.2
    inverted: float = 0.0
    noisy: float = 0.3
    shift_px: float = 4.0
    looks: float = 0.5


@dataclass(frozen=True, eq=False)
class StripScenes:
    """See :class:`.scenes.Scenes`.

    Parameters
    ----------
    learnt, kept
        Who is learnt from, by recording, with how often each is drawn, and who is tested on.
    share
        By database, how often it is drawn from.
    look
        Of the strips that are tested on.
    variety
        How those that are learnt from differ.
    noise
        float32, shape (lead, sample): noise, at `noise_hz`.
    """

    learnt: tuple[Patient, ...]
    kept: tuple[Patient, ...]
    share: Mapping[str, float]
    look: StripLook
    variety: Variety
    noise: NDArray[np.float32]
    noise_hz: float
    data: Mapping[str, str]
    judged: str

    classes = CLASSES

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a strip."""
        return self.look.height_px, self.look.width_px

    @cached_property
    def patients(self) -> tuple[str, ...]:
        """Those of the database that is judged on who are learnt from."""
        return tuple(dict.fromkeys(one.name for one in self.learnt if one.database == self.judged))

    @property
    def facts(self) -> dict[str, Any]:
        """Records of both sides."""
        return {
            "train": [one.record for one in self.learnt if one.database == self.judged],
            "test": [one.record for one in self.kept],
            "n": {"test": sum(len(starts(one, self.look.seconds)) for one in self.kept)},
        }

    def drawer(self, without: Collection[str] = ()) -> Callable[[np.random.Generator], Picture]:
        """Return what draws a strip to learn from; records of a database are drawn alike."""
        some = [one for one in self.learnt if not (one.database == self.judged and one.name in without)]
        of = {name: [one for one in some if one.database == name] for name in self.share}
        names, shares = list(of), np.array([self.share[name] for name in of])

        def draw(rng: np.random.Generator) -> Picture:
            there = of[names[rng.choice(len(names), p=shares / shares.sum())]]
            return self._varied(there[rng.integers(len(there))], rng)

        return draw

    def shown(self, patients: Collection[str], most: int | None = None) -> Iterator[Picture]:
        """Draw strips of some patients that are learnt from."""
        some = [one for one in self.learnt if one.database == self.judged and one.name in patients]
        return _in_turn(some, self.look, most)

    def tested(self) -> Iterator[Picture]:
        """Draw one strip after the other of those tested on."""
        return _in_turn(self.kept, self.look)

    def _varied(self, patient: Patient, rng: np.random.Generator) -> Picture:
        v = self.variety
        other = len(patient.leads) > 1 and rng.random() < v.other_lead
        lead = patient.leads[int(rng.integers(1, len(patient.leads))) if other else 0]
        speed = float(np.clip(np.exp(rng.normal(scale=v.stretch)), 0.6, 1.6))
        for _ in range(20):
            start_s = self._start(lead, rng, speed)
            if not patient.is_open(start_s, start_s + self.look.seconds * speed):
                break
        part, begins_s = _part(lead, start_s, self.look.seconds * speed)
        signal = part.signal_mv
        if rng.random() < v.noisy:
            signal = signal + _noise(self.noise, self.noise_hz, part, rng)
        if rng.random() < v.inverted:
            signal = -signal
        part = replace(part, signal_mv=signal, fs_hz=part.fs_hz * speed)
        look = _drawn_look(self.look, int(rng.integers(_LOOKS))) if rng.random() < v.looks else self.look
        at_s = (start_s - begins_s) / speed
        seen = signal[int(at_s * part.fs_hz) : int((at_s + look.seconds) * part.fs_hz) + 1]
        seen = seen[np.isfinite(seen)]
        gain = fitting_gain(float(np.ptp(seen)) if len(seen) else 0.0, look) * float(np.exp(rng.normal(scale=v.gain)))
        return strip_picture(part, at_s, look, gain_mm_mv=gain, shift_px=float(rng.normal(scale=v.shift_px)))

    def _start(self, lead: Lead, rng: np.random.Generator, speed: float) -> float:
        """Draw where a strip begins: anywhere, or so that it shows a beat of a class drawn from those there are."""
        latest = max(lead.duration_s - self.look.seconds * speed, 0.0)
        if rng.random() >= self.variety.rare or not len(lead.peak):
            return float(rng.uniform(0, latest))
        labels = np.asarray(lead.labels)
        there = [name for name in CLASSES if np.any(labels == name)]
        if not there:
            return float(rng.uniform(0, latest))
        beats = np.flatnonzero(labels == there[rng.integers(len(there))])
        peak_s = lead.peak[beats[rng.integers(len(beats))]] / lead.fs_hz
        return float(np.clip(peak_s - rng.uniform(0, self.look.seconds * speed), 0, latest))


def starts(patient: Patient, seconds: float) -> list[float]:
    """Return where strips of a recording begin that follow one another; what is left at its end makes none."""
    return [number * seconds for number in range(int(patient.leads[0].duration_s / seconds))]


def _in_turn(patients: Sequence[Patient], look: StripLook, most: int | None = None) -> Iterator[Picture]:
    every = [(patient, start_s) for patient in patients for start_s in starts(patient, look.seconds)]
    return (strip_picture(patient.leads[0], start_s, look) for patient, start_s in spread(every, most))


def _part(lead: Lead, start_s: float, seconds: float) -> tuple[Lead, float]:
    """Cut out what a strip needs, with the beats beside it; return it, and where it begins in seconds."""
    first = max(0, int((start_s - _AROUND_S) * lead.fs_hz))
    last = int((start_s + seconds + _AROUND_S) * lead.fs_hz)
    low, high = np.searchsorted(lead.peak, (first, last))
    part = replace(
        lead, signal_mv=lead.signal_mv[first:last], peak=lead.peak[low:high] - first, labels=lead.labels[low:high]
    )
    return part, first / lead.fs_hz


def _noise(noise: NDArray[np.float32], noise_hz: float, part: Lead, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw noise as long as a part: from just seen to as tall as its beats."""
    seconds, row = part.duration_s, noise[rng.integers(len(noise))]
    from_ = rng.uniform(0, len(row) - seconds * noise_hz - 2)
    drawn = np.interp(np.arange(len(part.signal_mv)) * noise_hz / part.fs_hz + from_, np.arange(len(row)), row)
    known = part.signal_mv[np.isfinite(part.signal_mv)]
    tall = float(np.percentile(known, 99) - np.percentile(known, 1)) if len(known) else 1.0
    loud = tall * 10 ** (rng.uniform(-1.6, -0.5))
    scaled: NDArray[np.float32] = (drawn * (loud / (drawn.std() + 1e-9))).astype(np.float32)
    return scaled


@lru_cache(maxsize=_LOOKS)
def _drawn_look(look: StripLook, number: int) -> StripLook:
    """Draw another pen, paper and grid; of so many, since it takes longer to rule a paper than to draw on it."""
    rng = np.random.default_rng(number)
    paper = 255 - rng.integers(0, 26, 3)
    hue = rng.random(3)
    hue[rng.integers(3)] = 0
    thin, thick = (paper - depth * (0.3 + hue) for depth in rng.uniform((10, 30), (45, 75)))
    kind = rng.random()
    return replace(
        look,
        pen_px=float(rng.uniform(1.1, 2.4)),
        trace=_colour(rng.integers(0, 70, 3)),
        paper=_colour(paper),
        grid=_colour(thin) if kind < 0.6 else None,
        grid_5=_colour(thick) if kind < 0.8 else None,
    )


def _colour(shades: NDArray[Any]) -> tuple[int, int, int]:
    red, green, blue = (int(shade) for shade in shades)
    return red, green, blue


def strip_scenes(
    recipe: Recipe,
    root: str | Path | None,
    *,
    look: Mapping[str, Any] | None = None,
    databases: Mapping[str, float] | None = None,
) -> StripScenes:
    """Read recordings whose beats are marked.

    Parameters
    ----------
    recipe
        Its split is ``ds1-ds2``; its table ``augment`` is a :class:`Variety`.
    root
        Folder that holds the databases.
    look
        Settings of :class:`~einthoven.images.strips.StripLook`, but for colours.
    databases
        Which are learnt from, and how often; of the recipe's own only those records its split says. Only that by
        default.
    """
    where = str(recipe.file)
    if recipe.split.rule != "ds1-ds2" or recipe.data.dataset != "mitdb":
        raise OptionError(f"{where}: strips are of dataset 'mitdb', by the rule 'ds1-ds2'")
    variety = fill(Variety, recipe.augment, f"{where} [augment]")
    drawn = fill(strip_look, look or {}, f"{where} [input.look]")
    share = dict(databases or {"mitdb": 1.0})
    learnt, prints, kept = [], {}, []
    for name in dict.fromkeys((*share, "mitdb")):
        if name not in SOURCES:
            raise OptionError(f"{where} [input.databases]: {name!r} is not known; choose from {', '.join(SOURCES)}")
        items = list(SOURCES[name](root))
        split = ds1_ds2(dict.fromkeys((item.record.id for item in items), 0.0), 0) if name == "mitdb" else None
        patients = [patient_of(item, name) for item in items]
        learnt += [p for p in patients if split is None or p.record in split.train]
        kept += [p for p in patients if split is not None and p.record in split.test]
        prints[name] = hashlib.sha256("\n".join(map(fingerprint, items)).encode()).hexdigest()
    if not learnt:
        raise DataError(f"{where}: no recording to learn from")
    noise = [record for record in nstdb.load(root) if record.id in ("em", "ma")]
    half = [record.signal[:, : record.n_samples // 2] for record in noise]  # the other is left to test with
    return StripScenes(
        tuple(learnt),
        tuple(kept),
        share,
        drawn,
        variety,
        np.nan_to_num(np.concatenate(half)),
        noise[0].fs_hz,
        prints,
        "mitdb",
    )


def strip_look(
    *,
    width_px: int = STRIP_LOOK.width_px,
    height_px: int = STRIP_LOOK.height_px,
    px_per_mm: float = STRIP_LOOK.px_per_mm,
    pen_px: float = STRIP_LOOK.pen_px,
) -> StripLook:
    """Return a look in the usual colours."""
    return StripLook(width_px, height_px, px_per_mm, pen_px)


def patient_of(item: Annotated, database: str) -> Patient:
    """Make the leads of a recording, that which is tested on first; beats without a class have no label."""
    record = item.record
    labels = [_label(symbol) for symbol in item.beats.symbol.tolist()]
    first = shown_lead(record)
    names = [first, *(name for name in record.leads if name != first)]
    leads = tuple(Lead(record[name], record.fs_hz, item.beats.sample, labels, record.id) for name in names)
    stretches = [(one.start_s, one.stop_s) for one in (*item.flutter, *item.unreadable)]
    return Patient(item.patient, record.id, database, leads, np.array(stretches, np.float64).reshape(-1, 2))


def _label(symbol: str) -> str:
    name = AAMI_OF_SYMBOL[symbol]
    return name if name in CLASSES else ""
