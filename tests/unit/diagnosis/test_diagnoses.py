"""Many diagnoses of one record: where it is looked at, what follows, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.codes import REPORTED, TERMS
from einthoven.diagnosis.diagnoses import ANYWHERE, covering, decide, diagnosis_findings, together, untold
from einthoven.diagnosis.normality import MOST_VIEWS, VIEW_S
from einthoven.findings import Decision, Interval

AF, PVC = "164889003", "427172004"
SETS = dict.fromkeys(REPORTED, (0.7, 0.3))


@pytest.mark.parametrize("duration_s", [0.002, 1, 9.99, 10, 10.4, 11, 11.5, 19, 20, 33.3, 60, 119, 120])
def test_up_to_two_minutes_every_second_is_looked_at(duration_s: float) -> None:
    starts_s = np.array(covering(duration_s))
    assert starts_s[0] >= 0
    assert starts_s[-1] + VIEW_S <= max(duration_s, VIEW_S) + 1e-9
    unseen_s = [starts_s[0], duration_s - starts_s[-1] - VIEW_S, *(np.diff(starts_s) - VIEW_S)]
    assert max(unseen_s) <= 0.5


@pytest.mark.parametrize("duration_s", [130, 1800, 90_000])
def test_a_long_record_is_looked_at_from_beginning_to_end(duration_s: float) -> None:
    starts_s = covering(duration_s)
    assert len(starts_s) == MOST_VIEWS
    assert (starts_s[0], starts_s[-1]) == (0, pytest.approx(duration_s - VIEW_S))


def test_one_premature_beat_makes_a_record_have_it_and_one_strange_stretch_no_rhythm() -> None:
    log_odds = np.full((6, len(REPORTED)), -3.0)
    log_odds[2] = 4.0
    joined = dict(zip(REPORTED, together(log_odds, REPORTED).tolist(), strict=True))
    assert {name for name, odds in joined.items() if odds > 0} == set(ANYWHERE) & set(REPORTED)


def test_of_one_stretch_nothing_changes() -> None:
    log_odds = np.random.default_rng(0).normal(0, 3, (1, len(REPORTED)))
    np.testing.assert_array_equal(together(log_odds, REPORTED), log_odds[0])


@pytest.mark.parametrize("probability", np.linspace(0, 1, 21).tolist())
@pytest.mark.parametrize("edges", [(0.7, 0.3), (0.01, 0.05), (0.9, 0.8), (1.0, 0.0), (0.0, 1.0), (0.2, 0.0)])
def test_doubt_only_grows_on_what_the_sets_allow_and_never_names_the_less_likely(
    probability: float, edges: tuple[float, float]
) -> None:
    absent_to, present_from = edges
    decision = decide(probability, absent_to, present_from)
    if decision is Decision.PRESENT:
        assert probability > absent_to
        assert probability >= 0.5
    elif decision is Decision.ABSENT:
        assert probability < present_from
        assert probability < 0.5
    else:
        assert probability <= max(absent_to, 0.5)
        assert probability >= min(present_from, 0.5)


def test_a_class_that_can_never_be_excluded_is_never_absent() -> None:
    assert {decide(p, 0.2, 0.0) for p in np.linspace(0, 1, 101)} == {Decision.UNSURE, Decision.PRESENT}


def test_of_a_class_that_can_never_be_excluded_nothing_is_said_unless_it_is_there() -> None:
    sets = {AF: (0.7, 0.3), PVC: (0.2, 0.0)}
    assert untold(sets) == ("premature ventricular contractions",)
    for odds, said in ((-5.0, [AF]), (0.0, [AF]), (5.0, [AF, PVC])):
        found = diagnosis_findings(np.full((1, 2), odds), [0.0], (AF, PVC), sets, 0.1)
        assert sorted(one.code for one in found) == said
    assert len(diagnosis_findings(np.zeros((1, 2)), [0.0], (AF, PVC), sets, 0.1, doubtful=True)) == 1


def test_what_is_present_stands_first_then_what_is_in_doubt_the_more_probable_first() -> None:
    log_odds = np.linspace(-3, 3, len(REPORTED))[None]
    said = diagnosis_findings(log_odds, [0.0], REPORTED, SETS, 0.1)
    order = [Decision.PRESENT, Decision.UNSURE, Decision.ABSENT]
    ranked = [(order.index(one.decision), -(one.probability or 0)) for one in said]
    assert ranked == sorted(ranked)
    assert {one.decision for one in said} == set(order)


def test_every_class_has_its_code_system_and_rate() -> None:
    said = diagnosis_findings(np.zeros((1, len(REPORTED))), [0.0], REPORTED, SETS, 0.1)
    assert {(one.code, one.system) for one in said} == {TERMS[name][:2] for name in REPORTED}
    assert {one.system for one in said} == {"PTB-XL", "SNOMED CT"}
    assert {one.miss_rate for one in said} == {0.1}
    assert all(one.name[0].isupper() or one.name[0].isdecimal() for one in said)


def test_a_place_is_named_of_a_long_record_and_of_what_is_present_alone() -> None:
    log_odds = np.array([[2.0, -9.0], [4.0, -8.0], [3.0, -9.0]])
    said = {one.code: one for one in diagnosis_findings(log_odds, [0, 10, 20], (AF, PVC), SETS, 0.1)}
    assert said[AF].where == (Interval(10, 20),)
    assert said[PVC].where == ()
    (short,) = diagnosis_findings(log_odds[:1, :1], [0.0], (AF,), SETS, 0.1)
    assert short.where == ()


def test_where_the_signal_is_doubtful_nothing_is_sure() -> None:
    said = diagnosis_findings(np.array([[30.0, -30.0]]), [0.0], (AF, PVC), SETS, 0.1, doubtful=True)
    assert {one.decision for one in said} == {Decision.UNSURE}


@pytest.mark.parametrize("odds", [-1e9, 0.0, 1e9])
def test_odds_of_any_size_are_probabilities(odds: float) -> None:
    (one,) = diagnosis_findings(np.array([[odds]]), [0.0], (AF,), SETS, 0.1)
    assert one.probability is not None
    assert 0 <= one.probability <= 1
