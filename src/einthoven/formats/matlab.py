"""MATLAB files, version 4 to 7.3, as ECG collections use them.

Three layouts are known: the variable ``val`` of the PhysioNet/CinC challenges (with a header beside it the file is a
WFDB record and read as such), ``data`` of the China ECG intelligence competition 2019 (12 x 5000, mV, 500 Hz), and any
other file with one numeric matrix. Variables ``fs_hz``, ``unit`` and ``leads`` are taken as the file's own statement.
Only numbers and text are loaded: never objects, functions or links to other files.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..codes import STANDARD_12
from ..errors import FormatError
from .arrays import array_record
from .damage import DEFLATE_RATIO, check_claim, refusing
from .mat_binary import variables
from .reader import Reader, ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

_STATED: Final = ("fs_hz", "unit", "leads")
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_CHINA_SHAPE: Final = (12, 5000)
_CHINA_FS_HZ: Final = 500.0


def _sniff(path: Path, head: bytes) -> bool:
    return head.startswith(b"MATLAB") or (path.suffix.lower() == ".mat" and head.startswith(_HDF5))


def read(path: Path, options: ReadOptions) -> Record:
    """Read the record in a MATLAB file.

    Raises
    ------
    FormatError
        The file is damaged, or holds no numeric matrix or several.
    OptionError
        Rate, unit or lead names are neither in the file nor given.
    """
    values = _variables(path)
    name = _signal_name(values, path)
    numbers = np.asarray(values[name])
    stated: dict[str, Any] = {
        "fs_hz": _rate(values["fs_hz"], path) if "fs_hz" in values else None,
        "unit": _text(values["unit"], "unit", path)[0] if "unit" in values else None,
        "leads": _text(values["leads"], "leads", path) if "leads" in values else None,
    }
    notes: list[str] = []
    if name == "data" and sorted(numbers.shape) == list(_CHINA_SHAPE) and not any(stated.values()):
        notes.append("read as the China competition stores it: 500 Hz, mV, leads I II III aVR aVL aVF V1 to V6")
        stated = {"fs_hz": _CHINA_FS_HZ, "unit": "mV", "leads": STANDARD_12}
    named = options.leads is not None and len(options.leads) == len(STANDARD_12)
    if name in ("val", "data") and 12 in numbers.shape and stated["leads"] is None and not named:
        stated["leads"] = STANDARD_12
        if name == "val":
            notes.append("the file names no leads; taken in the challenge's order, I II III aVR aVL aVF V1 to V6")
    return array_record(numbers, path, options, **stated, notes=notes)


def read_val(path: Path) -> NDArray[Any]:
    """Return the variable ``val`` of a file with a WFDB header beside it, shape (lead, sample); raises FormatError."""
    value = _variables(path).get("val")
    if not isinstance(value, np.ndarray) or value.ndim != 2 or value.dtype.kind not in "iuf":
        raise FormatError(f"{path}: has no matrix 'val', which its header stands for")
    return value


def _signal_name(values: dict[str, Any], path: Path) -> str:
    shapes = {name: value.shape for name, value in values.items() if isinstance(value, np.ndarray)}
    matrices = [name for name, shape in shapes.items() if name not in _STATED and math.prod(shape) != 1]
    found = [name for name in ("val", "data", "signal") if name in shapes] or matrices
    if not found or (len(found) > 1 and found == matrices):
        listed = ", ".join(f"{name[:40]} {' x '.join(map(str, shape))}" for name, shape in [*shapes.items()][:12])
        raise FormatError(f"{path}: holds {listed or 'no numeric matrix'}; one matrix, 'val' or 'data' is needed")
    return found[0]


def _text(value: Any, name: str, path: Path) -> tuple[str, ...]:
    if not isinstance(value, tuple) or not value or not all(value):
        raise FormatError(f"{path}: variable '{name}' is no text")
    return value


def _rate(value: Any, path: Path) -> float:
    numbers = np.asarray(value).ravel()
    if numbers.size != 1 or numbers.dtype.kind not in "iuf" or not 0 < float(numbers[0]) < math.inf:
        raise FormatError(f"{path}: variable 'fs_hz' is {str(value)[:40]!r}; it must be one positive number")
    return float(numbers[0])


def _variables(path: Path) -> dict[str, Any]:
    """Return numeric matrices as arrays and texts as tuples of lines, by name."""
    with refusing(path, "MATLAB"):
        with path.open("rb") as stream:
            head = stream.read(512 + len(_HDF5))
        return _hdf5_variables(path) if _HDF5 in (head[: len(_HDF5)], head[512:]) else variables(path.read_bytes())


def _hdf5_variables(path: Path) -> dict[str, Any]:
    """Return the variables of a version 7.3 file, as MATLAB shows them: HDF5 stores its columns as rows."""
    import h5py

    with h5py.File(path, "r") as file:
        chosen = {
            name: file[name]
            for name in file
            if isinstance(file.get(name, getlink=True), h5py.HardLink)  # the others may lead to other files
            and isinstance(file[name], h5py.Dataset)
            and file[name].external is None
            and not file[name].is_virtual
            and (file[name].dtype.kind in "iuf" or name in _STATED)
        }
        claimed = sum(math.prod(one.shape) * one.dtype.itemsize for one in chosen.values())
        check_claim(str(path), claimed, path.stat().st_size, DEFLATE_RATIO)
        return {name: _hdf5_value(file, one) for name, one in chosen.items()}


def _hdf5_value(file: Any, one: Any) -> Any:
    value = np.asarray(one[()]).T
    if one.attrs.get("MATLAB_class") == b"char":  # text is stored as 16-bit numbers
        return tuple("".join(map(chr, line)).strip() for line in np.atleast_2d(value).astype(int).tolist())
    if value.dtype == object:  # a cell array: references to its cells
        lines = [_hdf5_value(file, file[cell]) for cell in value.ravel() if file[cell].dtype.kind in "iu"]
        return tuple(line for cell in lines if isinstance(cell, tuple) for line in cell)
    return value


READER: Final = Reader("MATLAB", (".mat",), _sniff, read)
