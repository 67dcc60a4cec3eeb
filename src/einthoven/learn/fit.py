"""Training by Lightning, which can be killed at any moment and goes on to the very same weights.

Everything random is a function of the seed and the step: which items a batch holds, and what dropout leaves out. So a
checkpoint needs weights, optimizer and step, and nothing is lost with a process but the steps since the last one.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from functools import partial
from math import ceil, cos, pi
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import lightning
import numpy as np
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor, nn

from ..atomic import replacing
from ..beats.overlap import run_in_sequences
from ..beats.sequences import EDGE
from ..errors import OptionError, unknown
from .losses import loss_of_several, mean_of_known, plain
from .mixup import mixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from .examples import Examples
    from .losses import Terms
    from .recipe import Training
    from .steps import Steps

CHECKPOINT: Final = "last.ckpt"
ITEMS_AT_ONCE: Final = 1024
LOG_EVERY: Final = 50
ONE_CYCLE_UP: Final = 0.15
"""Share of the steps in which the rate of ``one-cycle`` rises."""

SCHEDULES: Final = ("constant", "one-cycle", "cosine")


class Batches:
    """All batches of a training, epoch after epoch in an order drawn anew; knows at which step it stands.

    To Lightning the whole training is one epoch: it resumes in the middle of an epoch to the step, but (2.6) forgets
    where the batches stood when the checkpoint was made with the last batch of one.

    Parameters
    ----------
    examples
        Where the items are.
    index
        int64: those to learn from.
    size
        Items in a batch; the last of an epoch may be smaller.
    epochs
        How often every item is seen.
    seed
        Seed of the order.
    vary
        Takes the inputs of a batch by name, its targets and a generator, and gives both as the network is to see them.
    """

    def __init__(
        self,
        examples: Examples,
        index: NDArray[np.int64],
        size: int,
        epochs: int,
        seed: int,
        vary: Vary | None = None,
    ) -> None:
        self._examples, self._index, self._size, self._epochs, self._seed = examples, index, size, epochs, seed
        self._vary = vary
        self._step = 0

    @property
    def per_epoch(self) -> int:
        """Batches in an epoch."""
        return ceil(len(self._index) / self._size)

    def __len__(self) -> int:
        return self.per_epoch * self._epochs

    def __iter__(self) -> Iterator[tuple[tuple[Tensor, ...], Tensor]]:
        while self._step < len(self):
            epoch, number = divmod(self._step, self.per_epoch)
            order = np.random.default_rng((self._seed, epoch)).permutation(self._index)
            for first in range(number * self._size, len(order), self._size):
                self._step += 1
                yield self._shown(order[first : first + self._size])

    def _shown(self, index: NDArray[np.int64]) -> tuple[tuple[Tensor, ...], Tensor]:
        if self._vary is None:
            return tensors(self._examples, index)
        rng = np.random.default_rng((self._seed, self._step, 1))
        inputs = {name: rows[index] for name, rows in self._examples.inputs.items()}
        varied, target = self._vary(inputs, self._examples.target[index], rng)
        return tuple(map(torch.from_numpy, varied.values())), torch.from_numpy(target)

    def state_dict(self) -> dict[str, int]:
        """Return the step, for a checkpoint."""
        return {"step": self._step}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on at the step of a checkpoint."""
        self._step = state["step"]


def tensors(examples: Examples, index: NDArray[np.int64]) -> tuple[tuple[Tensor, ...], Tensor]:
    """Return inputs, in their order, and targets of some items."""
    inputs = tuple(torch.from_numpy(rows[index]) for rows in examples.inputs.values())
    return inputs, torch.from_numpy(examples.target[index])


@runtime_checkable
class JudgesItself(Protocol):
    """A network that knows how far off it is, in parts by their names."""

    def losses(self, *batch: Any) -> dict[str, Tensor]:
        """Return the parts of the loss, of the inputs and, last, the targets."""
        ...


class Learner(lightning.LightningModule):
    """A network with its loss and optimizer, and the running mean of its weights where one is kept."""

    def __init__(
        self,
        model: nn.Module,
        training: Training,
        seed: int,
        steps: int,
        *,
        exclusive: bool = False,
        terms: Terms | None = None,
    ) -> None:
        super().__init__()
        self.model, self.training_settings, self.seed, self.steps = model, training, seed, steps
        self.exclusive, self.terms = exclusive, terms or plain(())
        self.average = deepcopy(model).requires_grad_(False) if training.average else None

    @property
    def result(self) -> nn.Module:
        """The network whose weights are kept."""
        return self.average or self.model

    def training_step(self, batch: tuple[tuple[Tensor, ...], Tensor | dict[str, Tensor]], number: int) -> Tensor:
        """Loss of one batch: of classes that exclude each other, or do not, or of all that is known of the items."""
        torch.manual_seed((self.seed << 32) + self.global_step)
        inputs, target = batch
        s = self.training_settings
        if isinstance(self.model, JudgesItself):
            parts = self.model.losses(*inputs, target)
            loss = torch.stack([s.losses.get(name, 1.0) * part for name, part in parts.items()]).sum()
            self.log_dict({"train/loss": loss} | {f"train/{name}": part for name, part in parts.items()})
            return loss
        if isinstance(target, dict):
            answers = self.model.answers(*inputs)  # type: ignore[operator]
            loss = loss_of_several(answers, target, s.losses, s.smoothing, s.class_weights)
            self.log("train/loss", loss)
            return loss
        logit, target = mixed(self.model, inputs, target, s.manifold_mixup)
        if self.exclusive:
            loss = nn.functional.cross_entropy(logit, target, label_smoothing=s.smoothing)
            right = (logit.argmax(1) == target.argmax(1)).float().mean()
        else:
            loss = mean_of_known(self.terms, logit, target, s.smoothing)
            known = ~torch.isnan(target)
            right = ((logit > 0) == (target > 0.5))[known].float().mean()
        self.log_dict({"train/loss": loss, "train/accuracy": right})
        return loss

    def configure_optimizers(self) -> Any:
        """Adam, with the weight decay apart from the gradient (AdamW) where there is any, and its schedule."""
        s = self.training_settings
        optimizer = torch.optim.AdamW(
            self.model.parameters(), s.learning_rate, eps=s.epsilon, weight_decay=s.weight_decay
        )
        if s.schedule == "constant":
            return optimizer
        if s.schedule == "one-cycle":
            schedule: Any = torch.optim.lr_scheduler.OneCycleLR(
                optimizer, s.learning_rate, self.steps, pct_start=ONE_CYCLE_UP
            )
        else:
            schedule = torch.optim.lr_scheduler.LambdaLR(
                optimizer, partial(along_cosine, steps=self.steps, warm_up=s.warm_up)
            )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def optimizer_step(self, *arguments: Any, **settings: Any) -> None:
        """Step, and move the mean: here, and not after the batch, when the checkpoint may be written already."""
        super().optimizer_step(*arguments, **settings)
        if self.average:
            done = self.global_step
            share = 1 - min(self.training_settings.average, (1 + done) / (10 + done))
            for mean, now in zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True):
                if mean.is_floating_point():
                    mean.lerp_(now, share)
                else:
                    mean.copy_(now)


def along_cosine(step: int, *, steps: int, warm_up: float) -> float:
    """Return the share of the learning rate at a step: up in a straight line, then down along a cosine.

    Goyal et al., 2017, and Loshchilov and Hutter, ICLR 2017, without restarts.

    Examples
    --------
    >>> [round(along_cosine(step, steps=100, warm_up=0.1), 2) for step in (0, 9, 10, 55, 100)]
    [0.1, 1.0, 1.0, 0.5, 0.0]
    """
    rising = round(warm_up * steps)
    if step < rising:
        return (step + 1) / rising
    return (1 + cos(pi * (step - rising) / max(steps - rising, 1))) / 2


Vary = Callable[
    [dict[str, Any], "NDArray[np.float32]", np.random.Generator], "tuple[dict[str, Any], NDArray[np.float32]]"
]
"""Varies the inputs of a batch, by name, and its targets."""

Watch = Callable[[int], "AbstractContextManager[Callable[[float], None]]"]
"""Shows how training goes: given the number of steps, it yields what is told of each one done."""


def unwatched(steps: int) -> AbstractContextManager[Callable[[float], None]]:
    """Show nothing."""
    return nullcontext(lambda done: None)


class Keeper(lightning.Callback):
    """Writes a checkpoint every so many steps, whole or not at all; tells how far training is, and how long it took.

    What `observe` does after a step is done before a checkpoint says that the step is done.
    """

    def __init__(
        self, file: Path, every: int, advance: Callable[[float], None], observe: Callable[[int], None] | None = None
    ) -> None:
        self._file, self._every, self._advance, self._observe = file, every, advance, observe
        self._started_s = time.monotonic()

    @property
    def wall_s(self) -> float:
        """Seconds of training, with those of the processes before, as far as their checkpoints tell."""
        return time.monotonic() - self._started_s

    def state_dict(self) -> dict[str, float]:
        """Return the time taken, for a checkpoint."""
        return {"wall_s": self.wall_s}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Go on at the time of a checkpoint."""
        self._started_s = time.monotonic() - state["wall_s"]

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Tell of the steps that were done before."""
        self._advance(trainer.global_step)

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """Write, when it is time."""
        if self._observe:
            self._observe(trainer.global_step)
        if trainer.global_step % self._every == 0 and trainer.global_step < trainer.max_steps:
            with replacing(self._file) as draft:
                trainer.save_checkpoint(draft)
        self._advance(1)


def fit(
    model: nn.Module,
    batches: Batches | Steps,
    training: Training,
    *,
    seed: int,
    folder: Path,
    max_steps: int = -1,
    checkpoint_every: int = 250,
    watch: Watch = unwatched,
    exclusive: bool = False,
    terms: Terms | None = None,
    observe: Callable[[int], None] | None = None,
) -> float:
    """Train a network in place, from where `folder` has it if it was begun there.

    Parameters
    ----------
    model
        The network; it ends with the weights of the last step.
    batches
        What it learns from.
    training
        Rate, schedule and so on.
    seed
        Seed of dropout.
    folder
        Where checkpoints and the TensorBoard log go.
    max_steps
        Stop after so many steps; -1 for none.
    checkpoint_every
        Steps between checkpoints.
    watch
        Called with the number of steps there are to do; see :data:`Watch`.
    exclusive
        Whether the classes of targets that are one tensor exclude each other, for a softmax over them.
    terms
        How such classes are judged where they do not; cross-entropy without it.
    observe
        Called with the number of steps done, after each; the network must come back as it was.

    Returns
    -------
    float
        Seconds it took, over all processes that had a part in it.

    Raises
    ------
    OptionError
        There are no items to learn from, or the schedule is not known.
    """
    if not len(batches):
        raise OptionError(f"{folder}: 0 items to learn from")
    if training.schedule not in SCHEDULES:
        raise unknown("schedule", training.schedule, SCHEDULES)
    checkpoint = folder / CHECKPOINT
    learner = Learner(model, training, seed, len(batches), exclusive=exclusive, terms=terms)
    steps = len(batches) if max_steps < 0 else min(len(batches), max_steps)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings(), watch(steps) as advance:
        keeper = Keeper(checkpoint, checkpoint_every, advance, observe)
        # Lightning 2.6 asks torch's trees a question in a form that torch 2.13 calls deprecated.
        warnings.filterwarnings("ignore", message=".isinstance.treespec", category=FutureWarning)
        trainer = lightning.Trainer(
            accelerator="cpu",
            devices=1,
            precision=training.precision,  # type: ignore[arg-type]
            max_epochs=1,
            max_steps=steps,
            logger=TensorBoardLogger(folder, name="", version="tensorboard"),
            callbacks=[keeper],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            gradient_clip_val=training.clip or None,
            log_every_n_steps=min(LOG_EVERY, steps),
            deterministic=True,
        )
        trainer.fit(
            learner,
            batches,
            ckpt_path=checkpoint if checkpoint.is_file() else None,
            weights_only=True,
        )
    model.load_state_dict(learner.result.state_dict())
    return keeper.wall_s


def logits(model: nn.Module, examples: Examples, index: NDArray[np.int64]) -> NDArray[np.float32]:
    """Scores of some items, float32, shape (item, class); of beats shown in sequences, all those of their records."""
    model.eval()
    parts = []
    with torch.inference_mode():
        if examples.sequence:
            return _logits_in_sequences(model, examples, index)
        for first in range(0, len(index), ITEMS_AT_ONCE):
            inputs, _ = tensors(examples, index[first : first + ITEMS_AT_ONCE])
            parts.append(model(*inputs).float().numpy())
    return np.concatenate(parts) if parts else np.zeros((0, len(examples.classes)), np.float32)


def _logits_in_sequences(model: nn.Module, examples: Examples, index: NDArray[np.int64]) -> NDArray[np.float32]:
    def net(inputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = model(*map(torch.from_numpy, inputs.values())).float().numpy()
        return scores

    parts = [np.zeros((0, len(examples.classes)), np.float32)]
    of = examples.group[index]
    for name in dict.fromkeys(of.tolist()):
        rows = {key: every[index[of == name]] for key, every in examples.inputs.items()}
        parts.append(run_in_sequences(net, rows, length=examples.sequence, edge=EDGE, causal=examples.causal))
    return np.concatenate(parts)
