"""The answer files of the 2020 challenge: every record that can be read has its own, which can be scored."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from shutil import copytree
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, simulate, write
from einthoven.bundles.bundle import write_checksums
from einthoven.codes import CINC2020_DIAGNOSES, CINC2020_SAME, STANDARD_12
from einthoven.evaluation.cinc2020_outputs import Output, read_output

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AF, NSR, PVC, VPB = "164889003", "426783006", "427172004", "17338001"


def put(folder: Path, name: str, record: Record) -> None:
    write(replace(record, id=name), folder / f"{name}.mat", format="matlab")


def changed(change: Callable[[np.ndarray], np.ndarray], **how: float) -> Record:
    record = simulate(**{"duration_s": 10, "seed": 1, **how}).record
    return replace(record, signal=change(record.signal.copy()))


def lead(name: str, times: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda signal: signal * np.where(np.arange(12) == STANDARD_12.index(name), np.float32(times), 1)[:, None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A healthy heart, one with a tall V2 and one with a tall V5."""
    place = tmp_path / "records"
    place.mkdir()
    put(place, "A0001", simulate(duration_s=10, seed=1).record)
    put(place, "A0002", changed(lead("V2", 9)))
    put(place, "A0003", changed(lead("V5", 9)))
    return place


@pytest.fixture
def predict(run: Callable, many_waves: Path) -> Callable:
    return lambda *arguments: run("predict", "cinc2020", *arguments, "--bundle", many_waves)


def said(folder: Path, name: str) -> dict[str, tuple[bool, float]]:
    one: Output = read_output(folder / f"{name}.csv")
    return dict(zip(one.codes, zip(one.present.tolist(), one.score.tolist(), strict=True), strict=True))


def test_each_record_has_a_file_of_the_form_the_challenge_asks_for(predict, folder, tmp_path):
    ran = predict(folder, tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["A0001.csv", "A0002.csv", "A0003.csv"]
    first, codes, answers, scores = (tmp_path / "out" / "A0002.csv").read_text().splitlines()
    assert first == "#A0002"
    assert codes.split(",") == list(CINC2020_DIAGNOSES)
    assert set(answers.split(",")) == {"0", "1"}
    assert all(0 <= float(score) <= 1 for score in scores.split(","))
    assert "3 of 3 records" in ran.out


def test_what_is_scored_as_one_is_answered_alike(predict, folder, tmp_path):
    predict(folder, tmp_path / "out")
    for name in ("A0001", "A0002", "A0003"):
        one = said(tmp_path / "out", name)
        assert all(one[code] == one[same] for code, same in CINC2020_SAME.items())
    assert said(tmp_path / "out", "A0003")[VPB][0] is True


def test_records_differ_as_their_leads_do(predict, folder, tmp_path):
    predict(folder, tmp_path / "out")
    present = {
        name: {code for code, one in said(tmp_path / "out", name).items() if one[0]} for name in ("A0001", "A0002")
    }
    assert present == {"A0001": {NSR}, "A0002": {AF}}


def test_what_is_written_can_be_scored(predict, run, folder, tmp_path):
    for name, codes in (("A0001", NSR), ("A0002", AF), ("A0003", f"{VPB},{AF}")):
        header = folder / f"{name}.hea"
        header.write_text(f"{header.read_text()}#Dx: {codes}\n")
    predict(folder, tmp_path / "out")
    figures = json.loads(run("score", "cinc2020", folder, tmp_path / "out", "--json").out)
    assert figures["accuracy"] == pytest.approx(2 / 3)  # A0003 has no fibrillation


def test_json_tells_decisions_and_superclasses_too(predict, folder, tmp_path):
    put(folder, "A0004", changed(lead("V2", 3.05)))  # p = 0.6
    rows = {row["record"]: row for row in json.loads(predict(folder, tmp_path / "out", "--json").out)}
    assert {name: row["classes"][AF]["decision"] for name, row in rows.items()} == {
        "A0001": "absent",
        "A0002": "present",
        "A0003": "absent",
        "A0004": "unsure",
    }
    assert rows["A0002"]["classes"]["NORM"]["answer"] == 0
    assert {row["doubt"] for row in rows.values()} == {""}


def silent(rows: slice) -> Callable[[np.ndarray], np.ndarray]:
    return lambda signal: np.where(np.isin(np.arange(12), np.arange(12)[rows])[:, None], 0, signal)


@pytest.mark.parametrize(
    ("record", "doubt"),
    [
        (changed(silent(slice(0, 12))), "has no signal in I, II, III, aVR, aVL, aVF, V1"),
        (changed(silent(slice(10, 11))), "has no signal in V5"),
        (changed(lambda signal: np.full_like(signal, np.nan)), "has no signal in I, II"),
        (changed(lambda signal: signal * 1e6), "no electrode gives more than"),
        (simulate(duration_s=10, leads=("II", "V1")).record, "has leads II, V1; V1 to V6 and two limb leads are"),
        (simulate(duration_s=10, leads=("V3",)).record, "has leads V3"),
        (simulate(duration_s=1).record, "is 1 s long"),
        (simulate(duration_s=10).record.crop(0, 0.002), "is 0.002 s long"),
        (simulate(duration_s=10, fs_hz=50).record, "is sampled at 50 Hz"),
        (simulate(duration_s=10, fs_hz=40).record, "is sampled at 40 Hz"),
        (changed(lambda signal: np.where(np.arange(5000) // 400 == 5, np.nan, signal)), "in any lead for 0.8 s"),
    ],
)
def test_of_a_record_that_shows_too_little_there_is_an_answer_and_a_warning(predict, tmp_path, record, doubt):
    (tmp_path / "records").mkdir()
    put(tmp_path / "records", "A0009", record)
    ran = predict(tmp_path / "records", tmp_path / "out", "--json")
    assert ran.code == 0
    (line,) = ran.errors
    assert doubt in line
    assert line.endswith("; answered by what there is")
    assert len(said(tmp_path / "out", "A0009")) == 27
    (row,) = json.loads(ran.out)
    assert {one["decision"] for one in row["classes"].values()} == {"unsure"}


@pytest.mark.parametrize(
    "record",
    [
        simulate(duration_s=9, fs_hz=257).record,
        simulate(duration_s=10, fs_hz=1000).record,
        simulate(duration_s=74.3, fs_hz=257).record,
        simulate(duration_s=600, fs_hz=100).record,
        changed(lambda signal: np.where((np.arange(5000) % 977 < 100), np.nan, signal)),
    ],
)
def test_any_rate_and_length_and_gaps_are_answered_without_a_word(predict, tmp_path, record):
    (tmp_path / "records").mkdir()
    put(tmp_path / "records", "A0009", record)
    ran = predict(tmp_path / "records", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert len(said(tmp_path / "out", "A0009")) == 27


def test_more_leads_in_any_order_and_case_change_nothing(predict, folder, tmp_path):
    record = changed(lead("V2", 2.9))
    turned = Record(np.vstack([record.signal[:3], record.signal[::-1]]), 500, ("Vx", "Vy", "Vz", *STANDARD_12[::-1]))
    put(folder, "A0008", record)
    put(folder, "A0009", turned)
    header = folder / "A0009.hea"
    header.write_text(re.sub(r"(?m) (\S+)$", lambda found: " " + found[1].lower(), header.read_text()))
    predict(folder, tmp_path / "out")
    assert said(tmp_path / "out", "A0008") == said(tmp_path / "out", "A0009")


@pytest.mark.parametrize("facts", ["#Age: NaN\n#Sex: Unknown", "#Age: -1\n#Sex: ", "#Age: 300\n#Dx: Unknown", ""])
def test_age_sex_and_date_may_be_odd_or_missing(predict, folder, tmp_path, facts):
    header = folder / "A0001.hea"
    first, *lines = [line for line in header.read_text().splitlines() if line[0] != "#"]
    header.write_text("\n".join([f"{first} 00:00:00 12-May-2020", *lines, facts]) + "\n")
    ran = predict(folder, tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")


def test_one_beat_anywhere_is_enough_for_premature_beats_and_for_nothing_else(predict, tmp_path):
    (tmp_path / "records").mkdir()

    def burst(name: str) -> Callable[[np.ndarray], np.ndarray]:
        def change(signal: np.ndarray) -> np.ndarray:
            signal[STANDARD_12.index(name), 21 * 500 : 29 * 500] *= 9
            return signal

        return change

    put(tmp_path / "records", "A0001", changed(burst("V5"), duration_s=60))
    put(tmp_path / "records", "A0002", changed(burst("V2"), duration_s=60))
    assert predict(tmp_path / "records", tmp_path / "out").code == 0
    assert said(tmp_path / "out", "A0001")[PVC][0] is True
    assert said(tmp_path / "out", "A0002")[AF][1] < 0.5


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: file.with_suffix(".mat").unlink(), "no such file"),
        (lambda file: file.with_suffix(".mat").write_bytes(b""), "A0002"),
        (lambda file: file.write_bytes(b"\xff\x00garbage"), "line 1 is"),
        (lambda file: file.write_bytes(b""), "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_costs_no_other_its_answer(predict, folder, tmp_path, spoil, reason):
    spoil(folder / "A0002.hea")
    ran = predict(folder, tmp_path / "out")
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert reason in ran.err
    assert ran.err.rstrip().endswith(f"it has no answer in {tmp_path / 'out'}")
    assert sorted(file.stem for file in (tmp_path / "out").glob("*.csv")) == ["A0001", "A0003"]


def test_a_slow_heart_is_scored_as_one_of_sinus_rhythm_where_no_example_of_it_was_learnt(
    run, folder, tmp_path, many_waves
):
    taught = tmp_path / "taught"
    copytree(many_waves, taught)
    card = json.loads((taught / "card.json").read_text())
    sinus, slow = "426177001", "426627000"
    card["calibration"][sinus]["intercept"] = 6.0
    card["training"] = {"shares": {slow: 0.0}}
    (taught / "card.json").write_text(json.dumps(card))
    write_checksums(taught)
    assert run("predict", "cinc2020", folder, tmp_path / "out", "--bundle", taught).code == 0
    one = said(tmp_path / "out", "A0001")
    assert one[slow][1] == one[sinus][1] > 0.5
    assert not one[slow][0]


def test_answers_do_not_depend_on_the_company(predict, folder, tmp_path):
    predict(folder, tmp_path / "all")
    predict(folder / "A0003.hea", tmp_path / "one")
    together, alone = (said(tmp_path / place, "A0003") for place in ("all", "one"))
    assert [one[1] for one in together.values()] == pytest.approx([one[1] for one in alone.values()], abs=1e-6)


@pytest.mark.parametrize("bundle", ["cpic2019", "mitdb-aami"])
def test_a_bundle_that_tells_something_else_is_refused(run, folder, tmp_path, bundle):
    ran = run("predict", "cinc2020", folder, tmp_path / "out", "--bundle", bundle)
    assert ran.code == 2
    assert "it must tell diagnoses, each by itself" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_recording_is_never_replaced(predict, tmp_path):
    record = simulate(duration_s=10).record
    write(replace(record, id="A0001"), tmp_path / "A0001.csv", format="csv")
    before = (tmp_path / "A0001.csv").read_bytes()
    ran = predict(tmp_path / "A0001.csv", tmp_path)
    assert ran.code == 2
    assert "would replace A0001.csv" in ran.err
    assert (tmp_path / "A0001.csv").read_bytes() == before


def test_a_record_in_segments_is_one_record(predict, folder, tmp_path):
    record = simulate(duration_s=10, seed=1).record
    for name, part in (("A0009_1", record.crop(0, 4)), ("A0009_2", record.crop(4, 10))):
        write(replace(part, id=name), folder / f"{name}.hea")
    (folder / "A0009.hea").write_text("# in two parts\n\nA0009/2 12 500 5000\nA0009_1 2000\nA0009_2 3000\n")
    ran = predict(folder, tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert sorted(file.stem for file in (tmp_path / "out").iterdir()) == ["A0001", "A0002", "A0003", "A0009"]
    assert said(tmp_path / "out", "A0009")[NSR][0]


def test_signals_called_otherwise_than_their_header_are_no_record_of_their_own(predict, folder, tmp_path):
    header = folder / "A0003.hea"
    header.with_suffix(".mat").rename(folder / "signals.mat")
    header.write_text(header.read_text().replace("A0003.mat", "signals.mat"))
    assert predict(folder, tmp_path / "out").code == 0
    assert sorted(file.stem for file in (tmp_path / "out").iterdir()) == ["A0001", "A0002", "A0003"]
