from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.evaluation.binary import binary_metrics
from einthoven.evaluation.intervals import Figure, Scored, bootstrap


def run(accuracy_of: dict[str, float], n_items: int = 100) -> Scored:
    """Records on each of which a known share of items is right."""
    score = np.concatenate([np.arange(n_items) < share * n_items for share in accuracy_of.values()])
    return Scored(score.astype(np.float32), np.ones(len(score), bool), np.repeat(list(accuracy_of), n_items))


def test_the_value_is_that_of_all_items() -> None:
    figure = bootstrap([run({"a": 1.0, "b": 0.5})], binary_metrics, draws=50)["accuracy"]
    assert figure.value == pytest.approx(0.75)
    assert (figure.low, figure.high) == (0.5, 1.0)


def test_records_are_drawn_whole() -> None:
    """Ten records that are right or wrong as a whole are ten observations, however many beats they have."""
    halves = run({str(k): float(k % 2) for k in range(10)}, n_items=1000)
    figure = bootstrap([halves], binary_metrics, draws=1000)["accuracy"]
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 10), rel=0.1)


def test_records_that_are_all_alike_leave_no_doubt() -> None:
    figure = bootstrap([run({"a": 0.9, "b": 0.9, "c": 0.9})], binary_metrics, draws=50)["accuracy"]
    assert figure.low == pytest.approx(figure.high) == pytest.approx(0.9)


def test_the_same_records_trained_three_times_are_no_more_certain() -> None:
    once = run({str(k): float(k % 3 > 0) for k in range(9)})
    figures = [bootstrap(runs, binary_metrics, draws=200) for runs in ([once], [once] * 3)]
    one, three = ({name: figure.as_json() for name, figure in each.items()} for each in figures)
    assert one == three


def test_the_draw_is_that_of_the_seed() -> None:
    runs = [run({"a": 0.1, "b": 0.5, "c": 0.8})]
    first, again, other = (bootstrap(runs, binary_metrics, draws=99, seed=seed)["accuracy"] for seed in (1, 1, 2))
    assert first == again != other


def test_what_cannot_be_said_is_null_in_the_result_file() -> None:
    assert Figure(0.1234567, float("nan"), 1.0).as_json() == {"value": 0.12346, "low": None, "high": 1.0}
    figure = bootstrap([run({"a": 1.0})], binary_metrics, draws=10)["specificity"]
    assert np.isnan([figure.value, figure.low, figure.high]).all()


def test_no_run_is_refused() -> None:
    with pytest.raises(OptionError, match="0 runs"):
        bootstrap([], binary_metrics)
