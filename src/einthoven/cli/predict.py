"""``einthoven predict``: the answer files of ECG competitions, one command each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ..errors import EinthovenError, OptionError, SignalError, unknown
from .inputs import Loader, check_apart, reads
from .record_files import Places, in_batches, record_files, record_name
from .terminal import print_error, print_json, track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..bundles.diagnosis import Reading

predict = typer.Typer(help="Answer the ECG competitions: fill in the file they ask for.", no_args_is_help=True)

SEPARATORS: Final = {"comma": ",", "space": " "}


@predict.callback()
def _competitions() -> None:
    """Answer the ECG competitions: fill in the file they ask for."""


@predict.command("cpic2019")
@reads
def cpic2019(
    load: Loader,
    places: Places,
    output: Annotated[Path, typer.Argument(metavar="OUT", help="File to write the answers to.", readable=False)],
    separator: Annotated[
        str, typer.Option("--separator", metavar="NAME", help="What stands between name and answer: comma or space.")
    ] = "comma",
    point: Annotated[
        str, typer.Option("--point", metavar="NAME", help="Operating point of the model: default, sensitivity-0.98.")
    ] = "default",
    bundle: Annotated[
        str, typer.Option("--bundle", metavar="NAME|DIR", help="Model that tells normal from abnormal records.")
    ] = "cpic2019",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a list with probability and decision (or unsure) of each record.")
    ] = False,
) -> None:
    """China ECG competition 2019: write to OUT a line for each record, TEST394,0 (normal) or TEST394,1 (abnormal).

    Lines are in the order of the records. A record that cannot be read has none; standard error says so, and the exit
    code is 2. Of records longer than ten seconds the middle is looked at.
    """
    from ..atomic import replacing
    from ..bundles.bundle import Bundle
    from ..bundles.diagnosis import operating_point

    if separator not in SEPARATORS:
        raise unknown("separator", separator, SEPARATORS)
    between = SEPARATORS[separator]
    files = record_files(places, load.format)
    if spoilt := [file for file in files if between in record_name(file)]:
        raise OptionError(f"{spoilt[0]}: has a {separator} in its name, which would part name and answer; rename it")
    check_apart([*files, *places], [output], load.format)
    least = operating_point(Bundle.load(bundle), point)
    rows = []
    for file, reading in track(in_batches(files, partial(ask_files, load, bundle)), "Reading", len(files)):
        if isinstance(reading, EinthovenError):
            print_error(OptionError(f"{reading}; left out of {output}"))
            continue
        if reading.without:
            print_error(
                SignalError(f"{file}: has no signal in {', '.join(reading.without)}; answered without, so unsure")
            )
        rows.append(_row(file, reading, reading.probability >= least))
    if rows:
        with replacing(output) as draft:
            lines = (f"{row['record']}{between}{row['answer']}\n" for row in rows)
            draft.write_text("".join(lines), encoding="utf-8")
    if as_json:
        print_json(rows)
    elif rows:
        typer.echo(f"{output}  {_tally(rows)}")
    if len(rows) < len(files):
        raise typer.Exit(2)


def ask_files(load: Loader, bundle: str) -> Callable[[Sequence[Path]], list[Reading | EinthovenError]]:
    """Return what reads files and asks a bundle whether they are normal, all in one go."""
    from ..bundles.beats import beat_net
    from ..bundles.bundle import Bundle
    from ..bundles.diagnosis import inputs_of, peaks, readings
    from ..diagnosis.normality import FEWEST_BEATS, check_askable, middle
    from ..signal.wild import mend_wild

    model, net = Bundle.load(bundle), beat_net(Bundle.load("beat-detector"))

    def inputs(file: Path) -> Any:
        try:
            record = mend_wild(middle(load(file)))
            silent = check_askable(record)
            peak = peaks(record, net)
            if len(peak) < FEWEST_BEATS:
                raise SignalError(f"{file}: shows {len(peak)} heartbeats; {FEWEST_BEATS} or more are needed")
            return inputs_of(record, peak, model), silent
        except EinthovenError as error:
            return error

    def ask(files: Sequence[Path]) -> list[Reading | EinthovenError]:
        made = [inputs(file) for file in files]
        answers = readings([one[0] for one in made if not isinstance(one, EinthovenError)], model)
        return [one if isinstance(one, EinthovenError) else _doubted(next(answers), one[1]) for one in made]

    return ask


def _doubted(reading: Reading, without: tuple[str, ...]) -> Reading:
    """Return a reading that is unsure where a lead has no signal."""
    from ..findings import Decision

    return replace(reading, decision=Decision.UNSURE, without=without) if without else reading


def _row(file: Path, reading: Reading, abnormal: bool) -> dict[str, Any]:
    return {
        "record": record_name(file),
        "file": str(file),
        "answer": int(abnormal),
        "p_abnormal": round(reading.probability, 4),
        "decision": {"present": "abnormal", "absent": "normal"}.get(reading.decision, "unsure"),
    }


def _tally(rows: Sequence[dict[str, Any]]) -> str:
    """Say how many records there are of each answer."""
    abnormal = sum(row["answer"] for row in rows)
    unsure = sum(row["decision"] == "unsure" for row in rows)
    total = f"{len(rows):,} record" + ("" if len(rows) == 1 else "s")
    return f"{total}: {len(rows) - abnormal:,} normal, {abnormal:,} abnormal; unsure of {unsure:,}"
