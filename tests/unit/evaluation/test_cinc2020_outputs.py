"""What a system says of each record is written and read as the 2020 challenge has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.codes import CINC2020_CLASSES, CINC2020_DIAGNOSES, CINC2020_SAME
from einthoven.errors import FormatError, InputError, OptionError, OutputError
from einthoven.evaluation.cinc2020_outputs import Output, as_arrays, read_output, read_outputs, write_output

if TYPE_CHECKING:
    from pathlib import Path

CODE = {one.short: code for code, one in CINC2020_DIAGNOSES.items()}
PLACE = {one.short: CINC2020_CLASSES.index(CINC2020_SAME.get(c, c)) for c, one in CINC2020_DIAGNOSES.items()}
GOOD = "#A0001\n426783006,164889003\n0,1\n0.08,0.97\n"


def output(*said: tuple[str, bool, float], record: str = "A0001") -> Output:
    codes, present, score = zip(*said, strict=True)
    return Output(record, tuple(CODE.get(one, one) for one in codes), np.array(present), np.array(score))


@given(st.lists(st.tuples(st.sampled_from(sorted(CODE)), st.booleans(), st.floats()), min_size=1, max_size=30))
def test_what_is_written_is_read_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, bool, float]]
) -> None:
    one = output(*said)
    again = read_output(write_output(one, tmp_path_factory.getbasetemp()))
    assert (again.record, again.codes) == (one.record, one.codes)
    np.testing.assert_array_equal(again.present, one.present)
    np.testing.assert_array_equal(again.score, one.score)


def test_the_file_is_that_of_the_challenge(tmp_path: Path) -> None:
    file = write_output(output(("NSR", False, 0.08), ("AF", True, np.float32(0.5))), tmp_path / "new")
    assert file == tmp_path / "new" / "A0001.csv"
    assert file.read_bytes() == b"#A0001\n426783006,164889003\n0,1\n0.08,0.5\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", " , "),
        GOOD.replace("0,1", "False,True"),
        GOOD.replace("0,1", "f,T"),
        GOOD.replace("0,1", "nan,1"),
        "\ufeff\n" + GOOD.partition("\n")[2],
        "# made on Monday\n\n" + GOOD + "\n# the end",
        GOOD.rstrip(),
    ],
)
def test_the_ways_in_which_others_write_it_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "A0001.csv").write_text(text, encoding="utf-8", newline="")
    one = read_output(tmp_path / "A0001.csv")
    assert one.codes == ("426783006", "164889003")
    assert one.present.tolist() == [False, True]
    assert one.score.tolist() == [0.08, 0.97]


def test_what_is_left_empty_is_no_and_zero(tmp_path: Path) -> None:
    (tmp_path / "A0001.csv").write_text("426783006,164889003,270492004\n,1,nan\n,nan,0.5\n")
    one = read_output(tmp_path / "A0001.csv")
    assert one.present.tolist() == [False, True, False]
    np.testing.assert_array_equal(one.score, [0, np.nan, 0.5])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has lines of no values; there must be three of one length"),
        ("#A0001\n", "no values"),
        (GOOD.replace("0,1", "0"), "lines of 2, 1, 2 values"),
        (GOOD + "1,1\n", "lines of 2, 2, 2, 2 values"),
        (GOOD.replace("0,1", "0,yes"), "line 3: 'yes' is no answer; it must be 0 or 1"),
        (GOOD.replace("0,1", "0.0,1.0"), "line 3: '0.0' is no answer"),
        (GOOD.replace("0.97", "high"), "line 4: 'high' is no score"),
        (GOOD.replace("0.97", "9" * 50 + "x"), "line 4: '9{40}' is no score"),
        (GOOD.replace("164889003", ""), "'' is no code"),
        (GOOD.replace("164889003", "atrial fibrillation"), "'atrial fibrillation' is no code"),
    ],
)
def test_a_damaged_file_is_named_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "A0001.csv").write_text(text)
    with pytest.raises(FormatError, match=message) as caught:
        read_output(tmp_path / "A0001.csv")
    assert "A0001.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_text_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "A0001.csv").write_bytes(b"\xff\xfe\x00\x81")
    for name in ("A0001.csv", "A0002.csv", ""):
        with pytest.raises(FormatError, match="cannot be read"):
            read_output(tmp_path / name)


def test_records_without_an_output_are_named(tmp_path: Path) -> None:
    names = [f"A{number:04}" for number in range(1, 15)]
    write_output(output(("NSR", True, 1.0)), tmp_path)
    with pytest.raises(InputError, match="no output for 2 of 3 records: A0002, A0003; each") as caught:
        read_outputs(tmp_path, names[:3])
    with pytest.raises(InputError, match=r"no output for 13 of 14 records: A0002, .*, A0011 and 3 more"):
        read_outputs(tmp_path, names)
    with pytest.raises(InputError, match="no such folder"):
        read_outputs(tmp_path / "absent", names)
    assert str(tmp_path) in str(caught.value)


def test_outputs_come_in_the_order_asked_for_and_others_are_passed_over(tmp_path: Path) -> None:
    for name in ("A0003", "A0001", "A0002"):
        write_output(output(("NSR", True, 1.0), record=name), tmp_path)
    assert [one.record for one in read_outputs(tmp_path, ["A0002", "A0001"])] == ["A0002", "A0001"]


@pytest.mark.parametrize(("one", "other"), [("CRBBB", "RBBB"), ("PAC", "SVPB"), ("PVC", "VPB")])
def test_codes_that_are_one_class_have_the_mean_score_and_either_answer(one: str, other: str) -> None:
    present, score = as_arrays([output((one, False, 0.4), (other, True, 0.8)), output((other, False, 0.3))])
    assert present[:, PLACE[one]].tolist() == [True, False]
    assert score[:, PLACE[one]] == pytest.approx([0.6, 0.3])
    assert present.sum() == 1


def test_a_score_that_is_nan_is_left_out_of_the_mean_and_alone_is_nothing() -> None:
    _, score = as_arrays([output(("PVC", False, np.nan), ("VPB", False, 0.8), ("AF", True, np.nan))])
    assert score[0, PLACE["PVC"]] == 0.8
    assert score[0, PLACE["AF"]] == 0


def test_infinite_scores_stay_and_cancel_each_other_to_nothing() -> None:
    _, score = as_arrays([output(("AF", True, np.inf), ("NSR", False, -np.inf), ("PVC", True, np.inf))])
    assert score[0, [PLACE["AF"], PLACE["NSR"]]].tolist() == [np.inf, -np.inf]
    _, score = as_arrays([output(("PVC", True, np.inf), ("VPB", True, -np.inf))])
    assert score[0, PLACE["PVC"]] == 0


def test_columns_may_be_few_many_or_in_any_order() -> None:
    few = output(("AF", True, 0.9))
    many = output(("x55", True, 1.0), *((name, name == "AF", 0.9 * (name == "AF")) for name in sorted(CODE)))
    present, score = as_arrays([few, many])
    np.testing.assert_array_equal(present[0], present[1])
    np.testing.assert_array_equal(score[0], score[1])
    assert present.sum(axis=1).tolist() == [1, 1]


def test_no_outputs_are_no_rows() -> None:
    present, score = as_arrays([])
    assert present.shape == score.shape == (0, 24)


@pytest.mark.parametrize("change", [{"record": "a/b"}, {"record": "a\nb"}, {"record": ""}])
def test_a_record_that_cannot_name_a_file_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="cannot name a file"):
        output(("AF", True, 1.0), **change)


def test_an_output_is_of_one_length_and_not_empty() -> None:
    with pytest.raises(OptionError, match="one of each for every code"):
        Output("a", ("1", "2"), np.array([True]), np.array([1.0]))
    with pytest.raises(OptionError, match="0 codes"):
        Output("a", (), np.zeros(0, bool), np.zeros(0))
    with pytest.raises(OptionError, match="'1,2' is no code"):
        Output("a", ("1,2",), np.array([True]), np.array([1.0]))


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"):
        write_output(output(("AF", True, 1.0)), tmp_path / "file")
