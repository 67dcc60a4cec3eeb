"""What all commands that read share: results of one name, and the list of bad input that each must survive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import EinthovenError, Record, read, write
from einthoven.cli.inputs import output_paths, split_leads
from einthoven.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Ran

    Run = Callable[..., Ran]


def test_results_go_by_the_name_without_suffix() -> None:
    paths = output_paths([Path("a/100.hea"), Path("a/101")], Path("out"), ".qrs")
    assert paths == {Path("a/100.hea"): Path("out/100.qrs"), Path("a/101"): Path("out/101.qrs")}


@pytest.mark.parametrize("pair", [("a/100.hea", "b/100.dat"), ("a/100.hea", "a/100.hea"), ("100.csv", "100.tsv")])
def test_two_files_of_one_name_are_refused_naming_both(pair: tuple[str, str]) -> None:
    with pytest.raises(OptionError) as refusal:
        output_paths([Path(name) for name in pair], Path("out"), ".qrs")
    assert all(str(Path(name)) in str(refusal.value) for name in pair)


def test_a_list_of_leads_is_split_at_commas() -> None:
    assert split_leads("I, II,aVR") == ("I", "II", "aVR")
    assert split_leads(None) is None


def cut_dat(folder: Path) -> Path:
    write(Record(np.ones((2, 100)), 100, ("I", "II")), folder / "r.hea")
    os.truncate(folder / "r.dat", 201)
    return folder / "r"


def no_dat(folder: Path) -> Path:
    write(Record(np.ones((2, 100)), 100, ("I", "II")), folder / "r.hea")
    (folder / "r.dat").unlink()
    return folder / "r.hea"


def wrong_header(folder: Path) -> Path:
    write(Record(np.ones((2, 100)), 100, ("I", "II")), folder / "r.hea")
    text = (folder / "r.hea").read_text()
    (folder / "r.hea").write_text(text.replace("r 2 100", "r 3 100"))
    return folder / "r.hea"


def no_samples(folder: Path) -> Path:
    (folder / "r.dat").touch()
    (folder / "r.hea").write_text("r 1 100 0\nr.dat 16 200/mV 16 0 0 0 0 II\n")
    return folder / "r.hea"


def no_header(folder: Path) -> Path:
    (folder / "r.dat").write_bytes(b"1234")
    return folder / "r.dat"


def a_folder(folder: Path) -> Path:
    return folder


def absent(folder: Path) -> Path:
    return folder / "absent.mat"


def a_picture(folder: Path) -> Path:
    (folder / "r.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder / "r.png"


BAD = (cut_dat, no_dat, wrong_header, no_samples, no_header, a_folder, absent, a_picture)


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_bad_input_is_one_line_exit_two_and_nothing_written(
    run: Run, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    with pytest.raises(EinthovenError) as refusal:
        read(path)
    assert str(path.with_suffix("")) in str(refusal.value)
    for command in (("info", path), ("convert", path, tmp_path / "out" / "a.csv")):
        ran = run(*command)
        assert (ran.code, ran.out) == (2, "")
        assert ran.errors == [f"einthoven: {refusal.value}"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["a.csv", "a.hea", "a.dat"])
def test_an_unreadable_file_is_one_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write(Record(np.ones((1, 9)), 100, ("II",)), tmp_path / f"a{'.csv' if name == 'a.csv' else '.hea'}")
    (tmp_path / name).chmod(0)
    if os.access(tmp_path / name, os.R_OK):  # root reads all
        real = Path.open
        denied = PermissionError(13, "Permission denied")
        monkeypatch.setattr(
            Path,
            "open",
            lambda self, *a, **k: (_ for _ in ()).throw(denied) if self.name == name else real(self, *a, **k),
        )
    ran = run("info", tmp_path / ("a.csv" if name == "a.csv" else "a.hea"))
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert str(tmp_path / "a.") in ran.err
    assert "cannot be read (Permission denied)" in ran.err


@pytest.mark.parametrize(
    ("signal", "leads"),
    [
        (np.full((2, 50), np.nan), ("I", "II")),
        (np.float32([[0.5]]), ("II",)),
        (np.zeros((1, 500)), ("II",)),
        (np.full((3, 500), 1e6), ("I", "II", "III")),
        (np.float32([[1e30, -1e30] * 50]), ("II",)),
    ],
    ids=["all NaN", "one sample", "one lead", "1e6 mV", "1e30 mV"],
)
def test_extreme_records_are_read_shown_and_converted(
    run: Run, tmp_path: Path, signal: np.ndarray, leads: tuple[str, ...]
) -> None:
    write(Record(signal, 100, leads), tmp_path / "a.npz")
    assert run("info", tmp_path / "a.npz").code == 0
    assert run("info", "--json", tmp_path / "a.npz", "--repair").code == 0
    for suffix in (".csv", ".hea", ".mat"):
        assert run("convert", tmp_path / "a.npz", tmp_path / f"b{suffix}").code == 0
        np.testing.assert_allclose(read(tmp_path / f"b{suffix}").signal, np.float32(signal), rtol=1e-4)
