"""Figures from tables whose figures were worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.evaluation.beat_figures import class_protocol, class_ratios, detection_protocol, detection_ratios
from einthoven.evaluation.ec57 import COLUMNS, ROWS, Comparison


def table(**cells: int) -> np.ndarray:
    """A table from `bxb`'s names of its cells."""
    filled = np.zeros((7, 6), np.int64)
    for name, count in cells.items():
        filled[ROWS.index(name[0]), COLUMNS.index(name[1].upper())] = count
    return filled


def record(name: str, patient: str = "", paced: bool = False, **cells: int) -> Comparison:
    return Comparison(name, patient or name, table(**cells), paced)


MIXED = table(Nn=80, Nv=4, No=1, Sn=3, Ss=6, Sv=1, Vv=15, Vn=2, Vf=1, Vo=2, Fv=5, Ff=5, Qv=2, Qs=3, On=2, Ov=1, Xv=1)


def values(ratios: dict) -> dict[str, float]:
    return {name: float(value) for name, value in ratios.items()}


def test_finding_counts_every_pair_of_whatever_class() -> None:
    said = values(detection_ratios(MIXED.astype(float)))
    assert said["sensitivity"] == pytest.approx(127 / 130)  # three missed
    assert said["positive_predictivity"] == pytest.approx(127 / 131)  # four extra, one of them where nothing is legible


def test_in_the_plain_sense_whatever_is_taken_for_v_counts_against_it() -> None:
    said = values(class_ratios(MIXED.astype(float)))
    assert said["V_sensitivity"] == pytest.approx(15 / 20)
    assert said["V_positive_predictivity"] == pytest.approx(15 / (15 + 4 + 1 + 5 + 2 + 1 + 1))
    assert said["S_positive_predictivity"] == pytest.approx(6 / 9)
    assert said["accuracy"] == pytest.approx((80 + 6 + 15 + 5) / 134)


def test_in_the_standard_s_sense_fusions_and_unknown_beats_taken_for_v_are_excused() -> None:
    said = values(class_ratios(MIXED.astype(float)))
    assert said["ec57_V_sensitivity"] == said["V_sensitivity"]
    assert said["ec57_V_positive_predictivity"] == pytest.approx(15 / (15 + 4 + 1 + 1 + 1))
    assert said["ec57_S_positive_predictivity"] == 1  # three Q taken for S
    assert values(class_ratios(table(Ss=6, Fs=2).astype(float)))["ec57_S_positive_predictivity"] == pytest.approx(6 / 8)


def test_macro_f1_is_the_mean_over_the_classes_that_occur() -> None:
    said = values(class_ratios(table(Nn=10, Vv=1, Vn=1, Nv=1).astype(float)))
    assert np.isnan(said["S_f1"])
    assert said["macro_f1"] == pytest.approx((20 / 22 + 2 / 4) / 2)


def test_figures_of_known_beats_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(4)
    truth, said = rng.choice(5, 400, p=[0.6, 0.15, 0.15, 0.08, 0.02]), rng.choice(5, 400)
    said = np.where(rng.random(400) < 0.7, truth, said)
    filled = np.zeros((7, 6))
    filled[:5, :5] = metrics.confusion_matrix(truth, said, labels=range(5))
    ours = values(class_ratios(filled))
    theirs = metrics.precision_recall_fscore_support(truth, said, labels=range(4))
    for i, name in enumerate("NSVF"):
        keys = ("positive_predictivity", "sensitivity", "f1")
        assert [ours[f"{name}_{key}"] for key in keys] == pytest.approx([part[i] for part in theirs[:3]])
    assert ours["macro_f1"] == pytest.approx(theirs[2].mean())
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(truth, said))


def test_gross_pools_beats_and_average_weighs_records_alike() -> None:
    judged = detection_protocol([record("100", Nn=98, No=2), record("101", Nn=1, No=1)])
    assert judged["metrics"]["gross_sensitivity"]["value"] == round(99 / 102, 5)
    assert judged["metrics"]["average_sensitivity"]["value"] == round((0.98 + 0.5) / 2, 5)
    assert judged["n"] == {"records": 2, "beats": 102}
    assert judged["cells"] == {"Nn": 99, "No": 3}
    assert judged["records"] == {"100": {"Nn": 98, "No": 2}, "101": {"Nn": 1, "No": 1}}


def test_an_average_leaves_out_records_without_beats_of_the_class() -> None:
    judged = class_protocol([record("100", Nn=10), record("101", Nn=10, Vv=1, Vn=1)])
    assert judged["metrics"]["average_V_sensitivity"]["value"] == 0.5


def test_classes_are_not_scored_in_paced_records() -> None:
    judged = class_protocol([record("100", Nn=10), record("107", paced=True, Qn=99)])
    assert judged["n"] == {"records": 1, "N": 10, "S": 0, "V": 0, "F": 0, "Q": 0}
    assert judged["records"].keys() == {"100"}
    with pytest.raises(OptionError, match="0 records to score"):
        class_protocol([record("107", paced=True, Qn=99)])


def test_what_cannot_be_said_is_null_and_the_rest_is_json() -> None:
    judged = class_protocol([record("100", Nn=10)])
    assert judged["metrics"]["V_f1"] == {"value": None, "low": None, "high": None}
    json.dumps(judged, allow_nan=False)


def test_two_records_of_one_person_are_drawn_together() -> None:
    good, bad = {"Nn": 100}, {"Nn": 50, "No": 50}
    apart = [record("201", **good), record("202", **bad), record("100", **good), record("101", **bad)]
    together = [record("201", "201", **good), record("202", "201", **bad), *apart[2:]]
    spread = [detection_protocol(some)["metrics"]["gross_sensitivity"] for some in (apart, together)]
    assert spread[0]["value"] == spread[1]["value"] == 0.75
    assert spread[0]["low"] == 0.5  # four patients: all draws may be of the bad ones
    one = detection_protocol([record("201", "201", **good), record("202", "201", **bad)])
    assert one["metrics"]["gross_sensitivity"] == {"value": 0.75, "low": 0.75, "high": 0.75}


def test_the_interval_holds_the_value_and_hangs_on_the_seed_alone() -> None:
    rng = np.random.default_rng(1)
    many = [record(str(i), Nn=int(n), No=int(m)) for i, (n, m) in enumerate(rng.integers(1, 90, (20, 2)))]
    first, again, other = (detection_protocol(many, seed=seed)["metrics"]["gross_f1"] for seed in (0, 0, 1))
    assert first == again != other
    assert first["low"] < first["value"] < first["high"]
