"""The catalogue is complete and finds a database's folder where the user said, or where the system keeps data."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.datasets.catalogue import DATASETS, Dataset, data_root, dataset
from einthoven.datasets.checksums import is_safe_path
from einthoven.datasets.download import check_url
from einthoven.errors import DataError, OptionError


@pytest.mark.parametrize("name", DATASETS)
def test_every_entry_says_what_a_paper_needs(name: str) -> None:
    entry = DATASETS[name]
    assert entry.name == name
    assert all((entry.title, entry.version, entry.licence, entry.citation, entry.page))
    assert entry.records > 0
    assert entry.size_mb > 0
    assert all(is_safe_path(path) for path in (entry.folder, entry.index, *entry.tables))


@pytest.mark.parametrize("entry", [entry for entry in DATASETS.values() if entry.url], ids=lambda entry: entry.name)
def test_every_address_is_https_and_of_the_stated_version(entry: Dataset) -> None:
    assert entry.url is not None
    check_url(entry.url)
    assert entry.url.endswith(f"/{entry.version}/")


def test_no_two_databases_share_a_folder() -> None:
    assert len({entry.folder for entry in DATASETS.values()}) == len(DATASETS)


def test_an_unknown_name_lists_the_choices() -> None:
    with pytest.raises(
        OptionError, match="'mit-bih' is not known: choose from mitdb, nstdb, svdb, ptb-xl, cinc2020, cpic2019"
    ):
        dataset("mit-bih")


def test_the_option_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EINTHOVEN_DATA", str(tmp_path / "environment"))
    assert data_root(tmp_path / "option") == tmp_path / "option"
    assert data_root() == tmp_path / "environment"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/xdg"}, "/xdg/einthoven"),
        ("linux", {}, "/home/willem/.local/share/einthoven"),
        ("linux", {"EINTHOVEN_DATA": "", "XDG_DATA_HOME": ""}, "/home/willem/.local/share/einthoven"),
        ("linux", {"EINTHOVEN_DATA": "~/ecg"}, "/home/willem/ecg"),
        ("darwin", {}, "/home/willem/Library/Application Support/einthoven"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/einthoven"),
    ],
)
def test_each_system_has_its_own_place(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    for name in ("EINTHOVEN_DATA", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/willem")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert data_root() == Path(expected)


def test_an_absent_database_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mitdb is not here; get it with `einthoven data fetch mitdb`"):
        DATASETS["mitdb"].path(tmp_path)
    with pytest.raises(DataError, match=r"cpic2019 is not here, and may not be passed on: .*tsinghua"):
        DATASETS["cpic2019"].path(tmp_path)


def test_a_present_database_gives_its_folder(tmp_path: Path) -> None:
    (tmp_path / "svdb").mkdir()
    assert DATASETS["svdb"].path(tmp_path) == tmp_path / "svdb"
