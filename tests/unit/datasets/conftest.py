"""A publisher on this machine whose misbehaviour is scripted, request by request."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Act = Callable[["Handler", bytes], None]

FOLDER = "/mitdb/1.0.0/"


class Handler(BaseHTTPRequestHandler):
    """Serves the publisher's files with Range, unless the script has an act for the path."""

    server: Server

    def do_GET(self) -> None:
        path = self.path.removeprefix(FOLDER)
        publisher = self.server.publisher
        with publisher.lock:
            publisher.requests.append((path, self.headers.get("Range")))
            publisher.agents.add(self.headers.get("User-Agent", ""))
            act = publisher.script[path].pop(0) if publisher.script[path] else None
        body = publisher.files.get(path)
        if act is not None:
            act(self, body or b"")
        elif body is None:
            self.send_error(404)
        else:
            self.serve(body)

    def serve(self, body: bytes) -> None:
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if start >= len(body) and start:
            self.answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
        elif asked:
            self.answer(206, body[start:], {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
        else:
            self.answer(200, body)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    publisher: Publisher

    def handle_error(self, *_: object) -> None:
        pass  # a client that goes away is part of the play


class Publisher:
    """What is published, what happens on each request, and what was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.script: dict[str, list[Act]] = defaultdict(list)
        self.requests: list[tuple[str, str | None]] = []
        self.agents: set[str] = set()
        self.lock = threading.Lock()
        self.url = ""

    def publish(self, files: dict[str, bytes]) -> None:
        self.files |= files
        lines = [f"{hashlib.sha256(body).hexdigest()} {path}\n" for path, body in files.items()]
        self.files["SHA256SUMS.txt"] = "".join(lines).encode()

    def asked(self, path: str) -> list[str | None]:
        return [asked for name, asked in self.requests if name == path]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.publisher = play = Publisher()
        play.url = f"http://127.0.0.1:{server.server_port}/"
        play.publish(
            {
                "RECORDS": b"100\n101\n",
                "100.hea": b"100 2 360 650000\n",
                "100.dat": bytes(range(256)) * 1200,
                "101.hea": b"101 2 360 650000\n",
                "101.dat": bytes(reversed(range(256))) * 1100,
                "x_mitdb/x_100.dat": b"extra",
            }
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield play
        server.shutdown()
        thread.join()
