"""No report says yes and no of one thing."""

from __future__ import annotations

import pytest

from einthoven.beats.classify import KINDS
from einthoven.beats.episode import KINDS as RHYTHMS
from einthoven.codes import TERMS
from einthoven.diagnosis.agreement import EITHER, EXCLUDES, NEEDS, OPPOSED, SAME, agreeing
from einthoven.findings import Decision, Finding

PRESENT, UNSURE, ABSENT = Decision.PRESENT, Decision.UNSURE, Decision.ABSENT


def diagnosis(code: str, decision: Decision, probability: float = 0.5) -> Finding:
    return Finding(code, TERMS[code].system, TERMS[code].name, decision, probability, miss_rate=0.1)


def other(code: str, decision: Decision) -> Finding:
    return Finding(code, "SNOMED CT", "Another", decision, 0.5)


def decided(code: str, own: Decision, others: Decision) -> Finding:
    table = next(table for table in (SAME, NEEDS, EXCLUDES) if code in table)  # sinus rates: what they need
    (one,) = agreeing([diagnosis(code, own)], [other(table[code], others)])
    return one


@pytest.mark.parametrize("code", [*SAME, *NEEDS])
def test_what_the_beats_deny_is_unsure_and_says_why(code: str) -> None:
    one = decided(code, PRESENT, ABSENT)
    assert (one.decision, one.detail) == (UNSURE, "but “Another” is absent")


@pytest.mark.parametrize("code", SAME)
def test_what_the_beats_show_is_not_called_absent(code: str) -> None:
    assert decided(code, ABSENT, PRESENT).decision is UNSURE


@pytest.mark.parametrize("code", [code for code in NEEDS if code not in EITHER])
def test_a_slow_or_fast_heart_need_not_have_the_diagnosis(code: str) -> None:
    assert decided(code, ABSENT, PRESENT).decision is ABSENT


def test_fibrillation_or_flutter_in_the_beats_leaves_one_of_them_open() -> None:
    beats = other("195080001", PRESENT)
    for own in ((ABSENT, ABSENT), (ABSENT,)):
        said = agreeing([diagnosis(code, one) for code, one in zip(EITHER, own, strict=False)], [beats])
        assert {one.decision for one in said} == {UNSURE}
    for own in ((ABSENT, PRESENT), (PRESENT, ABSENT), (UNSURE, ABSENT)):
        said = agreeing([diagnosis(code, one) for code, one in zip(EITHER, own, strict=True)], [beats])
        assert tuple(one.decision for one in said) == own


@pytest.mark.parametrize("code", ["426783006", "426177001", "427084000", "427393009"])
def test_no_sinus_rhythm_stands_beside_fibrillation(code: str) -> None:
    (beside,) = agreeing([diagnosis(code, PRESENT)], [other("195080001", PRESENT)])
    assert beside.decision is UNSURE
    both = agreeing([diagnosis(code, PRESENT, 0.6), diagnosis("164889003", PRESENT, 0.9)], [])
    assert [one.decision for one in both] == [UNSURE, PRESENT]


@pytest.mark.parametrize("pair", OPPOSED)
def test_what_is_not_there_together_is_not_called_present_together(pair: tuple[set[str], set[str]]) -> None:
    for own in pair[0]:
        for opposite in pair[1]:
            both = agreeing([diagnosis(own, PRESENT, 0.6), diagnosis(opposite, PRESENT, 0.9)], [])
            assert [one.decision for one in both] == [UNSURE, PRESENT]
            assert both[0].detail == f"but “{TERMS[opposite].name}” is present"
            even = agreeing([diagnosis(own, PRESENT), diagnosis(opposite, PRESENT)], [])
            assert [one.decision for one in even] == [UNSURE, UNSURE]
            one = agreeing([diagnosis(own, PRESENT), diagnosis(opposite, UNSURE)], [])
            assert [two.decision for two in one] == [PRESENT, UNSURE]


def test_an_ecg_is_not_normal_and_abnormal() -> None:
    assert decided("NORM", PRESENT, PRESENT).decision is UNSURE
    assert decided("NORM", PRESENT, ABSENT).decision is PRESENT
    assert decided("NORM", ABSENT, PRESENT).decision is ABSENT


@pytest.mark.parametrize("code", [*SAME, *(code for code in NEEDS if code not in EXCLUDES)])
@pytest.mark.parametrize("decision", list(Decision))
def test_where_both_agree_or_either_is_unsure_nothing_changes(code: str, decision: Decision) -> None:
    for own, others in ((decision, decision), (decision, UNSURE), (UNSURE, decision)):
        assert decided(code, own, others) == diagnosis(code, own)


def test_without_the_other_finding_the_diagnosis_stands() -> None:
    assert agreeing([diagnosis("427172004", PRESENT)], []) == (diagnosis("427172004", PRESENT),)
    assert agreeing([diagnosis("713427006", PRESENT)], [other("102594003", ABSENT)])[0].decision is PRESENT


def test_a_finding_without_a_code_denies_nothing() -> None:
    codes = ["713427006", "59931005", "MI", "164889003"]
    for decision in Decision:
        said = [diagnosis(code, decision) for code in codes]
        assert agreeing(said, [other("", PRESENT)]) == agreeing(said, [other("", ABSENT)]) == tuple(said)


def test_the_codes_are_those_of_the_findings_that_are_made() -> None:
    made = {kind.code for kind in KINDS.values()} | {kind.snomed for kind in RHYTHMS.values()}
    made |= {"10370003", "48867003", "3424008", "102594003"}  # pacing, mean rates, abnormal ECG
    assert {*SAME.values(), *NEEDS.values(), *EXCLUDES.values()} <= made
    assert {*SAME, *NEEDS, *EXCLUDES, *(code for pair in OPPOSED for side in pair for code in side)} <= set(TERMS)
