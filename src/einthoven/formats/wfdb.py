"""WFDB records, the format of PhysioNet: a header and its signal files, in one piece or in segments.

The header is read by `wfdb_header`, the signal files by `wfdb_signals`; here their integers become millivolts, and
segments one record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import FormatError, OptionError
from ..record import Record
from .damage import check_claim
from .facts import with_facts
from .reader import Reader, ReadOptions, distinct
from .units import Scale, parse_unit, voltage
from .wfdb_header import DEFAULT_FS_HZ, DEFAULT_GAIN, Header, SignalLine, read_header
from .wfdb_signals import beside, checked, decode, missing_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

REFERENCE_BEATS: Final = ".atr"  # the suffix that PhysioNet gives to what experts annotated
ANNOTATIONS: Final = (REFERENCE_BEATS, ".qrs", ".ecg")
_GAP_RATIO: Final = 64  # a record in segments may be mostly gaps, but not without end


def _sniff(path: Path, head: bytes) -> bool:
    suffix = path.suffix.lower()
    of_a_record = not path.is_file() or suffix in (".mat", *READER.suffixes) or not suffix
    return suffix == ".hea" or (of_a_record and header_of(path).is_file())


def header_of(path: Path) -> Path:
    """Return the path of the header that belongs to `path`, which may be any file of the record or just its name.

    Examples
    --------
    >>> from pathlib import Path
    >>> header_of(Path("db/100.dat")).as_posix(), header_of(Path("db/100")).as_posix()
    ('db/100.hea', 'db/100.hea')
    """
    if path.suffix.lower() == ".hea":
        return path
    by_name = path.parent / f"{path.name}.hea"  # a name may hold a dot of its own
    return by_name if by_name.is_file() and not path.is_file() else path.parent / f"{path.stem}.hea"


def files_of(path: Path) -> frozenset[Path]:
    """Return the files of the record that `path` belongs to: headers, signal files, and the reference beats if there.

    Of a record that is damaged, the headers that are known.
    """
    hea = header_of(path)
    headers = [hea]
    try:
        headers += [beside(hea, f"{name}.hea") for name, _ in read_header(hea).segments if name != "~"]
        signals = [beside(one, line.file) for one in headers for line in read_header(one).signals]
    except (FormatError, OSError):
        signals = []
    reference = hea.with_suffix(REFERENCE_BEATS)
    return frozenset((*headers, *signals, *([reference] if reference.is_file() else [])))


def read(path: Path, options: ReadOptions) -> Record:
    """Read the record that `path` belongs to.

    Takes what header(5) prescribes where the header is silent (250 Hz, mV, 200 units per mV), and notes it; an option
    given goes before that. Signals that are no voltage are left out with a note. Signals with more samples in a frame
    than others set the rate; the others are repeated to it, as the WFDB library's high-resolution mode does.

    Raises
    ------
    FormatError
        The header breaks the grammar, or does not fit its signal files.
    OptionError
        An option contradicts the header.
    """
    hea = header_of(path)
    header = read_header(hea)
    fs_hz, notes = _frame_rate(header, hea, options)
    parts = list(_parts(header, hea, options)) if header.segments else [_part(header, hea, options)]
    top = max(one.per_frame for part in parts for one in part.lines)
    names = _names(header, hea, parts)
    n_samples = (sum(length for _, length in header.segments) or parts[0].n_frames) * top
    check_claim(str(hea), 4 * len(names) * n_samples, sum(part.n_stored for part in parts) * 4, _GAP_RATIO)
    rows = np.empty((len(names), n_samples), dtype=np.float32)
    if header.segments:  # which may leave gaps
        rows.fill(np.nan)
    mended: dict[str, None] = {}
    for part in parts:  # segments name their signals each in its own order; in one piece, names may repeat
        where = [rows[names.index(one.name)] for one in part.lines] if header.segments else list(rows)
        mended |= dict.fromkeys((*part.notes, *part.fill(where, top)))
    leads, renamed = distinct(names)
    record = Record(
        rows,
        fs_hz * top,
        leads,
        id=hea.stem,
        source=str(path),
        start=header.start,
        notes=(*header.notes, *notes, *mended, *renamed),
    )
    return options.selected(with_facts(record, header.comments))


def _frame_rate(header: Header, hea: Path, options: ReadOptions) -> tuple[float, tuple[str, ...]]:
    if header.fs_hz is None and options.fs_hz is None:
        return DEFAULT_FS_HZ, (
            f"the header states no sampling rate; taken as {DEFAULT_FS_HZ:g} Hz, as WFDB prescribes",
        )
    return options.rate(header.fs_hz, hea), ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment, or a whole record: where it lies, and the places in its header of the signals that are voltages."""

    header: Header
    hea: Path
    first_frame: int
    kept: tuple[int, ...]
    scales: tuple[Scale, ...]
    notes: tuple[str, ...]

    @property
    def lines(self) -> list[SignalLine]:
        return [self.header.signals[place] for place in self.kept]

    @property
    def n_frames(self) -> int:
        return self.header.n_samples or 0

    @property
    def n_stored(self) -> int:
        return self.n_frames * sum(one.per_frame for one in self.lines)

    def fill(self, where: Sequence[NDArray[np.float32]], top: int) -> Iterator[str]:
        """Read each signal into its row of `where`, `top` samples a frame, mV; yields notes of what is damaged."""
        totals = [0] * len(self.kept)
        for first, stored in decode(self.header, self.hea):
            start = (self.first_frame + first) * top
            for i, (one, scale, row) in enumerate(zip(self.lines, self.scales, where, strict=True)):
                numbers, k = stored[self.kept[i]], one.per_frame
                totals[i] += _total(numbers)
                mv, n = scale.to_mv(numbers), len(numbers) // k * top
                mv[numbers == missing_value(one.format)] = np.nan
                row[start : start + n] = mv if k == top else mv[np.arange(n) * k // top]
        yield from _damaged(self.header, self.kept, totals)


def _parts(header: Header, hea: Path, options: ReadOptions) -> Iterator[_Part]:
    """Yield the segments, their headers read and compared; gaps (``~``) and the layout segment give none."""
    first_frame = 0
    stated = sum(length for _, length in header.segments)
    if header.n_samples is not None and header.n_samples != stated:
        raise FormatError(f"{hea}: states {header.n_samples} samples, but its segments add up to {stated}")
    for place, (name, length) in enumerate(header.segments):
        if name != "~" and (place or length):
            segment_hea = beside(hea, f"{name}.hea")
            segment = read_header(segment_hea)
            if segment.segments:
                raise FormatError(f"{segment_hea}: is in segments itself; a segment of {hea.name} must be in one piece")
            if (segment.n_samples or length) != length or (segment.fs_hz or header.fs_hz) != header.fs_hz:
                raise FormatError(
                    f"{segment_hea}: states {segment.n_samples} samples at {segment.fs_hz} Hz, but {hea.name} states "
                    f"{length} at {header.fs_hz} Hz"
                )
            yield _part(replace(segment, n_samples=length), segment_hea, options, first_frame)
        first_frame += length
    if all(name == "~" or not length for name, length in header.segments):
        raise FormatError(f"{hea}: none of its {len(header.segments)} segments holds a signal")


def _names(header: Header, hea: Path, parts: Sequence[_Part]) -> tuple[str, ...]:
    """Return the names of all signals; those of segments in the order of their first appearance."""
    names: tuple[str, ...] = ()
    if not header.segments:
        return tuple(one.name for one in parts[0].lines)
    for part in parts:
        here = [one.name for one in part.lines]
        if len(set(here)) != len(here):
            raise FormatError(f"{hea}: a segment names a signal twice ({', '.join(here)}); names must differ")
        names += tuple(name for name in here if name not in names)
    if header.segments[0][1] == 0 and header.segments[0][0] != "~":  # the layout segment gives the order
        layout = read_header(beside(hea, f"{header.segments[0][0]}.hea"))
        order = {one.name: place for place, one in enumerate(layout.signals)}
        names = tuple(sorted(names, key=lambda name: order.get(name, len(order))))
    return names


def _part(header: Header, hea: Path, options: ReadOptions, first_frame: int = 0) -> _Part:
    """Compare a header in one piece with its signal files, and find the voltages in it."""
    header = checked(header, hea)
    voltages = {place: scale for place, one in enumerate(header.signals) if (scale := _scale(one, hea, options))}
    if not voltages:
        units = ", ".join(f"{one.name or '?'} in {one.unit}" for one in header.signals)
        raise FormatError(f"{hea}: no signal is a voltage ({units}); mV, uV, V or nV is needed")
    kept = tuple(voltages)
    return _Part(header, hea, first_frame, kept, tuple(voltages.values()), tuple(_assumed(header, kept, options)))


def _scale(one: SignalLine, hea: Path, options: ReadOptions) -> Scale | None:
    """Return how samples of this signal become mV; None where it is no voltage."""
    if one.unit is not None and voltage(one.unit) is None:
        return None
    if options.unit and "/" in options.unit:  # converter units stand for gain and unit together
        if one.gain is None and one.unit is None:
            return parse_unit(options.unit)
        stated = f"{one.gain or DEFAULT_GAIN:g}/{one.unit or 'mV'}"
        raise OptionError(f"{hea}: unit given as {options.unit}, but the header states {stated}; drop the option")
    unit = options.scale(one.unit, hea) if one.unit or options.unit else Scale(1.0)
    return Scale(unit.per_mv * (one.gain or DEFAULT_GAIN), one.baseline)


def _assumed(header: Header, kept: Sequence[int], options: ReadOptions) -> Iterator[str]:
    """Say what was taken where the header is silent, and what was left out."""
    leads = [header.signals[place] for place in kept]
    label = {id(one): one.name or f"signal {place}" for place, one in enumerate(header.signals)}
    if silent := [label[id(one)] for one in leads if one.unit is None and options.unit is None]:
        yield f"the header states no unit for {', '.join(silent)}; taken as mV, as WFDB prescribes"
    by_option = options.unit is not None and "/" in options.unit
    if silent := [label[id(one)] for one in leads if one.gain is None and not by_option]:
        yield f"the header states no gain for {', '.join(silent)}; taken as {DEFAULT_GAIN:g}, as WFDB prescribes"
    for place, one in enumerate(header.signals):
        if place not in kept:
            yield f"{label[id(one)]} is in {one.unit}, no voltage; left out"
    top = max(one.per_frame for one in leads)
    if slow := [label[id(one)] for one in leads if one.per_frame < top]:
        yield f"{', '.join(slow)} stored at a lower rate than the rest; samples repeated to {top} a frame"


def _damaged(header: Header, kept: Sequence[int], totals: Sequence[int]) -> Iterator[str]:
    """Compare checksums; skewed signals are left out, whose stored samples are not all there any more."""
    wrong = [
        one.name or f"signal {place}"
        for place, total in zip(kept, totals, strict=True)
        if (one := header.signals[place]).checksum is not None and (total - one.checksum) % 65536
    ]
    if wrong and not any(one.skew for one in header.signals):
        yield f"checksum of {', '.join(wrong)} is not the one in the header; the signal file may be damaged"


def _total(numbers: NDArray[Any]) -> int:
    return int(numbers.sum(dtype=np.int64) if numbers.dtype.kind == "i" else (numbers % 65536).sum())


READER: Final = Reader(
    title="WFDB (PhysioNet)",
    suffixes=(".hea", ".dat", *ANNOTATIONS),
    sniff=_sniff,
    read=read,
)
