"""Matrices and text in MATLAB files of version 4 and 5, from their bytes.

Written from "MAT-File Format" (The MathWorks, R2019b), for the numbers, characters and cells of characters that ECG
files hold; all else in the file is passed over. `scipy.io.loadmat` reads more, but damaged files can end it with a
segmentation fault (1.17), which no caller survives.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from isal import isal_zlib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_TYPES: Final = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXT_TYPES: Final = {16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_CELL, _CHAR = 1, 4
_NUMERIC_CLASSES: Final = range(6, 16)  # double, single and the integers
_COMPLEX: Final = 0x0800
_HEADER_BYTES: Final = 128
_OLD_TYPES: Final = ("f8", "f4", "i4", "i2", "u2", "u1")

Value = Any
"""A numeric matrix, or a tuple of text lines."""


def variables(content: bytes) -> dict[str, Value]:
    """Return the real matrices and the texts in a MATLAB file of version 4 or 5, by name.

    Raises
    ------
    ValueError, IndexError, struct.error, isal_zlib.IsalError
        The file is damaged.
    """
    if len(content) >= _HEADER_BYTES and content[126:128] in (b"IM", b"MI"):
        return dict(_matrices(content, _HEADER_BYTES, "<" if content[126:128] == b"IM" else ">"))
    return dict(_old_matrices(content))


def _elements(content: bytes, start: int, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield type and bytes of each data element from `start` on."""
    while start + 8 <= len(content):
        first, n_bytes = struct.unpack_from(f"{order}II", content, start)
        if first >> 16:  # small element: type and length share a word, the data follow in the tag
            kind, n_bytes, first_byte, stop = first & 0xFFFF, first >> 16, start + 4, start + 8
            if n_bytes > 4:
                raise ValueError(f"a small element at byte {start} claims {n_bytes} bytes")
        else:
            kind, first_byte = first, start + 8
            stop = first_byte + n_bytes + (0 if kind == _COMPRESSED else -n_bytes % 8)
        if first_byte + n_bytes > len(content):
            raise ValueError(
                f"the element at byte {start} claims {n_bytes} bytes, {len(content) - first_byte} are there"
            )
        yield kind, content[first_byte : first_byte + n_bytes]
        start = stop


def _matrices(content: bytes, start: int, order: str) -> Iterator[tuple[str, Value]]:
    for kind, data in _elements(content, start, order):
        if kind == _COMPRESSED:
            unpacker = isal_zlib.decompressobj()  # zlib's bytes in half its time
            kind, n_bytes = struct.unpack(f"{order}II", unpacker.decompress(data, 8))
            data = unpacker.decompress(unpacker.unconsumed_tail, n_bytes) if n_bytes else b""
            if len(data) != n_bytes:
                raise ValueError(f"a compressed element claims {n_bytes} bytes, {len(data)} are there")
        if kind == _MATRIX and (named := _matrix(data, order)):
            yield named


def _matrix(data: bytes, order: str) -> tuple[str, Value] | None:
    """Return name and value of a matrix element; None where it is nothing we read."""
    parts = list(_elements(data, 0, order))
    if len(parts) < 4:
        return None
    flags = struct.unpack_from(f"{order}I", parts[0][1])[0]
    shape = tuple(map(int, _numbers(*parts[1], order)))
    name = parts[2][1].decode("latin-1")
    matlab_class = flags & 0xFF
    if any(n < 0 for n in shape):
        raise ValueError(f"variable '{name}' claims {' x '.join(map(str, shape))} numbers")
    if matlab_class in _NUMERIC_CLASSES and not flags & _COMPLEX:
        return name, _shaped(name, _numbers(*parts[3], order), shape)
    if matlab_class == _CHAR:
        return name, _lines(name, *parts[3], shape, order)
    if matlab_class == _CELL:
        cells = [_matrix(cell, order) for kind, cell in parts[3:] if kind == _MATRIX and not _is_cell(cell, order)]
        return name, tuple(line for cell in cells if cell and isinstance(cell[1], tuple) for line in cell[1])
    return None


def _is_cell(data: bytes, order: str) -> bool:
    """Tell whether a matrix element is a cell array; those within others are passed over, however deep they go."""
    return len(data) >= 12 and struct.unpack_from(f"{order}I", data, 8)[0] & 0xFF == _CELL


def _numbers(kind: int, data: bytes, order: str) -> NDArray[Any]:
    if kind not in _TYPES:
        raise ValueError(f"numbers are of type {kind}; known are {', '.join(map(str, _TYPES))}")
    return np.frombuffer(data, dtype=order + _TYPES[kind])


def _shaped(name: str, numbers: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if math.prod(shape) != len(numbers):
        raise ValueError(f"variable '{name}' claims {' x '.join(map(str, shape))} numbers, {len(numbers)} are there")
    return numbers.reshape(shape, order="F")


def _lines(name: str, kind: int, data: bytes, shape: tuple[int, ...], order: str) -> tuple[str, ...]:
    """Return the rows of a character matrix, less the blanks that fill them up."""
    if kind in _TEXT_TYPES:
        endian = "" if kind == 16 else {"<": "-le", ">": "-be"}[order]
        signs = list(data.decode(_TEXT_TYPES[kind] + endian))
    else:
        signs = [chr(number) for number in _numbers(kind, data, order).astype(np.int64)]
    grid = _shaped(name, np.array(signs, dtype=np.str_), shape)
    return tuple("".join(row).strip() for row in grid.reshape(len(grid), -1)) if grid.ndim else ()


def _old_matrices(content: bytes) -> Iterator[tuple[str, Value]]:
    """Yield the full real matrices of a version 4 file."""
    start = 0
    while start + 20 <= len(content):
        order = "<" if 0 <= struct.unpack_from("<i", content, start)[0] < 5000 else ">"
        code, n_rows, n_columns, is_complex, n_name = struct.unpack_from(f"{order}5i", content, start)
        storage, layout = code // 10 % 10, code % 10
        if not 0 <= code < 5000 or storage >= len(_OLD_TYPES) or min(n_rows, n_columns) < 0 or not 0 < n_name < 128:
            raise ValueError(f"no MATLAB matrix at byte {start}")
        first_byte = start + 20 + n_name
        name = content[start + 20 : first_byte].rstrip(b"\0").decode("latin-1")
        dtype = np.dtype(order + _OLD_TYPES[storage])
        count = n_rows * n_columns * (2 if is_complex else 1)
        if first_byte + count * dtype.itemsize > len(content):
            raise ValueError(f"variable '{name}' claims {n_rows} x {n_columns} numbers, which are not there")
        numbers = np.frombuffer(content, dtype=dtype, count=count, offset=first_byte)
        if layout == 0 and not is_complex:
            yield name, numbers.reshape((n_rows, n_columns), order="F")
        start = first_byte + count * dtype.itemsize
    if not start:
        raise ValueError(f"{len(content)} bytes are too few")
