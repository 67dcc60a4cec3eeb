"""MATLAB files: `scipy.io` writes them, the reader gives the same numbers; nothing else in them is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
import scipy.io

from einthoven import read
from einthoven.codes import STANDARD_12
from einthoven.errors import FormatError, OptionError
from einthoven.formats.mat_binary import variables

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(8)
STATED = {"fs_hz": 250.0, "unit": "uV", "leads": np.array(["II", "V1"], dtype=object)}


def save_73(path: Path, **values: Any) -> None:
    """Write a file as MATLAB 7.3 does: HDF5 behind a block of 512 bytes, columns as rows, text as numbers."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in values.items():
            if isinstance(value, str):
                file[name] = np.array([[ord(sign)] for sign in value], dtype=np.uint16)
                file[name].attrs["MATLAB_class"] = np.bytes_("char")
            elif isinstance(value, tuple):
                cells = []
                for place, text in enumerate(value):
                    cell = file.create_dataset(f"#refs#/{place}", data=np.array([[ord(s)] for s in text], np.uint16))
                    cell.attrs["MATLAB_class"] = np.bytes_("char")
                    cells.append(cell.ref)
                file.create_dataset(name, data=np.array([cells], dtype=h5py.ref_dtype))
                file[name].attrs["MATLAB_class"] = np.bytes_("cell")
            else:
                file[name] = np.asarray(value).T
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f8", ">i2"])
@pytest.mark.parametrize("options", [{"format": "4"}, {"format": "5"}, {"format": "5", "do_compression": True}])
def test_matrices_are_those_scipy_wrote(tmp_path: Path, dtype: str, options: dict[str, Any]) -> None:
    if options["format"] == "4" and dtype in ("i1", "i8", "u4", "u8"):
        pytest.skip("MATLAB 4 has no such type")
    matrix = RNG.integers(0, 100, size=(3, 7)).astype(dtype)
    scipy.io.savemat(tmp_path / "a.mat", {"x": matrix, "one": 5.0}, **options)
    found = variables((tmp_path / "a.mat").read_bytes())
    np.testing.assert_array_equal(found["x"], matrix)
    assert found["one"].item() == 5


@pytest.mark.parametrize("compressed", [False, True])
def test_all_else_in_a_file_is_passed_over(tmp_path: Path, compressed: bool) -> None:
    deep: Any = np.array(["end"], dtype=object)
    for _ in range(50):
        cell = np.empty(1, dtype=object)
        cell[0] = deep
        deep = cell
    scipy.io.savemat(
        tmp_path / "a.mat",
        {
            "struct": {"a": 1, "b": "text"},
            "sparse": scipy.sparse.csc_matrix(np.eye(3)),
            "complex": np.ones((2, 2)) * 1j,
            "deep": deep,
            "text": "Grüße",
            "x": [[1.0, 2.0]],
        },
        do_compression=compressed,
    )
    found = variables((tmp_path / "a.mat").read_bytes())
    assert {"x", "text"} <= set(found)
    assert not {"struct", "sparse", "complex"} & set(found)
    assert found["text"] == ("Grüße",)


@pytest.mark.parametrize("shape_as", ["rows", "columns"])
@pytest.mark.parametrize("version", ["5", "7", "7.3"])
def test_a_file_that_states_rate_unit_and_leads_needs_no_option(tmp_path: Path, version: str, shape_as: str) -> None:
    numbers = RNG.normal(size=(2, 50))
    stored = numbers if shape_as == "rows" else numbers.T
    if version == "7.3":
        save_73(tmp_path / "a.mat", ecg=stored, fs_hz=[[250.0]], unit="uV", leads=("II", "V1"))
    else:
        scipy.io.savemat(tmp_path / "a.mat", {"ecg": stored, **STATED}, do_compression=version == "7")
    record = read(tmp_path / "a.mat")
    np.testing.assert_array_equal(record.signal, (numbers / 1000).astype(np.float32))
    assert (record.fs_hz, record.leads) == (250, ("II", "V1"))
    assert any("turned round" in note for note in record.notes) == (shape_as == "columns")


def test_lead_names_may_be_a_character_matrix(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {**STATED, "ecg": [[1.0, 2.0], [3.0, 4.0]], "leads": ["II ", "aVR"]})
    assert read(tmp_path / "a.mat").leads == ("II", "aVR")


@pytest.mark.parametrize("version", ["4", "5", "7.3"])
def test_a_challenge_matrix_without_header_needs_rate_and_unit(tmp_path: Path, version: str) -> None:
    numbers = RNG.integers(-999, 999, size=(12, 100)).astype(np.int16)
    if version == "7.3":
        save_73(tmp_path / "a.mat", val=numbers)
    else:
        scipy.io.savemat(tmp_path / "a.mat", {"val": numbers}, format=version)
    with pytest.raises(OptionError, match=r"states no sampling rate; give it .*--rate"):
        read(tmp_path / "a.mat", unit="1000/mV")
    with pytest.raises(OptionError, match=r"states no unit; give it .*--unit"):
        read(tmp_path / "a.mat", fs_hz=500)
    record = read(tmp_path / "a.mat", fs_hz=500, unit="1000/mV")
    np.testing.assert_array_equal(record.signal, (numbers / 1000).astype(np.float32))
    assert record.leads == STANDARD_12
    assert "taken in the challenge's order" in record.notes[0]


def test_fewer_leads_than_twelve_must_be_named(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"val": np.ones((2, 100))})
    with pytest.raises(OptionError, match="names no leads; name its 2"):
        read(tmp_path / "a.mat", fs_hz=500, unit="mV")
    with pytest.raises(OptionError, match="3 leads given for 2 signals"):
        read(tmp_path / "a.mat", fs_hz=500, unit="mV", leads=["I", "II", "III"])
    assert read(tmp_path / "a.mat", fs_hz=500, unit="mV", leads=["I", "V5"]).leads == ("I", "V5")


@pytest.mark.parametrize("turned", [False, True])
def test_the_competition_layout_is_known_and_noted(tmp_path: Path, turned: bool) -> None:
    numbers = RNG.normal(size=(12, 5000))
    scipy.io.savemat(tmp_path / "a.mat", {"data": numbers.T if turned else numbers})
    record = read(tmp_path / "a.mat")
    np.testing.assert_array_equal(record.signal, numbers.astype(np.float32))
    assert (record.fs_hz, record.leads) == (500, STANDARD_12)
    assert "China competition" in record.notes[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"fs_hz": 250}, "but the file states 500 Hz"), ({"unit": "uV"}, "but the file states mV")],
)
def test_the_competition_layout_is_the_files_own_statement(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"data": RNG.normal(size=(12, 5000))})
    with pytest.raises(OptionError, match=message):
        read(tmp_path / "a.mat", **options)
    assert read(tmp_path / "a.mat", fs_hz=500, unit="mV").fs_hz == 500


def test_leads_of_a_known_layout_may_be_kept_by_name(tmp_path: Path) -> None:
    numbers = RNG.normal(size=(12, 5000))
    for name, options in (("data", {}), ("val", {"fs_hz": 500, "unit": "mV"})):
        scipy.io.savemat(tmp_path / "a.mat", {name: numbers})
        record = read(tmp_path / "a.mat", leads=["V1", "II"], **options)
        assert record.leads == ("V1", "II")
        np.testing.assert_array_equal(record["II"], numbers[1].astype(np.float32))


def test_the_competition_layout_is_known_by_its_exact_shape_only(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"data": np.ones((12, 4999))})
    with pytest.raises(OptionError, match="states no sampling rate"):
        read(tmp_path / "a.mat")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": np.ones((2, 9)), "b": np.ones((3, 9))}, "holds a 2 x 9, b 3 x 9; one matrix"),
        ({"text": "hello"}, "holds no numeric matrix"),
        ({"val": np.ones((12, 0))}, "the signal is 12 x 0"),
        ({"val": np.ones((2, 3, 4))}, "the signal is 2 x 3 x 4"),
        ({"val": np.ones((2, 9)) * 1j}, "holds no numeric matrix"),
        ({"val": np.ones((1, 9)), "fs_hz": -1.0}, "variable 'fs_hz' is"),
        ({"val": np.ones((1, 9)), "fs_hz": "fast"}, "variable 'fs_hz' is"),
        ({"val": np.ones((1, 9)), "unit": 5.0}, "variable 'unit' is no text"),
        ({"val": np.ones((1, 9)), "fs_hz": 100.0, "unit": "bar"}, "unit 'bar' is unknown"),
    ],
)
def test_what_is_no_ecg_is_refused(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    scipy.io.savemat(tmp_path / "a.mat", content)
    with pytest.raises((FormatError, OptionError), match=message):
        read(
            tmp_path / "a.mat",
            **({} if "fs_hz" in content else {"fs_hz": 100}),
            **({"unit": "mV"} if "unit" not in content else {}),
        )


@pytest.mark.parametrize("version", ["4", "5", "7", "7.3"])
def test_a_cut_file_is_refused_wherever_it_ends(tmp_path: Path, version: str) -> None:
    numbers = RNG.integers(-999, 999, size=(12, 300)).astype(np.int16)
    if version == "7.3":
        save_73(tmp_path / "a.mat", val=numbers)
    else:
        scipy.io.savemat(
            tmp_path / "a.mat", {"val": numbers}, format="4" if version == "4" else "5", do_compression=version == "7"
        )
    content = (tmp_path / "a.mat").read_bytes()
    for length in {*range(1, 200, 7), len(content) // 2, len(content) - 8}:
        (tmp_path / "a.mat").write_bytes(content[:length])
        with pytest.raises(FormatError, match=r"a\.mat"):
            read(tmp_path / "a.mat", fs_hz=500, unit="mV")


def test_links_out_of_the_file_are_not_followed(tmp_path: Path) -> None:
    save_73(tmp_path / "secret.mat", val=np.ones((12, 10)))
    save_73(tmp_path / "a.mat")
    with h5py.File(tmp_path / "a.mat", "r+") as file:
        file["val"] = h5py.ExternalLink("secret.mat", "/val")
    with pytest.raises(FormatError, match="no numeric matrix"):
        read(tmp_path / "a.mat", fs_hz=500, unit="mV")


def test_a_huge_claim_takes_no_memory(tmp_path: Path) -> None:
    save_73(tmp_path / "a.mat")
    with h5py.File(tmp_path / "a.mat", "r+") as file:
        file.create_dataset("val", shape=(10**7, 1000), chunks=(1000, 100), dtype="f8")  # nothing is written
    with pytest.raises(FormatError, match="claims 80000000000 bytes"):
        read(tmp_path / "a.mat", fs_hz=500, unit="mV")
