"""Fetching survives a bad line and a bad server, and lets neither write where or what it should not."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from email.message import Message
from io import BytesIO
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.request import Request

import pytest

from einthoven import __version__
from einthoven.datasets import download
from einthoven.datasets.catalogue import DATASETS
from einthoven.datasets.download import Patience, check_url
from einthoven.datasets.fetch import Fetched, Progress, fetch
from einthoven.errors import DataError, OptionError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MITDB = replace(DATASETS["mitdb"], size_mb=1)
SWIFT = Patience(attempts=3, first_pause_s=0.01, silence_s=0.5)


def get(publisher: Any, root: Path, **options: Any) -> Fetched:
    return fetch(MITDB, root, mirror=publisher.url, patience=SWIFT, **options)


def tree(root: Path) -> dict[str, bytes]:
    folder = root / "mitdb"
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def drop_after(count: int) -> Callable[[Any, bytes], None]:
    def act(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:count])

    return act


def answer(status: int, body: bytes = b"", **headers: str) -> Callable[[Any, bytes], None]:
    return lambda handler, _body: handler.answer(status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def test_all_files_arrive_whole_and_nothing_else_stays(publisher: Any, tmp_path: Path) -> None:
    done = get(publisher, tmp_path)
    assert tree(tmp_path) == publisher.files
    assert (done.received, done.kept, done.replaced) == (6, 0, 0)
    assert done.received_bytes == sum(map(len, publisher.files.values())) - len(publisher.files["SHA256SUMS.txt"])
    assert publisher.agents == {f"einthoven/{__version__}"}


def test_right_files_are_not_fetched_again(publisher: Any, tmp_path: Path) -> None:
    get(publisher, tmp_path)
    publisher.requests.clear()
    done = get(publisher, tmp_path)
    assert (done.received, done.kept) == (0, 6)
    assert [path for path, _ in publisher.requests] == ["SHA256SUMS.txt"]


def test_a_wrong_file_is_replaced_and_counted(publisher: Any, tmp_path: Path) -> None:
    get(publisher, tmp_path)
    (tmp_path / "mitdb/100.dat").write_bytes(b"changed")
    done = get(publisher, tmp_path)
    assert (done.received, done.kept, done.replaced) == (1, 5, 1)
    assert tree(tmp_path) == publisher.files


def test_a_named_record_brings_its_files_and_the_tables_alone(publisher: Any, tmp_path: Path) -> None:
    get(publisher, tmp_path, records=["100"])
    assert set(tree(tmp_path)) == {"SHA256SUMS.txt", "RECORDS", "100.hea", "100.dat"}


def test_a_pattern_names_many_records(publisher: Any, tmp_path: Path) -> None:
    get(publisher, tmp_path, records=["x_mitdb/*", "10[01]"])
    assert tree(tmp_path) == publisher.files


def test_an_unknown_record_is_refused_before_any_record_is_fetched(publisher: Any, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"'999' has no file .* such as 100, 101"):
        get(publisher, tmp_path, records=["100", "999"])
    assert [path for path, _ in publisher.requests] == ["SHA256SUMS.txt"]


def test_progress_counts_every_byte_and_ends_at_the_whole(publisher: Any, tmp_path: Path) -> None:
    seen: list[Progress] = []
    done = get(publisher, tmp_path, on_progress=seen.append)
    assert seen[-1] == Progress(6, 6, done.received_bytes, done.received_bytes)
    assert all(a.bytes_done <= b.bytes_done and a.files_done <= b.files_done for a, b in pairwise(seen))


def test_a_dropped_connection_goes_on_where_it_broke(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [drop_after(100_000)]
    get(publisher, tmp_path)
    assert publisher.asked("100.dat") == [None, "bytes=100000-"]
    assert tree(tmp_path) == publisher.files


def test_an_interrupted_fetch_goes_on_in_the_next_call(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [drop_after(70_000), answer(503), answer(503)]
    with pytest.raises(DataError, match=r"100\.dat: server answered 503 .*, 3 times; the same command goes on"):
        get(publisher, tmp_path)
    assert (tmp_path / "mitdb/100.dat.part").stat().st_size == 70_000
    assert not (tmp_path / "mitdb/100.dat").exists()
    get(publisher, tmp_path)
    assert publisher.asked("100.dat")[-1] == "bytes=70000-"
    assert tree(tmp_path) == publisher.files


def test_a_server_that_ignores_range_starts_the_file_anew(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [drop_after(90_000), lambda handler, body: handler.answer(200, body)]
    get(publisher, tmp_path)
    assert tree(tmp_path) == publisher.files


def test_a_server_that_sends_another_range_starts_the_file_anew(publisher: Any, tmp_path: Path) -> None:
    shifted = answer(206, b"?" * 10, Content_Range="bytes 5-14/307200")
    publisher.script["100.dat"] = [drop_after(90_000), shifted]
    get(publisher, tmp_path)
    assert publisher.asked("100.dat") == [None, "bytes=90000-", None]
    assert tree(tmp_path) == publisher.files


def test_a_senseless_content_range_is_one_clear_error(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [drop_after(90_000), answer(206, b"?", Content_Range="lines 1-2")]
    with pytest.raises(DataError, match="sent Content-Range 'lines 1-2', expected"):
        get(publisher, tmp_path)


def test_a_complete_part_is_taken_when_the_server_has_no_more(publisher: Any, tmp_path: Path) -> None:
    (tmp_path / "mitdb").mkdir()
    (tmp_path / "mitdb/100.dat.part").write_bytes(publisher.files["100.dat"])
    get(publisher, tmp_path)
    assert publisher.asked("100.dat") == ["bytes=307200-"]
    assert tree(tmp_path) == publisher.files


@pytest.mark.parametrize("stale", [b"stale bytes", b"too long" * 60_000])
def test_a_part_of_another_file_is_given_up(publisher: Any, tmp_path: Path, stale: bytes) -> None:
    (tmp_path / "mitdb").mkdir()
    (tmp_path / "mitdb/100.dat.part").write_bytes(stale)
    get(publisher, tmp_path)
    assert publisher.asked("100.dat") == [f"bytes={len(stale)}-", None]
    assert tree(tmp_path) == publisher.files


def test_a_corrupt_file_is_deleted_and_said_so(publisher: Any, tmp_path: Path) -> None:
    publisher.files["100.dat"] = publisher.files["100.dat"].replace(b"\x07", b"\x08")
    with pytest.raises(DataError, match=r"100\.dat: SHA-256 is .*, expected .*; what came was deleted"):
        get(publisher, tmp_path)
    assert not [file for file in tree(tmp_path) if file.startswith("100.dat")]


def test_a_corrupt_file_does_not_cost_the_one_that_was_there(publisher: Any, tmp_path: Path) -> None:
    get(publisher, tmp_path)
    (tmp_path / "mitdb/100.dat").write_bytes(b"mine")
    publisher.files["100.dat"] = b"?" * 10
    with pytest.raises(DataError, match="SHA-256"):
        get(publisher, tmp_path)
    assert (tmp_path / "mitdb/100.dat").read_bytes() == b"mine"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(publisher: Any, tmp_path: Path, status: int) -> None:
    publisher.script["101.dat"] = [answer(status), answer(status)]
    publisher.script["SHA256SUMS.txt"] = [answer(status)]
    get(publisher, tmp_path)
    assert tree(tmp_path) == publisher.files


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_is_not_tried_again(publisher: Any, tmp_path: Path, status: int) -> None:
    publisher.script["101.dat"] = [answer(status)] * 2
    with pytest.raises(DataError, match=rf"101\.dat: server answered {status}"):
        get(publisher, tmp_path)
    assert publisher.asked("101.dat") == [None]


def test_silence_is_tried_again(publisher: Any, tmp_path: Path) -> None:
    publisher.script["101.dat"] = [lambda _handler, _body: time.sleep(0.8)]
    get(publisher, tmp_path)
    assert publisher.asked("101.dat") == [None, None]
    assert tree(tmp_path) == publisher.files


def test_a_body_without_length_is_taken_when_its_checksum_is_right(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [lambda handler, body: handler.answer(200, body, {"Content-Length": ""})]
    get(publisher, tmp_path)
    assert tree(tmp_path) == publisher.files


def test_nobody_listening_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no connection \(.*refused.*\), 3 times"):
        fetch(MITDB, tmp_path, mirror="http://127.0.0.1:9/", patience=SWIFT)


@pytest.mark.parametrize(
    "path",
    [
        "../100.dat",
        "/tmp/100.dat",
        "a/../../b",
        "a//b",
        "a/./b",
        "..\\100.dat",
        "C:100.dat",
        "nul\x00.dat",
        "..",
        "a\tb",
    ],
)
def test_a_hostile_path_is_refused_and_nothing_is_written(publisher: Any, tmp_path: Path, path: str) -> None:
    publisher.files["SHA256SUMS.txt"] = f"{'0' * 64} 100.hea\n{'0' * 64} {path}\n".encode()
    with pytest.raises(DataError, match=r"line \d: "):
        get(publisher, tmp_path / "root")
    assert {entry.name for entry in tmp_path.iterdir()} == {"root"}
    assert set(tree(tmp_path / "root")) <= {"SHA256SUMS.txt.part"}


@pytest.mark.parametrize(
    ("index", "complaint"),
    [
        (b"", "lists no files"),
        (b"<html>log in</html>", r"line 1: found '<html>log in</html>', expected '<sha256> <relative path>'"),
        (b"\xff\xfe\x00", "is not a list of checksums"),
        (b"0" * 64 + b" a\n" + b"1" * 64 + b" a\n", "line 2: path 'a' stands there twice"),
    ],
)
def test_an_index_that_is_none_is_one_clear_error(publisher: Any, tmp_path: Path, index: bytes, complaint: str) -> None:
    publisher.files["SHA256SUMS.txt"] = index
    with pytest.raises(DataError, match=complaint):
        get(publisher, tmp_path)
    assert not (tmp_path / "mitdb/SHA256SUMS.txt").exists()


def test_the_form_of_sha256sum_is_read_too(publisher: Any, tmp_path: Path) -> None:
    digest = hashlib.sha256(publisher.files["100.hea"]).hexdigest().upper()
    publisher.files["SHA256SUMS.txt"] = f"{digest} *./100.hea\r\n".encode()
    get(publisher, tmp_path)
    assert (tmp_path / "mitdb/100.hea").read_bytes() == publisher.files["100.hea"]


def test_a_linked_folder_does_not_lead_out(publisher: Any, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "mitdb").mkdir()
    (tmp_path / "mitdb/x_mitdb").symlink_to(outside)
    with pytest.raises(DataError, match="symbolic link there leads elsewhere"):
        get(publisher, tmp_path)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("name", ["100.dat", "100.dat.part", "SHA256SUMS.txt", "SHA256SUMS.txt.part"])
def test_a_linked_file_is_not_written_through(publisher: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "mitdb").mkdir()
    (tmp_path / "mitdb" / name).symlink_to(tmp_path / "precious")
    with pytest.raises(DataError, match="symbolic link"):
        get(publisher, tmp_path)
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_a_file_larger_than_the_database_is_refused(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [answer(200, b"", Content_Length="1000001")]
    with pytest.raises(DataError, match="has 1000001 bytes or more, a file here has at most 1000000"):
        get(publisher, tmp_path)


def test_an_endless_body_is_cut(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [answer(200, b"?" * 1_200_000, Content_Length="")]
    with pytest.raises(DataError, match="bytes or more"):
        get(publisher, tmp_path)
    assert (tmp_path / "mitdb/100.dat.part").stat().st_size <= 1_000_000


def test_too_little_space_is_said_before_the_first_record(
    publisher: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=400_000))
    with pytest.raises(OutputError, match=r"about 1 MB more are needed, 0 MB are free"):
        get(publisher, tmp_path)
    assert [path for path, _ in publisher.requests] == ["SHA256SUMS.txt"]


def test_too_little_space_for_one_file_is_said_before_it_is_written(
    publisher: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=200_000))
    with pytest.raises(OutputError, match=r"307200 bytes are needed, 200000 are free"):
        get(publisher, tmp_path, records=["100"])
    assert not (tmp_path / "mitdb/100.dat.part").exists()


def test_a_root_that_is_a_file_is_one_clear_error(publisher: Any, tmp_path: Path) -> None:
    (tmp_path / "root").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"):
        get(publisher, tmp_path / "root")


def test_a_folder_in_the_place_of_a_file_is_one_clear_error(publisher: Any, tmp_path: Path) -> None:
    (tmp_path / "mitdb/100.dat").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"100\.dat: cannot write"):
        get(publisher, tmp_path)


def test_a_redirect_within_this_machine_is_followed(publisher: Any, tmp_path: Path) -> None:
    publisher.files["moved"] = publisher.files["100.dat"]
    elsewhere = publisher.url.replace("127.0.0.1", "localhost") + "mitdb/1.0.0/moved"
    publisher.script["100.dat"] = [answer(302, Location=elsewhere)]
    get(publisher, tmp_path, records=["100"])
    assert (tmp_path / "mitdb/100.dat").read_bytes() == publisher.files["100.dat"]


@pytest.mark.parametrize("location", ["http://192.0.2.1/100.dat", "file:///etc/passwd", "ftp://192.0.2.1/a"])
def test_a_redirect_to_anything_but_https_is_refused(publisher: Any, tmp_path: Path, location: str) -> None:
    publisher.script["100.dat"] = [answer(302, Location=location)]
    with pytest.raises(DataError, match=r"100\.dat: .* (is refused: it is not https|is not allowed)"):
        get(publisher, tmp_path)


def test_an_endless_redirect_ends(publisher: Any, tmp_path: Path) -> None:
    publisher.script["100.dat"] = [answer(302, Location="100.dat")] * 50
    with pytest.raises(DataError, match="302"):
        get(publisher, tmp_path)


@pytest.mark.parametrize("location", ["http://physionet.org/100.dat", "http://127.0.0.1/100.dat"])
def test_https_is_never_left(location: str) -> None:
    secure = Request("https://physionet.org/files/mitdb/1.0.0/100.dat")
    with pytest.raises(DataError, match="is refused: it is not https"):
        download._Redirects().redirect_request(secure, BytesIO(), 302, "Found", Message(), location)


def test_https_may_lead_to_https_on_another_host() -> None:
    secure = Request("https://physionet.org/files/mitdb/1.0.0/100.dat")
    led = download._Redirects().redirect_request(
        secure, BytesIO(), 302, "Found", Message(), "https://example.org/100.dat"
    )
    assert led is not None
    assert led.full_url == "https://example.org/100.dat"


@pytest.mark.parametrize(
    "url", ["https://physionet.org/files/", "http://127.0.0.1:8000/", "http://[::1]/", "http://localhost/"]
)
def test_https_and_this_machine_are_allowed(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://physionet.org/",
        "http://127.0.0.1@physionet.org/",
        "http://127.0.0.1.example.org/",
        "http://[::1",
        "http://127.0.0.1:port/",
        "https://",
        "file:///etc/passwd",
        "ftp://physionet.org/",
        "mitdb",
        "",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(OptionError, match="is refused: allowed is https"):
        check_url(url)


def test_what_may_not_be_passed_on_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cpic2019: cannot be fetched, it may not be passed on.*tsinghua"):
        fetch(DATASETS["cpic2019"], tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_leaves_what_the_next_call_goes_on_with(publisher: Any, tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def linger(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:200_000])
        begun.set()
        over.wait(20)

    publisher.script["100.dat"] = [linger]
    program = (
        "import sys; from einthoven.datasets.catalogue import DATASETS; from einthoven.datasets.fetch import *\n"
        "from einthoven.datasets.download import Patience\n"
        "_, root, url = sys.argv\n"
        "try: fetch(DATASETS['mitdb'], root, mirror=url, records=['100'], patience=Patience(silence_s=1))\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), publisher.url])
    assert begun.wait(20)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    over.set()
    assert 0 < (tmp_path / "mitdb/100.dat.part").stat().st_size < 307_200
    get(publisher, tmp_path)
    assert publisher.asked("100.dat")[-1] is not None
    assert tree(tmp_path) == publisher.files
