"""What bundles are asked of beats."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.beats.detect import LATENCY_S, BeatStream
from einthoven.bundles.beats import beat_net, class_stream, classify
from einthoven.bundles.bundle import Bundle
from einthoven.errors import BundleError
from einthoven.record import Beats
from einthoven.signal.simulate import simulate


@pytest.mark.parametrize("name", ["mitdb-aami", "mitdb-normal"])
def test_a_network_that_looks_at_later_beats_is_no_stream(name: str) -> None:
    with pytest.raises(BundleError, match=f"bundle {name} looks at whole recordings; a stream needs a causal one"):
        class_stream(Bundle.load(name), 2, 360)


def test_a_detector_in_pictures_is_not_asked_of_signals() -> None:
    heart = simulate(duration_s=10, fs_hz=360, leads=("II",))
    with pytest.raises(BundleError, match="bundle boxes-ds2 looks at pictures; classes of beats need one that looks"):
        classify(heart.beats, heart.record.signal, 360, Bundle.load("boxes-ds2"))


@pytest.mark.parametrize(("leads", "fs_hz"), [(("II", "V1"), 360), (("MLII",), 250)])
def test_a_stream_of_beats_is_told_what_the_whole_recording_is(leads: tuple[str, ...], fs_hz: float) -> None:
    signal = simulate(duration_s=150, fs_hz=fs_hz, leads=leads, pac=0.1, pvc=0.1, seed=4).record.signal
    finder = BeatStream(len(leads), fs_hz, beat_net(Bundle.load("beat-detector")))
    teller = class_stream(Bundle.load("mitdb-aami-causal"), len(leads), fs_hz)
    told, arrived = [], 0
    for part in np.array_split(signal, 40, axis=1):
        arrived += part.shape[1]
        told.append(teller.feed(part, finder.feed(part)))
        late = arrived - told[-1].sample
        assert (late <= (LATENCY_S + 5 + 2) * fs_hz).all(), "the finder's latency, a part, and the beat that comes next"
    told.append(teller.finish(finder.finish()))
    sample, symbol = (np.concatenate([getattr(one, name) for one in told]) for name in ("sample", "symbol"))
    whole = classify(Beats.unlabelled(sample), signal, fs_hz, Bundle.load("mitdb-aami-causal"))
    np.testing.assert_array_equal(symbol, whole.symbol)
    probability = np.concatenate([one.probability for one in told])
    np.testing.assert_allclose(probability, whole.probability, atol=1e-4)
    assert {"N", "V"} <= set(symbol.tolist())
