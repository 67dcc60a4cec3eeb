import pytest

from einthoven.atomic import replacing, replacing_in
from einthoven.errors import OutputError


def test_a_result_appears_only_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "report.txt"
    with replacing(target) as draft:
        draft.write_text("half")
        assert not target.exists()
        draft.write_text("whole")
    assert target.read_text() == "whole"


def test_what_fails_leaves_the_old_result_and_nothing_else(tmp_path):
    (tmp_path / "report.txt").write_text("old")

    def fail():
        with replacing(tmp_path / "report.txt") as draft:
            draft.write_text("new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("report.txt", "old")]


def test_several_files_move_together(tmp_path):
    with replacing_in(tmp_path) as folder:
        for name in ("100.hea", "100.dat"):
            (folder / name).write_text(name)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["100.dat", "100.hea"]


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"), replacing(tmp_path / "file" / "report.txt"):
        pass


def test_a_target_that_is_a_folder_is_named(tmp_path):
    (tmp_path / "report.txt").mkdir()
    with pytest.raises(OutputError, match=r"report\.txt"), replacing(tmp_path / "report.txt") as draft:
        draft.write_text("x")
