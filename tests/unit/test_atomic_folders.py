"""A folder of results is there whole or not at all, and nothing but such a folder is ever replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from einthoven.atomic import replacing_folder
from einthoven.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

MARK = "set.json"


def write(target: Path, text: str, *, overwrite: bool = False) -> None:
    with replacing_folder(target, MARK, overwrite) as draft:
        (draft / "part").mkdir()
        (draft / "part" / "one.txt").write_text(text)
        (draft / MARK).write_text("{}")


def test_a_folder_appears_with_all_that_is_in_it(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "set", "new")
    assert (tmp_path / "deep" / "set" / "part" / "one.txt").read_text() == "new"
    assert [one.name for one in (tmp_path / "deep").iterdir()] == ["set"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    write(tmp_path / "set", "new")
    assert (tmp_path / "set" / MARK).is_file()


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    def stop(draft: Path) -> None:
        (draft / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), replacing_folder(tmp_path / "set", MARK) as draft:
        stop(draft)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_result_is_replaced_when_told_and_kept_when_the_new_one_fails(tmp_path: Path) -> None:
    write(tmp_path / "set", "old")
    (tmp_path / "set" / "more").write_text("")
    with pytest.raises(OutputError, match="set: is not empty; name another folder, or replace what is there"):
        write(tmp_path / "set", "new")
    with pytest.raises(ZeroDivisionError), replacing_folder(tmp_path / "set", MARK, overwrite=True):
        _ = 1 / 0
    assert (tmp_path / "set" / "part" / "one.txt").read_text() == "old"
    write(tmp_path / "set", "new", overwrite=True)
    assert sorted(one.name for one in (tmp_path / "set").iterdir()) == ["part", MARK]
    assert (tmp_path / "set" / "part" / "one.txt").read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["set"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "thesis.tex").write_text("ten years")
    with pytest.raises(OutputError, match=r"is not empty and holds no set\.json"):
        write(tmp_path, "new", overwrite=overwrite)
    with pytest.raises(OutputError, match=r"thesis\.tex: cannot write a folder of this name"):
        write(tmp_path / "thesis.tex", "new", overwrite=overwrite)
    assert (tmp_path / "thesis.tex").read_text() == "ten years"


def test_a_folder_that_fills_meanwhile_is_not_lost(tmp_path: Path) -> None:
    def someone_else_writes(place: Path) -> None:
        place.mkdir()
        (place / "mine").write_text("")

    with pytest.raises(OutputError, match="holds no set"), replacing_folder(tmp_path / "set", MARK):
        someone_else_writes(tmp_path / "set")
    assert (tmp_path / "set" / "mine").exists()


def test_of_a_link_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / MARK).is_file()


def test_a_place_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        write(tmp_path / "file" / "set", "new")
