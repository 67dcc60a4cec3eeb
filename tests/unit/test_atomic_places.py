"""Where a result goes that is no plain file yet: links, pipes, devices, folders, full disks."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from einthoven.atomic import replacing, replacing_in
from einthoven.errors import OutputError


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "report.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real" / "report.txt")
    with replacing(link) as draft:
        draft.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "report.txt").read_text() == "new"
    assert [file.name for file in (tmp_path / "real").iterdir()] == ["report.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_stays_a_pipe_and_passes_the_result_on(tmp_path: Path) -> None:
    pipe, passed = tmp_path / "pipe.txt", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: passed.append(pipe.read_text()))
    reader.start()
    with replacing(pipe) as draft:
        draft.write_text("whole")
    reader.join(timeout=10)
    assert passed == ["whole"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_that_is_full_is_named_and_not_replaced() -> None:
    with pytest.raises(OutputError, match=r"/dev/full: cannot write \(No space left"), replacing("/dev/full") as draft:
        draft.write_text("x")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_of_several_files_none_moves_where_one_cannot(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("old")
    (tmp_path / "a.hea").mkdir()

    def write() -> None:
        with replacing_in(tmp_path) as folder:
            for name in ("a.dat", "a.hea"):
                (folder / name).write_text("new")

    with pytest.raises(OutputError, match=r"a\.hea: cannot write \(it is a folder\)"):
        write()
    assert (tmp_path / "a.dat").read_text() == "old"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError("3000 requested and 1024 written"), "3000 requested and 1024 written"),
        (OSError(), "the disk may be full"),
    ],
)
def test_an_error_without_name_and_number_still_says_where_and_why(tmp_path: Path, error: OSError, reason: str) -> None:
    with pytest.raises(OutputError) as refusal, replacing(tmp_path / "a.edf"):
        raise error
    assert str(refusal.value) == f"{tmp_path}: cannot write ({reason})"
