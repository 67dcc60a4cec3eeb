"""Who may know whom: imports point up the list of rooms in docs/architecture.md, and starting costs little."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import einthoven

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(einthoven.__file__).parent
ARCHITECTURE = SOURCE.parents[1] / "docs" / "architecture.md"

FOUNDATION = ("record", "findings", "errors", "codes", "atomic")  # one rank: small files that may use each other
ROOMS = (
    "signal",
    "formats",
    "beats",
    "images",
    "digitize",
    "diagnosis",
    "bundles",
    "analysis",
    "report",
    "datasets",
    "evaluation",
    "learn",
    "recipes",
    "cli",
    "__main__",
)
RANK = dict.fromkeys(FOUNDATION, 0) | {room: rank for rank, room in enumerate(ROOMS, start=1)}

FOR_TRAINING = {"torch", "lightning", "sklearn", "tensorboard", "onnx", "onnxscript", "skl2onnx"}  # the extra `train`
COMMANDS_THAT_TRAIN = {"train", "evaluate", "ablate", "export", "recipes"}
LIGHT = {
    "einthoven",
    "einthoven.errors",
    "einthoven.cli.terminal",
    "einthoven.cli.inputs",
    "einthoven.cli.record_files",
    "einthoven.cli.train",
}
HEAVY = {
    "torch",
    "pandas",
    "matplotlib",
    "pypdf",
    "PIL",
    "scipy",
    "numpy",
    "wfdb",
    "sklearn",
    "onnxruntime",
    "sleepecg",
    "rich.progress",
}


class Import(NamedTuple):
    """One import: the module that has it, what it names, and whether it runs as soon as that module is imported."""

    file: Path
    line: int
    module: str
    target: str
    at_top: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE.parent)}:{self.line} imports {self.target}"

    @property
    def room(self) -> str:
        return room_of(self.module)


def room_of(module: str) -> str:
    """Name the room of ``einthoven.<room>...``; empty for the package itself and for others' packages."""
    parts = module.split(".")
    return parts[1] if parts[0] == "einthoven" and len(parts) > 1 else ""


def module_of(file: Path) -> str:
    return ".".join(("einthoven", *file.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def imports_of(file: Path) -> Iterator[Import]:
    module = module_of(file)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    at_top = {id(node) for node in runs_on_import(tree)}
    for node in ast.walk(tree):
        for target in targets(node, package):
            yield Import(file, node.lineno, module, target, id(node) in at_top)


def targets(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        source = ".".join([*start, *filter(None, [node.module])])
        for alias in node.names:
            within = f"{source}.{alias.name}"
            yield within if is_module(within) else source


def is_module(name: str) -> bool:
    place = SOURCE.parent.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def runs_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs at import: not the bodies of functions, nor what only type checkers see."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from runs_on_import(child)


IMPORTS = [one for file in sorted(SOURCE.rglob("*.py")) for one in imports_of(file)]
OURS = [one for one in IMPORTS if one.room and room_of(one.target)]


def test_the_reader_of_imports_sees_all_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SOURCE / "beats" / "imagined.py"
    text = """
import os.path
from typing import TYPE_CHECKING
from .. import errors, __version__
from ..signal import qrs
from .match import match
if TYPE_CHECKING:
    import torch
try:
    import numpy.fft
finally:
    pass
def work():
    from ..formats import read
"""
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_options: text)
    found = {(one.target, one.at_top) for one in imports_of(file)}
    assert found == {
        ("os.path", True),
        ("typing", True),
        ("einthoven.errors", True),
        ("einthoven", True),
        ("einthoven.signal.qrs", True),
        ("einthoven.beats.match", True),
        ("torch", False),
        ("numpy.fft", True),
        ("einthoven.formats", False),
    }


def test_every_room_has_its_place_in_the_list() -> None:
    there = {room_of(module_of(file)) for file in SOURCE.rglob("*.py")}
    assert there - {""} <= RANK.keys()


def test_architecture_lists_the_rooms_in_this_order() -> None:
    listed = re.findall(r"^      (\w+)(?:/|\.py) ", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [room for room in listed if room in ROOMS] == [room for room in ROOMS if room in listed]
    assert set(listed) | {"__main__"} == {"__init__", *FOUNDATION, *ROOMS}


def test_imports_point_up_the_list_of_rooms() -> None:
    assert [str(one) for one in OURS if RANK[room_of(one.target)] > RANK[one.room]] == []


def test_what_trains_is_imported_in_learn_alone() -> None:
    # The published split is what scikit-learn's function gives, so the file of splits may ask it.
    users = [one for one in IMPORTS if one.target.split(".")[0] in FOR_TRAINING and one.room != "learn"]
    assert {(one.module, one.target.split(".")[0]) for one in users} <= {("einthoven.datasets.splits", "sklearn")}


def test_learn_is_imported_by_the_commands_that_train_alone() -> None:
    allowed = {f"einthoven.cli.{command}" for command in COMMANDS_THAT_TRAIN}
    users = [one for one in OURS if room_of(one.target) == "learn" and one.room != "learn"]
    assert [str(one) for one in users if one.module not in allowed] == []


def test_a_command_imports_only_light_modules_before_it_runs() -> None:
    light = sys.stdlib_module_names | {"typer"}
    at_top = [one for one in IMPORTS if one.room == "cli" and one.at_top]
    assert [str(one) for one in at_top if one.target.split(".")[0] not in light and one.target not in LIGHT] == []


def in_fresh_interpreter(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


IMPORT = "import time; start = time.perf_counter(); import einthoven; print(time.perf_counter() - start)"
HELP = "from einthoven.cli import app; app(standalone_mode=False)"
NAMES = "import einthoven; [getattr(einthoven, name) for name in einthoven.__all__]"
LOADED = "; import sys; print(*sorted(name for name in sys.modules if name in {}))"
# The least of several times is what it costs when the machine has nothing else to do.
TRIALS = 5


def test_importing_the_package_takes_less_than_a_fifth_of_a_second() -> None:
    assert min(float(in_fresh_interpreter(IMPORT)) for _ in range(TRIALS)) < 0.2


def test_help_takes_less_than_half_a_second() -> None:
    def seconds() -> float:
        start = time.perf_counter()
        assert "Usage:" in in_fresh_interpreter(HELP, "--help")
        return time.perf_counter() - start

    assert min(seconds() for _ in range(TRIALS)) < 0.5


@pytest.mark.parametrize(
    ("program", "unwanted"),
    [("import einthoven", HEAVY), (HELP, HEAVY), (NAMES, FOR_TRAINING | {"pandas", "matplotlib", "wfdb"})],
    ids=["import", "help", "public names"],
)
def test_nothing_heavy_is_loaded_before_it_is_used(program: str, unwanted: set[str]) -> None:
    out = in_fresh_interpreter(program + LOADED.format(unwanted), *(["--help"] if program == HELP else []))
    assert out.splitlines()[-1] == ""
