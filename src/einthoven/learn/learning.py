"""One network after the other by the same recipe: from whom it learns is all that differs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import torch

from ..atomic import replacing
from ..datasets.splits import folds
from ..errors import OptionError
from .augment import augment
from .draws import Draws, in_sequence, singly
from .fill import checked
from .fit import Batches, fit, logits, unwatched
from .losses import loss_kind
from .models import model_class, network
from .recipe import RECORDS
from .record_augment import record_augment
from .sequence_augment import with_fusion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.random import Generator
    from numpy.typing import NDArray
    from torch import nn

    from .examples import Examples
    from .fit import Watch
    from .recipe import Recipe

    Arrays = dict[str, NDArray[np.float32]]


MEMBER, EPOCHS = "member.pt", "epochs"


@dataclass(frozen=True, slots=True, eq=False)
class Learning:
    """What is the same for all networks of a run.

    Parameters
    ----------
    recipe
        How they learn.
    examples
        All that there is to learn from.
    start
        File of the weights they start from; None for weights drawn anew.
    seed
        Of starting weights, order and dropout.
    max_steps
        Stop after so many steps; -1 for none.
    watch
        Shows how it goes.
    """

    recipe: Recipe
    examples: Examples
    start: Path | None
    seed: int
    max_steps: int = -1
    watch: Watch | None = None

    @staticmethod
    def check(recipe: Recipe) -> None:
        """Make sure that the network and the variations are known, and their settings; raises OptionError."""
        kind, settings, where = recipe.kind_of("model")
        checked(model_class(kind), settings, where)
        if recipe.training.manifold_mixup and not hasattr(model_class(kind), "mixing_points"):
            raise OptionError(f"{recipe.file} [training]: manifold_mixup needs a network of stages; '{kind}' has none")
        judge, own, place = recipe.kind_of("loss")
        loss_kind(judge)((), **checked(loss_kind(judge), own, place))
        if recipe.training.warm_up and recipe.training.schedule != "cosine":
            raise OptionError(
                f"{recipe.file} [training]: warm_up is of schedule 'cosine', not '{recipe.training.schedule}'"
            )
        if bool(recipe.sources) != bool(recipe.training.steps):
            raise OptionError(f"{recipe.file}: [[sources]] to draw from need [training] steps, and steps need sources")
        if recipe.evaluation.each_epoch and (recipe.training.average or recipe.training.steps):
            raise OptionError(f"{recipe.file} [evaluation]: each_epoch needs [training] without average and steps")
        if recipe.augment:
            table = record_augment if recipe.data.task == RECORDS else augment
            checked(table(recipe.kind_of("input")[0]), recipe.augment, f"{recipe.file} [augment]")

    def learn_together(self, names: Sequence[str], folder: Path) -> tuple[nn.Module, float]:
        """Train as many networks as the recipe has members, from seeds that follow one another; else as `learn`."""
        number, wall_s = self.recipe.training.members, 0.0
        if number == 1:
            return self.learn(names, folder)
        if not self.examples.exclusive:
            raise OptionError(
                f"{self.recipe.file} [training]: members answer together only where classes exclude others"
            )
        together = network(self.recipe, self.examples.shapes, len(self.examples.classes), number)
        for member, model in enumerate(together.members):  # type: ignore[arg-type]
            here = folder / "members" / str(member)
            if not (here / MEMBER).is_file():
                one, took_s = replace(self, seed=self.seed + member).learn(names, here)
                with replacing(here / MEMBER) as draft:
                    torch.save({"weights": one.state_dict(), "wall_s": took_s}, draft)
            kept = torch.load(here / MEMBER, weights_only=True)
            model.load_state_dict(kept["weights"])
            wall_s += kept["wall_s"]
        return together, wall_s

    def learn(self, names: Sequence[str], folder: Path, told: Sequence[str] = ()) -> tuple[nn.Module, float]:
        """Train one network on some records, and tell how many seconds it took.

        Parameters
        ----------
        names
            Records, of the database that is judged on.
        folder
            Where checkpoints and log go.
        told
            Records that it scores after every epoch where the recipe wants that; see :func:`epoch_scores`.
        """
        recipe, examples, training = self.recipe, self.examples, self.recipe.training
        if len(training.class_weights) not in (0, len(examples.classes)):
            raise OptionError(f"{recipe.file} [training]: class_weights must be one for each of {examples.classes}")
        torch.manual_seed(self.seed)
        model = network(recipe, examples.shapes, len(examples.classes))
        begun = torch.load(self.start, weights_only=True) if self.start else {}
        if begun:
            model.load_state_dict(begun)
        if isinstance(model, LearntAtOnce):
            return model, at_once(model, examples, examples.of_groups(names), self.seed)
        if isinstance(model, LooksFirst):
            index = examples.of_groups(names)
            model.look_at({name: rows[index] for name, rows in examples.inputs.items()})
        batches: Batches | Draws
        observe = None
        if training.steps:
            vary = partial(augment(recipe.kind_of("input")[0]), noise=examples.noise, **recipe.augment)
            if examples.draw:
                vary = partial(_drawn, vary, examples.draw)
            length = training.sequence or examples.sequence
            show = partial(in_sequence, length=length, short=training.short, loop=training.loop)
            batches = Draws(
                examples.parts,
                dict.fromkeys(examples.databases, names),
                recipe.data.target,
                show if examples.sequence else singly,
                vary,
                training.steps,
                self.seed,
                partial(with_fusion, share=training.fusion) if training.fusion else None,
            )
        else:
            vary_some = None
            if recipe.augment:
                vary_some = partial(record_augment(recipe.kind_of("input")[0]), **recipe.augment)
            index = examples.of_groups(names)
            batches = Batches(examples, index, training.batch_size, training.epochs, self.seed, vary_some)
            if recipe.evaluation.each_epoch:
                observe = partial(self._score_epoch, model, examples.of_groups(told), folder, batches.per_epoch)
        judge, settings, _ = recipe.kind_of("loss")
        wall_s = fit(
            model,
            batches,
            training,
            seed=self.seed,
            folder=folder,
            max_steps=self.max_steps,
            watch=self.watch or unwatched,
            exclusive=recipe.data.task == RECORDS and examples.exclusive,
            terms=loss_kind(judge)(examples.classes, **settings),
            observe=observe,
        )
        if begun and recipe.start:
            keep_some(model, begun, recipe.start.keep)
        return model, wall_s

    def _score_epoch(
        self, model: nn.Module, index: NDArray[np.int64], folder: Path, per_epoch: int, steps: int
    ) -> None:
        if steps % per_epoch == 0:
            with replacing(folder / EPOCHS / f"{steps // per_epoch}.npy") as draft:
                np.save(draft, logits(model, self.examples, index))
            model.train()

    def out_of_fold(
        self, share: Mapping[str, float], folder: Path, split_seed: int
    ) -> tuple[NDArray[np.float32], float]:
        """Score records by networks that did not learn from them.

        Parameters
        ----------
        share
            By record, its share of abnormal items.
        folder
            Of the run; what is done of a fold stays in ``folds`` below it.
        split_seed
            Of the dealing.

        Returns
        -------
        score
            float32, shape (item, class), of all items of these records, in their order.
        wall_s
            Seconds of training.
        """
        examples, wall_s = self.examples, 0.0
        score = np.zeros((len(examples), len(examples.classes)), np.float32)
        parts = folds(share, examples.patient, self.recipe.evaluation.folds, split_seed) if share else ()
        for number, held in enumerate(parts):
            here = folder / "folds" / str(number)
            if not (here / "scores.npz").is_file():
                model, took_s = self.learn([name for name in share if name not in held], here)
                with replacing(here / "scores.npz") as draft:
                    np.savez(draft, score=logits(model, examples, examples.of_groups(held)), wall_s=took_s)
            with np.load(here / "scores.npz") as kept:
                score[examples.of_groups(held)] = kept["score"]
                wall_s += float(kept["wall_s"])
        return score[examples.of_groups(list(share))], wall_s


@runtime_checkable
class LearntAtOnce(Protocol):
    """A model that no gradient leads to, such as trees."""

    def learn_at_once(self, inputs: Mapping[str, NDArray[np.float32]], target: NDArray[np.float32], seed: int) -> None:
        """Learn from all items: inputs by name, shape (item, ...), and targets, shape (item, class)."""
        ...


@runtime_checkable
class LooksFirst(Protocol):
    """A network that takes the scale of its inputs from the items it is going to learn from."""

    def look_at(self, inputs: Mapping[str, NDArray[np.float32]]) -> None:
        """Look at all items: inputs by name, shape (item, ...)."""
        ...


def at_once(model: LearntAtOnce, examples: Examples, index: NDArray[np.int64], seed: int) -> float:
    """Let a model learn from some items, and tell how many seconds it took."""
    started_s = time.monotonic()
    model.learn_at_once({name: rows[index] for name, rows in examples.inputs.items()}, examples.target[index], seed)
    return time.monotonic() - started_s


def _drawn(vary: Callable[..., Arrays], draw: Callable[[Arrays], Arrays], batch: Arrays, rng: Generator) -> Arrays:
    """Vary traces, then draw them."""
    return draw(vary(batch, rng))


def epoch_scores(folder: Path, epochs: int) -> NDArray[np.float32]:
    """Read what a network said after each epoch: float32, shape (epoch, item, class)."""
    return np.stack([np.load(folder / EPOCHS / f"{number}.npy") for number in range(1, epochs + 1)])


def keep_some(model: nn.Module, begun: Mapping[str, torch.Tensor], share: float) -> None:
    """Mix a share of the weights a network began with back into those it has."""
    mixed = {
        name: torch.lerp(weight, begun[name], share) if weight.is_floating_point() else weight
        for name, weight in model.state_dict().items()
    }
    model.load_state_dict(mixed)
