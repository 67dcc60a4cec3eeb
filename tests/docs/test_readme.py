"""What the README shows works as it is shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIVE_MINUTES = README.partition("## Five minutes")[2].partition("## ")[0]
COMMANDS = re.findall(r"^    einthoven ([^#\n]+)", FIVE_MINUTES, re.MULTILINE)


def test_the_commands_of_the_first_five_minutes_run(tmp_path, monkeypatch, capsys):
    from einthoven.cli import main

    assert [command.split()[0] for command in COMMANDS] == [
        "simulate",
        "info",
        "analyze",
        "annotate",
        "predict",
        "predict",
        "render",
        "digitize",
        "detect",
        "convert",
    ]
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        monkeypatch.setattr("sys.argv", ["einthoven", *shlex.split(command)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0, (command, capsys.readouterr().err)
    for made in (
        "ecg.hea",
        "ecg.atr",
        "ecg.html",
        "out/ecg.qrs",
        "answers.txt",
        "answers/ecg.csv",
        "ecg.pdf",
        "again.hea",
        "boxes.png",
        "ecg.edf",
    ):
        assert (tmp_path / made).stat().st_size > 0


def test_the_python_example_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert "Ventricular ectopic beats present" in capsys.readouterr().out


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_what_the_readme_points_to_is_there(target):
    assert (ROOT / target).exists()


def test_every_command_has_its_line_of_help():
    from einthoven.cli import COMMANDS as PANELS

    named = set(re.findall(r"einthoven (\w+)", README))
    assert {"simulate", "analyze", "annotate", "data", "evaluate", "export"} <= named
    assert named - {"is"} <= {name for panel in PANELS.values() for name in panel} | {"import", "record", "simulate"}
