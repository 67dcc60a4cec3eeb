"""How well a trained detector finds beats, in quiet and in noise, beside classical ones in the same noise."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from ..beats.detect import detect
from ..beats.fast import fast_detect
from ..datasets import mitdb, nstdb
from ..evaluation.detection import noise_protocols, quiet_protocols
from ..record import Beats
from .detection import network, train
from .folded import fold_folder, where_from
from .runs import WEIGHTS, run_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from ..beats.detect import Net
    from ..record import Record
    from .fit import Watch
    from .recipe import Recipe


def evaluated(
    recipe: Recipe, root: str | Path | None, runs: Path, *, threads: int = 1, watch: Watch | None = None
) -> dict[str, Any]:
    """Train what is not trained yet, and judge it: see :func:`einthoven.learn.detection.train` and :func:`result`."""
    facts = train(recipe, root, runs, threads=threads, watch=watch)
    return result(recipe, run_folder(runs, recipe, recipe.split.seed, facts["seed"]), facts, root)


def result(recipe: Recipe, folder: Path, facts: Mapping[str, Any], root: str | Path | None) -> dict[str, Any]:
    """Judge a run.

    Records it learnt from are searched by the network that did not learn from their patient; all others by the one that
    learnt from all of these, which is the one that is exported.

    Parameters
    ----------
    recipe
        What it was made by.
    folder
        Where its weights are.
    facts
        What is known of it.
    root
        Folder that holds the databases.

    Returns
    -------
    dict
        The content of ``results/<recipe>.json``; under ``peers``, the protocols with noise of two classical detectors.
    """
    items = list(mitdb.load(root))
    final = as_net(recipe, folder / WEIGHTS)
    of_fold = {
        patient: as_net(recipe, fold_folder(folder, number) / WEIGHTS)
        for number, held in enumerate(facts["folds"])
        for patient in held
    }
    learnt = set(facts["train"])
    found = {
        item.record.id: detect(item.record, of_fold[item.patient] if item.record.id in learnt else final)
        for item in items
    }
    motion = next(noise for noise in nstdb.load(root) if noise.id == "em")
    motion = motion.crop(motion.duration_s / 2, motion.duration_s)  # the half that nothing was trained with
    in_noise = partial(noise_protocols, items, noise=motion)
    return where_from(recipe, facts) | {
        "noise": "second half of nstdb em; the first half is trained with",
        "protocols": quiet_protocols(items, found) | in_noise(find=partial(detect, net=final)),
        "peers": {name: in_noise(find=find) for name, find in PEERS.items()},
    }


def as_net(recipe: Recipe, weights: Path) -> Net:
    """Give trained weights as what :func:`einthoven.beats.detect.detect` asks."""
    model = network(recipe, weights)

    def net(leads: NDArray[np.float32], /) -> NDArray[np.float32]:
        with torch.inference_mode():
            logit: NDArray[np.float32] = model(torch.from_numpy(leads))[..., 0].numpy()
        return logit

    return net


def sleepecg_detect(record: Record) -> Beats:
    """Let sleepecg find the beats of the first lead."""
    from sleepecg.heartbeats import detect_heartbeats

    return Beats.unlabelled(detect_heartbeats(record.signal[0].astype(np.float64), record.fs_hz))


PEERS: Final[dict[str, Callable[[Record], Beats]]] = {"fast": fast_detect, "sleepecg": sleepecg_detect}
