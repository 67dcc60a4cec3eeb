"""A database from its publisher: checksums first, then each file, several at a time, resumed where left off."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import DataError, OutputError
from .catalogue import data_root
from .checksums import parse_sums, select_files, sha256_of
from .download import Patience, Source, check_url, receive, writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .catalogue import Dataset

PUBLISHER = "https://physionet.org/files/"  # what a mirror stands for
LARGEST_INDEX_BYTES = 64_000_000  # PTB-XL's, the longest here, has about 9 MB
WORKERS = 4


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `expected_bytes` is a guess from the files seen so far, as no list gives the sizes."""

    files_done: int
    files: int
    bytes_done: int
    expected_bytes: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was done: files `received` (of which `replaced` were there but wrong), `kept` because they were right."""

    folder: Path
    received: int
    replaced: int
    kept: int
    received_bytes: int


OnProgress = Callable[[Progress], None]


def fetch(
    dataset: Dataset,
    root: str | Path | None = None,
    *,
    records: Sequence[str] = (),
    mirror: str | None = None,
    on_progress: OnProgress | None = None,
    patience: Patience | None = None,
) -> Fetched:
    """Bring a database, or some of its records, into its folder; what is there and right stays.

    It may be stopped at any moment and called again. A file appears under its own name only when its checksum is right.

    Parameters
    ----------
    dataset
        Which; one with ``url`` None cannot be fetched.
    root
        Data root, see :func:`~einthoven.datasets.catalogue.data_root`.
    records
        Names or shell patterns (``records100/*``); none means all.
    mirror
        Address used in place of ``https://physionet.org/files/``; HTTPS, or HTTP to this machine.
    on_progress
        Called from several threads, one at a time.
    patience
        How long to put up with a failing server.

    Raises
    ------
    DataError
        The dataset has no public address, the server fails, or a file is not what the list says.
    OptionError
        A record or mirror is not usable.
    OutputError
        The folder cannot be written or has too little space.
    """
    if dataset.url is None:
        raise DataError(f"{dataset.name}: cannot be fetched, it {dataset.origin()}")
    base = f"{mirror.rstrip('/')}/{dataset.url.removeprefix(PUBLISHER)}" if mirror else dataset.url
    check_url(base)
    folder = data_root(root) / dataset.folder
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    patience = patience or Patience()
    sums = _fetch_index(base + dataset.index, folder / dataset.index, patience)
    chosen = select_files(sums, records, dataset.tables)
    chosen.pop(dataset.index, None)
    if not records:
        _check_space(folder, dataset.size_mb)
    job = _Job(base, folder, dataset.size_mb * 1_000_000, patience, _Tally(len(chosen), on_progress))
    return job.run(chosen)


def _fetch_index(url: str, target: Path, patience: Patience) -> dict[str, str]:
    """Fetch the list anew: it is small, and nothing vouches for an old one."""
    part = target.with_name(f"{target.name}.part")
    _check_place(target, target.parent)
    with writing(part):
        part.unlink(missing_ok=True)
    receive(Source(url, LARGEST_INDEX_BYTES), part, patience, lambda _here, _whole: None, Event())
    try:
        sums = parse_sums(part.read_text(encoding="utf-8"), url)
    except UnicodeDecodeError as error:
        raise DataError(f"{url}: is not a list of checksums (byte {error.start} is not text)") from error
    with writing(target):
        part.replace(target)
    return sums


@dataclass(slots=True)
class _Tally:
    """Adds up what the threads receive."""

    files: int
    on_progress: OnProgress | None
    files_done: int = 0
    kept: int = 0
    replaced: int = 0
    bytes_done: int = 0
    known_bytes: int = 0  # of the files begun, in all
    begun: dict[str, tuple[int, int]] = field(default_factory=dict)  # bytes here, bytes in all
    lock: Lock = field(default_factory=Lock)

    def received(self, path: str, here: int, whole: int | None) -> None:
        with self.lock:
            was_here, was_whole = self.begun.get(path, (0, 0))
            self.begun[path] = here, whole or here
            self.bytes_done += here - was_here
            self.known_bytes += (whole or here) - was_whole
            self._tell()

    def done(self, *, kept: bool = False, replaced: bool = False) -> None:
        with self.lock:
            self.files_done += 1
            self.kept += kept
            self.replaced += replaced
            self._tell()

    def _tell(self) -> None:
        if self.on_progress is None:
            return
        to_come = self.files - self.kept - len(self.begun)
        expected = self.known_bytes + to_come * self.known_bytes // max(1, len(self.begun))
        self.on_progress(Progress(self.files_done, self.files, self.bytes_done, expected))


@dataclass(frozen=True, slots=True)
class _Job:
    base: str
    folder: Path
    largest_bytes: int
    patience: Patience
    tally: _Tally
    stopped: Event = field(default_factory=Event)

    def run(self, sums: dict[str, str]) -> Fetched:
        """Fetch all; the first failure, or Ctrl-C, stops the rest within a chunk."""
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="fetch") as pool:
            try:
                for future in as_completed([pool.submit(self.fetch_file, *item) for item in sums.items()]):
                    future.result()
            finally:
                self.stopped.set()
                pool.shutdown(cancel_futures=True)
        tally = self.tally
        return Fetched(self.folder, tally.files - tally.kept, tally.replaced, tally.kept, tally.bytes_done)

    def fetch_file(self, path: str, sha256: str) -> None:
        target = self.folder / path
        with writing(target):
            there = target.is_file()
            kept = there and sha256_of(target) == sha256
            if not kept:
                _check_place(target, self.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                self._receive_right(path, target, sha256)
        self.tally.done(kept=kept, replaced=there and not kept)

    def _receive_right(self, path: str, target: Path, sha256: str) -> None:
        source = Source(self.base + quote(path), self.largest_bytes)
        part = target.with_name(f"{target.name}.part")
        resumed = part.exists()
        receive(source, part, self.patience, partial(self.tally.received, path), self.stopped)
        if (
            resumed and sha256_of(part) != sha256
        ):  # begun from another file, or by a stop amid a write: once more, whole
            part.unlink()
            receive(source, part, self.patience, partial(self.tally.received, path), self.stopped)
        found = sha256_of(part)
        if found != sha256:
            part.unlink()
            raise DataError(f"{source.url}: SHA-256 is {found[:16]}…, expected {sha256[:16]}…; what came was deleted")
        part.replace(target)


def _check_place(target: Path, folder: Path) -> None:
    """Refuse to write through a symbolic link that leaves the folder, or onto one."""
    inside = target.parent.resolve().is_relative_to(folder.resolve())
    part = target.with_name(f"{target.name}.part")
    if not inside or target.is_symlink() or part.is_symlink():
        raise DataError(f"{target}: is refused, a symbolic link there leads elsewhere")


def _check_space(folder: Path, size_mb: int) -> None:
    here_mb = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    free_mb = shutil.disk_usage(folder).free / 1e6
    needed_mb = 0.9 * size_mb - here_mb  # the size is a round figure: refuse only what cannot go well
    if needed_mb > free_mb:
        raise OutputError(f"{folder}: about {needed_mb:.0f} MB more are needed, {free_mb:.0f} MB are free")
