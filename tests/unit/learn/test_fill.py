from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read at run time
from dataclasses import dataclass, field

import pytest

from einthoven.errors import OptionError
from einthoven.learn.fill import fill


@dataclass(frozen=True, kw_only=True)
class Settings:
    rate: float
    name: str = "x"
    steps: int = 1
    loud: bool = False
    leads: tuple[str, ...] = ()
    published: Mapping[str, float] = field(default_factory=dict)


def test_values_arrive_in_the_types_that_are_asked_for() -> None:
    filled = fill(Settings, {"rate": 1, "leads": ["II", "V1"], "published": {"accuracy": 1}}, "r.toml")
    assert filled == Settings(rate=1.0, leads=("II", "V1"), published={"accuracy": 1.0})
    assert isinstance(filled.rate, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rate": 1.0, "rte": 2}, "r.toml: unknown key 'rte'; allowed are rate, name, steps, loud, leads, published"),
        ({}, "r.toml: key 'rate' is missing"),
        ({"rate": "fast"}, "r.toml: rate is 'fast'; it must be of type float"),
        ({"rate": True}, "r.toml: rate is True; it must be of type float"),
        ({"rate": 1.0, "steps": True}, "r.toml: steps is True; it must be of type int"),
        ({"rate": 1.0, "steps": 1.5}, "r.toml: steps is 1.5; it must be of type int"),
        ({"rate": 1.0, "leads": "II"}, "r.toml: leads is 'II'"),
        ({"rate": 1.0, "leads": [2]}, "r.toml: leads is 2; it must be of type str"),
        ({"rate": 1.0, "published": {"auc": "high"}}, "r.toml: published.auc is 'high'"),
    ],
)
def test_a_mistake_is_named_with_its_place(table: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        fill(Settings, table, "r.toml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_what_the_program_gives_is_not_for_the_table_to_set() -> None:
    with pytest.raises(OptionError, match="unknown key 'name'"):
        fill(Settings, {"rate": 1.0, "name": "mine"}, "r.toml", name="ours")
