"""analyze, annotate and demo, as a user meets them."""

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb

from einthoven import simulate, write


@pytest.fixture
def heart():
    return simulate(duration_s=20, pvc=0.1, seed=3, fs_hz=360)


@pytest.fixture
def file(heart, tmp_path):
    write(heart.record, tmp_path / "in" / "100.hea")
    return tmp_path / "in" / "100.hea"


def test_analyze_prints_a_report_a_person_can_read(run, file):
    ran = run("analyze", file)
    assert ran.code == 0
    assert "Rate" in ran.out
    assert "not a medical device" in ran.out


def test_analyze_prints_json_that_says_the_same(run, file, heart):
    report = json.loads(run("analyze", file, "--json").out)
    assert report["schema"] == "einthoven.report/1"
    assert len(report["beats"]["sample"]) == len(heart.beats)


def test_a_long_record_shows_its_progress_beside_the_json(run, file, monkeypatch):
    monkeypatch.setattr("einthoven.cli.analyze._WORTH_A_BAR_S", 1.0)
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich draws as on a terminal
    ran = run("analyze", file, "--json")
    assert json.loads(ran.out)["record"]["id"] == "100"
    assert "Analysing" in ran.err
    assert "min/s" in ran.err


def test_a_short_record_shows_none(run, file, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run("analyze", file, "--json").err == ""


def test_several_files_give_a_list_and_pages_in_a_folder(run, file, tmp_path):
    write(simulate(seed=9).record, tmp_path / "in" / "other.csv")
    ran = run("analyze", file, tmp_path / "in" / "other.csv", "--json", "--html", tmp_path / "pages")
    assert [report["record"]["id"] for report in json.loads(ran.out)] == ["100", "other"]
    assert sorted(page.name for page in (tmp_path / "pages").iterdir()) == ["100.html", "other.html"]


def test_a_bad_file_among_good_ones_gives_its_line_and_exit_code_two(run, file, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("II\nnot a number\n")
    ran = run("analyze", bad, file, "--json", "--rate", "360", "--unit", "mV")
    assert ran.code == 2
    assert len(ran.errors) == 1
    assert "bad.csv" in ran.errors[0]


def test_annotations_are_the_beats_to_the_sample(run, file, heart, tmp_path):
    assert run("annotate", file, "-o", tmp_path / "out", "-a", "qrs").code == 0
    back = wfdb.rdann(str(tmp_path / "out" / "100"), "qrs")
    rhythm = np.array(back.symbol) == "+"
    beats = back.sample[~rhythm]
    assert len(beats) == len(heart.beats)
    assert np.abs(beats - heart.beats.sample).max() <= 0.03 * 360
    assert set(back.symbol) <= {"N", "V", "+"}
    assert np.array(back.aux_note)[rhythm].tolist() == ["(N", ")"]


@pytest.mark.parametrize("detector", ["learned", "fast"])
def test_annotate_counts_beats_by_symbol_as_written_whatever_found_them(run, file, tmp_path, detector):
    write(simulate(duration_s=30, rhythm="bigeminy", seed=1, fs_hz=360).record, file)
    ran = run("annotate", file, "-o", tmp_path, "--detector", detector, "--json")
    told = json.loads(ran.out)
    symbols = [one for one in wfdb.rdann(str(tmp_path / "100"), "qrs").symbol if one != "+"]
    assert told["counts"] == {one: symbols.count(one) for one in set(symbols)}
    assert set(told["counts"]) >= {"N", "V"}
    assert told["beats"] == len(symbols)


def test_annotate_knows_no_third_detector(run, file, tmp_path):
    ran = run("annotate", file, "-o", tmp_path, "--detector", "third")
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "learned, fast" in ran.err


def test_two_files_of_one_name_are_refused_before_anything_is_written(run, file, tmp_path):
    write(simulate(seed=9).record, tmp_path / "elsewhere" / "100.hea")
    ran = run("annotate", file, tmp_path / "elsewhere" / "100.hea", "-o", tmp_path / "out")
    assert ran.code == 2
    assert len(ran.errors) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("annotator", ["", "a/b", "q rs"])
def test_an_annotator_that_is_no_suffix_is_refused(run, file, tmp_path, annotator):
    ran = run("annotate", file, "-o", tmp_path / "out", "-a", annotator)
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(run, file, tmp_path):
    (tmp_path / "out").write_text("a file")
    ran = run("annotate", file, "-o", tmp_path / "out")
    assert (ran.code, len(ran.errors)) == (2, 1)


def test_the_demo_leaves_a_record_a_picture_and_a_page(run, tmp_path):
    ran = run("demo", "-o", tmp_path / "demo")
    assert ran.code == 0
    made = sorted(file.name for file in (tmp_path / "demo").iterdir())
    assert made == ["simulated.dat", "simulated.hea", "simulated.html", "simulated.png"]
    assert "Ventricular ectopic beats" in ran.out


def test_an_unknown_bundle_is_one_line(run, file):
    ran = run("analyze", file, "--bundle", "nothing")
    assert (ran.code, len(ran.errors)) == (2, 1)


@pytest.mark.parametrize("name", ["100.hea", "100.dat", "100.atr"])
def test_a_page_does_not_replace_a_file_of_the_record(run, file, name):
    file.with_suffix(".atr").touch()
    before = {one.name: one.read_bytes() for one in file.parent.iterdir()}
    ran = run("analyze", file, "--html", file.with_name(name))
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert f"would replace {name}, which belongs to" in ran.err
    assert {one.name: one.read_bytes() for one in file.parent.iterdir()} == before


@pytest.mark.parametrize("annotator", ["hea", "dat", "mat", "edf", "csv", "atr"])
def test_annotations_do_not_replace_signals_or_reference_beats(run, file, annotator):
    file.with_suffix(".atr").touch()
    before = {one.name: one.read_bytes() for one in file.parent.iterdir()}
    ran = run("annotate", file, "-o", file.parent, "-a", annotator)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert {one.name: one.read_bytes() for one in file.parent.iterdir()} == before


def test_annotations_beside_the_record_may_be_made_again(run, file):
    for _ in range(2):
        assert run("annotate", file, "-o", file.parent).code == 0


def test_a_record_with_a_dot_in_its_name_keeps_it(run, file, tmp_path):
    for suffix in (".hea", ".dat"):
        text = file.with_suffix(suffix).read_bytes().replace(b"100.dat", b"my.rec.dat")
        (tmp_path / f"my.rec{suffix}").write_bytes(text)
    assert run("annotate", tmp_path / "my.rec", "-o", tmp_path / "out").code == 0
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["my.rec.qrs"]


def test_a_slash_at_the_end_means_a_folder(run, file, tmp_path):
    assert run("analyze", file, "--html", f"{tmp_path}/new/").code == 0
    assert [page.name for page in (tmp_path / "new").iterdir()] == ["100.html"]


def test_a_page_may_go_to_a_device(run, file):
    assert run("analyze", file, "--html", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


def test_a_page_shows_what_moved_the_answer_for_twelve_leads(run, tall_v2, tmp_path):
    record = simulate(duration_s=10, seed=3).record
    write(record, tmp_path / "twelve.hea")
    ran = run("analyze", tmp_path / "twelve.hea", "--diagnosis", tall_v2, "--html", tmp_path / "page.html")
    assert ran.code == 0
    assert "Abnormal ECG, p < 0.01: by tall-v2" in ran.out
    assert "What moved the answer" in (tmp_path / "page.html").read_text()


def test_an_explanation_is_given_where_it_is_asked_for(run, tall_v2, tmp_path):
    write(simulate(duration_s=10, seed=3).record, tmp_path / "twelve.hea")
    plain, told, silent = (
        json.loads(run("analyze", tmp_path / "twelve.hea", "--json", *more).out)
        for more in (["--diagnosis", tall_v2], ["--diagnosis", tall_v2, "--explain"], ["--diagnosis", "none"])
    )
    assert plain["explanation"] is None
    assert len(told["explanation"]["leads"]) == 8
    assert "Abnormal ECG" not in [finding["name"] for finding in silent["findings"]]
