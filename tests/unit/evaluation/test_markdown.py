"""Tables hold what the result files say, in an order a reader wants."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import DataError, OptionError
from einthoven.evaluation.beat_figures import class_protocol, detection_protocol
from einthoven.evaluation.ec57 import COLUMNS, ROWS, Comparison
from einthoven.evaluation.markdown import table


def record(name: str, **cells: int) -> Comparison:
    filled = np.zeros((7, 6), np.int64)
    for cell, count in cells.items():
        filled[ROWS.index(cell[0]), COLUMNS.index(cell[1].upper())] = count
    return Comparison(name, name, filled)


MANY = [record("100", Nn=2000, Sn=3, Vv=1), record("208", Nn=1500, Vv=900, Vn=90, Fv=300, Ff=70, Vo=2, Ov=1, Xn=4)]
FAIR = {"metrics": {"gross_f1": {"value": 0.91234, "low": 0.9, "high": 0.92}}}
RESULTS = [
    {
        "recipe": "mine",
        "protocols": {
            "classes": class_protocol(MANY),
            "finding": detection_protocol(MANY),
            "noise-24db": FAIR,
            "noise-minus6db": FAIR,
            "noise-6db": FAIR,
            "noise-6db-throughout": FAIR,
        },
    },
    {
        "recipe": "pacing",
        "protocols": {
            "pacing-tape": {"n": {}, "decisions": {"with": {"unsure": 4}, "without": {"unsure": 2, "absent": 42}}}
        },
    },
    {
        "recipe": "day",
        "protocols": {
            "day": {
                "n": {"runs": 5},
                "metrics": {
                    "wall_s": {"value": 9.52, "low": 9.0, "high": 11.26},
                    "peak_mb": {"value": 812.4, "low": None, "high": None},
                },
            }
        },
    },
    {
        "recipe": "many",
        "protocols": {
            "ill": {
                "n": {"records": 2000},
                "metrics": {
                    "auroc_427084000": {"value": 0.9, "low": 0.8, "high": 0.95},
                    "auroc_164889003": {"value": 0.98, "low": 0.97, "high": 0.99},
                },
            }
        },
        "per_class": {
            "ill": {
                "427084000": {"n": 1999, "positive": 12},
                "164889003": {"n": 1999, "positive": 1150},
                "426627000": {"n": 1999, "positive": 0},
            }
        },
    },
    {"recipe": "theirs", "protocols": {"noise-6db": FAIR, "noise-loud": FAIR}, "peers": {"old": {"noise-24db": FAIR}}},
]


def lines(kind: str, *words: str) -> list[str]:
    return table(RESULTS, kind, words).splitlines()


def test_the_table_of_beats_has_what_was_marked_down_the_side() -> None:
    head, _, *rows = lines("beats", "classes", "mine")
    assert head == "| marked \\ found | N | S | V | F | Q | missed |"
    assert rows == [
        "| N | 3,500 | 0 | 0 | 0 | 0 | 0 |",
        "| S | 3 | 0 | 0 | 0 | 0 | 0 |",
        "| V | 90 | 0 | 901 | 0 | 0 | 2 |",
        "| F | 0 | 0 | 300 | 70 | 0 | 0 |",
        "| Q | 0 | 0 | 0 | 0 | 0 | 0 |",
        "| extra | 0 | 0 | 1 | 0 | 0 |  |",
        "| extra, unreadable | 4 | 0 | 0 | 0 | 0 |  |",
    ]


def test_records_come_worst_first_with_what_was_taken_for_what() -> None:
    _, _, worst, best = lines("records", "classes", "mine")
    assert worst == "| 208 | 1,500 of 1,500 | – | 900 of 992 | 70 of 370 | 2 | 5 | 300 F for V, 90 V for N |"
    assert best == "| 100 | 2,000 of 2,000 | 0 of 3 | 1 of 1 | – | 0 | 0 | 3 S for N |"
    assert len(lines("records", "classes", "mine", "1")) == 3


def test_finding_counts_missed_and_extra_beats() -> None:
    assert lines("found", "finding", "mine")[2:] == ["| 208 | 2,862 | 2 | 5 |", "| 100 | 2,004 | 0 | 0 |"]


def test_levels_stand_from_faint_noise_to_loud_and_what_was_not_measured_stays_open() -> None:
    head, _, mine, theirs, peer = lines("levels", "noise")
    assert head == "| system | 24 dB | 6 dB | -6 dB |"
    assert mine.count("0.912 (0.900–0.920)") == 3
    assert theirs == "| `theirs` | – | 0.912 (0.900–0.920) | – |"
    assert peer == "| old | 0.912 (0.900–0.920) | – | – |"
    assert lines("levels", "noise", "-throughout")[0] == "| system | 6 dB |"


def test_classes_have_a_row_each_with_figures_in_both_senses() -> None:
    rows = [line.split(" | ") for line in lines("classes", "classes")]
    assert [row[1] for row in rows[2:]] == ["N", "S", "V", "F"]
    v = dict(zip(rows[0], rows[4], strict=True))
    assert v["beats"] == "993"
    assert v["+P"].startswith("0.750")  # of 1,202 called V, 300 are fusions
    assert v["+P, EC57"].startswith("0.999")  # and those are excused


def test_decisions_are_counted_apart_for_those_who_have_it_and_those_who_have_not() -> None:
    head, _, row = lines("decisions", "pacing")
    assert head.split(" | ")[1:4] == ["with, present", "with, unsure", "with, absent"]
    assert row == "| tape | 0 | 4 | 0 | 0 | 2 | 42 |"


def test_conditions_stand_below_each_other_in_the_order_of_the_file() -> None:
    head, _, *rows = lines("conditions", "noise", "gross_f1")
    assert head == "| condition | F1, gross |"
    assert [row.split(" | ")[0] for row in rows[:2]] == ["| 24db", "| minus6db"]
    assert rows[0].endswith("| 0.9123 (0.9000–0.9200) |")


def test_seconds_are_told_to_a_tenth_and_memory_to_a_megabyte() -> None:
    head, _, row = lines("results", "day")
    assert head == "| system | seconds | peak memory, MB | counted |"
    assert row == "| `day` | 9.5 (9.0–11.3) | 812 | 5 runs |"


def test_diagnoses_stand_by_name_with_how_many_records_have_them() -> None:
    assert lines("diagnoses", "ill", "many", "cinc2020", "auroc", "auprc") == [
        "| class | with it | of | AUC | average precision |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| atrial fibrillation | 1,150 | 1,999 | 0.980 (0.970–0.990) | – |",
        "| sinus tachycardia | 12 | 1,999 | 0.900 (0.800–0.950) | – |",
    ]
    with pytest.raises(OptionError, match="'rhythms'"):
        lines("diagnoses", "ill", "many", "rhythms")


def test_a_table_may_leave_a_record_out_that_decides_a_class() -> None:
    rows = [line.split(" | ") for line in lines("without", "classes", "208")]
    assert [row[2] for row in rows[2:]] == ["2,000", "3", "1", "0"]
    assert rows[2][3].startswith("1.000 (")
    assert rows[5][3] == "–"


def test_a_table_may_show_some_figures_only() -> None:
    head, *_ = lines("results", "classes", "accuracy", "V_f1")
    assert head == "| system | accuracy | V F1 | counted |"


def test_finding_is_told_to_four_places() -> None:
    assert lines("results", "finding", "gross_sensitivity")[2].startswith("| `mine` | 0.9996 (")  # 4,864 of 4,866


@pytest.mark.parametrize(
    ("kind", "words", "says"),
    [
        ("conditions", ("moon",), "no result file has a protocol 'moon-"),
        ("beats", ("moon", "mine"), "no result file has protocol 'moon'"),
        ("beats", ("classes", "theirs"), "no result file of recipe 'theirs' has protocol 'classes'"),
        ("levels", ("calm",), "no result file has a protocol 'calm-…db'"),
    ],
)
def test_what_was_not_judged_has_no_table(kind: str, words: tuple[str, ...], says: str) -> None:
    with pytest.raises(DataError, match=says):
        lines(kind, *words)


def test_an_unknown_kind_lists_those_there_are() -> None:
    with pytest.raises(OptionError, match="kind of table 'pie' is not known: choose from results, classes, without"):
        lines("pie", "classes")


def test_records_that_are_misread_come_with_those_who_misread_them_too():
    def system(recipe, **records):
        told = {
            name: {"n": 1, "positive": ill, "accuracy": right, "probability": share}
            for name, (ill, right, share) in records.items()
        }
        return {
            "recipe": recipe,
            "protocols": {"cpic-cv": {"n": {"repeats": 5, "records": 4}, "metrics": {}}},
            "per_record": told,
        }

    ours = system("ours", A1=(1, 0.0, 0.02), A2=(0, 0.4, 0.7), A3=(1, 1.0, 0.9), A4=(0, 0.2, 0.95))
    theirs = system("theirs", A1=(1, 0.2, 0.3), A2=(0, 1.0, 0.1), A3=(1, 0.0, 0.1), A4=(0, 0.4, 0.6))
    lines = table([ours, theirs], "misread", ["cpic-cv", "ours"]).splitlines()
    assert lines[2:] == [
        "| A1 | abnormal | 0.02 | 0 of 5 | 2 of 2 |",
        "| A4 | normal | 0.95 | 1 of 5 | 2 of 2 |",
        "| A2 | normal | 0.70 | 2 of 5 | 1 of 2 |",
    ]
    assert len(table([ours, theirs], "misread", ["cpic-cv", "ours", "1"]).splitlines()) == 3


def test_what_a_switch_brings_stands_after_what_it_comes_to() -> None:
    plain = {"says": "as it is", "kept": True, "metrics": {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}}
    gain = {"value": -0.0104, "low": -0.02, "high": 0.0005}
    switched = {"says": "no age", "kept": False, "metrics": plain["metrics"] | {"gain_auc": gain}}
    result = {"recipe": "mine-ablation", "protocols": {"mine-plain": plain, "mine-age": switched}}
    lines = table([*RESULTS, result], "switches", ["mine", "auc"]).splitlines()
    assert lines[0] == "| switch | what it does | AUC | kept |"
    assert lines[2] == "| plain | as it is | 0.900 | yes |"
    assert lines[3] == "| age | no age | 0.900, -0.010 (-0.020 to +0.001) | no |"
    with pytest.raises(DataError, match="`einthoven ablate yours` makes it"):
        table([result], "switches", ["yours", "auc"])


def test_of_many_classes_it_is_told_how_many_there_are_and_of_none_nothing() -> None:
    from einthoven.evaluation.markdown import by_system

    n = {"pictures": 40, "records": 1, "pictures_learnt": 0, **{f"MLII-{k}": k for k in range(10)}}
    few = {"pictures": 40, "N": 30, "V": 0}
    metrics = {"map50": {"value": 0.5, "low": 0.4, "high": 0.6}}
    results = [
        {"recipe": name, "protocols": {"boxes": {"n": counts, "metrics": metrics}}}
        for name, counts in (("many", n), ("few", few))
    ]
    many_line, few_line = by_system(results, "boxes").splitlines()[2:]
    assert many_line.endswith("| 40 pictures, 1 record, 9 classes |")
    assert few_line.endswith("| 40 pictures, 30 N, 0 V |")
