"""Tables of result files in Markdown: figures by system, by class, by noise level, by record, and tables of beats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..codes import FAMILIES, TERMS
from ..errors import DataError, unknown
from .beat_figures import class_protocol
from .ec57 import COLUMNS, ROWS, Comparison, unnamed
from .headings import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Result = Mapping[str, Any]

_FINE: Final = ("gross_", "average_")  # beats are found so well that three places do not tell two detectors apart
_THREE: Final = ("sensitivity", "positive_predictivity", "f1")
_WORDS: Final = frozenset(
    {
        *("system", "switch", "what it does", "kept", "class", "record", "stated", "marked \\ found", "taken for"),
        *("counted", "recordings", "condition"),
    }
)
_MOST_CLASSES: Final = 8
_DECISIONS: Final = ("present", "unsure", "absent")
_BEAT, _EXTRA, _MISSED = ROWS[:-2], ROWS[-2:], COLUMNS[-1].lower()


def by_system(results: Sequence[Result], protocol: str, *metrics: str) -> str:
    """Render a row a recipe, a column a metric, intervals in brackets; all metrics where none is named."""
    rows = _judged(results, protocol)
    metrics = metrics or tuple(dict.fromkeys(name for row in rows for name in row["protocols"][protocol]["metrics"]))
    lines = [["system", *(HEADINGS.get(name, name) for name in metrics), "counted"]]
    for row in rows:
        judged, published = row["protocols"][protocol], row.get("published", {})
        cells = [_cell(judged["metrics"].get(name), published.get(name), _places(name)) for name in metrics]
        lines.append([f"`{row['recipe']}`", *cells, _counted(judged["n"])])
    return _table(lines)


def by_class(results: Sequence[Result], protocol: str) -> str:
    """Render a row for each recipe and class: Se, +P and F1 in the plain sense, then in EC57's."""
    lines = [["system", "class", "beats", "Se", "+P", "F1", "Se, average", "+P, average", "+P, EC57", "F1, EC57"]]
    for row in _judged(results, protocol):
        judged = row["protocols"][protocol]
        for name in ("N", "S", "V", "F"):
            keys = [f"{name}_{key}" for key in _THREE] + [f"average_{name}_{key}" for key in _THREE[:2]]
            keys += [f"ec57_{name}_{key}" for key in _THREE[1:]]
            cells = [_cell(judged["metrics"].get(key), None) for key in keys]
            lines.append([f"`{row['recipe']}`", name, f"{judged['n'][name]:,}", *cells])
    return _table(lines)


def by_class_without(results: Sequence[Result], protocol: str, *records: str) -> str:
    """Render the table by class as it is without some records, from the tables of beats of the others."""
    others = []
    for row in _judged(results, protocol):
        entry = row["protocols"][protocol]
        left = [Comparison(name, name, unnamed(c)) for name, c in entry["records"].items() if name not in records]
        others.append({"recipe": row["recipe"], "protocols": {protocol: class_protocol(left)}})
    return by_class(others, protocol)


def by_level(results: Sequence[Result], family: str, suffix: str = "") -> str:
    """Render gross F1 of finding beats at each noise level: protocols called ``<family>-24db<suffix>`` and so on.

    Under a system stand the peers that were measured in the same run.
    """
    rows = [
        (name, {level: one for key, one in protocols.items() if (level := _level_db(key, family, suffix)) is not None})
        for result in results
        for name, protocols in ((f"`{result['recipe']}`", result["protocols"]), *result.get("peers", {}).items())
    ]
    rows = [(name, levels) for name, levels in rows if levels]
    if not rows:
        raise DataError(f"no result file has a protocol '{family}-…db{suffix}'; evaluate a recipe under it first")
    ranked = sorted({level for _, levels in rows for level in levels}, reverse=True)
    lines = [["system", *(f"{level} dB" for level in ranked)]]
    for name, levels in rows:
        cells = [levels.get(level, {"metrics": {}})["metrics"].get("gross_f1") for level in ranked]
        lines.append([name, *(_cell(cell, None) for cell in cells)])
    return _table(lines)


def _level_db(name: str, family: str, suffix: str) -> int | None:
    start, end = f"{family}-", f"db{suffix}"
    level = name.removeprefix(start).removesuffix(end)
    if name != start + level + end or not level.removeprefix("minus").isdecimal():
        return None
    return int(level.replace("minus", "-"))


def of_beats(results: Sequence[Result], protocol: str, recipe: str) -> str:
    """Render the table of beats: what the expert marked down the side, what was found along the top."""
    cells = _of_recipe(results, protocol, recipe)["cells"]
    rows = [row for row in ROWS if row in "NSVFQO" or any(name[0] == row for name in cells)]
    lines = [["marked \\ found", *COLUMNS[:-1], "missed"]]
    for row in rows:
        name = {"O": "extra", "X": "extra, unreadable"}.get(row, row)
        counts = [f"{cells.get(row + column.lower(), 0):,}" for column in COLUMNS]
        lines.append([name, *(counts if row in _BEAT else [*counts[:-1], ""])])
    return _table(lines)


def by_record(results: Sequence[Result], protocol: str, recipe: str, most: str = "0") -> str:
    """Render how the classes of each record were told, the worst first; the first `most` alone, or all with 0."""
    lines = [["record", *(f"{name}: right of all" for name in "NSVF"), "missed", "extra", "taken for"]]
    for name, cells in _worst_first(_of_recipe(results, protocol, recipe)["records"], wrong, most):
        swapped = {cell: n for cell, n in cells.items() if _told(cell) and not _right(cell)}
        worst = sorted(swapped, key=lambda cell: -swapped[cell])[:2]
        said = ", ".join(f"{swapped[cell]:,} {cell[0]} for {cell[1].upper()}" for cell in worst)
        shares = []
        for c in "NSVF":
            of_class = sum(n for cell, n in cells.items() if cell[0] == c)
            shares.append(f"{cells.get(c + c.lower(), 0):,} of {of_class:,}" if of_class else "–")
        lines.append([name, *shares, f"{missed(cells):,}", f"{extra(cells):,}", said or "–"])
    return _table(lines)


def found_by_record(results: Sequence[Result], protocol: str, recipe: str, most: str = "0") -> str:
    """Render how the beats of each record were found, the worst first; the first `most` alone, or all with 0."""
    lines = [["record", "beats", "missed", "extra"]]
    records = _of_recipe(results, protocol, recipe)["records"]
    for name, cells in _worst_first(records, lambda cells: missed(cells) + extra(cells), most):
        beats = sum(cells.values()) - extra(cells)
        lines.append([name, f"{beats:,}", f"{missed(cells):,}", f"{extra(cells):,}"])
    return _table(lines)


def _worst_first(
    records: Mapping[str, Mapping[str, int]], badness: Callable[[Mapping[str, int]], int], most: str
) -> list[tuple[str, Mapping[str, int]]]:
    ranked = sorted(records.items(), key=lambda item: -badness(item[1]))
    return ranked[: int(most) or None]


def by_decision(results: Sequence[Result], family: str) -> str:
    """Render what was decided of records that have it and of those that have not: a row a protocol of the family."""
    lines = [["recordings", *(f"{kind}, {said}" for kind in ("with", "without") for said in _DECISIONS)]]
    for result in results:
        for name, judged in result["protocols"].items():
            if name == family or name.startswith(f"{family}-"):
                counts = [judged["decisions"][kind].get(said, 0) for kind in ("with", "without") for said in _DECISIONS]
                lines.append([name.removeprefix(f"{family}-"), *(f"{count:,}" for count in counts)])
    if len(lines) == 1:
        raise DataError(f"no result file has a protocol '{family}-…'; measure it first")
    return _table(lines)


def by_condition(results: Sequence[Result], family: str, *metrics: str) -> str:
    """Render a row a condition, a column a metric: protocols called ``<family>-<condition>``, in the file's order."""
    rows = {
        name.removeprefix(f"{family}-").replace("-", " "): judged["metrics"]
        for result in results
        for name, judged in result["protocols"].items()
        if name.startswith(f"{family}-")
    }
    if not rows:
        raise DataError(f"no result file has a protocol '{family}-…'; measure it first")
    metrics = metrics or tuple(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [["condition", *(HEADINGS.get(name, name) for name in metrics)]]
    lines += [[name, *(_cell(row.get(key), None, _places(key)) for key in metrics)] for name, row in rows.items()]
    return _table(lines)


def by_switch(results: Sequence[Result], recipe: str, *metrics: str) -> str:
    """Render what each switch of a recipe brings: its figures, and after them the difference to the form without it."""
    rows = [
        row for result in results if result["recipe"] == f"{recipe}-ablation" for row in result["protocols"].items()
    ]
    if not rows:
        raise DataError(f"no result file of the switches of '{recipe}'; `einthoven ablate {recipe}` makes it")
    lines = [["switch", "what it does", *(HEADINGS.get(name, name) for name in metrics), "kept"]]
    for name, judged in rows:
        cells = [_with_gain(judged["metrics"][key], judged["metrics"].get(f"gain_{key}")) for key in metrics]
        lines.append([name.removeprefix(f"{recipe}-"), judged["says"], *cells, "yes" if judged["kept"] else "no"])
    return _table(lines)


def _with_gain(figure: Mapping[str, float | None], gain: Mapping[str, float | None] | None) -> str:
    text = _cell({**figure, "low": None}, None)
    return f"{text}, {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})" if gain else text


def by_diagnosis(results: Sequence[Result], protocol: str, recipe: str, family: str, *metrics: str) -> str:
    """Render a row a class that some record has, the most frequent first, of `superclass`, `statements` or `cinc2020`.

    Beside it stands how many records have it, of how many that is known, and the metrics ``<metric>_<class>``.
    """
    if family not in FAMILIES:
        raise unknown("family of classes", family, FAMILIES)
    judged = _of_recipe(results, protocol, recipe)
    (counts,) = [row["per_class"][protocol] for row in _judged(results, protocol) if row["recipe"] == recipe]
    there = [name for name in FAMILIES[family] if counts.get(name, {"positive": 0})["positive"]]
    lines = [["class", "with it", "of", *(HEADINGS.get(name, name) for name in metrics)]]
    for name in sorted(there, key=lambda one: -counts[one]["positive"]):
        cells = [_cell(judged["metrics"].get(f"{metric}_{name}"), None) for metric in metrics]
        lines.append([TERMS[name].name, f"{counts[name]['positive']:,}", f"{counts[name]['n']:,}", *cells])
    return _table(lines)


def misread(results: Sequence[Result], protocol: str, recipe: str, most: str = "0") -> str:
    """Render the records a system misreads in most repeats, the surest errors first, and how many others do as well."""
    entry = _of_recipe(results, protocol, recipe)
    told = {row["recipe"]: row["per_record"] for row in _judged(results, protocol) if row.get("per_record")}
    lines = [["record", "stated", "probability of abnormal, mean", "right", "systems wrong"]]
    repeats = entry["n"]["repeats"]
    doubtful = {name: one for name, one in told[recipe].items() if one["accuracy"] < 0.5}
    for name, one in sorted(doubtful.items(), key=lambda item: -abs(item[1]["probability"] - 0.5))[: int(most) or None]:
        others = [said[name]["accuracy"] < 0.5 for said in told.values() if name in said]
        stated = "abnormal" if one["positive"] else "normal"
        right = f"{round(one['accuracy'] * repeats)} of {repeats}"
        lines.append([name, stated, f"{one['probability']:.2f}", right, f"{sum(others)} of {len(others)}"])
    return _table(lines)


def wrong(cells: Mapping[str, int]) -> int:
    """Count the beats of a record that went wrong: taken for another class, missed, or not there.

    Examples
    --------
    >>> wrong({"Nn": 90, "Sn": 4, "Vo": 1, "On": 2})
    7
    """
    return sum(n for cell, n in cells.items() if not _right(cell))


def missed(cells: Mapping[str, int]) -> int:
    """Count the marked beats that were not found."""
    return sum(n for cell, n in cells.items() if cell[1] == _MISSED)


def extra(cells: Mapping[str, int]) -> int:
    """Count the found beats that are none."""
    return sum(n for cell, n in cells.items() if cell[0] in _EXTRA)


def _told(cell: str) -> bool:
    """Tell whether a cell is of a marked beat that was found."""
    return cell[0] in _BEAT and cell[1] != _MISSED


def _right(cell: str) -> bool:
    return cell[0] in _BEAT and cell[1] == cell[0].lower()


TABLES: Final[dict[str, Callable[..., str]]] = {
    "results": by_system,
    "classes": by_class,
    "without": by_class_without,
    "levels": by_level,
    "beats": of_beats,
    "records": by_record,
    "found": found_by_record,
    "decisions": by_decision,
    "conditions": by_condition,
    "misread": misread,
    "switches": by_switch,
    "diagnoses": by_diagnosis,
}
"""Kinds of tables: each takes the result files and the words of its place."""


def table(results: Sequence[Result], kind: str, words: Sequence[str]) -> str:
    """Render a table.

    Parameters
    ----------
    results
        The content of the result files.
    kind
        One of `TABLES`.
    words
        What the table is of: a protocol first, mostly.

    Raises
    ------
    OptionError
        There is no such kind.
    DataError
        No result is of this protocol or recipe.
    """
    if kind not in TABLES:
        raise unknown("kind of table", kind, TABLES)
    return TABLES[kind](results, *words)


def _judged(results: Sequence[Result], protocol: str) -> list[Result]:
    rows = [result for result in results if protocol in result["protocols"]]
    if not rows:
        raise DataError(f"no result file has protocol '{protocol}'; evaluate a recipe under it first")
    return rows


def _of_recipe(results: Sequence[Result], protocol: str, recipe: str) -> Mapping[str, Any]:
    rows = [row for row in _judged(results, protocol) if row["recipe"] == recipe]
    if not rows:
        raise DataError(f"no result file of recipe '{recipe}' has protocol '{protocol}'; evaluate it first")
    entry: Mapping[str, Any] = rows[0]["protocols"][protocol]
    return entry


def _places(metric: str) -> int:
    if metric.endswith(("_s", "_ms")):
        return 1
    if metric.endswith(("_mb", "per_second")):
        return 0
    return 4 if metric.startswith(_FINE) and metric.removeprefix("gross_").removeprefix("average_") in _THREE else 3


def _cell(figure: Mapping[str, float | None] | None, published: float | None, places: int = 3) -> str:
    if figure is None or figure["value"] is None:
        return "–"
    text = f"{figure['value']:.{places}f}"
    if figure["low"] is not None:
        text += f" ({figure['low']:.{places}f}–{figure['high']:.{places}f})"
    return text + (f", published {published:.3f}" if published is not None else "")


def _counted(n: Mapping[str, int]) -> str:
    """Say how much was judged; of more classes than a line can hold, how many there are."""
    classes = [name for name, count in n.items() if count and not name.islower()]
    told = {}
    for name, count in n.items():
        if name.islower() and count:
            told[name.replace("_", " ")] = count
        elif not name.islower() and len(classes) <= _MOST_CLASSES:
            told[name] = count
        elif not name.islower():
            told["classes"] = len(classes)
    return ", ".join(f"{count:,} {name.removesuffix('s') if count == 1 else name}" for name, count in told.items())


def _table(lines: Sequence[Sequence[str]]) -> str:
    """Render lines of cells, the heading first; numbers stand to the right."""
    rule = ["---" if heading in _WORDS else "---:" for heading in lines[0]]
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], rule, *lines[1:]))
