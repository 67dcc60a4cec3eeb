"""NumPy files: ``.npy`` with a bare array, ``.npz`` with a whole record, written by this package or by anyone.

An ``.npz`` holds ``signal`` (lead, sample) and may state ``fs_hz``, ``unit`` and ``leads``, and further ``id``,
``start``, ``age_years``, ``sex``, ``diagnoses`` and ``notes``. Arrays of Python objects, which would have to be
unpickled, are refused.
"""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..atomic import replacing
from ..errors import FormatError, OptionError
from ..record import Patient
from .arrays import array_record
from .damage import DEFLATE_RATIO, check_claim, refusing
from .reader import Reader, ReadOptions, Writer

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

_MAGIC: Final = b"\x93NUMPY"


def _sniff(_: Path, head: bytes) -> bool:
    return head.startswith(_MAGIC) or (head.startswith(b"PK\x03\x04") and b".npy" in head[:256])


def read(path: Path, options: ReadOptions) -> Record:
    """Read the record in a ``.npy`` or ``.npz`` file.

    Raises
    ------
    FormatError
        The file is damaged, or holds no array that could be the signal.
    OptionError
        Rate, unit or lead names are neither in the file nor given.
    """
    with refusing(path, "NumPy"):
        arrays = _arrays(path)
    if "signal" not in arrays:
        if len(arrays) != 1:
            raise FormatError(f"{path}: holds {', '.join(arrays) or 'nothing'}; an array 'signal' is needed")
        arrays = {"signal": next(iter(arrays.values()))}
    with refusing(path, "NumPy"):
        start = _text(arrays, "start")
        fs_hz, age_years = _number(arrays, "fs_hz"), _number(arrays, "age_years")
        record = array_record(
            arrays["signal"],
            path,
            options,
            fs_hz=fs_hz,
            unit=_text(arrays, "unit"),
            leads=_texts(arrays, "leads") or None,
            notes=_texts(arrays, "notes"),
        )
        return replace(
            record,
            id=_text(arrays, "id") or record.id,
            start=datetime.fromisoformat(start) if start else None,
            patient=_patient(age_years, _text(arrays, "sex")),
            diagnoses=_texts(arrays, "diagnoses"),
        )


def _patient(age_years: float | None, sex: str | None) -> Patient:
    try:
        return Patient(age_years, sex)
    except OptionError as error:  # no option here, but what the file says
        raise ValueError(str(error)) from error


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) == _MAGIC:
            stream.seek(0)
            return {"signal": _array(stream.read())}
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
        claimed = sum(member.file_size for member in members)
        check_claim(str(path), claimed, path.stat().st_size, DEFLATE_RATIO)
        return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}


def _array(content: bytes) -> NDArray[Any]:
    """Return the array in the bytes of a ``.npy`` file, whose header may claim no more than follows it."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version[0]}.{version[1]} of the format; known are 1.0 and 2.0")
    first = version == (1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote
        header = np.lib.format.read_array_header_1_0(stream) if first else np.lib.format.read_array_header_2_0(stream)
    shape, by_column, dtype = header
    count, stored = math.prod(shape), len(content) - stream.tell()
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not loaded")
    if any(n < 0 for n in shape) or count * dtype.itemsize > stored:
        raise ValueError(f"it claims {' x '.join(map(str, shape))} of {dtype}, but {stored} bytes are stored")
    flat = np.frombuffer(content, dtype=dtype, count=count, offset=stream.tell())
    return flat.reshape(shape, order="F" if by_column else "C")


def _texts(arrays: dict[str, NDArray[Any]], name: str) -> tuple[str, ...]:
    if name not in arrays:
        return ()
    if arrays[name].dtype.kind != "U":
        raise ValueError(f"'{name}' is {arrays[name].dtype}; it must be text")
    return tuple(str(text) for text in arrays[name].ravel())


def _text(arrays: dict[str, NDArray[Any]], name: str) -> str | None:
    return next(iter(_texts(arrays, name)), None)


def _number(arrays: dict[str, NDArray[Any]], name: str) -> float | None:
    if name not in arrays:
        return None
    number = float(arrays[name].item())
    if not 0 <= number < math.inf:
        raise ValueError(f"'{name}' is {number}; it must be a positive number")
    return number


def write(record: Record, path: Path) -> tuple[str, ...]:
    """Write the whole record to a ``.npz`` file; nothing is lost but the path it came from."""
    patient = record.patient
    facts: dict[str, Any] = {
        "age_years": patient.age_years,
        "sex": patient.sex,
        "start": record.start.isoformat() if record.start else None,
        "diagnoses": record.diagnoses or None,
        "notes": record.notes or None,
    }
    known: dict[str, Any] = {name: np.asarray(value) for name, value in facts.items() if value is not None}
    with replacing(path) as draft, draft.open("wb") as stream:
        np.savez_compressed(
            stream, signal=record.signal, fs_hz=record.fs_hz, leads=record.leads, unit="mV", id=record.id, **known
        )
    return ()


READER: Final = Reader("NumPy", (".npy", ".npz"), _sniff, read)
WRITER: Final = Writer("NumPy", (".npz",), write)
