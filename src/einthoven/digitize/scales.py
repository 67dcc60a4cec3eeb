"""How fast the paper ran and how tall a millivolt is: as given, as printed, as the pulses measure, or as is usual."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import FormatError, OptionError
from .rows import PULSE_S, pulse_size

if TYPE_CHECKING:
    from pathlib import Path

    from .rows import Ruled

USUAL_MM_S, USUAL_MM_MV = 25.0, 10.0
SPEED_RANGE_MM_S: Final = (0.01, 500.0)
GAIN_RANGE_MM_MV: Final = (0.1, 100.0)
GAINS_MM_MV: Final = (2.5, 5.0, 10.0, 20.0, 40.0)

_ROUNDED = 0.01  # what is printed has three figures
_READ_PULSE = 0.06  # a pulse of a picture is read to half a millimetre of ten
_SPEED = re.compile(r"(\d+(?:[.,]\d+)?)\s*mm\s*/\s*s", re.IGNORECASE)
_GAIN = re.compile(r"(\d+(?:[.,]\d+)?)\s*mm\s*/\s*mV", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scales:
    """Paper speed and gain, and what is to be said of where they come from."""

    speed_mm_s: float
    gain_mm_mv: float
    notes: tuple[str, ...] = ()


def scales(path: Path, ruled: Ruled, speed_mm_s: float | None = None, gain_mm_mv: float | None = None) -> Scales:
    """Decide speed and gain of a page.

    What the caller gives holds; then what is printed on the page, if the pulses do not contradict it; then the height
    of the pulses, taken as 1 mV; then 25 mm/s and 10 mm/mV. The notes say so wherever nothing was given or printed.

    Raises
    ------
    OptionError
        A speed or gain out of range is given.
    FormatError
        The page prints several speeds or gains, or its pulses contradict what it prints.
    """
    check_range("speed", speed_mm_s, SPEED_RANGE_MM_S, "mm/s")
    check_range("gain", gain_mm_mv, GAIN_RANGE_MM_MV, "mm/mV")
    text = " ".join(word.text for word in ruled.words)
    speed, speed_notes = _speed(path, ruled, speed_mm_s, text)
    gain, gain_notes = _gain(path, ruled, gain_mm_mv, text)
    return Scales(speed, gain, (*speed_notes, *gain_notes))


def check_range(what: str, value: float | None, allowed: tuple[float, float], unit: str) -> None:
    """Raise OptionError where a number is given that is out of its range."""
    if value is not None and not allowed[0] <= value <= allowed[1]:
        raise OptionError(f"{what} is {value:g} {unit}; it must be from {allowed[0]:g} to {allowed[1]:g}")


def _printed(path: Path, text: str, pattern: re.Pattern[str], unit: str, option: str) -> float | None:
    """Return the one number of this unit on the page, None where there is none."""
    found = {float(number.replace(",", ".")) for number in pattern.findall(text)} - {0.0}
    if len(found) > 1:
        told = ", ".join(f"{value:g}" for value in sorted(found))
        raise FormatError(f"{path}: prints {told} {unit}; say which one holds with {option}")
    return next(iter(found), None)


def _speed(path: Path, ruled: Ruled, given: float | None, text: str) -> tuple[float, tuple[str, ...]]:
    size = pulse_size(ruled.pulses)
    by_pulse = size[1] / PULSE_S if size else None
    if given is not None:
        return given, ()
    printed = _printed(path, text, _SPEED, "mm/s", "--speed")
    if printed is not None:
        close = by_pulse is not None and abs(by_pulse / printed - 1) < _ROUNDED / 2 and not ruled.pictured
        return (by_pulse if close and by_pulse else printed), ()
    seen = ""
    if by_pulse is not None and abs(by_pulse / USUAL_MM_S - 1) < 0.15:
        seen = f"; its pulses, {size[1] if size else 0:.1f} mm wide, agree if they last {PULSE_S:g} s"
    elif size is not None:
        seen = f"; its pulses are {size[1]:.1f} mm wide, which is {size[1] / USUAL_MM_S:.2g} s at that speed"
    return USUAL_MM_S, (f"paper speed of {USUAL_MM_S:g} mm/s is assumed: none could be read{seen}",)


def _gain(path: Path, ruled: Ruled, given: float | None, text: str) -> tuple[float, tuple[str, ...]]:
    if given is not None:
        return given, ()
    printed = _printed(path, text, _GAIN, "mm/mV", "--gain")
    size = pulse_size(ruled.pulses)
    if printed is not None:
        if size is not None and abs(size[0] / printed - 1) > _READ_PULSE:
            raise FormatError(
                f"{path}: prints {printed:g} mm/mV, but its calibration pulses are {size[0]:.1f} mm tall; "
                "say which one holds with --gain"
            )
        return printed, ()
    if size is None:
        return USUAL_MM_MV, (
            f"gain of {USUAL_MM_MV:g} mm/mV is assumed: none could be read, and no calibration pulse was found",
        )
    nearest = min(GAINS_MM_MV, key=lambda one: abs(size[0] / one - 1))
    gain = nearest if abs(size[0] / nearest - 1) <= _READ_PULSE else size[0]
    return gain, (f"gain of {gain:.4g} mm/mV is that of the calibration pulses, {size[0]:.1f} mm tall, as 1 mV",)
