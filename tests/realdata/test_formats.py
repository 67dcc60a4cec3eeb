"""Every real recording reads, and as `wfdb`, `scipy` and `edfio` read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest
import scipy.io
import wfdb

from einthoven import read, write
from einthoven.codes import STANDARD_12
from einthoven.errors import OptionError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


def physical(path: Path, tmp_path: Path) -> np.ndarray:
    """Return wfdb's own reading, float32 (lead, sample); dates and record names it refuses are taken from it."""
    header = path.with_suffix(".hea").read_text()
    plain = re.sub(r"^(\w+)\.mat ", r"\1 ", re.sub(r" \d\d-\w{3}-\d{4} [\d:]+", "", header, count=1))
    (tmp_path / path.with_suffix(".hea").name).write_text(plain)
    for signal in {line.split()[0] for line in header.splitlines()[1:] if line.strip() and not line.startswith("#")}:
        (tmp_path / signal).unlink(missing_ok=True)
        (tmp_path / signal).symlink_to(path.with_name(signal))
    return wfdb.rdrecord(str(tmp_path / path.stem)).p_signal.T.astype(np.float32)


@pytest.mark.parametrize(
    ("pattern", "step", "n_leads"),
    [
        ("mitdb/*.hea", 1, 2),
        ("nstdb/*.hea", 1, 2),
        ("svdb/*.hea", 4, 2),
        ("cinc2020/records/*.mat", 1, 12),
        ("ptb-xl/records100/*/*.hea", 40, 12),
        ("ptb-xl/records100_normalised/*/*.hea", 100, 12),
    ],
)
def test_wfdb_records_read_as_wfdb_reads_them(
    data_dir: Path, tmp_path: Path, pattern: str, step: int, n_leads: int
) -> None:
    paths = sorted(data_dir.glob(pattern))[::step]
    assert len(paths) >= 3
    for path in paths:
        record = read(path)
        np.testing.assert_array_equal(record.signal, physical(path, tmp_path), err_msg=str(path))
        assert len(record.leads) == n_leads
        assert not any("checksum" in note for note in record.notes), path


def test_challenge_headers_give_age_sex_diagnoses_and_start(data_dir: Path) -> None:
    records = [read(path) for path in sorted((data_dir / "cinc2020" / "records").glob("*.hea"))]
    assert len(records) == 128
    assert all(record.leads == STANDARD_12 for record in records)
    assert all(record.diagnoses and all(code.isdigit() for code in record.diagnoses) for record in records)
    assert sum(record.patient.age_years is not None for record in records) > 100
    assert sum(record.patient.sex is not None for record in records) > 100
    dated = [record for record in records if record.start is not None]
    assert len(dated) == 104
    assert all(record.start.year in (2020, 2021) for record in dated if record.start)


def test_competition_records_read_as_scipy_reads_them(data_dir: Path) -> None:
    paths = sorted(data_dir.glob("cpic2019/TRAIN/*.mat"))[::20] + sorted(data_dir.glob("cpic2019/TEST/*.mat"))
    for path in paths:
        record = read(path)
        np.testing.assert_array_equal(record.signal, scipy.io.loadmat(path)["data"].astype(np.float32))
        assert (record.fs_hz, record.leads) == (500, STANDARD_12)


def test_leads_of_114_are_not_taken_for_each_other(data_dir: Path) -> None:
    assert read(data_dir / "mitdb" / "114").leads == ("V5", "MLII")


def test_edf_examples(data_dir: Path) -> None:
    folder = data_dir / "formats" / "edf"
    sample = read(folder / "cardio_sample.edf")
    assert (sample.leads, sample.fs_hz, sample.n_samples) == (("ECG",), 300, 12000)
    theirs = edfio.read_edf(folder / "cardio_sample.edf").signals[0].data
    np.testing.assert_allclose(sample["ECG"], theirs, rtol=1e-6, atol=1e-9)
    for name in ("test_subsecond.edf", "test_utf8.edf"):
        with pytest.raises(OptionError, match=r"choose with .* from: Fp1 \(uV\)"):
            read(folder / name)
        assert read(folder / name, leads=["Fp1"]).fs_hz == 128


@pytest.mark.parametrize("suffix", [".hea", ".mat", ".csv", ".npz", ".edf"])
@pytest.mark.parametrize("name", ["mitdb/100", "cinc2020/records/A0001", "cpic2019/TEST/TEST101.mat"])
def test_real_records_survive_every_format(data_dir: Path, tmp_path: Path, name: str, suffix: str) -> None:
    record = read(data_dir / name).crop(0, 10)
    lost = write(record, tmp_path / f"a{suffix}")
    rounded = any("rounded" in line for line in lost)
    assert rounded == (suffix == ".edf" and "cpic" in name)
    np.testing.assert_allclose(read(tmp_path / f"a{suffix}").signal, record.signal, rtol=0, atol=1e-4 if rounded else 0)
