import numpy as np
import pytest

from einthoven.beats.classify import beat_findings, label
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
