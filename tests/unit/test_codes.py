import pytest
import wfdb

from einthoven.codes import (
    AAMI_CLASSES,
    AAMI_OF_SYMBOL,
    BEAT_SYMBOLS,
    CINC2020_CLASSES,
    DIAGNOSES,
    REPORTED,
    STANDARD_12,
    STATEMENTS,
    SUPERCLASSES,
    TERMS,
    is_lead,
    lead_name,
    symbol_name,
)


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


def test_all_that_twelve_leads_are_asked_about_has_a_name_and_a_code_of_its_own():
    assert (len(SUPERCLASSES), len(STATEMENTS), len(CINC2020_CLASSES)) == (5, 71, 24)
    assert len(set(DIAGNOSES)) == len(DIAGNOSES) == 5 + 70 + 24
    assert set(TERMS) == set(DIAGNOSES) >= set(REPORTED)
    assert len({(term.system, term.code) for term in TERMS.values()}) == len(TERMS)


def test_every_diagnosis_belongs_to_a_superclass_and_other_statements_to_none():
    by_class = [statement.superclass for statement in STATEMENTS.values()]
    assert {name: by_class.count(name) for name in SUPERCLASSES} == {
        "NORM": 1,
        "MI": 14,
        "STTC": 13,
        "CD": 11,
        "HYP": 5,
    }
    assert by_class.count("") == 71 - 44  # statements of form and rhythm
