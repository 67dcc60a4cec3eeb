"""On a machine for analysis alone, training says what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HIDDEN = """
import sys
from importlib.machinery import PathFinder

find = PathFinder.find_spec

def without_torch(name, path=None, target=None):
    return None if name.split(".")[0] in ("torch", "lightning") else find(name, path, target)

PathFinder.find_spec = staticmethod(without_torch)
from einthoven.cli import main
sys.argv = ["einthoven", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("command", [["train"], ["evaluate"], ["export", "-o", "bundle"]], ids=lambda words: words[0])
def test_without_torch_training_is_one_line_that_says_what_to_install(command, tmp_path):
    name, *options = command
    words = [sys.executable, "-c", HIDDEN, name, "mitdb-normal-cnn", *options]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "einthoven[train]" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_torch_analysis_works(tmp_path):
    words = [sys.executable, "-c", HIDDEN, "demo", "-o", "demo"]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "simulated.html").is_file()
