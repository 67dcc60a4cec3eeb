import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from einthoven import Beats
from einthoven.errors import OptionError
from einthoven.formats.annotation import write_beats

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
    from einthoven.formats.annotation import check_annotator

    with pytest.raises(OptionError, match="may hold letters"):
        check_annotator(name)
