"""Whatever bytes a file holds, `read` gives a record or an error of ours: soon, and in bounded memory.

Valid files of every format are broken at random, for EINTHOVEN_FUZZ_S seconds (5 unless told), in a process of its own,
so that a crash in a library shows as well. A failing case is printed with the seed that makes it again.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from einthoven import EinthovenError, Patient, Record, read, write

MAX_FILE_S = 5.0
MAX_PEAK_MIB = 1024
NUMBERS = (
    b"0",
    b"-1",
    b"1e308",
    b"nan",
    b"99999999999999999",
    b"4294967296",
    b"2147483648",
    b"1.5",
    b"",
    b"\xb5V",
    b"~",
)
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"fs_hz": 360, "unit": "mV", "leads": ("I", "II", "III")},
    {"unit": "1000/mV"},
    {"unit": "mV", "leads": ("I", "II", "III")},
)
# Byte, cut, removal, insertion, repetition, extreme integer, extreme number, bit.
FAULT_SHARES = (0.15, 0.05, 0.05, 0.1, 0.05, 0.2, 0.2, 0.2)


def test_no_file_breaks_the_reader() -> None:
    seconds = float(os.environ.get("EINTHOVEN_FUZZ_S", "5"))
    seed = int(os.environ.get("EINTHOVEN_FUZZ_SEED", "1"))
    done = subprocess.run(
        [sys.executable, __file__, str(seconds), str(seed)],
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds + 120,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    cases, refused, peak_mib = map(int, done.stdout.split()[-3:])
    assert cases > 4 * seconds, "too few cases to mean anything"
    assert 0.2 * cases < refused < cases, "broken files must be refused, and some survive unharmed"
    assert peak_mib < MAX_PEAK_MIB


def own_peak_mib() -> int:
    """Return the most memory this program had at once.

    Where Linux tells it of the program alone: what ``getrusage`` says begins with what the one that started it had.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return (
            next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def write_seeds(folder: Path) -> list[tuple[Path, ...]]:
    """Write one small valid record in each format, and return the files of each."""
    import h5py
    import scipy.io
    import soundfile

    heart = np.random.default_rng(0)
    signal = np.round(heart.normal(size=(3, 400)), 2)
    record = Record(signal, 360, ("I", "II", "III"), "seed", start=datetime(2020, 5, 12), patient=Patient(60, "male"))
    for name in ("plain.hea", "cinc.mat", "table.csv", "table.tsv", "whole.npz", "whole.edf"):
        write(record, folder / name)
    (folder / "old.dat").write_bytes(heart.bytes(3 * 400))
    (folder / "old.hea").write_text(
        "old 2 250 400 10:00:00 12-May-2020\n"
        "old.dat 212 200(1024)/mV 12 0 0 0 0 II\nold.dat 212 200 12 0 0 0 0 V1\n# 69 M\n"
    )
    numbers = (signal * 100).astype(np.int16)
    soundfile.write(folder / "flac.dat", numbers.T, 360, format="FLAC", subtype="PCM_16")
    lines = "".join(f"flac.dat 516 100/mV 16 0 0 0 0 {lead}\n" for lead in record.leads)
    (folder / "flac.hea").write_text(f"flac 3 360 400\n{lines}")
    (folder / "many.hea").write_text("many/3 3 360 900\nplain 400\n~ 100\nflac 400\n")
    np.save(folder / "bare.npy", signal)
    scipy.io.savemat(folder / "five.mat", {"val": numbers, "fs_hz": 360.0, "unit": "uV", "leads": record.leads})
    scipy.io.savemat(folder / "packed.mat", {"data": signal, "fs_hz": 360.0}, do_compression=True)
    with h5py.File(folder / "seven.mat", "w", userblock_size=512) as file:
        file["val"] = numbers.T
        file["fs_hz"] = [[360.0]]
    with (folder / "seven.mat").open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    groups = (
        ("plain.hea", "plain.dat"),
        ("cinc.hea", "cinc.mat"),
        ("old.hea", "old.dat"),
        ("flac.hea", "flac.dat"),
        ("many.hea", "plain.hea", "plain.dat", "flac.hea", "flac.dat"),
    )
    singles = ("table.csv", "table.tsv", "whole.npz", "whole.edf", "bare.npy", "five.mat", "packed.mat", "seven.mat")
    return [tuple(folder / name for name in group) for group in (*groups, *((one,) for one in singles))]


def broken(content: bytes, rng: np.random.Generator) -> bytes:
    """Return `content` with one random fault or a few; single faults get deepest into the reader."""
    data = bytearray(content)
    for _ in range(rng.geometric(0.6)):
        # Most faults go near the start, where headers are.
        place = int(rng.integers(0, max(1, len(data) if rng.random() < 0.4 else min(len(data), 300))))
        fault = rng.choice(8, p=FAULT_SHARES)
        if fault == 0:
            data[place : place + 1] = bytes([int(rng.integers(0, 256))])
        elif fault == 1:
            del data[place:]
        elif fault == 2:
            del data[place : place + int(rng.integers(1, 50))]
        elif fault == 3:
            data[place:place] = rng.bytes(int(rng.integers(1, 9)))
        elif fault == 4:
            data[place:place] = data[: int(rng.integers(1, 200))]
        elif fault == 5:
            data[place : place + 4] = rng.choice([b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80"])
        elif fault == 6:
            stop = place
            while stop < len(data) and chr(data[stop]) in "0123456789.+-":
                stop += 1
            data[place:stop] = NUMBERS[rng.integers(0, len(NUMBERS))]
        else:
            data[place : place + 1] = bytes([data[place] ^ (1 << int(rng.integers(0, 8)))]) if data else b"x"
    return bytes(data)


def is_read(file: Path, options: dict[str, Any]) -> bool:
    try:
        read(file, **options)
    except EinthovenError:
        return False
    return True


def run_case(seeds: list[tuple[Path, ...]], folder: Path, seed: int, case: int) -> tuple[str, bool]:
    """Break one file of one group and read it; returns the kind and whether it was refused."""
    rng = np.random.default_rng([seed, case])
    group = seeds[rng.integers(0, len(seeds))]
    victim = int(rng.integers(0, len(group)))
    for place, file in enumerate(group):
        content = file.read_bytes()
        (folder / file.name).write_bytes(broken(content, rng) if place == victim else content)
    options = OPTIONS[rng.integers(0, len(OPTIONS))]
    try:
        record = read(folder / group[0].name, **options)
    except EinthovenError as error:
        message = str(error)
    else:
        message = ""
        assert record.signal.dtype == np.float32
        assert not np.isinf(record.signal).any()
    assert "\n" not in message, f"not one line: {message}"
    assert len(message) < 2000, f"too long: {message}"
    return group[0].name, bool(message)


def main(seconds: float, seed: int) -> None:
    faulthandler.enable()
    kinds: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        originals, folder = Path(place, "seeds"), Path(place, "broken")
        originals.mkdir()
        folder.mkdir()
        seeds = write_seeds(originals)
        for group in seeds:
            assert any(is_read(group[0], options) for options in OPTIONS), f"{group[0].name} is no good seed"
        warnings.simplefilter("error")
        end = time.monotonic() + seconds
        case = 0
        while time.monotonic() < end:
            for file in folder.iterdir():
                file.unlink()
            faulthandler.dump_traceback_later(4 * MAX_FILE_S, exit=True)
            started = time.monotonic()
            try:
                kind, was_refused = run_case(seeds, folder, seed, case)
            except BaseException:
                sys.stdout.write(f"case {case} of seed {seed}: {[file.name for file in folder.iterdir()]}\n")
                raise
            took_s = time.monotonic() - started
            assert took_s < MAX_FILE_S, f"case {case} of seed {seed} ({kind}) took {took_s:.1f} s"
            kinds[kind] += 1
            refused[kind] += was_refused
            case += 1
        faulthandler.cancel_dump_traceback_later()
    peak_mib = own_peak_mib()
    for kind, count in sorted(kinds.items()):
        sys.stdout.write(f"{kind}: {refused[kind]} of {count} refused\n")
    sys.stdout.write(f"{case} {refused.total()} {peak_mib}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
