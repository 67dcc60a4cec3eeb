import pytest
import wfdb

from einthoven.codes import AAMI_CLASSES, AAMI_OF_SYMBOL, BEAT_SYMBOLS, STANDARD_12, is_lead, lead_name, symbol_name


@pytest.mark.parametrize("name", [*STANDARD_12, "MLII", "V3R", "Vx"])
@pytest.mark.parametrize(
    "spelling", [str.lower, str.upper, "ECG {}".format, " lead_{} ".format, "MDC_ECG_LEAD_{}".format]
)
def test_a_lead_is_known_in_every_spelling(name, spelling):
    assert lead_name(spelling(name)) == name


@pytest.mark.parametrize("name", ["Resp", "ECG", "ECG1", "", "V10", "lead"])
def test_an_unknown_name_stays_as_it_is(name):
    assert lead_name(f" {name} ") == name
    assert not is_lead(name)


def test_beat_symbols_are_those_of_wfdb():
    wfdb_beats = {
        label.symbol for label in wfdb.io.annotation.ann_labels if wfdb.io.annotation.is_qrs[label.label_store]
    }
    assert wfdb_beats - {"!"} == BEAT_SYMBOLS  # flutter waves are no beats to EC57


def test_every_beat_symbol_has_a_class_and_a_name():
    assert set(AAMI_OF_SYMBOL.values()) == set(AAMI_CLASSES)
    assert all(symbol_name(symbol) != "unknown" for symbol in BEAT_SYMBOLS - {"?"})
