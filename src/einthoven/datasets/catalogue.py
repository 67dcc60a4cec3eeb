"""The public databases we know: what each is, who must be cited, and where its copy lies on this machine."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError, unknown

PHYSIONET = (
    "Goldberger AL et al. PhysioBank, PhysioToolkit, and PhysioNet. Circulation 2000;101(23):e215-e220. "
    "doi:10.1161/01.CIR.101.23.e215"
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One published database.

    Parameters
    ----------
    name
        Key in :data:`DATASETS`, as the command line takes it.
    title, version, licence, citation
        As its publisher gives them; the citation is what a paper must carry.
    page
        Where a person reads about it.
    url
        Folder its files are fetched from, ending in ``/``; None where we know of no place that may give them out.
    folder
        Its folder below the data root.
    records
        Number of recordings the publisher lists.
    size_mb
        About how much disk space the whole takes, in megabytes.
    tables
        Files that belong to no one record and are fetched along with any part of the database.
    index
        File of checksums, lines of ``<sha256> <relative path>``.
    header_suffix
        Suffix of the one file each record has: its header, or the file that holds all of it.

    Examples
    --------
    >>> DATASETS["mitdb"].records
    48
    """

    name: str
    title: str
    version: str
    licence: str
    citation: str
    page: str
    url: str | None
    folder: str
    records: int
    size_mb: int
    tables: tuple[str, ...] = ("RECORDS",)
    index: str = "SHA256SUMS.txt"
    header_suffix: str = ".hea"

    def path(self, root: str | Path | None = None) -> Path:
        """Give the folder that holds this database, `root` resolved as :func:`data_root` does.

        Raises
        ------
        DataError
            The folder is not there; the message says how to get it.
        """
        folder = data_root(root) / self.folder
        if folder.is_dir():
            return folder
        if self.url is None:
            raise DataError(f"{folder}: {self.name} is not here, and {self.origin()}")
        raise DataError(f"{folder}: {self.name} is not here; get it with `einthoven data fetch {self.name}`")

    def origin(self) -> str:
        """Say in one phrase where the files come from."""
        if self.url is None:
            return f"may not be passed on: it was given to those who took part, {self.page}"
        return f"is published at {self.page}"


DATASETS: dict[str, Dataset] = {
    "mitdb": Dataset(
        name="mitdb",
        title="MIT-BIH Arrhythmia Database",
        version="1.0.0",
        licence="ODC-By 1.0",
        citation="Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. IEEE Eng in Med and Biol "
        f"2001;20(3):45-50. doi:10.13026/C2F305; {PHYSIONET}",
        page="https://physionet.org/content/mitdb/1.0.0/",
        url="https://physionet.org/files/mitdb/1.0.0/",
        folder="mitdb",
        records=48,
        size_mb=105,
    ),
    "nstdb": Dataset(
        name="nstdb",
        title="MIT-BIH Noise Stress Test Database",
        version="1.0.0",
        licence="ODC-By 1.0",
        citation="Moody GB, Muldrow WE, Mark RG. A noise stress test for arrhythmia detectors. Computers in Cardiology "
        f"1984;11:381-384. doi:10.13026/C2HS3T; {PHYSIONET}",
        page="https://physionet.org/content/nstdb/1.0.0/",
        url="https://physionet.org/files/nstdb/1.0.0/",
        folder="nstdb",
        records=15,
        size_mb=30,
    ),
    "svdb": Dataset(
        name="svdb",
        title="MIT-BIH Supraventricular Arrhythmia Database",
        version="1.0.0",
        licence="ODC-By 1.0",
        citation="Greenwald SD, Patil RS, Mark RG. Improved detection and classification of arrhythmias in "
        "noise-corrupted electrocardiograms using contextual information. Computers in Cardiology 1990;461-464. "
        f"doi:10.13026/C2V30W; {PHYSIONET}",
        page="https://physionet.org/content/svdb/1.0.0/",
        url="https://physionet.org/files/svdb/1.0.0/",
        folder="svdb",
        records=78,
        size_mb=60,
    ),
    "ptb-xl": Dataset(
        name="ptb-xl",
        title="PTB-XL, a large publicly available electrocardiography dataset",
        version="1.0.3",
        licence="CC BY 4.0",
        citation="Wagner P et al. PTB-XL, a large publicly available electrocardiography dataset. Scientific Data "
        f"2020;7:154. doi:10.1038/s41597-020-0495-6, doi:10.13026/kfzx-aw45; {PHYSIONET}",
        page="https://physionet.org/content/ptb-xl/1.0.3/",
        url="https://physionet.org/files/ptb-xl/1.0.3/",
        folder="ptb-xl",
        records=21_799,
        size_mb=3_000,
        tables=("RECORDS", "LICENSE.txt", "ptbxl_database.csv", "scp_statements.csv"),
    ),
    "cinc2020": Dataset(
        name="cinc2020",
        title="Classification of 12-lead ECGs: the PhysioNet/Computing in Cardiology Challenge 2020",
        version="1.0.2",
        licence="CC BY 4.0",
        citation="Perez Alday EA et al. Classification of 12-lead ECGs: the PhysioNet/Computing in Cardiology "
        "Challenge 2020. Physiol Meas 2020;41:124003. doi:10.1088/1361-6579/abc960, doi:10.13026/dvyd-kd57; "
        f"{PHYSIONET}",
        page="https://physionet.org/content/challenge-2020/1.0.2/",
        url="https://physionet.org/files/challenge-2020/1.0.2/",
        folder="cinc2020",
        records=43_101,
        size_mb=8_000,
    ),
    "cpic2019": Dataset(
        name="cpic2019",
        title="First China ECG Intelligence Competition 2019, preliminary round",
        version="2019",
        licence="unknown, not to be redistributed",
        citation="First China ECG Intelligence Competition, Tsinghua University, 2019",
        page="http://mdi.ids.tsinghua.edu.cn",
        url=None,
        folder="cpic2019",
        records=1_000,  # 600 of TRAIN, with labels, and 400 of TEST
        size_mb=82,
        tables=("reference.txt",),
        header_suffix=".mat",
    ),
}


def dataset(name: str) -> Dataset:
    """Look a database up by its exact name.

    Raises
    ------
    OptionError
        No database has this name; the message lists those there are.

    Examples
    --------
    >>> dataset("svdb").title
    'MIT-BIH Supraventricular Arrhythmia Database'
    """
    if name not in DATASETS:
        raise unknown("dataset", name, DATASETS)
    return DATASETS[name]


def data_root(option: str | Path | None = None) -> Path:
    """Give the folder that holds the databases: `option`, else ``EINTHOVEN_DATA``, else the user's data folder.

    The folder need not exist.

    Examples
    --------
    >>> data_root("recordings")
    PosixPath('recordings')
    """
    chosen = option or os.environ.get("EINTHOVEN_DATA")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Application Support"
    else:
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "einthoven"
