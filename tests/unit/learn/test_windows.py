from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from einthoven.errors import OptionError
from einthoven.learn.export import to_onnx
from einthoven.learn.models import build
from einthoven.learn.models.windows import Windows

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = {"signal": (8, None)}
WINDOWED = {
    "resnet1d": {"widths": (8, 12), "kernel": 5, "stem_kernel": 5, "window": 40, "overlap": 10},
    "wide_resnet1d": {"width": 8, "stages": 2, "stride": 2, "window": 40, "overlap": 10},
    "xresnet1d": {"blocks": (1, 2), "width": 4, "stem": (4, 8), "hidden": 8, "window": 40, "overlap": 10},
}


def test_windows_at_the_published_rate_cover_ten_seconds_and_the_last_ends_with_them() -> None:
    signal = torch.arange(5000.0).expand(2, 1, 5000)
    cut = Windows(2048, 512)(signal)
    assert cut.shape == (2 * 3, 1, 2048)
    assert cut[:3, 0, 0].tolist() == [0, 1536, 5000 - 2048]
    assert cut[2, 0, -1] == 4999


@pytest.mark.parametrize(("samples", "windows"), [(1, 1), (39, 1), (40, 1), (41, 2), (70, 2), (71, 3), (1000, 33)])
def test_no_sample_is_left_out_and_what_lacks_is_zero(samples: int, windows: int) -> None:
    cut = Windows(40, 10)(torch.arange(1.0, samples + 1).expand(1, 1, samples))
    assert cut.shape == (windows, 1, 40)
    assert set(cut.unique().tolist()) - {0.0} == set(map(float, range(1, samples + 1)))
    assert (cut == 0).any() == (samples < 40)


def test_the_largest_is_taken_item_by_item() -> None:
    windows = Windows(40, 10)
    found = torch.tensor([[1.0, 9], [2, 8], [7, 3], [6, 4]])
    assert windows.largest(found, 2).tolist() == [[2, 9], [7, 4]]
    assert windows.largest(found, 4) is not None
    assert Windows(0, 0).largest(found, 4).tolist() == found.tolist()


@pytest.mark.parametrize(("length", "overlap"), [(40, 40), (40, 50), (-1, 0), (40, -1), (0, 1)])
def test_windows_that_do_not_move_on_are_refused(length: int, overlap: int) -> None:
    with pytest.raises(OptionError, match=r"cannot be built with these settings .*they must move on"):
        build("resnet1d", {"window": length, "overlap": overlap}, "recipe [model]", SHAPES, 2)


@pytest.mark.parametrize("kind", WINDOWED)
def test_a_finding_in_one_window_is_found_wherever_that_is(kind: str) -> None:
    torch.manual_seed(0)
    model = build(kind, WINDOWED[kind], "here", SHAPES, 3).eval()
    wave = torch.randn(8, 20)
    early, late = torch.zeros(2, 1, 8, 130)
    early[..., 10:30], late[..., 100:120] = wave, wave  # 10 samples into the first window and into the last
    with torch.no_grad():
        torch.testing.assert_close(model(early), model(late), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", WINDOWED)
def test_exported_it_answers_the_same_of_any_length(kind: str, tmp_path: Path) -> None:
    import onnxruntime

    torch.manual_seed(0)
    model, file = build(kind, WINDOWED[kind], "here", SHAPES, 3).eval(), tmp_path / "m.onnx"
    to_onnx(model, SHAPES, file, free={"signal": {2: torch.export.Dim("sample")}})
    session = onnxruntime.InferenceSession(file)
    for samples in (1, 39, 40, 41, 70, 71, 500):
        signal = torch.randn(3, 8, samples)
        (found,) = session.run(None, {"signal": signal.numpy()})
        np.testing.assert_allclose(found, model(signal).detach().numpy(), atol=1e-4)
