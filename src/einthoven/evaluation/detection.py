"""The protocols a beat detector is judged under: as recorded, without the first five minutes, on DS2, and in noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ..datasets.mitdb import DS2
from ..errors import OptionError
from .beat_figures import detection_protocol
from .ec57 import LEARNING_S, compare
from .noise import add_noise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..datasets.annotated import Annotated
    from ..record import Beats, Record

LEVELS_DB: Final = (24, 18, 12, 6, 0, -6)
"""Signal-to-noise ratios of the noise stress test database."""


def quiet_protocols(items: Iterable[Annotated], found: Mapping[str, Beats]) -> dict[str, Any]:
    """Judge beats found in the records as they are.

    Parameters
    ----------
    items
        The recordings of mitdb with their reference, all or some.
    found
        By record: its beats.

    Returns
    -------
    dict
        Of protocols for a result file: ``ec57-detection``, ``ec57-detection-from-5-min`` and, where there are such
        records, ``ec57-detection-ds2``.

    Raises
    ------
    OptionError
        There is no record, or one has no beats in `found`.
    """
    items = list(items)
    missing = [item.record.id for item in items if item.record.id not in found]
    if missing:
        raise OptionError(f"record {missing[0]} was not searched for beats; all {len(items)} must be")
    whole = [compare(item, found[item.record.id]) for item in items]
    later = [compare(item, found[item.record.id], start_s=LEARNING_S) for item in items]
    protocols = {"ec57-detection": whole, "ec57-detection-from-5-min": later}
    tested = [one for one in whole if one.record in DS2]
    if tested:
        protocols["ec57-detection-ds2"] = tested
    return {name: detection_protocol(records) for name, records in protocols.items()}


def noise_protocols(
    items: Iterable[Annotated],
    find: Callable[[Record], Beats],
    noise: Record,
    levels_db: Iterable[int] = LEVELS_DB,
) -> dict[str, Any]:
    """Judge a detector on DS2 with noise in it.

    Parameters
    ----------
    items
        The recordings of mitdb with their reference; those that are not of DS2 are passed over.
    find
        The detector.
    noise
        Noise alone, one of nstdb's.
    levels_db
        Signal-to-noise ratios, decibel.

    Returns
    -------
    dict
        Of protocols for a result file, for each level: ``ec57-detection-ds2-em-6db`` with the noise and the scoring of
        the noise stress test (from five minutes on, two noisy minutes and two clean ones), and
        ``ec57-detection-ds2-em-6db-throughout`` with noise all the time and all of it scored. ``em`` is the noise's
        name, and a negative level is called ``minus6db``.

    Raises
    ------
    OptionError
        No record is of DS2.
    """
    tested = [item for item in items if item.record.id in DS2]
    protocols = {}
    for level in levels_db:
        name = f"ec57-detection-ds2-{noise.id}-{'minus' if level < 0 else ''}{abs(level)}db"
        stress = {"": ({}, LEARNING_S), "-throughout": ({"start_s": 0.0, "segment_s": math.inf}, 0.0)}
        for suffix, (options, start_s) in stress.items():
            records = []
            for item in tested:
                noisy = add_noise(item.record, noise, level, item.beats, **options)
                records.append(compare(item, find(noisy), start_s=start_s))
            judged = detection_protocol(records)
            protocols[name + suffix] = {key: judged[key] for key in ("n", "metrics", "cells")}
    return protocols
