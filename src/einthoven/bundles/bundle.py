"""A trained model as a folder, ``model.onnx``, ``card.json`` and ``SHA256SUMS``: checked, loaded and run."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from ..beats.detection_inputs import LEAD_INPUTS
from ..diagnosis.inputs import RECORD_INPUTS
from ..errors import BundleError, OptionError
from ..images.sight import PICTURE_INPUTS
from .card import Card, read_card
from .inputs import input_kind
from .scores import ScoreKind, Scores, calibrated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

FILES: Final = ("card.json", "model.onnx")
CHECKSUMS: Final = "SHA256SUMS"
SHIPPED: Final = Path(__file__).parent
ITEMS_AT_ONCE: Final = 1024
"""More items than this are run in turns, which bounds the memory and costs no speed."""


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A model that has passed its checksums.

    Parameters
    ----------
    folder
        Where it lies.
    card
        What it is.
    sha256
        Checksum of its network, by which a report names it.
    session
        What runs it (an ``onnxruntime.InferenceSession``).
    """

    folder: Path
    card: Card
    sha256: str
    session: Any

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 1) -> Self:
        """Load a shipped bundle by its name, or any bundle by its folder.

        Parameters
        ----------
        name
            One of :func:`shipped`, or a folder.
        threads
            Processor threads it may use.

        Raises
        ------
        BundleError
            There is no such bundle; a file is missing, changed or too much; or network and card do not fit together.
        """
        folder = find(name)
        sha256 = verify(folder)["model.onnx"]
        card = read_card(folder / "card.json")
        running = session(folder / "model.onnx", threads)
        found = {given.name: _sizes(given.shape[1:]) for given in running.get_inputs()}
        if found != dict(card.inputs):
            raise BundleError(f"{folder}: the network takes {found}, its card says {dict(card.inputs)}")
        preprocessing = card.preprocessing
        try:
            kind = preprocessing["kind"]
            kinds: dict[str, Callable[..., Any]] = {**LEAD_INPUTS, **RECORD_INPUTS, **PICTURE_INPUTS}
            prepare = kinds.get(kind) or input_kind(kind)
            signature(prepare).bind_partial(**preprocessing["options"])
        except (TypeError, OptionError) as error:
            raise BundleError(
                f"{folder / 'card.json'}: preprocessing {preprocessing} cannot be done ({error})"
            ) from error
        told = {"thresholds": card.thresholds, "calibration": card.calibration}
        for name, line in (told | ({"sets": card.sets} if card.sets else {})).items():
            if set(line) != set(card.classes):
                raise BundleError(f"{folder / 'card.json'}: {name} for {sorted(line)}; the classes are {card.classes}")
        return cls(folder, card, sha256, running)

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> Scores:
        """Run the network on items.

        Parameters
        ----------
        inputs
            By input name, float32, shape (item, ...) with the shape of one item as the card has it.

        Returns
        -------
        Scores
            Logits, shape (item, class), or (item, beat, class) where an item is a sequence of beats.

        Raises
        ------
        BundleError
            An input is missing, too much or of the wrong shape.
        """
        arrays = {name: np.asarray(array, np.float32) for name, array in inputs.items()}
        wanted = dict(self.card.inputs)
        fits = wanted.keys() == arrays.keys() and all(_fits(arrays[name].shape[1:], wanted[name]) for name in wanted)
        if not fits or len({len(array) for array in arrays.values()}) != 1:
            shapes = {name: array.shape for name, array in arrays.items()}
            raise BundleError(f"{self.card.name}: given {shapes}; each must be (item, ...) of {wanted}")
        n_items = len(next(iter(arrays.values())))
        parts = []
        for first in range(0, max(n_items, 1), ITEMS_AT_ONCE):
            (part,) = self.session.run(None, {n: a[first : first + ITEMS_AT_ONCE] for n, a in arrays.items()})
            parts.append(part)
        return Scores(np.concatenate(parts), self.card.classes, ScoreKind.LOGIT)

    def predict(self, inputs: Mapping[str, NDArray[np.float32]]) -> Scores:
        """Run the network and calibrate: probabilities, of the shape :meth:`run` gives. Raises as that does."""
        return calibrated(self.run(inputs), self.card.calibration, exclusive=self.card.exclusive)


def shipped() -> tuple[str, ...]:
    """Names of the bundles that come with the package."""
    return tuple(sorted(file.parent.name for file in SHIPPED.glob(f"*/{CHECKSUMS}")))


def find(name: str | Path) -> Path:
    """Give the folder of a bundle.

    Raises
    ------
    BundleError
        There is no bundle of this name, nor a folder; the message lists the names.
    """
    if isinstance(name, str) and name in shipped():
        return SHIPPED / name
    if Path(name).is_dir():
        return Path(name)
    raise BundleError(f"bundle '{name}': no folder, and none of that name is shipped: {', '.join(shipped()) or 'none'}")


def verify(folder: Path) -> dict[str, str]:
    """Check the files of a bundle against its checksums, and give these.

    Raises
    ------
    BundleError
        A file is missing, is too much, or has changed.
    """
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="ascii").splitlines()
    except (OSError, ValueError) as error:
        raise BundleError(f"{folder / CHECKSUMS}: cannot be read; a bundle must have it") from error
    matches = [re.fullmatch(r"([0-9a-f]{64})  (\S+)", line) for line in lines]
    sums = {match[2]: match[1] for match in matches if match}
    if len(sums) != len(lines) or sorted(sums) != sorted(FILES):
        raise BundleError(f"{folder / CHECKSUMS}: names {sorted(sums)}; it must name {', '.join(FILES)}, once each")
    found = {file.name for file in folder.iterdir()} - {CHECKSUMS}
    if found != set(FILES):
        raise BundleError(f"{folder}: holds {sorted(found)}; a bundle holds {', '.join(FILES)} and {CHECKSUMS}")
    for name, expected in sums.items():
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise BundleError(f"{folder / name}: cannot be read ({error.strerror})") from error
        if actual != expected:
            raise BundleError(f"{folder / name}: SHA-256 is {actual[:12]}…, {CHECKSUMS} says {expected[:12]}…")
    return sums


def write_checksums(folder: Path, files: Iterable[str] = FILES) -> None:
    """Write ``SHA256SUMS`` for the files of a bundle, in the form ``sha256sum --check`` reads."""
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in files]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="ascii")


def _sizes(shape: Iterable[int | str | None]) -> tuple[int | None, ...]:
    """Return the shape of an input as a card has it: None for an axis that ONNX calls by a name."""
    return tuple(size if isinstance(size, int) else None for size in shape)


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(size in (None, n) for n, size in zip(shape, wanted, strict=True))


def session(model: Path, threads: int = 1) -> Any:
    """Return what runs an ONNX file, an ``onnxruntime.InferenceSession``; raises BundleError where nothing can."""
    # Newer versions of ONNX Runtime send usage to its maker and keep an identifier on the disk, from its import on,
    # unless this is set before (its Privacy.md). Who analyses an ECG has not agreed to that.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as ort

    onnxruntime.disable_telemetry_events()  # where they do not heed the above: on Windows
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: a library does not write on the terminal
    broken = (
        ort.Fail,
        ort.InvalidArgument,
        ort.InvalidGraph,
        ort.InvalidProtobuf,
        ort.NotImplemented,
        ort.RuntimeException,
    )
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except broken as error:
        raise BundleError(f"{model}: ONNX Runtime cannot load it ({str(error).splitlines()[0]})") from error
