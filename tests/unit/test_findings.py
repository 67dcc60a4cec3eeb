import pytest

from einthoven import Decision, Finding, Interval
from einthoven.errors import OptionError


def test_an_interval_does_not_end_before_it_starts():
    with pytest.raises(OptionError, match="from 5 to 1 s; it must not end before it starts"):
        Interval(5, 1)
    assert Interval(5, 5).stop_s == 5


def test_an_unknown_decision_is_told_which_there_are():
    with pytest.raises(OptionError, match="decision 'banana' is not known: choose from present, absent, unsure"):
        Finding("x", "s", "n", "banana")


def test_a_decision_may_come_as_text():
    assert Finding("x", "s", "n", "present").decision is Decision.PRESENT


@pytest.mark.parametrize("probability", [7, -0.1, float("nan")])
def test_a_probability_that_is_none_is_refused(probability):
    with pytest.raises(OptionError, match="it must be from 0 to 1"):
        Finding("x", "s", "n", Decision.PRESENT, probability)
