"""MATLAB files, version 4 to 7.3, as ECG collections use them.

Three layouts are known: the variable ``val`` of the PhysioNet/CinC challenges (with a header beside it the file is a
WFDB record and read as such), ``data`` of the China ECG intelligence competition 2019 (12 x 5000, mV, 500 Hz), and any
other file with one numeric matrix. Variables ``fs_hz``, ``unit`` and ``leads`` are taken as the file's own statement.
Only numbers and text are loaded: never objects, functions or links to other files.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..codes import STANDARD_12
from ..errors import FormatError
from .arrays import array_record
from .damage import DEFLATE_RATIO, check_claim, refusing
from .reader import Reader, ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from ..record import Record

_NUMERIC: Final = ("double", "single", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
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
    shapes = _listed(path)
    name = _signal_name(shapes, path)
    values = _loaded(path, (name, *(other for other in _STATED if other in shapes)))
    numbers = np.asarray(values[name])
    stated: dict[str, Any] = {
        "fs_hz": _number(values["fs_hz"], path) if "fs_hz" in values else None,
        "unit": _texts(values["unit"], "unit", path)[0] if "unit" in values else None,
        "leads": _texts(values["leads"], "leads", path) if "leads" in values else None,
    }
    notes: list[str] = []
    if name == "data" and sorted(numbers.shape) == list(_CHINA_SHAPE) and not any(stated.values()):
        notes.append("read as the China competition stores it: 500 Hz, mV, leads I II III aVR aVL aVF V1 to V6")
        stated["fs_hz"] = None if options.fs_hz else _CHINA_FS_HZ
        stated["unit"] = None if options.unit else "mV"
    if name in ("val", "data") and 12 in numbers.shape and stated["leads"] is None and options.leads is None:
        stated["leads"] = STANDARD_12
        if name == "val":
            notes.append("the file names no leads; taken in the challenge's order, I II III aVR aVL aVF V1 to V6")
    return array_record(numbers, path, options, **stated, notes=notes)


def read_val(path: Path) -> NDArray[Any]:
    """Return the variable ``val`` of a file with a WFDB header beside it, shape (lead, sample); raises FormatError."""
    if "val" not in _listed(path):
        raise FormatError(f"{path}: has no variable 'val', which its header stands for")
    return np.asarray(_loaded(path, ("val",))["val"])


def _signal_name(shapes: dict[str, tuple[int, ...]], path: Path) -> str:
    matrices = [name for name, shape in shapes.items() if name not in _STATED and math.prod(shape) != 1]
    found = [name for name in ("val", "data", "signal") if name in shapes] or matrices
    if not found or (len(found) > 1 and found == matrices):
        listed = ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in shapes.items())
        raise FormatError(f"{path}: holds {listed or 'no numeric matrix'}; one matrix, 'val' or 'data' is needed")
    return found[0]


def _texts(value: Any, name: str, path: Path) -> tuple[str, ...]:
    """Return the lines of a character matrix or the cells of a cell array."""
    cells = [str(np.asarray(cell).item()) for cell in np.asarray(value).ravel() if np.asarray(cell).size == 1]
    texts = tuple(cell.strip() for cell in cells)
    if not texts or not all(texts):
        raise FormatError(f"{path}: variable '{name}' is no text")
    return texts


def _number(value: Any, path: Path) -> float:
    numbers = np.asarray(value).ravel()
    if numbers.size != 1 or numbers.dtype.kind not in "iuf" or not 0 < float(numbers[0]) < math.inf:
        raise FormatError(f"{path}: variable 'fs_hz' is {str(value)[:40]}; it must be one positive number")
    return float(numbers[0])


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(512 + len(_HDF5))
    return head.startswith(_HDF5) or head[512:] == _HDF5


def _listed(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the numeric and text variables, after comparing what they claim with the file's size."""
    with refusing(path, "MATLAB"):
        shapes = _listed_hdf5(path) if _is_hdf5(path) else _listed_scipy(path)
    for name, shape in shapes.items():
        if any(n < 0 for n in shape):
            raise FormatError(f"{path}: variable '{name}' claims {' x '.join(map(str, shape))} numbers")
        check_claim(f"{path}: variable '{name}'", 8 * math.prod(shape), path.stat().st_size, DEFLATE_RATIO)
    return shapes


def _loaded(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    with refusing(path, "MATLAB"):
        values = _loaded_hdf5(path, names) if _is_hdf5(path) else _loaded_scipy(path, names)
    for name in names:
        if name not in values:
            raise FormatError(f"{path}: variable '{name}' is listed, but not there")
    return values


def _listed_scipy(path: Path) -> dict[str, tuple[int, ...]]:
    from scipy.io import whosmat
    from scipy.io.matlab import MatReadError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            listed = whosmat(str(path), appendmat=False)
        except MatReadError as error:
            raise ValueError(str(error)) from error
    return {
        name: tuple(map(int, shape))
        for name, shape, kind in listed
        if kind in _NUMERIC or (name in _STATED and kind in ("char", "cell"))
    }


def _loaded_scipy(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values: dict[str, Any] = loadmat(str(path), appendmat=False, variable_names=list(names))
        except MatReadError as error:
            raise ValueError(str(error)) from error
    return values


def _listed_hdf5(path: Path) -> dict[str, tuple[int, ...]]:
    import h5py

    with h5py.File(path, "r") as file:
        return {
            name: tuple(reversed(file[name].shape))
            for name in file
            if isinstance(file.get(name, getlink=True), h5py.HardLink)  # the others may lead to other files
            and isinstance(file[name], h5py.Dataset)
            and file[name].external is None
            and not file[name].is_virtual
            and (file[name].dtype.kind in "iuf" or name in _STATED)
        }


def _loaded_hdf5(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Return variables as MATLAB shows them: HDF5 stores its columns as rows, and text as 16-bit numbers."""
    import h5py

    def loaded(one: Any) -> Any:
        value = np.asarray(one[()]).T
        if one.attrs.get("MATLAB_class") == b"char":
            return np.array(["".join(map(chr, line)) for line in np.atleast_2d(value).astype(int)])
        if value.dtype == object:
            cells = [file[reference] for reference in value.ravel() if isinstance(reference, h5py.Reference)]
            return np.array([str(loaded(cell).item()) for cell in cells])
        return value

    with h5py.File(path, "r") as file:
        return {name: loaded(file[name]) for name in names}


READER: Final = Reader("MATLAB", (".mat",), _sniff, read)
