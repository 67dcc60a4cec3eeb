"""One file over HTTP, into a ``.part`` file that a later attempt goes on with.

Only HTTPS is spoken, plain HTTP to this machine alone; a redirect may not change that.
"""

from __future__ import annotations

import ipaddress
import random
import re
import shutil
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from .. import __version__
from ..errors import DataError, OptionError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse
    from pathlib import Path
    from threading import Event
    from urllib.request import OpenerDirector

CHUNK_BYTES = 1 << 16
TRY_AGAIN = {408, 429, 500, 502, 503, 504}
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Received = Callable[[int, int | None], None]  # bytes of the file that are here, bytes it has (None: not told)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to put up with a server: attempts per file, the first pause (then doubled), seconds of silence."""

    attempts: int = 5
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    silence_s: float = 30.0

    def pause_s(self, failures: int) -> float:
        """Give the pause after so many failures, spread by chance so that several threads do not knock together."""
        pause_s: float = min(self.longest_pause_s, self.first_pause_s * 2 ** (failures - 1))
        return pause_s * random.uniform(0.75, 1.25)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to fetch: its address, and the size above which it cannot be the right one."""

    url: str
    largest_bytes: int


class _BrokenOffError(Exception):
    """The transfer failed in a way that may pass."""


def check_url(url: str) -> None:
    """Refuse an address that is neither HTTPS nor this machine's own.

    Raises
    ------
    OptionError
        It is of another kind.

    Examples
    --------
    >>> check_url("https://physionet.org/files/")
    """
    if not (_is_https(url) or _is_own_machine(url)):
        raise OptionError(f"address {url!r} is refused: allowed is https://, and http:// to this machine only")


def receive(source: Source, part: Path, patience: Patience, received: Received, stopped: Event) -> None:
    """Bring `part` to its full length, going on from what is already there.

    Whether the bytes are right is for the caller to check.

    Raises
    ------
    DataError
        The server refuses, sends more than `source.largest_bytes`, or fails too often.
    OutputError
        The disk is full or cannot be written.
    concurrent.futures.CancelledError
        `stopped` was set; the part stays for another time.
    """
    for failures in range(1, patience.attempts + 1):
        try:
            _attempt(source, part, patience.silence_s, received, stopped)
            return
        except _BrokenOffError as error:
            if failures == patience.attempts:
                raise DataError(
                    f"{source.url}: {error}, {failures} times; the same command goes on where this one ended"
                ) from error
            stopped.wait(patience.pause_s(failures))


def _attempt(source: Source, part: Path, silence_s: float, received: Received, stopped: Event) -> None:
    if stopped.is_set():
        raise CancelledError
    here = part.stat().st_size if part.exists() else 0
    with _open(source.url, here, silence_s) as response:
        if response.status == 416:  # nothing lies beyond what is here: the checksum will tell whether it is all
            return
        whole: int | None
        if response.status == 206:
            start, whole = _content_range(response, source.url)
            if start != here:
                part.unlink()
                raise _BrokenOffError(f"server sent from byte {start} when asked for {here}")
        else:  # the whole file, also where only the rest was asked for
            here, whole = 0, _content_length(response)
        _check_size(source, whole or 0)
        _check_space(part, (whole or 0) - here)
        with writing(part), part.open("ab" if here else "wb") as file:
            for chunk in _chunks(response):
                here += len(chunk)
                _check_size(source, here)
                file.write(chunk)
                received(here, whole)
                if stopped.is_set():
                    raise CancelledError
    if whole is not None and here < whole:
        raise _BrokenOffError(f"connection ended after {here} of {whole} bytes")


def _open(url: str, start: int, silence_s: float) -> Any:  # HTTPResponse, or HTTPError for 416, which reads as one
    headers = {"User-Agent": f"einthoven/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        return _opener(url).open(Request(url, headers=headers), timeout=silence_s)  # noqa: S310 - see check_url
    except HTTPError as error:
        if error.code == 416 and start:
            return error
        error.close()
        if error.code in TRY_AGAIN:
            raise _BrokenOffError(f"server answered {error.code} {error.reason}") from error
        raise DataError(f"{url}: server answered {error.code} {error.reason}") from error
    except URLError as error:
        raise _BrokenOffError(f"no connection ({error.reason})") from error
    except (OSError, HTTPException) as error:
        raise _BrokenOffError(f"no answer ({error or type(error).__name__})") from error


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := response.read(CHUNK_BYTES):
            yield chunk
    except (OSError, HTTPException) as error:
        raise _BrokenOffError(f"connection lost ({error or type(error).__name__})") from error


def _content_range(response: HTTPResponse, url: str) -> tuple[int, int | None]:
    found = response.headers.get("Content-Range", "")
    match = CONTENT_RANGE.fullmatch(found)
    if match is None:
        raise DataError(f"{url}: server sent Content-Range {found!r}, expected 'bytes <from>-<to>/<size>'")
    return int(match[1]), None if match[2] == "*" else int(match[2])


def _content_length(response: HTTPResponse) -> int | None:
    found = response.headers.get("Content-Length", "")
    return int(found) if found.isdecimal() else None


def _check_size(source: Source, size: int) -> None:
    if size > source.largest_bytes:
        raise DataError(f"{source.url}: has {size} bytes or more, a file here has at most {source.largest_bytes}")


def _check_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise OutputError(f"{part.parent}: {needed} bytes are needed, {free} are free")


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the disk refuses at `place` into our own error."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{place}: cannot write ({error.strerror or error})") from error


class _Redirects(HTTPRedirectHandler):
    """Follows to HTTPS anywhere; to plain HTTP only from this machine to itself."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        if not _is_https(newurl) and not (_is_own_machine(req.full_url) and _is_own_machine(newurl)):
            fp.close()
            raise DataError(f"{req.full_url}: redirect to {newurl!r} is refused: it is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(url: str) -> OpenerDirector:
    if _is_own_machine(url):
        return build_opener(_Redirects, ProxyHandler({}))  # a proxy elsewhere has another loopback
    return build_opener(_Redirects)


def _is_https(url: str) -> bool:
    return _scheme_and_host(url)[0] == "https"


def _is_own_machine(url: str) -> bool:
    scheme, host = _scheme_and_host(url)
    try:
        return scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check
    except ValueError:
        return "", ""
    return (parts.scheme, parts.hostname) if parts.hostname else ("", "")
