import numpy as np
import pytest

from einthoven.beats.rhythm import rhythm, rhythm_findings
from einthoven.errors import OptionError
from einthoven.record import Beats
from einthoven.signal.simulate import simulate


def at(*seconds):
    return Beats.unlabelled(np.round(np.array(seconds) * 500).astype(np.int64))


def test_rate_is_sixty_over_the_mean_interval():
    measured = rhythm(at(0, 1, 1.5, 2.5), 500)
    assert measured.mean_rate_bpm == pytest.approx(60 / (2.5 / 3))
    assert measured.rr_s == pytest.approx([1, 0.5, 1])


def test_true_rate_of_a_simulated_heart():
    heart = simulate(duration_s=120, rate_bpm=84, seed=1)
    assert rhythm(heart.beats, 500).mean_rate_bpm == pytest.approx(60 / heart.rr_s.mean(), rel=1e-3)


@pytest.mark.parametrize(("gap_s", "pauses"), [(1.99, 0), (2.0, 1), (4.5, 1)])
def test_a_pause_begins_at_two_seconds(gap_s, pauses):
    assert len(rhythm(at(0, 1, 1 + gap_s, 2 + gap_s), 500).pauses) == pauses


def test_the_trend_of_alternating_intervals_is_flat():
    times = np.cumsum([0.5, 1.0] * 20)
    measured = rhythm(at(*times), 500)
    assert (measured.slowest_bpm, measured.fastest_bpm) == pytest.approx((80, 80))


def test_a_very_slow_heart_has_a_rate_and_pauses():
    measured = rhythm(at(*np.arange(0, 60, 2.4)), 500)
    assert measured.mean_rate_bpm == pytest.approx(25)
    codes = {finding.code: finding.decision for finding in rhythm_findings(measured)}
    assert codes["48867003"] == codes["pause"] == "present"


def test_a_finding_on_the_mean_says_so():
    measured = rhythm(at(*np.cumsum([1.0] * 300 + [0.25] * 60)), 500)
    assert measured.fastest_bpm == 240
    said = {finding.name: (finding.decision, finding.detail) for finding in rhythm_findings(measured)}
    assert said["Mean rate above 100 bpm"] == ("absent", "it is 69 bpm")
    assert not {"Bradycardia", "Tachycardia"} & set(said)


def test_a_gap_in_the_signal_is_no_pause():
    missing = np.zeros(10, dtype=bool)
    missing[3:5] = True
    measured = rhythm(at(0, 1, 2, 6, 7), 500, missing)
    assert measured.pauses == ()
    assert measured.mean_rate_bpm == 60


@pytest.mark.parametrize("beats", [at(), at(1)])
def test_fewer_than_two_beats_have_no_rate(beats):
    measured = rhythm(beats, 500)
    assert (measured.mean_rate_bpm, measured.slowest_bpm, measured.fastest_bpm) == (None, None, None)
    assert len(measured.rr_s) == len(measured.rate_bpm) == 0


def test_one_early_beat_does_not_make_the_fastest_rate():
    times = np.arange(0, 60.0, 1.0)
    times[30] -= 0.5
    assert rhythm(at(*times), 500).fastest_bpm == pytest.approx(60)


def test_a_rate_of_zero_is_refused():
    with pytest.raises(OptionError, match="0 Hz"):
        rhythm(at(0, 1), 0)
