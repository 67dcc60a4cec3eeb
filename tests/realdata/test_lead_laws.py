"""The lead laws on recordings as their publishers left them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from einthoven.formats import read
from einthoven.signal.leads import check_laws, check_leads, repair_leads

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


@pytest.mark.slow
def test_every_record_of_the_china_competition_has_two_wrong_leads(data_dir: Path) -> None:
    files = sorted((data_dir / "cpic2019/TRAIN").glob("*.mat"))
    assert len(files) == 600
    for file in files:
        (finding,) = check_leads(read(file))
        assert finding.detail.split(":")[0] == "aVR inverted, aVL = II/2", file.name


def test_repaired_they_obey_the_laws(data_dir: Path) -> None:
    for file in sorted((data_dir / "cpic2019/TEST").glob("*.mat")):
        record = read(file, repair=True)
        assert check_leads(record) == ()
        assert record.notes[-1] == "Rebuilt aVR, aVL from I and II; in the file: aVR inverted, aVL = II/2."


@pytest.mark.slow
def test_no_record_of_ptb_xl_breaks_a_law(data_dir: Path) -> None:
    files = sorted((data_dir / "ptb-xl/records100").glob("*/*.hea"))
    assert len(files) == 2621
    assert [file.stem for file in files if check_leads(read(file))] == []


def test_no_record_of_the_cinc_challenge_sources_breaks_a_law(data_dir: Path) -> None:
    files = sorted((data_dir / "cinc2020/records").glob("*.hea"))
    assert len(files) == 128
    assert [file.stem for file in files if check_leads(read(file))] == []


def test_ptb_xl_normalised_lead_by_lead_is_recognised_and_not_repaired(data_dir: Path) -> None:
    with (data_dir / "ptb-xl/ptbxl_database.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["amplitude_normalised"] == "True"]
    folder = data_dir / "ptb-xl"
    records = [
        read(folder / f"{row['filename_lr'].replace('records100/', 'records100_normalised/')}.hea") for row in rows[:60]
    ]
    told = [check_laws(record).explanation for record in records]
    assert told.count("each lead scaled on its own") > 45
    for record, explanation in zip(records, told, strict=True):
        if explanation == "each lead scaled on its own":
            assert repair_leads(record).signal is record.signal
