"""``einthoven convert`` writes one file as another, and says what gets lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, read, write
from einthoven.signal.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(simulate(seed=1, duration_s=4).record, tmp_path / "in.npz")
    return tmp_path / "in.npz"


@pytest.mark.parametrize("name", ["out.hea", "out.mat", "out.csv", "out.tsv", "out.npz", "out.edf"])
def test_the_suffix_names_the_format(run: Run, source: Path, name: str) -> None:
    ran = run("convert", source, source.with_name("new") / name)
    assert (ran.code, ran.err) == (0, "")
    np.testing.assert_allclose(read(source.with_name("new") / name).signal, read(source).signal, atol=2e-4)


def test_the_format_may_be_named(run: Run, source: Path) -> None:
    assert run("convert", source, source.with_name("out.txt"), "--to", "tsv").code == 0
    assert read(source.with_name("out.txt")).leads == read(source).leads


def test_leads_are_picked_after_they_are_derived(run: Run, source: Path) -> None:
    two = source.with_name("two.npz")
    assert run("convert", source, two, "--leads", "I,II").code == 0
    assert run("convert", two, source.with_name("out.npz"), "--derive", "--pick", "III,aVF").code == 0
    derived, whole = read(source.with_name("out.npz")), read(source)
    assert derived.leads == ("III", "aVF")
    np.testing.assert_allclose(derived["aVF"], whole["aVF"], atol=1e-5)


def test_a_record_is_brought_to_another_rate(run: Run, source: Path) -> None:
    assert run("convert", source, source.with_name("out.npz"), "--resample", 100).code == 0
    slow = read(source.with_name("out.npz"))
    assert (slow.fs_hz, slow.duration_s) == (100, pytest.approx(read(source).duration_s, abs=0.02))


def test_what_the_target_cannot_keep_is_said(run: Run, source: Path) -> None:
    write(Record(np.float32([[0.1234567] * 9 + [1]]), 10, ("II",), diagnoses=("1",)), source)
    assert "not kept: EDF has no place for diagnoses" in run("convert", source, source.with_name("a.edf")).out
    facts = json.loads(run("convert", "--json", source, source.with_name("a.edf")).out)
    assert facts["lost"][-1] == "EDF has no place for diagnoses"
    assert (facts["leads"], facts["n_samples"]) == (["II"], 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("in.npz", "out.dcm"), "cannot write files that end in '.dcm'; known are"),
        (("in.npz", "out.csv", "--to", "dicom"), "format to write 'dicom' is not known: choose from wfdb"),
        (("absent.npz", "out.csv"), "absent.npz: no such file"),
        (("in.npz", "out.csv", "--pick", "V9"), "no lead 'V9'"),
        (("in.npz", "out.csv", "--resample", "-1"), "-1"),
        (("in.npz", "in.npz"), "would replace in.npz"),
        (("in.npz", "in.npz/out.csv"), "cannot write"),
    ],
)
def test_a_bad_wish_is_one_line_and_leaves_nothing(
    run: Run, source: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(source.parent)
    before = source.read_bytes()
    ran = run("convert", *arguments)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert message in ran.err
    assert [path.name for path in source.parent.iterdir()] == ["in.npz"]
    assert source.read_bytes() == before


def test_a_wfdb_record_does_not_lose_its_header(run: Run, source: Path) -> None:
    write(read(source), source.with_name("r.hea"))
    ran = run("convert", source.with_name("r.dat"), source.with_name("r.mat"))
    assert ran.code == 2
    assert "would replace r.hea" in ran.err
    assert run("convert", source.with_name("r.dat"), source.with_name("r.csv")).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("v/a.hea", "v/a.edf", "--to", "wfdb"),
        ("v/a.hea", "v/a", "--to", "wfdb"),
        ("v/a", "v/a.csv", "--to", "matlab"),
        ("v/a.dat", "link/a.csv", "--to", "wfdb"),
        ("v/a.hea", "v/a.dat", "--to", "csv"),
        ("v/a.hea", "v/a.atr", "--to", "csv"),
    ],
)
def test_no_file_of_the_record_is_ever_replaced(
    run: Run, source: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(source.parent)
    write(read(source), source.with_name("v") / "a.hea")
    (source.with_name("v") / "a.atr").touch()
    source.with_name("link").symlink_to(source.with_name("v"))
    before = {file.name: file.read_bytes() for file in source.with_name("v").iterdir()}
    ran = run("convert", *arguments)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert f"which belongs to {arguments[0]}; choose another name" in ran.err
    assert {file.name: file.read_bytes() for file in source.with_name("v").iterdir()} == before


def test_a_table_beside_a_record_of_its_name_is_none_of_its_files(run: Run, source: Path) -> None:
    assert run("convert", source, source.with_name("in.hea")).code == 0
    assert run("convert", source, source.with_name("in.hea")).code == 0


def test_the_files_that_were_written_are_named(run: Run, source: Path) -> None:
    ran = run("convert", source, source.with_name("new.edf"), "--to", "wfdb")
    hea, dat = source.with_name("new.hea"), source.with_name("new.dat")
    assert ran.out.startswith(f"{hea}, {dat}: ")
    facts = json.loads(run("convert", "--json", source, source.with_name("new.edf"), "--to", "wfdb").out)
    assert facts["target"] == str(hea)
    assert facts["files"] == [str(hea), str(dat)]


def test_a_record_is_written_whole_or_not_at_all(run: Run, source: Path) -> None:
    source.with_name("a.hea").mkdir()
    source.with_name("a.dat").write_text("old")
    ran = run("convert", source, source.with_name("a.dat"))
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "a.hea: cannot write (it is a folder)" in ran.err
    assert source.with_name("a.dat").read_text() == "old"
