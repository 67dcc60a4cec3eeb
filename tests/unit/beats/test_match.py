from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.beats.match import match
from einthoven.errors import OptionError

positions = st.lists(st.integers(0, 60), max_size=6).map(sorted)


def best_by_hand(reference, found, tolerance):
    """Most pairs, then least total distance, by trying every assignment."""
    best = (0, 0)
    for size in range(1, min(len(reference), len(found)) + 1):
        for rows in combinations(range(len(reference)), size):
            for columns in permutations(range(len(found)), size):
                gaps = [abs(reference[i] - found[j]) for i, j in zip(rows, columns, strict=True)]
                if max(gaps) <= tolerance:
                    best = max(best, (size, -sum(gaps)))
    return best


@given(positions, positions, st.integers(0, 20))
def test_no_other_pairing_is_better(reference, found, tolerance):
    pairs = match(reference, found, tolerance)
    gaps = np.abs(np.array(reference)[pairs.reference_idx] - np.array(found)[pairs.found_idx])
    assert (pairs.true_positives, -gaps.sum()) == best_by_hand(reference, found, tolerance)
    assert np.all(gaps <= tolerance)
    assert len(set(pairs.found_idx.tolist())) == len(pairs.found_idx) == len(set(pairs.reference_idx.tolist()))


def test_one_detection_cannot_serve_two_beats():
    pairs = match([100, 120], [110], tolerance=54)
    assert (pairs.true_positives, pairs.false_negatives, pairs.false_positives) == (1, 1, 0)


def test_the_nearer_of_two_detections_is_taken():
    assert match([100], [60, 101], tolerance=54).found_idx.tolist() == [1]


@pytest.mark.parametrize(("distance", "matched"), [(54, 1), (55, 0)])
def test_tolerance_is_inclusive(distance, matched):
    assert match([1000], [1000 + distance], tolerance=54).true_positives == matched


def test_nothing_found_and_nothing_there_have_no_score():
    assert np.isnan(match([], [], 54).f1)
    assert match([5], [], 54).f1 == 0
    assert np.isnan(match([5], [], 54).positive_predictivity)


def test_agrees_with_wfdb_where_beats_are_apart():
    from wfdb.processing import compare_annotations

    rng = np.random.default_rng(3)
    reference = np.cumsum(rng.integers(150, 400, 500))
    found = np.sort(np.delete(reference, [5, 90, 300]) + rng.integers(-40, 41, 497))
    found = np.sort(np.concatenate([found, [reference[200] + 75]]))
    theirs = compare_annotations(reference, found, 54)
    ours = match(reference, found, 54)
    assert (ours.true_positives, ours.false_negatives, ours.false_positives) == (theirs.tp, theirs.fn, theirs.fp)


def test_input_that_does_not_ascend_is_refused():
    with pytest.raises(OptionError, match="found beat positions"):
        match([1, 2], [5, 3], 10)


def test_a_detector_late_by_half_an_interval_still_pairs_all_beats_of_a_day():
    reference = np.arange(100_000) * 72
    assert match(reference, reference + 36, 54).f1 == 1
