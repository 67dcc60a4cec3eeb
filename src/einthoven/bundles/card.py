"""The card of a model: what it takes, what it says, what it learnt from, how good it is and where it fails."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from ..errors import BundleError
from .scores import Calibration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


DEFAULT: Final = "default"
"""The operating point that is used where none is asked for."""


@dataclass(frozen=True, slots=True)
class Card:
    """All that must be known of a model to use it and to doubt it.

    Parameters
    ----------
    name, version, title
        Which model it is: name and version of the package that made it, and one line for the reader.
    leads
        Names of the leads it may be given, best first; empty for any.
    n_leads
        How many of them it sees at once.
    fs_hz, length_s
        Rate its input is brought to, and seconds of signal that one answer rests on.
    preprocessing
        ``kind`` and ``options`` of the function that makes its input.
    inputs
        By the name of each input of the network: shape of one item, None for an axis of any length.
    classes
        What it tells apart, in the order of its outputs; for a single one the question is yes or no.
    thresholds
        Probability from which each class counts as present; of classes that exclude each other, from which it is
        possible.
    calibration
        For each class the line from logit to probability.
    training
        What it learnt from: dataset, its fingerprint, records, recipe, commit, seeds; of classes that may go together
        ``shares``: by class, the share of the records it was tried on that have it.
    figures
        By protocol: ``n``, the counts, and ``metrics``, each with ``value``, ``low`` and ``high``.
    limits
        What it must not be trusted for, one sentence each.
    exclusive
        Whether an item is of just one of the classes.
    miss_rate
        Share of the items of other patients whose right class does not count as possible, if they are like those the
        model was tried on.
    operating_points
        Of the classes ``normal`` and ``abnormal``: by name, the probability of ``abnormal`` from which a record is
        called that; ``default``, and others for other aims. None where the model tells other classes.
    sets
        Of classes that may go together: for each, the probability up to which it is possible that it is not there, and
        that from which it is possible that it is. Of the items of other patients with it, and of those without it, the
        truth is not possible for a share of `miss_rate`, if they, and what answers, are like those of the trial: of a
        bundle of several networks and trees, ones of the same kinds that had not learnt from the item.
    """

    name: str
    version: str
    title: str
    leads: tuple[str, ...]
    n_leads: int
    fs_hz: float
    length_s: float
    preprocessing: Mapping[str, Any]
    inputs: Mapping[str, tuple[int | None, ...]]
    classes: tuple[str, ...]
    thresholds: Mapping[str, float]
    calibration: Mapping[str, Calibration]
    training: Mapping[str, Any]
    figures: Mapping[str, Any]
    limits: tuple[str, ...]
    exclusive: bool = False
    miss_rate: float = 0.0
    operating_points: Mapping[str, float] = field(default_factory=dict)
    sets: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the card as the text of ``card.json``."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_card(file: Path) -> Card:
    """Read a ``card.json``.

    Raises
    ------
    BundleError
        It is no JSON, or a field is missing, unknown or of another form than it must be.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{file}: not a card that can be read ({error})") from error
    names = [one.name for one in fields(Card)]
    needed = {one.name for one in fields(Card) if one.default is MISSING and one.default_factory is MISSING}
    if not isinstance(content, dict) or not needed <= set(content) <= set(names):
        found = sorted(content) if isinstance(content, dict) else type(content).__name__
        raise BundleError(f"{file}: has {found}; a card has just {', '.join(names)}")
    try:
        card = Card(
            **{
                **content,
                "leads": _words(content["leads"]),
                "classes": _words(content["classes"]),
                "limits": _words(content["limits"]),
                "inputs": {name: tuple(shape) for name, shape in content["inputs"].items()},
                "thresholds": {name: _number(value, 0, 1) for name, value in content["thresholds"].items()},
                "calibration": {name: _calibration(line) for name, line in content["calibration"].items()},
                "preprocessing": {key: content["preprocessing"][key] for key in ("kind", "options")},
                "exclusive": _answer(content.get("exclusive", False)),
                "miss_rate": _number(content.get("miss_rate", 0.0), 0, 1),
                "operating_points": _points(content.get("operating_points", {})),
                "sets": {name: _pair(value) for name, value in content.get("sets", {}).items()},
            }
        )
        for share in dict(card.training.get("shares", {})).values():
            _number(share, 0, 1)
        for judged in card.figures.values():
            dict(judged["n"]), [dict(figure) for figure in judged["metrics"].values()]
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise BundleError(f"{file}: a field has the wrong form ({type(error).__name__}: {error})") from error
    return card


def _words(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise TypeError(f"{found!r} is no list of texts")
    return tuple(found)


def _answer(found: Any) -> bool:
    if not isinstance(found, bool):
        raise TypeError(f"{found!r} is neither true nor false")
    return found


def _points(found: Mapping[str, Any]) -> dict[str, float]:
    points = {name: _number(value, 0, 1) for name, value in found.items()}
    if points and DEFAULT not in points:
        raise ValueError(f"operating points {', '.join(points)}; one of them must be {DEFAULT!r}")
    return points


def _pair(found: Any) -> tuple[float, float]:
    absent_to, present_from = (_number(value, 0, 1) for value in found)
    return absent_to, present_from


def _number(found: Any, low: float = -1e6, high: float = 1e6) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
        raise TypeError(f"{found!r} is no number from {low:g} to {high:g}")
    return float(found)


def _calibration(line: Mapping[str, Any]) -> Calibration:
    return Calibration(**{name: _number(value) for name, value in line.items()})
