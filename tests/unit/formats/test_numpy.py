"""NumPy files: arrays as they are, and never a pickle."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven import Record, read, write
from einthoven.errors import FormatError, OptionError

if TYPE_CHECKING:
    from pathlib import Path

GIVEN: dict[str, Any] = {"fs_hz": 100, "unit": "mV", "leads": ["I", "II"]}


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i2", "u1", ">i4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_of_any_number_type_is_read(tmp_path: Path, dtype: str, order: Any) -> None:
    np.save(tmp_path / "a.npy", np.array([[1, 2, 3], [4, 5, 6]], dtype=dtype, order=order))
    assert read(tmp_path / "a.npy", **GIVEN).signal.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_samples_by_leads_are_turned_round_where_only_that_fits(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1, 4], [2, 5], [3, 6]]))
    record = read(tmp_path / "a.npy", **GIVEN)
    assert record.signal.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert "turned round" in record.notes[0]


def test_one_lead_may_be_a_plain_row(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([1.0, 2.0]))
    assert read(tmp_path / "a.npy", fs_hz=100, unit="mV", leads=["II"]).signal.tolist() == [[1, 2]]


@pytest.mark.parametrize("missing", ["fs_hz", "unit", "leads"])
def test_a_bare_array_needs_rate_unit_and_names(tmp_path: Path, missing: str) -> None:
    np.save(tmp_path / "a.npy", np.ones((2, 9)))
    with pytest.raises(OptionError, match=r"the file (states|names) no"):
        read(tmp_path / "a.npy", **{key: value for key, value in GIVEN.items() if key != missing})


def test_an_archive_of_one_array_is_that_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", anything=np.ones((2, 9)))
    assert read(tmp_path / "a.npz", **GIVEN).n_samples == 9


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_pickle_is_never_opened(tmp_path: Path, name: str) -> None:
    bomb = np.array([Bomb()], dtype=object)
    if name == "a.npy":
        np.save(tmp_path / name, bomb, allow_pickle=True)
    else:
        np.savez(tmp_path / name, signal=bomb)
    with pytest.raises(FormatError, match="Python objects, which are not loaded"):
        read(tmp_path / name, **GIVEN)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(FormatError, match=r"b\.npy: cannot be read as NumPy"):
        read(tmp_path / "b.npy", **GIVEN)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((2, 3, 4)), "the signal is 2 x 3 x 4"),
        (np.ones((2, 0)), "the signal is 2 x 0"),
        (np.float64(5), "the signal is a single number"),
        (np.ones((2, 3)) * 1j, "complex128; it must be integers or floats"),
        (np.array([["a", "b"]]), "it must be integers or floats"),
        (np.ones((2, 3), dtype=bool), "bool; it must be integers or floats"),
    ],
)
def test_what_is_no_signal_is_refused(tmp_path: Path, array: Any, message: str) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(FormatError, match=message):
        read(tmp_path / "a.npy", **GIVEN)


def test_a_claim_beyond_the_file_takes_no_memory(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (2, 10**12)})
    (tmp_path / "a.npy").write_bytes(stream.getvalue())
    with pytest.raises(FormatError, match="claims 2 x 1000000000000 of float64, but 0 bytes are stored"):
        read(tmp_path / "a.npy", **GIVEN)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("signal.npy", stream.getvalue())
    with pytest.raises(FormatError, match="claims 2 x 1000000000000"):
        read(tmp_path / "a.npz", **GIVEN)


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_cut_file_is_refused_wherever_it_ends(tmp_path: Path, ecg: Record, name: str) -> None:
    if name == "a.npz":
        write(ecg, tmp_path / name)
    else:
        np.save(tmp_path / name, ecg.signal)
    content = (tmp_path / name).read_bytes()
    for length in (*range(1, 200, 7), len(content) // 2, len(content) - 1):
        (tmp_path / name).write_bytes(content[:length])
        with pytest.raises(FormatError, match=name):
            read(tmp_path / name, **GIVEN)


def test_an_archive_that_is_no_record_lists_its_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones(3), y=np.ones(3))
    with pytest.raises(FormatError, match="holds x, y; an array 'signal' is needed"):
        read(tmp_path / "a.npz", **GIVEN)


def test_a_patient_that_cannot_be_is_the_files_fault(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", signal=[[1.0, 2.0]], fs_hz=2.0, unit="mV", leads=["II"], sex="banana")
    with pytest.raises(FormatError, match=r"a\.npz: cannot be read as NumPy \(sex is 'banana'"):
        read(tmp_path / "a.npz")
