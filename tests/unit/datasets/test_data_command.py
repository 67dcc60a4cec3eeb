"""``einthoven data`` from end to end, on a publisher on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from einthoven.cli import main
from einthoven.datasets.catalogue import DATASETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command line; give exit code, standard output and standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["einthoven", "data", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def test_list_names_every_database_and_its_licence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mitdb").mkdir()
    code, out, _ = run("list", "-d", tmp_path)
    assert code == 0
    for entry in DATASETS.values():
        assert f"{entry.name} " in out
        assert entry.licence in out
    assert out.count("; here\n") == 1
    assert out.count("; not here, cannot be fetched\n") == 1


def test_list_as_json_has_all_of_the_catalogue(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("list", "--json", "-d", tmp_path)
    entries = json.loads(out)
    assert code == 0
    assert [entry["name"] for entry in entries] == list(DATASETS)
    assert entries[0]["citation"] == DATASETS["mitdb"].citation
    assert not any(entry["present"] for entry in entries)


def test_fetch_then_check_finds_all_right(run: Run, publisher: Any, tmp_path: Path) -> None:
    code, out, err = run("fetch", "mitdb", "-d", tmp_path, "--mirror", publisher.url, "--records", "100,101")
    assert (code, err) == (0, "")
    assert out.startswith("mitdb: 5 files fetched (0.6 MB), 0 kept, in ")
    assert "Licence: ODC-By 1.0. Cite: Moody GB" in out
    code, out, _ = run("check", "mitdb", "-d", tmp_path)
    assert code == 0
    assert out == "mitdb: 5 of 6 files are right by SHA-256, 1 absent, 0 bad\n  absent  x_mitdb/x_100.dat\n"


def test_fetch_twice_keeps_what_is_right(run: Run, publisher: Any, tmp_path: Path) -> None:
    run("fetch", "mitdb", "-d", tmp_path, "--mirror", publisher.url, "--records", "*")
    (tmp_path / "mitdb/100.hea").write_bytes(b"changed")
    code, out, _ = run("fetch", "mitdb", "mitdb", "-d", tmp_path, "--mirror", publisher.url, "--records", "*")
    assert code == 0
    assert out.startswith("mitdb: 1 files fetched (0.0 MB, 1 of them in place of wrong ones), 5 kept")
    assert out.count("mitdb:") == 1


def test_check_of_a_bad_copy_ends_with_1_and_names_the_file(run: Run, publisher: Any, tmp_path: Path) -> None:
    run("fetch", "mitdb", "-d", tmp_path, "--mirror", publisher.url, "--records", "100")
    (tmp_path / "mitdb/100.dat").write_bytes(b"changed")
    code, out, _ = run("check", "mitdb", "-d", tmp_path, "--json")
    found = json.loads(out)[0]
    assert code == 1
    assert (found["kind"], found["good"], found["complete"]) == ("checksums", 2, False)
    assert list(found["bad"]) == ["100.dat"]


def test_long_lists_are_cut_and_say_so(run: Run, publisher: Any, tmp_path: Path) -> None:
    publisher.publish({"RECORDS": b"", **{f"{number}.dat": b"x" for number in range(30)}})
    run("fetch", "mitdb", "-d", tmp_path, "--mirror", publisher.url, "--records", "1")
    _, out, _ = run("check", "mitdb", "-d", tmp_path)
    assert out.count("absent  ") == 10
    assert out.endswith("  and 19 more; --json lists all\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fetch", "mitdb", "--mirror", "http://example.org/"], "address 'http://example.org/mitdb/1.0.0/' is refused"),
        (["fetch", "cpic2019"], "cpic2019: cannot be fetched, it may not be passed on"),
        (["fetch", "mitbd"], "dataset 'mitbd' is not known: choose from mitdb"),
        (["check", "mitdb", "nope"], "dataset 'nope' is not known"),
        (["check", "mitdb"], "mitdb is not here; get it with `einthoven data fetch mitdb`"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    run: Run, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    code, out, err = run(*arguments, "-d", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("einthoven: ")
    assert complaint in err
    assert not list(tmp_path.iterdir())


def test_ctrl_c_says_how_to_go_on(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("einthoven.datasets.fetch.fetch", stopped)
    code, _, err = run("fetch", "mitdb", "-d", tmp_path)
    assert (code, err) == (130, "mitdb: stopped; the same command goes on from here\n")
