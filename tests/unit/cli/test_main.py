"""Whatever goes wrong on the way in or out is one line, exit code 2, and no traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import typer.main

from einthoven import Record, cli, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ran

    Run = Callable[..., Ran]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(Record(np.ones((2, 100)), 100, ("I", "II")), tmp_path / "a.hea")
    return tmp_path / "a.hea"


def in_shell(command: str, file: Path, **names: str) -> subprocess.CompletedProcess[str]:
    """Run `command`, in which ``$run`` is einthoven and ``$file`` a record."""
    names |= {"run": f"{sys.executable} -m einthoven", "file": str(file)}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env=os.environ | names,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("info",), "missing argument 'FILE...'; see `einthoven info --help`"),
        (("info", "a.hea", "--nonsense"), "no such option: --nonsense; see `einthoven info --help`"),
        (("nonsense",), "no such command 'nonsense'"),
        (("info", "a.hea", "--rate", "fast"), "invalid value for '--rate'"),
        (("info", ""), "the name of the file is empty"),
        (("data", "nonsense"), "no such command 'nonsense'"),
    ],
)
def test_a_wrong_call_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    ran = run(*words)
    assert (ran.code, ran.out, len(ran.errors)) == (2, "", 1)
    assert ran.err.startswith("einthoven: ")
    assert message in ran.err


def commands(group: Any, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """List all commands, also those of groups."""
    found = {}
    for name, command in group.commands.items():
        grouped = hasattr(command, "commands")
        found |= commands(command, (*words, name)) if grouped else {(*words, name): command}
    return found


@pytest.mark.parametrize(("words", "command"), commands(typer.main.get_command(cli.app)).items())
def test_the_help_shows_every_word_that_is_said_of_an_option(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], command: Any
) -> None:
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 300)  # what looks like markup is swallowed when help is laid out
    shown = re.sub(r"[│\s]+", " ", run(*words, "--help").out)
    for option in command.params:
        assert " ".join((option.help or "").split()) in shown, option.name


@pytest.mark.parametrize("words", [(), ("data",)])
def test_no_words_at_all_show_the_help(run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert "Usage: einthoven" in ran.out + ran.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_an_unreadable_file_does_not_keep_others_from_being_read(run: Run, file: Path) -> None:
    file.with_name("b.csv").touch(mode=0)
    ran = run("info", file.with_name("b.csv"), file)
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert "2: I II" in ran.out


def test_only_the_file_itself_finds_out_whether_it_can_be_read(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # what Click would ask
    assert run("info", file).code == 0
    assert run("convert", file, file.with_name("b.csv")).code == 0
    assert run("convert", file, file.with_name("b.csv")).code == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("options", ["", "--json"])
def test_a_full_disk_is_one_line(file: Path, options: str) -> None:
    ran = in_shell(f"$run info $file {options} > /dev/full", file)
    assert ran.returncode == 2
    assert ran.stderr == "einthoven: cannot print (No space left on device)\n"


def test_a_closed_output_is_nobodys_business(file: Path) -> None:
    ran = in_shell("$run info $file >&-", file)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_reader_that_has_seen_enough_is_no_error(file: Path) -> None:
    ran = in_shell("$run info $file $file $file --json | true", file)
    assert ran.stderr == ""


def test_what_a_terminal_cannot_show_becomes_a_question_mark(file: Path) -> None:
    name = file.with_name("é–ü.csv")
    name.write_text("II\n1\n2\n", encoding="utf-8")
    ran = in_shell("$run info $file --rate 1 --unit mV", name, PYTHONIOENCODING="latin-1")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "?" in ran.stdout


def test_the_middle_of_an_endless_message_is_left_out(run: Run) -> None:
    ran = run("info", "x" * 5000)
    assert (ran.code, len(ran.errors)) == (2, 1)
    assert len(ran.err) < 2100
