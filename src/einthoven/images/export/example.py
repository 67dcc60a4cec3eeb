"""``tf.train.Example`` in the wire format of protocol buffers, written without TensorFlow.

A message is a row of fields, each a tag (field number and wire type), a length and bytes; see
https://protobuf.dev/programming-guides/encoding/ and tensorflow/core/example/{example,feature}.proto.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Feature = Sequence[bytes] | Sequence[float] | Sequence[int]

_BYTES, _FLOATS, _INTEGERS = 1, 2, 3  # fields of Feature
_KEY, _VALUE = 1, 2  # fields of an entry of a map
_DELIMITED: Final = 2  # wire type: a length, and so many bytes


def example(features: Mapping[str, Feature]) -> bytes:
    r"""Return an Example of these features, in the order of their names.

    Parameters
    ----------
    features
        Lists of bytes, of floats, or of integers that are not negative; what an empty list holds is left unsaid.

    Examples
    --------
    >>> example({"n": [300]}).hex(" ")
    '0a 0d 0a 0b 0a 01 6e 12 06 1a 04 0a 02 ac 02'
    """
    entries = []
    for name in sorted(features):
        entry = (_field(_KEY, name.encode()), _field(_VALUE, _feature(features[name])))
        entries.append(_field(1, b"".join(entry)))
    return _field(1, b"".join(entries))


def _feature(values: Feature) -> bytes:
    if not len(values):
        return b""
    if isinstance(values[0], bytes):
        return _field(_BYTES, b"".join(_field(1, one) for one in values))  # type: ignore[arg-type]
    if isinstance(values[0], float):
        return _field(_FLOATS, _field(1, struct.pack(f"<{len(values)}f", *values)))
    return _field(_INTEGERS, _field(1, b"".join(_varint(one) for one in values)))  # type: ignore[arg-type]


def _field(number: int, content: bytes) -> bytes:
    return b"".join((_varint(number << 3 | _DELIMITED), _varint(len(content)), content))


def _varint(value: int) -> bytes:
    """Return an integer in groups of seven bits, the lowest first; all but the last have the eighth bit set."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
