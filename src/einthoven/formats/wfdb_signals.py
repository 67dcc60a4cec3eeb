"""WFDB signal files: compared with their header before memory is taken, then decoded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import FormatError
from .matlab import read_val
from .wfdb_flac import FLAC_BITS, claimed_samples, read_flac
from .wfdb_storage import STORAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .wfdb_header import Header, SignalLine

BITS: Final = {key: storage.bits for key, storage in STORAGE.items()} | FLAC_BITS
"""Bits in a sample of each storage format."""
_MAT4_BYTES: Final = 24
_SAMPLES_AT_ONCE: Final = 1 << 21  # of all signals together


def beside(hea: Path, name: str) -> Path:
    """Return the path of a file the header names; only plain names in its own folder are followed."""
    if name in ("", "-", "~", ".", "..") or any(sign in name for sign in "/\\:\0"):
        raise FormatError(
            f"{hea}: names the file '{name[:60]}'; only a plain name in the header's own folder is allowed"
        )
    return hea.with_name(name)


def _files(header: Header, hea: Path) -> dict[Path, list[int]]:
    """Return each signal file with the places of its signals in the header."""
    names: dict[str, list[int]] = {}
    for place, one in enumerate(header.signals):
        names.setdefault(one.file, []).append(place)
    return {beside(hea, name): places for name, places in names.items()}


def checked(header: Header, hea: Path) -> Header:
    """Compare header and signal files; returns the header with its length, which it may leave to be found out."""
    for file, places in _files(header, hea).items():
        lines = [header.signals[place] for place in places]
        if len({(one.format, one.offset) for one in lines}) > 1:
            raise FormatError(
                f"{hea}: gives {file.name} more than one format or offset; all its signals must share one"
            )
        if lines[0].format not in BITS:
            raise FormatError(f"{hea}: storage format is {lines[0].format}; known are {', '.join(BITS)}")
        if not file.is_file():
            raise FormatError(f"{file}: no such file; {hea.name} names it as its signal file")
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


def _frames(file: Path, lines: Sequence[SignalLine]) -> int:
    """Return how many frames `file` holds, from its size and what it says of itself."""
    one, per_frame = lines[0], sum(line.per_frame for line in lines)
    if _is_newer_matlab(file):
        if one.format == "8":
            raise FormatError(f"{file}: storage format is 8, differences; a MATLAB file of version 5 holds none")
        n_rows, n_frames = read_val(file).shape
    elif one.format in FLAC_BITS:
        if any(line.per_frame != one.per_frame for line in lines):
            raise FormatError(f"{file}: signals of one FLAC file must have the same number of samples in a frame")
        n_rows, n_frames = per_frame, max(0, claimed_samples(file) - one.offset) // one.per_frame
    else:
        n_rows = _mat4_rows(file) if one.offset == _MAT4_BYTES and file.suffix.lower() == ".mat" else per_frame
        n_frames = STORAGE[one.format].n_samples(max(0, file.stat().st_size - one.offset)) // per_frame
    if n_rows != per_frame:
        raise FormatError(f"{file}: holds {n_rows} signals, but its header describes {per_frame}")
    return int(n_frames)


def _is_newer_matlab(file: Path) -> bool:
    """Tell whether a signal file is MATLAB 5 or later, whose samples do not lie where its header says.

    The challenges' own files are MATLAB 4, where they do; copies that other software saved again are found as well.
    """
    if file.suffix.lower() != ".mat":
        return False
    with file.open("rb") as stream:
        return stream.read(6) == b"MATLAB"


def _mat4_rows(file: Path) -> int:
    with file.open("rb") as stream:
        return int.from_bytes(stream.read(8)[4:], "little", signed=True)


def missing_value(fmt: str) -> int:
    """Return the number that marks a missing sample in a storage format."""
    return -(1 << (BITS[fmt] - 1))


def decode(header: Header, hea: Path) -> Iterator[tuple[int, dict[int, NDArray[Any]]]]:
    """Yield the stored numbers of each signal by its place in the header, `missing_value` where one is missing.

    They come in pieces with the frame that each begins at, so that a week of signal takes no more memory than an hour.
    `header` is one that `checked` has returned.
    """
    n_frames = header.n_samples or 0
    at_once = max(1, _SAMPLES_AT_ONCE // sum(one.per_frame for one in header.signals))
    if any(one.skew or one.format == "8" for one in header.signals):  # differences add up from the beginning
        at_once = n_frames
    files = []
    for file, places in _files(header, hea).items():
        lines = [header.signals[place] for place in places]
        files.append((places, lines, _source(file, lines)))
    for first in range(0, n_frames, at_once):
        stored: dict[int, NDArray[Any]] = {}
        for places, lines, source in files:
            frames = source(first, min(at_once, n_frames - first))
            stored.update(zip(places, _signals(frames, lines), strict=True))
        yield first, stored


def _source(file: Path, lines: Sequence[SignalLine]) -> Callable[[int, int], NDArray[Any]]:
    """Return what gives, for a first frame and a number of frames, the stored numbers, shape (frame, number)."""
    fmt, offset, k = lines[0].format, lines[0].offset, lines[0].per_frame
    per_frame = sum(line.per_frame for line in lines)
    storage = STORAGE.get(fmt)
    newer_matlab = read_val(file).T if _is_newer_matlab(file) else None

    def frames(first: int, n: int) -> NDArray[Any]:
        if newer_matlab is not None:
            numbers = newer_matlab[first : first + n].astype(np.float64)  # some software stores floats
            return np.where(np.isfinite(numbers), numbers, missing_value(fmt))
        if storage:
            return storage.read(file, offset, first * per_frame, n * per_frame).reshape(n, per_frame)
        samples = read_flac(file, offset + first * k, n * k, len(lines), FLAC_BITS[fmt])
        return samples.reshape(n, k, -1).swapaxes(1, 2).reshape(n, per_frame)

    return frames


def _signals(frames: NDArray[Any], lines: Sequence[SignalLine]) -> Iterator[NDArray[Any]]:
    """Yield each signal of a file from its frames; differences are added up and skewed signals begun later."""
    column = 0
    for line in lines:
        numbers = frames[:, column : column + line.per_frame].reshape(-1)
        column += line.per_frame
        if line.format == "8":
            numbers = np.cumsum(numbers, dtype=np.int64) + (line.initial or 0)
        if skipped := line.skew * line.per_frame:
            numbers = np.append(numbers[skipped:], np.full(skipped, missing_value(line.format), numbers.dtype))
        yield numbers
