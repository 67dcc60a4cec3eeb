"""``einthoven detect``: beats as boxes in a picture, or in strips drawn of a record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .inputs import Loader, check_apart, named, reads
from .terminal import print_json, reported_progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..bundles.bundle import Bundle
    from ..images.boxes import Found
    from ..images.strips import StripLook
    from ..record import Record

_LISTED = 40  # lines; more scroll away
_SIDES = ("left", "top", "right", "bottom")


@reads
def detect(
    load: Loader,
    file: Annotated[
        Path,
        typer.Argument(metavar="IMAGE|RECORD", help="A picture of a strip or beat; or an ECG file.", parser=named),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PNG", readable=False, help="Picture with boxes to write."),
    ] = None,
    bundle: Annotated[str, typer.Option("--bundle", metavar="NAME|DIR", help="The detector.")] = "boxes-ds2",
    least: Annotated[
        float | None, typer.Option("--least", metavar="P", help="Least probability of a box; by default the card's.")
    ] = None,
    lead: Annotated[
        str | None,
        typer.Option("--lead", metavar="NAME", help="Lead of a record to draw; by default II, else the first."),
    ] = None,
    start_s: Annotated[
        float | None,
        typer.Option("--start", metavar="S", help="First second of a record in the picture written; by default 0."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: boxes, and of records beats.")] = False,
) -> None:
    """Find beats as boxes: class and probability of each, on the picture, or in time of a record.

    In JSON, left, top, right and bottom of a box are pixels from the upper left corner of the picture; time_s is when R
    is, in seconds from the start of the strip or record; score is the probability of a beat, and probability that of
    each class: in sum the score of a box, and 1 of a beat in a record.
    """
    from ..bundles.bundle import Bundle
    from ..errors import OptionError
    from ..images.opening import SUFFIXES

    if least is not None and not 0 < least < 1:
        raise OptionError(f"--least is {least:g}; it must be between 0 and 1")
    if output is not None and output.suffix.lower() != ".png":
        raise OptionError(f"{output}: cannot draw to '{output.suffix}'; the suffix must be .png")
    model = Bundle.load(bundle, threads=2)
    if file.suffix.lower() in SUFFIXES:
        if lead is not None or start_s is not None or load != Loader():
            raise OptionError(f"{file}: is a picture; --lead, --start and how to read are for records")
        said, drawn = _of_picture(file, output, model, least)
    else:
        if start_s is not None and output is None:
            raise OptionError(f"--start {start_s:g} is of the picture to write; name its file with -o")
        said, drawn = _of_record(load, file, output, model, least, lead, start_s)
    if output is not None and drawn is not None:
        from PIL import Image

        from ..atomic import replacing

        with replacing(output) as draft:
            Image.fromarray(drawn).save(draft, format="png")
    if as_json:
        print_json(said)
    else:
        _tell(said)


def _of_picture(
    file: Path, output: Path | None, model: Bundle, least: float | None
) -> tuple[dict[str, Any], NDArray[Any] | None]:
    import numpy as np

    from ..bundles.boxes import find_boxes, sight_of
    from ..errors import OptionError
    from ..images.opening import channels, open_picture
    from ..images.strips import StripLook

    if output is not None and output.exists() and output.samefile(file):
        raise OptionError(f"{output}: would replace the picture itself; choose another name")
    pixels = np.stack(channels(open_picture(file)), axis=2)
    try:
        (found,) = find_boxes(model, [pixels], least=least)
    except OptionError as error:
        raise OptionError(f"{file}: {error}") from error
    boxes = _boxes(found, model)
    sight = sight_of(model)
    if sight.px_per_mm:
        height, width = pixels.shape[:2]
        _place(boxes, found, StripLook(width, height, sight.px_per_mm * width / sight.size[1]))
    said = {"file": str(file), "width": pixels.shape[1], "height": pixels.shape[0], **_by(model), "boxes": boxes}
    return said, _drawn(pixels, found, model) if output else None


def _of_record(
    load: Loader,
    file: Path,
    output: Path | None,
    model: Bundle,
    least: float | None,
    lead: str | None,
    start_s: float | None,
) -> tuple[dict[str, Any], NDArray[Any] | None]:
    import numpy as np

    from ..bundles.boxes import record_beats, shown_lead
    from ..errors import OptionError

    if output is not None:
        check_apart([file], [output], load.format)
    record = load(file)
    start_s = start_s or 0.0
    if not 0 <= start_s < record.duration_s:  # told before the work
        raise OptionError(f"{file}: start is {start_s:g} s; it must be from 0 to the record's {record.duration_s:g} s")
    name = shown_lead(record) if lead is None else record.leads[record.row(lead)]
    with reported_progress(f"Strips of {file.name}") as show:
        beats = record_beats(model, record, lead=name, least=least, watch=show)
    shares = beats.probability if beats.probability is not None else np.zeros((0, 0))
    listed = [
        {
            "sample": sample,
            "time_s": round(sample / record.fs_hz, 3),
            "class": symbol,
            "probability": _by_class(share, model),
        }
        for sample, symbol, share in zip(beats.sample.tolist(), beats.symbol.tolist(), shares, strict=True)
    ]
    said: dict[str, Any] = {"file": str(file), "record": record.id, "lead": name, "fs_hz": record.fs_hz}
    said |= {"duration_s": round(record.duration_s, 3), **_by(model), "beats": listed}
    if output is None:
        return said, None
    pixels, found, boxes = _strip(record, name, start_s, model, least)
    said |= {"start_s": start_s, "boxes": boxes}
    return said, _drawn(pixels, found, model)


def _strip(
    record: Record, lead: str, start_s: float, model: Bundle, least: float | None
) -> tuple[NDArray[Any], Found, list[dict[str, Any]]]:
    """Draw a strip of a record, and find the beats on it."""
    import numpy as np

    from ..bundles.boxes import find_boxes, sight_of
    from ..images.strips import Lead, strip_picture

    look = sight_of(model).look
    picture = strip_picture(Lead(record[lead], record.fs_hz, np.zeros(0, np.int64), ()), start_s, look)
    (found,) = find_boxes(model, [picture.pixels], least=least)
    boxes = _boxes(found, model)
    _place(boxes, found, look, start_s)
    return picture.pixels, found, boxes


def _place(boxes: list[dict[str, Any]], found: Found, look: StripLook, start_s: float = 0.0) -> None:
    """Say of each box on a strip at 25 mm/s where in time its beat is."""
    from ..images.strips import peaks_of

    for box, at_s in zip(boxes, peaks_of(found.boxes_xyxy, look).tolist(), strict=True):
        box["time_s"] = round(start_s + at_s, 3)


def _by(model: Bundle) -> dict[str, str]:
    from ..images.words import DISCLAIMER

    return {"bundle": model.card.name, "sha256": model.sha256, "purpose": DISCLAIMER}


def _boxes(found: Found, model: Bundle) -> list[dict[str, Any]]:
    return [
        {corner: round(value, 1) for corner, value in zip(_SIDES, box, strict=True)}
        | {"class": model.card.classes[number], "score": round(score, 4), "probability": _by_class(share, model)}
        for box, number, score, share in zip(
            found.boxes_xyxy.tolist(), found.class_id.tolist(), found.score.tolist(), found.probability, strict=True
        )
    ]


def _by_class(share: Any, model: Bundle) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(model.card.classes, share, strict=True)}


def _drawn(pixels: NDArray[Any], found: Found, model: Bundle) -> NDArray[Any]:
    from ..images.outlines import class_colour, outlined

    names = [model.card.classes[number] for number in found.class_id.tolist()]
    words = [f"{name} {share:.2f}" for name, share in zip(names, found.probability.max(axis=1, initial=0), strict=True)]
    return outlined(pixels, found.boxes_xyxy, words, [class_colour(name) for name in names])


def _tell(said: dict[str, Any]) -> None:
    """Print what was found, a line each in order of time, and how many beats there are of each class."""
    from collections import Counter

    from ..images.words import counted

    found = said["beats"] if "beats" in said else said["boxes"]
    things = sorted(found, key=lambda one: one.get("time_s", 0.0))
    counts = Counter(one["class"] for one in things)
    parts = ", ".join(f"{name} × {count}" for name, count in counts.most_common()) or "none"
    where = f", lead {said['lead']}, {said['duration_s']:g} s" if "lead" in said else ""
    typer.echo(f"{said['file']}{where}: {counted(len(things), 'beat')}: {parts}")
    for one in things[:_LISTED]:
        at = f"{one['time_s']:9.3f} s  " if "time_s" in one else ""
        share = max(one["probability"].values())
        corners = [f"{one[side]:.1f}" for side in _SIDES if side in one]
        where = f"  {', '.join(corners[:2])} to {', '.join(corners[2:])}" if corners else ""
        typer.echo(f"  {at}{one['class']}  {share:.2f}{where}")
    if len(things) > _LISTED:
        typer.echo(f"  … and {len(things) - _LISTED:,} more; --json lists all")
    typer.echo(said["purpose"])
