"""A page this package has drawn comes back as the record it was drawn of."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.codes import STANDARD_12
from einthoven.digitize.page import digitize
from einthoven.errors import FormatError, OptionError
from einthoven.images.paper import draw, save
from einthoven.record import Record
from einthoven.signal.quality import assess
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1", "strip"])
@pytest.mark.parametrize("gain", [10, 5, 2.5])
def test_a_vector_page_is_read_to_a_hundredth_of_a_millivolt(
    tmp_path: Path, heart: Record, fits: Callable[..., Any], layout: str, gain: float
) -> None:
    record = digitize(save(draw(heart, layout=layout, gain_mm_mv=gain), tmp_path / "page.pdf"))
    assert record.leads == STANDARD_12
    assert record.notes == (f"read off paper at 25 mm/s, {gain:g} mm/mV; 0 mV is the level of its calibration pulses",)
    for lead, fit in fits(heart, record).items():
        assert fit.r > 1 - 0.1 / gain, lead
        assert fit.rmse_mv < 0.02, lead
        assert fit.gain == pytest.approx(1, abs=0.4 / gain), lead  # a PDF is drawn to 0.04 mm


def test_the_level_of_a_lead_is_its_median(tmp_path: Path, heart: Record) -> None:
    record = digitize(save(draw(heart, layout="12x1"), tmp_path / "page.pdf"))
    for lead in STANDARD_12:
        off = float(np.nanmedian(record[lead])) - float(np.median(heart[lead] - np.median(heart[lead])))
        assert off == pytest.approx(0, abs=0.01)


def test_beats_bands_and_poor_seconds_do_not_disturb(tmp_path: Path, fits: Callable[..., Any]) -> None:
    heart = simulate(seed=5, duration_s=10, pvc=0.3)
    clean = assess(heart.record)
    flat = clean.flat.copy()
    flat[::2, 3:7] = True  # says the quality, and not the record
    page = draw(heart.record, beats=heart.beats, quality=replace(clean, flat=flat))
    for name in ("page.pdf", "page.png"):
        for lead, fit in fits(heart.record, digitize(save(page, tmp_path / name))).items():
            assert fit.r > 0.98, (name, lead)


def test_a_gap_in_the_record_is_a_gap_in_what_is_read(tmp_path: Path, heart: Record) -> None:
    signal = heart.signal.copy()
    signal[1, 2000:3000] = np.nan
    broken = Record(signal, heart.fs_hz, heart.leads)
    for name in ("page.pdf", "page.png"):
        read = digitize(save(draw(broken, layout="12x1"), tmp_path / name))["II"]
        assert np.isnan(read[2020:2980]).all(), name
        assert np.isfinite(read[3020:4900]).all(), name


def test_a_strip_of_several_lines_goes_on_in_time(tmp_path: Path, fits: Callable[..., Any]) -> None:
    whole = simulate(seed=2, duration_s=30).record.pick(["II", "V5"])
    record = digitize(save(draw(whole), tmp_path / "strip.pdf"))
    assert record.leads == ("II", "V5")
    assert record.duration_s == pytest.approx(30, abs=0.02)
    assert min(fit.r for fit in fits(whole, record).values()) > 0.99


def test_a_strip_in_a_picture_needs_names(tmp_path: Path, fits: Callable[..., Any]) -> None:
    whole = simulate(seed=2, duration_s=10).record.pick(["II", "V5"])
    path = save(draw(whole), tmp_path / "strip.png")
    with pytest.raises(FormatError, match="2 rows whose names cannot be read"):
        digitize(path)
    assert min(fit.r for fit in fits(whole, digitize(path, leads=["II", "V5"])).values()) > 0.985


@pytest.mark.parametrize("rate", [250, 500, 1000])
def test_the_rate_is_as_asked(tmp_path: Path, heart: Record, rate: float) -> None:
    record = digitize(save(draw(heart), tmp_path / "page.pdf"), fs_hz=rate)
    assert (record.fs_hz, record.duration_s) == (rate, pytest.approx(10, abs=0.005))


def test_a_given_speed_and_gain_hold(tmp_path: Path, heart: Record) -> None:
    path = save(draw(heart), tmp_path / "page.pdf")
    plain, given = digitize(path), digitize(path, speed_mm_s=50, gain_mm_mv=5)
    assert given.duration_s == pytest.approx(plain.duration_s / 2, abs=0.01)
    assert np.nanmax(given["II"]) == pytest.approx(2 * np.nanmax(plain["II"]), rel=0.02)


def test_a_flat_lead_is_read_as_flat(tmp_path: Path, heart: Record) -> None:
    signal = heart.signal.copy()
    signal[7] = 0.25
    record = digitize(save(draw(Record(signal, 500, heart.leads)), tmp_path / "page.png", dpi=200))
    drawn = record["V2"][np.isfinite(record["V2"])]
    assert len(drawn) > 1200
    assert np.abs(drawn).max() < 0.03


def test_a_lead_that_is_not_there_is_left_out(tmp_path: Path, heart: Record) -> None:
    record = digitize(save(draw(heart.pick([lead for lead in STANDARD_12 if lead != "aVL"])), tmp_path / "page.pdf"))
    assert record.leads == tuple(lead for lead in STANDARD_12 if lead != "aVL")
    assert any("aVL" in note for note in record.notes)


def test_a_page_of_300_dpi_takes_little_time(tmp_path: Path, heart: Record) -> None:
    path = save(draw(heart), tmp_path / "page.png", dpi=300)
    digitize(path)
    times = []
    for _ in range(3):
        start = time.process_time()
        digitize(path)
        times.append(time.process_time() - start)
    assert min(times) < 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; a PDF or picture of an ECG is needed"),
        (b"I,II\n1,2\n", "is neither a PDF nor a picture"),
        (b"%PDF-1.7\nnothing", "is no PDF that can be read"),
    ],
)
def test_what_is_no_page_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message):
        digitize(path)


def test_absent_files_folders_and_bad_options_are_told(tmp_path: Path, heart: Record) -> None:
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(FormatError, match="cannot be read"):
            digitize(path)
    page = save(draw(heart), tmp_path / "page.pdf")
    with pytest.raises(OptionError, match="sampling rate is 1 Hz; it must be from 50 to 2000"):
        digitize(page, fs_hz=1)
    with pytest.raises(OptionError, match=r"25,\d{3} s at 2000 Hz in 13 leads are \d+,.* up to 50,000,000 are read"):
        digitize(page, speed_mm_s=0.01, fs_hz=2000)
    with pytest.raises(OptionError, match="no page 2"):
        digitize(page, page=2)
