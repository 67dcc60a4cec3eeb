"""Every entry of the tables of formats does what the table promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from einthoven import Record, read
from einthoven.errors import EinthovenError, FormatError, OptionError
from einthoven.formats import READERS, WRITERS, ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

SIGNAL = np.random.default_rng(3).integers(-400, 400, size=(2, 360)).astype(np.float32) / 200
ECG = Record(SIGNAL, 360, ("II", "V5"))
READS = {"wfdb": "wfdb", "matlab": "wfdb", "edf": "edf", "numpy": "numpy", "csv": "delimited", "tsv": "delimited"}
"""Which reader takes what each writer makes."""
GARBAGE = {
    "a byte": b"\0",
    "noise": np.random.default_rng(1).bytes(5000),
    "text": b"To be, or not to be\n" * 50,
    "zeros": bytes(5000),
}


@pytest.mark.parametrize("table", [READERS, WRITERS], ids=["readers", "writers"])
def test_every_entry_has_a_title_and_suffixes_of_its_own(table: dict[str, object]) -> None:
    suffixes = [suffix for entry in table.values() for suffix in entry.suffixes]  # type: ignore[attr-defined]
    assert all(suffix.startswith(".") and suffix == suffix.lower() and len(suffix) > 1 for suffix in suffixes)
    assert len(set(suffixes)) == len(suffixes)
    titles = [entry.title for entry in table.values()]  # type: ignore[attr-defined]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    assert all(key.isidentifier() and key.islower() for key in table)


@pytest.mark.parametrize("key", WRITERS)
def test_what_every_writer_writes_is_read_back(key: str, tmp_path: Path) -> None:
    for suffix in WRITERS[key].suffixes:
        path = tmp_path / key / f"a{suffix}"
        assert WRITERS[key].write(ECG, path) == ()
        for back in (read(path), READERS[READS[key]].read(path, ReadOptions())):
            np.testing.assert_array_equal(back.signal, SIGNAL)
            assert (back.leads, back.fs_hz) == (ECG.leads, ECG.fs_hz)


@pytest.mark.parametrize("key", WRITERS)
def test_every_writer_makes_the_files_it_names_and_no_other(key: str, tmp_path: Path) -> None:
    for suffix in WRITERS[key].suffixes:
        folder = tmp_path / f"new{suffix}"
        WRITERS[key].write(ECG, folder / f"a{suffix}")
        named = WRITERS[key].files(folder / f"a{suffix}")
        assert set(named) == set(folder.iterdir())
        np.testing.assert_array_equal(read(named[0]).signal, SIGNAL)


@pytest.mark.parametrize("key", READERS)
def test_every_reader_has_a_writer_to_be_tested_with(key: str) -> None:
    assert key in (*READS.values(), "matlab")


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("key", READERS)
def test_every_reader_refuses_garbage_in_one_line_that_names_the_file(key: str, content: bytes, tmp_path: Path) -> None:
    for suffix in READERS[key].suffixes:
        path = tmp_path / f"garbage{suffix}"
        path.write_bytes(content)
        with pytest.raises(FormatError) as refusal:
            READERS[key].read(path, ReadOptions(360, "mV", ("II", "V5")))
        assert "garbage" in str(refusal.value)
        assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("key", READERS)
def test_no_reader_knows_garbage_by_its_content(key: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "garbage.bin"
    path.write_bytes(content)
    assert not READERS[key].sniff(path, content[:512])


@pytest.mark.parametrize("key", WRITERS)
@pytest.mark.parametrize("options", [{"fs_hz": 100.0}, {"unit": "uV"}, {"leads": ("V9",)}])
def test_an_option_that_contradicts_the_file_is_refused(key: str, options: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / f"a{WRITERS[key].suffixes[0]}"
    WRITERS[key].write(ECG, path)
    with pytest.raises(OptionError):
        read(path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", WRITERS)
def test_every_writer_leaves_nothing_where_it_cannot_write(key: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EinthovenError, match="file"):
        WRITERS[key].write(ECG, tmp_path / "file" / f"a{WRITERS[key].suffixes[0]}")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
