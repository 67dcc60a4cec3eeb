"""A single-shot detector: what it asks of default boxes, how it is judged, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import OptionError
from einthoven.images.boxes import decode, default_boxes, encode, overlap, suppress
from einthoven.learn.matching import NOTHING, UNASKED, matched

torch = pytest.importorskip("torch")

SETTINGS = {
    "widths": (8, 12, 16),
    "depths": (0, 1, 0),
    "first_map": 1,
    "default_wh": (((16.0, 8.0), (16.0, 16.0)), ((30.0, 30.0),)),
    "context": 1,
}


def build(**changes: object):
    from einthoven.learn.models.ssd import Ssd

    torch.manual_seed(0)
    return Ssd({"picture": (1, 36, 70)}, 3, **(SETTINGS | changes))


def target(model, class_id=1, of=5):
    number = len(model.defaults)
    ids = torch.full((2, number), NOTHING)
    ids[0, of] = class_id
    ids[1, :4] = UNASKED
    return {"class_id": ids, "place": torch.zeros(2, number, 4)}


def test_every_default_box_has_a_logit_a_class_and_a_place():
    model = build().eval()
    out = model(torch.rand(2, 1, 36, 70))
    assert model.maps == ((5, 9), (3, 5))
    assert out.shape == (2, 5 * 9 * 2 + 3 * 5, 3 + 4)
    np.testing.assert_array_equal(model.defaults.numpy(), default_boxes((36, 70), model.maps, SETTINGS["default_wh"]))


def test_odds_of_one_choice_of_all_are_those_of_its_softmax():
    model = build(loss="mined").eval()
    picture = torch.rand(1, 1, 36, 70)
    logit, _ = model.said(picture)
    share = torch.softmax(logit, dim=2)[..., 1:]
    torch.testing.assert_close(torch.sigmoid(model(picture)[..., :3]), share, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("loss", ["mined", "focal"])
def test_what_nobody_is_to_say_changes_no_loss(loss):
    model = build(loss=loss).eval()
    picture, asked = torch.rand(2, 1, 36, 70), target(model)
    before = model.losses(picture, asked)
    heads = model.said

    def said(given):
        logit, place = heads(given)
        other = logit.clone()
        other[1, :4, 1] += 7
        return other, place

    model.said = said
    after = model.losses(picture, asked)
    assert before["class"].item() == pytest.approx(after["class"].item(), rel=1e-6)
    asked["class_id"][1, :4] = NOTHING
    assert model.losses(picture, asked)["class"].item() != pytest.approx(before["class"].item(), rel=1e-3)


@pytest.mark.parametrize("loss", ["mined", "focal"])
def test_a_detector_learns_a_black_square(loss):
    """One class in one place of white pictures, found after a few steps where it is drawn."""
    model = build(loss=loss).train()
    optimizer = torch.optim.AdamW(model.parameters(), 0.01)
    rng = np.random.default_rng(0)

    def drawn(number):
        pictures, ids, places, truth = [], [], [], []
        for _ in range(number):
            x, y = rng.integers(2, 50), rng.integers(2, 18)
            picture = np.zeros((1, 36, 70), np.float32)
            picture[:, y : y + 16, x : x + 16] = 1
            box = np.array([[x, y, x + 16, y + 16]], np.float32)
            class_id, place = matched(box, np.array([2]), model.defaults.numpy())
            pictures.append(picture), ids.append(class_id), places.append(place), truth.append(box)
        as_tensor = [torch.from_numpy(np.stack(part)) for part in (pictures, ids, places)]
        return as_tensor[0], {"class_id": as_tensor[1], "place": as_tensor[2]}, truth

    for _ in range(60):
        pictures, asked, _ = drawn(8)
        optimizer.zero_grad()
        sum(model.losses(pictures, asked).values()).backward()
        optimizer.step()
    pictures, _, truth = drawn(8)
    with torch.inference_mode():
        answers = model.eval()(pictures).numpy()
    for answer, box in zip(answers, truth, strict=True):
        best = answer[:, 2].argmax()
        found = decode(answer[[best], 3:], model.defaults.numpy()[[best]])
        assert overlap(found, box)[0, 0] > 0.5
        assert answer[best, :2].max() < answer[best, 2]


def test_settings_that_do_not_fit_are_refused():
    from einthoven.learn.models import build as build_kind

    for wrong, said in (
        ({"widths": [8, 12]}, "2 widths, 3 depths"),
        ({"class_weights": [1.0]}, "1 class_weights for 3 classes"),
        ({"loss": "hinge"}, "choose from mined, focal"),
    ):
        with pytest.raises(OptionError, match=said):
            build_kind("ssd", SETTINGS | wrong, "here", {"picture": (1, 36, 70)}, 3)


def test_each_thing_has_a_default_box_however_odd_it_is():
    defaults = default_boxes((36, 70), [(5, 9)], [[(16, 8)]])
    odd = np.array([[1, 1, 69, 3], [20, 10, 36, 18]], np.float32)
    class_id, place = matched(odd, np.array([7, 4]), defaults)
    assert {4, 7} <= set(class_id.tolist())
    there = np.flatnonzero(class_id == 7)
    np.testing.assert_allclose(decode(place[there], defaults[there])[0], odd[0], atol=1e-3)
    np.testing.assert_allclose(place[there], encode(odd[[0]], defaults[there]), atol=1e-6)
    assert (place[class_id < 0] == 0).all()


def test_nothing_is_asked_beside_what_is_there_and_nothing_is_there_in_an_empty_picture():
    defaults = np.array([[0, 0, 10, 10], [4, 0, 14, 10], [30, 0, 40, 10]], np.float32)
    assert matched(defaults[:1], np.array([0]), defaults)[0].tolist() == [0, UNASKED, NOTHING]
    assert matched(np.zeros((0, 4), np.float32), np.zeros(0, np.int64), defaults)[0].tolist() == [NOTHING] * 3


def test_two_things_that_want_the_same_default_box_are_not_both_lost():
    defaults = np.array([[0, 0, 10, 10], [100, 0, 110, 10]], np.float32)
    things = np.array([[0, 0, 10, 9], [1, 0, 10, 7]], np.float32)
    assert matched(things, np.array([1, 2]), defaults)[0].tolist() == [1, NOTHING]


def test_torch_decodes_and_suppresses_as_numpy_does():
    from einthoven.learn.suppression import decoded, suppressed

    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 50, (60, 2)).astype(np.float32)
    defaults = np.concatenate((corner, corner + rng.uniform(5, 30, (60, 2)).astype(np.float32)), axis=1)
    place, score = rng.normal(size=(60, 4)).astype(np.float32), rng.random(60).astype(np.float32)
    boxes = decode(place, defaults)
    theirs = decoded(torch.from_numpy(place), torch.from_numpy(defaults))
    np.testing.assert_allclose(theirs.numpy(), boxes, atol=1e-3)
    kept = suppressed(torch.from_numpy(boxes), torch.from_numpy(score), 0.4)
    assert kept.tolist() == suppress(boxes, score, 0.4).tolist()
