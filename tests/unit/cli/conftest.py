"""The command line as a user meets it: arguments in; exit code, output and error lines out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from einthoven.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Give a function that runs ``einthoven`` with these arguments."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["einthoven", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        return Ran(code, *capsys.readouterr())

    return run
