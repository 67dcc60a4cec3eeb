from dataclasses import replace

import numpy as np
import pytest

from einthoven.beats.classify import abnormal_probability, beat_findings, label, label_classes, unsure
from einthoven.errors import OptionError
from einthoven.findings import Decision
from einthoven.record import Beats


def finding(*probability, unusable=None):
    beats = Beats.unlabelled(np.arange(len(probability)) * 360)
    return beat_findings(label(beats, np.array(probability, np.float32), 0.5), 360, unusable)


@pytest.mark.parametrize(
    ("probability", "decision"),
    [
        ((0.01, 0.05, 0.1), Decision.ABSENT),
        ((0.01, 0.45, 0.1), Decision.UNSURE),
        ((0.01, 0.6, 0.1), Decision.UNSURE),
        ((0.01, 0.45, 0.95), Decision.PRESENT),
    ],
)
def test_a_decision_is_sure_only_where_the_beats_are(probability, decision):
    assert finding(*probability)[0].decision is decision


def test_beats_without_usable_signal_decide_nothing():
    lost = np.array([False, True, False])
    assert finding(0.01, 0.99, 0.02, unusable=lost)[0].decision is Decision.ABSENT
    (mostly_lost,) = finding(0.01, 0.99, 0.99, unusable=np.array([False, True, True]))
    assert (mostly_lost.decision, mostly_lost.probability) == (Decision.UNSURE, pytest.approx(0.01))
    (all_lost,) = finding(0.01, 0.99, unusable=np.ones(2, bool))
    assert (all_lost.decision, all_lost.probability) == (Decision.UNSURE, None)


def test_no_beats_no_statement():
    assert finding() == ()


AAMI = ("N", "S", "V", "F")
THRESHOLDS = {"N": 0.3, "S": 0.1, "V": 0.2, "F": 0.05}


def of_classes(*probability, fs_hz=360, every_s=1.0):
    sample = np.round(np.arange(1, len(probability) + 1) * every_s * fs_hz).astype(np.int64)
    return label_classes(Beats.unlabelled(sample), np.array(probability, np.float32), AAMI, THRESHOLDS)


NORMAL, VENTRICULAR = (0.97, 0.02, 0.01, 0.0), (0.02, 0.01, 0.95, 0.02)
N_OR_S, NOTHING = (0.6, 0.35, 0.05, 0.0), (0.29, 0.09, 0.19, 0.04)


def test_a_beat_is_of_its_most_probable_class_and_unsure_unless_just_one_is_possible():
    beats = of_classes(NORMAL, VENTRICULAR, N_OR_S, NOTHING)
    assert beats.symbol.tolist() == ["N", "V", "N", "N"]
    assert unsure(beats).tolist() == [False, False, True, True]
    assert beats.possible.tolist()[2] == [True, True, False, False]
    np.testing.assert_allclose(abnormal_probability(beats), 1 - beats.probability[:, 0])


def test_each_class_but_the_normal_one_has_a_finding_of_its_own():
    found = {f.name.split()[0]: f for f in beat_findings(of_classes(NORMAL, VENTRICULAR, N_OR_S), 360)}
    assert {name: f.decision for name, f in found.items()} == {
        "Ventricular": Decision.PRESENT,
        "Supraventricular": Decision.UNSURE,
        "Fusion": Decision.ABSENT,
    }
    assert found["Ventricular"].detail == "1 of 3 beats (33 %)"
    assert found["Ventricular"].code == "427172004"
    assert [round(part.start_s, 2) for part in found["Ventricular"].where] == [1.7]
    assert found["Supraventricular"].detail == "0 of 3 beats (0 %); unsure of 1"


def test_an_unsure_beat_of_a_class_is_no_proof_of_it():
    (ventricular, *_rest) = beat_findings(of_classes(NORMAL, (0.35, 0.01, 0.6, 0.04)), 360)
    assert ventricular.decision is Decision.UNSURE


def detail(n_normal, n_ventricular, unusable=None):
    beats = of_classes(*[NORMAL] * n_normal, *[VENTRICULAR] * n_ventricular)
    return beat_findings(beats, 360, unusable)[0].detail


def test_an_hour_or_more_has_its_ectopic_beats_counted_by_the_hour():
    assert detail(3500, 101) == "101 of 3601 beats (2.8 %), 101 an hour"
    assert detail(0, 4481).endswith(", 3,601 an hour")
    assert detail(1799, 1) == "1 of 1800 beats (0.1 %)"
    assert detail(7200, 1).endswith(", less than 1 an hour")


def test_only_usable_time_counts_in_beats_by_the_hour():
    lost = np.zeros(7300, bool)
    lost[3650:] = True
    assert detail(3600, 73, lost).endswith(", 48 an hour")
    assert detail(3600, 73, np.arange(7300) > 3000).endswith("(2.0 %)")


def test_of_a_paced_beat_no_class_is_told():
    beats = replace(of_classes(NORMAL, VENTRICULAR, NOTHING, VENTRICULAR), paced=np.array([0, 0, 1, 1], bool))
    assert unsure(beats).tolist() == [False, False, False, False]
    assert np.isnan(abnormal_probability(beats)).tolist() == [False, False, True, True]
    assert beat_findings(beats, 360)[0].detail == "1 of 2 beats (50 %); 2 paced beats left out"


@pytest.mark.parametrize("probability", [0.03, 0.5, 0.99])
def test_where_all_beats_are_paced_no_class_is_told(probability):
    beats = label(Beats.unlabelled(np.arange(70) * 360), np.full(70, probability, np.float32), 0.5)
    paced = replace(beats, symbol=np.full(70, "Q"), paced=np.ones(70, bool))
    assert beat_findings(paced, 360) == ()
    assert not unsure(paced).any()


def test_beats_of_classes_without_usable_signal_decide_nothing():
    beats = of_classes(NORMAL, VENTRICULAR, NORMAL, NORMAL)
    (ventricular, *_rest) = beat_findings(beats, 360, np.array([False, False, True, False, False]))
    assert ventricular.decision is Decision.ABSENT


def test_a_beat_nothing_classified_is_unsure_and_has_no_finding():
    beats = Beats.unlabelled(np.array([100, 460]))
    assert unsure(beats).all()
    assert abnormal_probability(beats) is None
    assert beat_findings(beats, 360) == ()


def test_what_is_possible_must_fit_the_beats():
    with pytest.raises(OptionError, match=r"possible classes have shape \(1, 4\); with 2 beats and 4 classes"):
        Beats([1, 2], ["N", "N"], np.full((2, 4), 0.25), AAMI, np.ones((1, 4), bool))
