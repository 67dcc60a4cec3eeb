from __future__ import annotations

import pytest

from einthoven.beats.inputs import INPUTS
from einthoven.bundles.inputs import BEAT_INPUTS, input_kind, leads_at_once
from einthoven.errors import OptionError
from einthoven.images.inputs import BEAT_PICTURES, TWO_LEADS


def test_an_unknown_kind_lists_numbers_and_pictures() -> None:
    with pytest.raises(OptionError, match=r"'wavelet' is not known: choose from window.*beat-canvas"):
        input_kind("wavelet")


def test_no_kind_of_picture_has_the_name_of_another_kind() -> None:
    assert not INPUTS.keys() & BEAT_PICTURES.keys()
    assert BEAT_INPUTS.keys() == INPUTS.keys() | BEAT_PICTURES.keys()
    assert BEAT_PICTURES.keys() >= TWO_LEADS


def test_sequences_and_screens_show_two_leads() -> None:
    assert {kind for kind in BEAT_INPUTS if leads_at_once(kind) == 2} == {"beat-sequences", "beat-in-rhythm"}
