"""Units of voltage and of analogue-digital converters, and how to get from them to millivolts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Both the micro sign (U+00B5) and the Greek letter mu (U+03BC) are in use.
_PER_MV: Final = {"v": 1e-3, "mv": 1.0, "uv": 1e3, "\u00b5v": 1e3, "\u03bcv": 1e3, "nv": 1e6}
_WORDS: Final = {"volt": "v", "millivolt": "mv", "microvolt": "uv", "nanovolt": "nv"}
_AT_ONCE: Final = 1 << 20
_ADC: Final = re.compile(r"(\d+\.?\d*(?:e[-+]?\d+)?)(?:\((-?\d+)\))?/(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scale:
    """How stored numbers become millivolts: ``(number - baseline) / per_mv``."""

    per_mv: float
    baseline: float = 0.0

    def to_mv(self, numbers: NDArray[Any]) -> NDArray[np.float32]:
        """Return `numbers`, any shape, in millivolts.

        Examples
        --------
        >>> parse_unit("uV").to_mv(np.array([500, -1000])).tolist()
        [0.5, -1.0]
        """
        stored = np.asarray(numbers)
        if stored.flags.fnc:  # columns one after the other, as MATLAB has them, are worked as they lie
            return self.to_mv(stored.T).T
        mv = np.empty(stored.shape, np.float32)
        rows, out = stored.reshape(-1), mv.reshape(-1)
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, rows.size, _AT_ONCE):  # in float64, of which there is never much
                part = rows[first : first + _AT_ONCE].astype(np.float64)
                part -= self.baseline
                part /= self.per_mv
                out[first : first + _AT_ONCE] = part
        return mv


def voltage(text: str) -> Scale | None:
    """Return the scale of a unit of voltage in any case, or None where `text` is no such unit.

    Examples
    --------
    >>> voltage("µV"), voltage("mmHg")
    (Scale(per_mv=1000.0, baseline=0.0), None)
    """
    folded = text.strip().casefold()
    per_mv = _PER_MV.get(_WORDS.get(folded.removesuffix("s"), folded))
    return None if per_mv is None else Scale(per_mv)


def parse_unit(text: str) -> Scale:
    """Return the scale a `unit` option asks for: a unit of voltage, or converter units as WFDB writes them.

    Raises
    ------
    OptionError
        `text` is neither.

    Examples
    --------
    >>> parse_unit("200(1024)/mV")
    Scale(per_mv=200.0, baseline=1024.0)
    """
    if not isinstance(text, str):
        raise OptionError(f"unit is given as {text!r}; it must be text, such as 'mV'")
    if (scale := voltage(text)) is not None:
        return scale
    match = _ADC.fullmatch(text.strip())
    base = voltage(match[3]) if match else None
    if match and base:
        per_mv = float(match[1]) * base.per_mv
        if per_mv > 0 and math.isfinite(per_mv):
            return Scale(per_mv, float(match[2] or 0))
    raise OptionError(
        f"unit '{text}' is unknown; give mV, uV, V, nV, or converter units such as 1000/mV or 200(1024)/mV"
    )
