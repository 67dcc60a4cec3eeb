import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from einthoven import Beats, Record
from einthoven.datasets.annotated import read_annotated
from einthoven.errors import OptionError
from einthoven.formats import write
from einthoven.formats.annotation import check_annotator, write_beats

gaps = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from("NSVFQ")), max_size=30)


@given(gaps)
def test_wfdb_reads_back_every_beat_to_the_sample(tmp_path_factory, beats):
    folder = tmp_path_factory.mktemp("annotation")
    sample = np.cumsum([gap for gap, _ in beats]).astype(np.int64)
    symbol = np.array([symbol for _, symbol in beats], dtype="U1")
    write_beats(Beats(sample, symbol), 360, folder / "100.qrs")
    back = wfdb.rdann(str(folder / "100"), "qrs")
    assert back.sample.tolist() == sample.tolist()
    assert list(back.symbol) == symbol.tolist()
    assert [file.name for file in folder.iterdir()] == ["100.qrs"]


@pytest.mark.parametrize("name", ["a b", "q/rs", "", "q.r"])
def test_an_annotator_wfdb_would_not_take_is_refused(tmp_path, name):
    with pytest.raises(OptionError, match="may hold letters"):
        check_annotator(name)


@pytest.mark.parametrize("name", ["hea", "dat", "mat", "edf", "csv", "npz", "HEA"])
def test_an_annotator_that_would_be_taken_for_a_signal_file_is_refused(name):
    with pytest.raises(OptionError, match="the suffix of files with signals"):
        check_annotator(name)


def test_any_name_of_a_record_may_be_annotated(tmp_path):
    for name in ("my.rec", "é ü"):
        write_beats(Beats([5], ["N"]), 360, tmp_path / f"{name}.qrs")
        assert wfdb.rdann(str(tmp_path / name), "qrs").sample.tolist() == [5]


def test_rhythms_stand_before_the_beats_they_begin_with(tmp_path):
    beats = Beats([90, 450, 720, 1080], list("NNVV"))
    write_beats(beats, 360, tmp_path / "100.qrs", ((0.25, "(N"), (2.0, "(VT")))
    back = wfdb.rdann(str(tmp_path / "100"), "qrs")
    assert back.sample.tolist() == [90, 90, 450, 720, 720, 1080]
    assert back.symbol == ["+", "N", "N", "+", "V", "V"]
    assert back.aux_note == ["(N", "", "", "(VT", "", ""]
    assert back.fs == 360


def test_a_rhythm_is_what_the_datasets_read(tmp_path):
    record = Record(np.zeros((1, 4000)), 360, ("II",))
    write(record, tmp_path / "100.hea")
    write_beats(Beats([90, 450, 720], list("NNV")), 360, tmp_path / "100.atr", ((0.25, "(AFIB"), (2.0, "(VT")))
    assert read_annotated(tmp_path / "100").rhythm == ("(AFIB", "(AFIB", "(VT")
