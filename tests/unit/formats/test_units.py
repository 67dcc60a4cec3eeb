"""Units are taken as they are written, in any case, and never guessed."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.formats.units import parse_unit, voltage


@pytest.mark.parametrize(
    ("unit", "number", "millivolts"),
    [
        ("mV", 1.5, 1.5),
        ("MV", 1.5, 1.5),
        ("uV", 1500, 1.5),
        ("µV", 1500, 1.5),  # micro sign
        ("μV", 1500, 1.5),  # Greek mu
        ("V", 0.0015, 1.5),
        ("nV", 1.5e6, 1.5),
        ("microvolts", 1500, 1.5),
        ("1000/mV", 1500, 1.5),
        ("2/uV", 3000, 1.5),
        ("200(1024)/mV", 1324, 1.5),
    ],
)
def test_units_become_millivolts(unit: str, number: float, millivolts: float) -> None:
    assert parse_unit(unit).to_mv(np.array([number]))[0] == np.float32(millivolts)


@pytest.mark.parametrize("unit", ["", "mmHg", "1000", "0/mV", "-5/mV", "1e999/mV", "1000/mmHg", "mV/1000", "adu"])
def test_anything_else_is_refused_with_what_is_allowed(unit: str) -> None:
    with pytest.raises(OptionError, match=r"mV, uV, V, nV, or converter units such as 1000/mV"):
        parse_unit(unit)


def test_pressure_is_no_voltage() -> None:
    assert voltage("mmHg") is None


def test_millivolts_do_not_depend_on_how_the_numbers_lie_in_memory() -> None:
    numbers = np.random.default_rng(0).integers(-2000, 2000, (12, 500))
    scale = parse_unit("200(1024)/mV")
    wanted = ((numbers - 1024) / 200).astype(np.float32)
    for lying in (
        numbers,
        np.asfortranarray(numbers),
        numbers[::-1, ::-1][::-1, ::-1],
        np.repeat(numbers, 2, 1)[:, ::2],
    ):
        np.testing.assert_array_equal(scale.to_mv(lying), wanted)
    np.testing.assert_array_equal(scale.to_mv(numbers.T), wanted.T)
