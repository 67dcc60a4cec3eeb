"""Certainty on hand-worked beats: who was unsure, who was wrong, and which right class had been excluded."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.datasets.annotated import Annotated
from einthoven.errors import OptionError
from einthoven.evaluation.certainty import certainty, certainty_figures
from einthoven.record import Beats, Record

CLASSES = ("N", "S", "V", "F")


def item(symbols: str, patient: str = "p") -> Annotated:
    record = Record(np.zeros((1, 360 * (len(symbols) + 1))), 360, ("II",), id=patient)
    return Annotated(record, Beats(360 * (1 + np.arange(len(symbols))), list(symbols)), patient)


def said(sure_of: str, confidence: float = 0.9, first: int = 360) -> Beats:
    """Beats a second apart; of each a class has `confidence`, with a small letter the model is unsure."""
    probability = np.full((len(sure_of), 4), (1 - confidence) / 3, np.float32)
    number = [CLASSES.index(letter.upper()) for letter in sure_of]
    probability[np.arange(len(number)), number] = confidence
    possible = probability > 0.5
    possible[[letter.islower() for letter in sure_of]] = True
    sample = first + 360 * np.arange(len(sure_of))
    return Beats(sample, list(sure_of.upper()), probability, CLASSES, possible)


def values(*sums: object) -> dict[str, float]:
    return {name: figure.value for name, figure in certainty_figures(sums, draws=50).items()}  # type: ignore[arg-type]


def test_shares_are_those_counted_by_hand() -> None:
    figures = values(certainty(item("NNNVVSFQ"), said("NNnVSsNN")))
    assert figures["unsure"] == pytest.approx(2 / 7), "the Q counts nowhere"
    assert figures["error"] == pytest.approx(2 / 7)
    assert figures["sure_error"] == pytest.approx(2 / 5)
    assert (figures["N_missed"], figures["V_missed"]) == (0, 0.5)
    assert (figures["S_missed"], figures["F_missed"]) == (0, 1)
    assert figures["ece"] == pytest.approx(0.9 - 5 / 7)


def test_confidence_that_comes_true_has_no_calibration_error() -> None:
    assert values(certainty(item("NNNNV"), said("NNNNN", 0.8)))["ece"] == pytest.approx(0, abs=1e-6)


def test_missed_and_extra_beats_have_no_certainty() -> None:
    beats = said("NNV")
    assert certainty(item("NNNNN"), beats).of_class.tolist() == [3, 0, 0, 0]
    assert certainty(item("NN"), beats).of_class.tolist() == [2, 0, 0, 0]
    assert certainty(item("NN"), said("NN", first=180)).of_class.sum() == 0


def test_intervals_are_over_patients() -> None:
    one, other = certainty(item("NN", "a"), said("NN")), certainty(item("NN", "b"), said("VV"))
    figure = certainty_figures([one, other], draws=200)["error"]
    assert (figure.value, figure.low, figure.high) == (0.5, 0, 1)
    again = certainty_figures([one, certainty(item("NN", "a"), said("VV"))], draws=200)["error"]
    assert (again.low, again.high) == (0.5, 0.5)


def test_what_has_no_probabilities_is_refused() -> None:
    with pytest.raises(OptionError, match="record p: beats without probabilities"):
        certainty(item("NN"), Beats.unlabelled(np.array([360])))
    with pytest.raises(OptionError, match="0 records"):
        certainty_figures([])
