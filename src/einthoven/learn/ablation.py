"""What each switch of a recipe brings: the same networks with it and without it, asked about the same records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from ..codes import FAMILIES
from ..datasets.splits import FOLD_RULES, abnormal_share
from ..errors import OptionError
from ..evaluation.calibration import fit_platt
from ..evaluation.diagnosis_rules import DiagnosisRules, answered
from ..evaluation.intervals import Figure
from ..evaluation.multilabel import Answered, multilabel_draws
from ..evaluation.provenance import commit, versions
from .cross import network_of
from .learning import Learning
from .recipe import RECORDS, read_table, recipe_of
from .switches import changed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from .examples import Examples
    from .fit import Watch
    from .recipe import Recipe

COMPARED: Final = (*(f"macro_auc_{family}" for family in FAMILIES), "challenge_metric")
"""Figures of each form."""

FURTHER: Final = 1000
"""Between the seeds of networks that answer together, so that none is that of another form."""

PLAIN: Final = "plain"
"""Name of a recipe as it is, among its forms."""


@dataclass(frozen=True, slots=True)
class Form:
    """A recipe with some of its switches set.

    Parameters
    ----------
    name
        Of the switch that was set last.
    says
        What that does.
    recipe
        With it.
    against
        Name of the form without it; empty where none is set.
    kept
        Whether later forms have it too.
    """

    name: str
    says: str
    recipe: Recipe
    against: str
    kept: bool


def forms(recipe: Recipe) -> tuple[Form, ...]:
    """Return the forms of a recipe: as it is, then with each switch on top of those before it that are kept.

    Raises
    ------
    OptionError
        The recipe has no switches, or two of one name, or is not about whole records by folds; or a switch sets what
        there is not.
    """
    names = [PLAIN, *(switch.name for switch in recipe.switches)]
    if not recipe.switches or len(set(names)) < len(names):
        raise OptionError(f"{recipe.file}: [[switches]] are {names[1:]}; there must be some, each of a name of its own")
    if recipe.data.task != RECORDS or recipe.split.rule not in FOLD_RULES or recipe.blend:
        raise OptionError(f"{recipe.file}: only a recipe of one network, for whole records by folds, can be ablated")
    table = read_table(recipe.file)
    found = [Form(PLAIN, "the recipe as it is", recipe, "", True)]
    base = PLAIN
    for switch in recipe.switches:
        with_it = changed(table, switch.set)
        form = Form(switch.name, switch.says, recipe_of(with_it, recipe.file), base, switch.keep)
        Learning.check(form.recipe)
        found.append(form)
        if switch.keep:
            table, base = with_it, switch.name
    return tuple(found)


def ablated(
    recipe: Recipe,
    load: Callable[[Recipe], Examples],
    folder: Path,
    *,
    watch: Callable[[str], Watch],
    max_steps: int = -1,
    threads: int = 1,
    draws: int = 1000,
) -> dict[str, Any]:
    """Train all forms of a recipe, as far as that was not done before, and tell what each switch brings.

    Each form has the same seeds, and each seed another fold that is asked about, so two forms differ in what was
    switched alone. Their difference has an interval by bootstrap over patients, the same draws for both. What other
    seeds would have given is in no interval.

    Parameters
    ----------
    recipe
        With switches.
    load
        Gives the examples of a form.
    folder
        Where networks are kept, under what makes them.
    watch
        Given the form's name and number, shows how its training goes.
    max_steps
        Stop each training after so many steps, for a trial; -1 for none.
    threads
        Processor threads. Their number can change the last digits.
    draws
        Of the bootstrap.

    Returns
    -------
    dict
        The content of ``results/<recipe>-ablation.json``: a protocol for each form.

    Raises
    ------
    OptionError
        See :func:`forms`.
    """
    tried = forms(recipe)
    torch.set_num_threads(threads)
    figures: dict[str, Mapping[str, NDArray[np.float64]]] = {}
    protocols: dict[str, Any] = {}
    wall_s, data = 0.0, {}
    for number, form in enumerate(tried, start=1):
        examples = load(form.recipe)
        told = watch(f"{form.name}, {number} of {len(tried)}")
        said, took_s = asked(form.recipe, examples, folder, told, max_steps)
        every = multilabel_draws(said, FAMILIES, draws=draws)
        figures[form.name] = {name: every[name] for name in COMPARED}
        protocols[f"{recipe.name}-{form.name}"] = {
            "says": form.says,
            "against": form.against,
            "kept": form.kept,
            "n": {"seeds": form.recipe.ablation.seeds, "records": len(said.target)},
            "wall_s": round(took_s, 1),
            "metrics": _metrics(figures[form.name], figures.get(form.against)),
        }
        wall_s += took_s
        data[recipe.data.dataset] = examples.fingerprint
    return {
        "recipe": f"{recipe.name}-ablation",
        "title": recipe.title,
        "commit": commit(),
        "versions": versions("numpy", "scipy", "torch", "lightning"),
        "data": data,
        "wall_s": round(wall_s, 1),
        "seeds": {name: list(range(judged["n"]["seeds"])) for name, judged in protocols.items()},
        "protocols": protocols,
    }


def _metrics(
    drawn: Mapping[str, NDArray[np.float64]], before: Mapping[str, NDArray[np.float64]] | None
) -> dict[str, dict[str, float | None]]:
    """Return each figure, and its difference from that of the form before, ``gain_<figure>``."""
    gains = {f"gain_{name}": drawn[name] - before[name] for name in drawn} if before else {}
    return {name: Figure.of_draws(values).as_json() for name, values in {**drawn, **gains}.items()}


def asked(
    recipe: Recipe, examples: Examples, folder: Path, watch: Watch, max_steps: int = -1
) -> tuple[Answered, float]:
    """Train the networks of one form and ask each about a fold it did not learn from; what is done is not done again.

    Returns
    -------
    Answered
        What was said of the records of those folds that figures count.
    float
        Seconds of training.
    """
    share = abnormal_share(examples.group, examples.abnormal)
    folds = FOLD_RULES[recipe.split.rule](share, examples.patient, recipe.evaluation.folds, recipe.split.seed)
    made_by = f"{recipe.sha256[:12]}-{examples.fingerprint[:12]}" + (f"-{max_steps}" if max_steps >= 0 else "")
    parts, wall_s = [], 0.0
    for seed in range(recipe.ablation.seeds):
        held = set(folds[seed % len(folds)])
        index = examples.of_groups([name for name in share if name in held])
        index = index if examples.judged is None else index[examples.judged[index]]
        learning = Learning(recipe, examples, None, seed, max_steps, watch)
        names = [name for name in share if name not in held]
        logit, took_s = _together(learning, names, index, folder / made_by / str(seed))
        parts.append(decided(recipe, examples, index, logit))
        wall_s += took_s
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("score", "target", "patient", "present")
    }
    return Answered(examples.classes, **arrays), wall_s


def _together(
    learning: Learning, names: Sequence[str], index: NDArray[np.int64], folder: Path
) -> tuple[NDArray[np.float32], float]:
    """Return what the networks of one seed say of items, their mean logits, and seconds of training."""
    number = learning.recipe.ablation.together
    if number == 1:
        kept = network_of(learning, folder / "0", names, index)
        return kept["score"].numpy(), kept["wall_s"]
    patient = learning.examples.patient
    scores, wall_s = [], 0.0
    for place, part in enumerate(
        FOLD_RULES[learning.recipe.split.rule](dict.fromkeys(names, 0.0), patient, number, 0), start=1
    ):
        one = replace(learning, seed=learning.seed + FURTHER * place)
        others = [name for name in names if name not in set(part)]
        kept = network_of(one, folder / f"{place}-of-{number}", others, index)
        scores.append(kept["score"].numpy())
        wall_s += kept["wall_s"]
    return np.mean(scores, axis=0, dtype=np.float32), wall_s


def decided(recipe: Recipe, examples: Examples, index: NDArray[np.int64], logit: NDArray[np.float32]) -> Answered:
    """Decide which classes are written down of records, those of each half of the patients by rules of the other half.

    So that no form gains or loses by where its probabilities lie, which many a loss moves.

    Parameters
    ----------
    recipe
        Its ``ablation.thresholds`` says by which rules.
    examples, index
        The records are the items `index` of these.
    logit
        float32, shape (record, class).
    """
    target = examples.target[index]
    patient = np.array([examples.patient[name] for name in examples.group[index].tolist()])
    half = np.unique(patient, return_inverse=True)[1] % 2
    known, moved, rules = ~np.isnan(target), np.empty_like(logit), []
    for side in (0, 1):
        here, others = half == side, half != side
        taught = known & others[:, np.newaxis]
        line = fit_platt(logit[taught], target[taught] > 0)  # of all classes: many are too rare for one of their own
        straight = (line.slope * logit + line.intercept).astype(np.float32)
        moved[here] = straight[here]
        by = (straight[others], target[others], patient[others])
        rules.append(DiagnosisRules.of(examples.classes, *by, miss_rate=recipe.card.miss_rate))
    said = answered(moved, target, patient, half, rules, by_fitted=recipe.ablation.thresholds)
    return replace(said, score=logit)
