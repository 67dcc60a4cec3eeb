"""No list of checksums, whatever stands in it, names a place outside the folder, or raises any error but ours."""

from __future__ import annotations

import ntpath
import posixpath
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from einthoven.datasets.checksums import is_safe_path, parse_sums
from einthoven.errors import DataError

PATHS = st.lists(st.sampled_from(["..", ".", "", "/", "\\", "C:", "100.dat", " ", "\x00", "~", "x"]), max_size=8).map(
    "".join
)


@given(PATHS | st.text())
def test_an_accepted_path_stays_inside_on_any_system(path: str) -> None:
    if is_safe_path(path):
        assert posixpath.normpath(posixpath.join("/root/mitdb", path)).startswith("/root/mitdb/")
        assert ntpath.normpath(ntpath.join(r"D:\root\mitdb", path)).startswith("D:\\root\\mitdb\\")


@given(st.text() | st.lists(PATHS.map(lambda path: "0" * 64 + " " + path)).map("\n".join))
def test_any_text_is_a_list_of_safe_paths_or_our_own_error(text: str) -> None:
    with suppress(DataError):
        sums = parse_sums(text, "SHA256SUMS.txt")
        assert sums
        assert all(map(is_safe_path, sums))
