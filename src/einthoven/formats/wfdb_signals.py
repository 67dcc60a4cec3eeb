"""WFDB signal files: compared with their header before memory is taken, then decoded by `wfdb`."""

from __future__ import annotations

import shutil
import struct
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import FormatError
from .damage import refusing
from .matlab import read_val
from .wfdb_header import Header, SignalLine, header_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Bits in a sample, and samples in a block of bytes, of each storage format (signal(5) in the WFDB Applications Guide).
BITS: Final = {
    "8": 32,
    "16": 16,
    "24": 24,
    "32": 32,
    "61": 16,
    "80": 8,
    "160": 16,
    "212": 12,
    "310": 10,
    "311": 10,
} | {
    "508": 8,
    "516": 16,
    "524": 24,
}
_BYTES: Final = {"8": 1.0, "16": 2.0, "24": 3.0, "32": 4.0, "61": 2.0, "80": 1.0, "160": 2.0, "212": 1.5} | {
    "310": 4 / 3,
    "311": 4 / 3,
}
_FLAC: Final = ("508", "516", "524")
_MAT4_BYTES: Final = 24
_SAMPLES_AT_ONCE: Final = 1 << 21  # of all signals together


def beside(hea: Path, name: str) -> Path:
    """Return the path of a file the header names; only plain names in its own folder are followed."""
    if name in ("", "-", "~", ".", "..") or any(sign in name for sign in "/\\:\0"):
        raise FormatError(
            f"{hea}: names the file '{name[:60]}'; only a plain name in the header's own folder is allowed"
        )
    return hea.with_name(name)


def files(header: Header, hea: Path) -> dict[Path, list[int]]:
    """Return each signal file with the places of its signals in the header."""
    files: dict[Path, list[int]] = {}
    for place, one in enumerate(header.signals):
        files.setdefault(beside(hea, one.file), []).append(place)
    for file in files:
        if not file.is_file():
            raise FormatError(f"{file}: no such file; {hea.name} names it as its signal file")
    return files


def checked(header: Header, hea: Path) -> Header:
    """Compare header and signal files; returns the header with its length, which it may leave to be found out."""
    for file, places in files(header, hea).items():
        lines = [header.signals[place] for place in places]
        if len({(one.format, one.offset) for one in lines}) > 1:
            raise FormatError(
                f"{hea}: gives {file.name} more than one format or offset; all its signals must share one"
            )
        if lines[0].format not in BITS:
            raise FormatError(f"{hea}: storage format is {lines[0].format}; known are {', '.join(BITS)}")
        n_frames = _frames(file, lines)
        wanted = header.n_samples if header.n_samples is not None else n_frames
        if n_frames == 0:
            raise FormatError(f"{file}: holds no samples of the {len(lines)} signals that {hea.name} describes")
        if n_frames < wanted:
            raise FormatError(
                f"{file}: holds {n_frames} samples of each of {len(lines)} signals, but {hea.name} states {wanted}; "
                "the file is cut short or the header wrong"
            )
        header = replace(header, n_samples=wanted)
    longest = max(one.skew for one in header.signals)
    if longest >= (header.n_samples or 0):
        raise FormatError(
            f"{hea}: skew is {longest} samples; it must be less than the {header.n_samples} of the record"
        )
    return header


def _frames(file: Path, lines: list[SignalLine]) -> int:
    """Return how many frames `file` holds, from its size and what it says of itself."""
    one, per_frame = lines[0], sum(line.per_frame for line in lines)
    if _is_newer_matlab(file):
        n_rows, n_columns = read_val(file).shape
        if n_rows != per_frame:
            raise FormatError(f"{file}: holds {n_rows} signals, but its header describes {per_frame}")
        return int(n_columns)
    if one.format in _FLAC:
        return _flac_frames(file, one)
    with file.open("rb") as stream:
        head = stream.read(20)
    if file.suffix.lower() == ".mat" and one.offset == _MAT4_BYTES and len(head) == 20:
        n_rows = struct.unpack("<5i", head)[1]
        if n_rows != per_frame:
            raise FormatError(f"{file}: holds {n_rows} signals, but its header describes {per_frame}")
    size = max(0, file.stat().st_size - one.offset)
    samples = int(size / _BYTES[one.format] + 1e-9) if one.format != "212" else size * 2 // 3
    return samples // per_frame


def _is_newer_matlab(file: Path) -> bool:
    """Tell whether a signal file is MATLAB 5 or later, whose samples do not lie where its header says.

    The challenges' own files are MATLAB 4, where they do; copies that other software saved again are found as well.
    """
    with file.open("rb") as stream:
        return file.suffix.lower() == ".mat" and stream.read(6) == b"MATLAB"


def _flac_frames(file: Path, one: SignalLine) -> int:
    """Return the frames of a FLAC file; its last sample is looked up, since its own claim may be false."""
    import soundfile

    with refusing(file, "FLAC"), soundfile.SoundFile(file) as stream:
        n_samples = len(stream) - one.offset
        if n_samples > 0:
            stream.seek(len(stream) - 1)
            if len(stream.read(1, dtype="int32", always_2d=True)) != 1:
                raise FormatError(f"{file}: claims {len(stream)} samples, but they are not there")
    return max(0, n_samples) // one.per_frame


def missing_value(fmt: str) -> int | None:
    """Return the number that marks a missing sample in a storage format; None for differences, which have none."""
    return None if fmt == "8" else -(1 << (BITS[fmt] - 1))


def decode(header: Header, hea: Path) -> Iterator[tuple[int, list[NDArray[np.float64]]]]:
    """Yield the stored numbers of each signal, NaN where missing, as `wfdb` decodes them with gain 1.

    They come in pieces with the frame that each begins at, so that a week of signal takes no more memory than an hour.

    It is given the signal files under plain names, with a header in its own dialect, in a folder of their own. (Asked
    for integers instead, wfdb 4.3 fails on format 61.)
    """
    import wfdb

    n_frames = header.n_samples or 0
    if all(_is_newer_matlab(file) for file in files(header, hea)):
        rows = {file: iter(read_val(file)) for file in files(header, hea)}
        stored = [next(rows[beside(hea, one.file)])[:n_frames] for one in header.signals]
        yield 0, [np.where(row == missing_value("16"), np.nan, row.astype(np.float64)) for row in stored]
        return
    at_once = max(1, _SAMPLES_AT_ONCE // sum(one.per_frame for one in header.signals))
    if any(one.skew or one.format == "8" for one in header.signals):  # differences add up from the beginning
        at_once = n_frames
    with tempfile.TemporaryDirectory(prefix="einthoven-") as folder:
        plain = {file: f"signal{number}.dat" for number, file in enumerate(files(header, hea))}
        for file, name in plain.items():
            _link(file.resolve(), Path(folder, name))
        lines = tuple(
            replace(one, file=plain[beside(hea, one.file)], unit="mV", gain=1.0, baseline=0, name=str(place))
            for place, one in enumerate(header.signals)
        )
        text = header_text(replace(header, name="record", signals=lines, start=None, comments=()))
        Path(folder, "record.hea").write_text(text, encoding="ascii")
        for first in range(0, n_frames, at_once):
            last = min(first + at_once, n_frames)
            with refusing(hea, "WFDB"):
                record = wfdb.rdrecord(str(Path(folder, "record")), first, last, smooth_frames=False)
            yield first, record.e_p_signal


def _link(file: Path, link: Path) -> None:
    try:
        link.symlink_to(file)
    except (OSError, NotImplementedError):  # Windows grants links to few
        shutil.copyfile(file, link)
