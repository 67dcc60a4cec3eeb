"""``einthoven predict``: the answer files of ECG competitions, one command each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ..errors import BundleError, EinthovenError, OptionError, SignalError, unknown
from .inputs import Loader, check_apart, output_paths, reads
from .record_files import Places, in_batches, record_files, record_name
from .terminal import print_error, print_json, track

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..bundles.bundle import Bundle
    from ..bundles.diagnosis import Reading
    from ..evaluation.cinc2020_outputs import Output
    from ..record import Record

predict = typer.Typer(help="Answer the ECG competitions: fill in the file they ask for.", no_args_is_help=True)

_GAP_S: Final = 0.5  # so much missing in all leads may hide a beat, or look like a pause

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


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model says of one record: of each class its probability and the answer, and why that is in doubt if so."""

    probability: tuple[float, ...]
    present: tuple[bool, ...]
    doubt: str


@predict.command("cinc2020")
@reads
def cinc2020(
    load: Loader,
    places: Places,
    output: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder to write the answers to.", readable=False)],
    bundle: Annotated[
        str, typer.Option("--bundle", metavar="NAME|DIR", help="Model that tells diagnoses: cinc2020, cinc2020-fast.")
    ] = "cinc2020",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a list with probability and decision of each class, too.")
    ] = False,
) -> None:
    """PhysioNet/CinC Challenge 2020: write to OUT_DIR a file for each record, A0001.csv, with codes, answers, scores.

    All 27 codes are answered, those that are scored as one alike. A record of which too little can be seen is answered
    by what there is, and standard error says so. One that cannot be read has no file, and the exit code is 2.
    """
    from ..bundles.bundle import Bundle
    from ..codes import CINC2020_CLASSES

    files = record_files(places, load.format)
    targets = output_paths(files, output, ".csv")
    check_apart([*files, *places], targets.values(), load.format)
    model, answered = Bundle.load(bundle), []
    _challenge_codes(model)
    for file, answer in track(in_batches(files, partial(answer_files, load, bundle, output)), "Reading", len(files)):
        if isinstance(answer, EinthovenError):
            print_error(OptionError(f"{answer}; it has no answer in {output}"))
            continue
        if answer.doubt:
            print_error(SignalError(f"{answer.doubt}; answered by what there is"))
        answered.append((file, answer))
    if as_json:
        print_json([_diagnosed(file, answer, model) for file, answer in answered])
    elif answered:
        asked = [model.card.classes.index(name) for name in CINC2020_CLASSES]
        present = sum(answer.present[column] for _, answer in answered for column in asked)
        typer.echo(f"{output}  {len(answered):,} of {len(files):,} records: {present:,} diagnoses present")
    if len(answered) < len(files):
        raise typer.Exit(2)


def answer_files(
    load: Loader, bundle: str, output: Path
) -> Callable[[Sequence[Path]], list[Answered | EinthovenError]]:
    """Return what reads files, asks a bundle which diagnoses they show, and writes their answers, all in one go."""
    from ..bundles.beats import beat_net
    from ..bundles.bundle import Bundle
    from ..bundles.diagnoses import record_log_odds, seen, shown, written
    from ..bundles.scores import sigmoid
    from ..evaluation.cinc2020_outputs import write_outputs

    model, net = Bundle.load(bundle), beat_net(Bundle.load("beat-detector"))
    codes = _challenge_codes(model)

    def inputs(file: Path) -> Any:
        try:
            record = load(file)
            views = shown(record, model, net)
            return views, _doubt(record) or ("" if any(map(seen, views)) else f"{file}: shows no heartbeat")
        except EinthovenError as error:
            return error

    def ask(files: Sequence[Path]) -> list[Answered | EinthovenError]:
        made = [inputs(file) for file in files]
        probability = sigmoid(record_log_odds([one[0] for one in made if not isinstance(one, EinthovenError)], model))
        rows = zip(probability.tolist(), written(probability, model).tolist(), strict=True)

        def answer(doubt: str) -> Answered:
            probability, present = next(rows)
            return Answered(tuple(probability), tuple(present), doubt)

        answers = [one if isinstance(one, EinthovenError) else answer(one[1]) for one in made]
        told = [(file, one) for file, one in zip(files, answers, strict=True) if isinstance(one, Answered)]
        write_outputs([_output(file, one, model, codes) for file, one in told], output)
        return answers

    return ask


def _doubt(record: Record) -> str:
    """Say why the diagnoses of a record are in doubt; empty where they are not."""
    import numpy as np

    from ..beats.runs import stretches
    from ..diagnosis.normality import check_askable

    who = record.source or record.id
    try:
        lost = check_askable(record)
    except SignalError as error:
        return str(error)
    gaps = stretches(np.logical_and.reduce(np.isnan(record.signal), axis=0))
    gap_s = float((gaps[:, 1] - gaps[:, 0]).max(initial=0)) / record.fs_hz
    if gap_s >= _GAP_S:
        return f"{who}: has no signal in any lead for {gap_s:.1f} s"
    return f"{who}: has no signal in {', '.join(lost)}" if lost else ""


def _challenge_codes(model: Bundle) -> dict[str, str]:
    """Return by each code of the challenge the class that answers it; raises BundleError where a model has none."""
    from ..bundles.diagnoses import check
    from ..codes import CINC2020_DIAGNOSES, CINC2020_SAME

    check(model)
    classes = {code: CINC2020_SAME.get(code, code) for code in CINC2020_DIAGNOSES}
    if lacking := sorted(set(classes.values()) - set(model.card.classes)):
        raise BundleError(
            f"bundle {model.card.name} says nothing of {', '.join(lacking)}, which the challenge asks for"
        )
    return classes


def _diagnosed(file: Path, answer: Answered, model: Bundle) -> dict[str, Any]:
    from ..diagnosis.diagnoses import decide
    from ..findings import Decision

    card = model.card
    return {
        "record": record_name(file),
        "file": str(file),
        "doubt": answer.doubt,
        "classes": {
            name: {
                "answer": int(present),
                "probability": round(probability, 4),
                "decision": str(
                    Decision.UNSURE if answer.doubt or not card.sets else decide(probability, *card.sets[name])
                ),
            }
            for name, probability, present in zip(card.classes, answer.probability, answer.present, strict=True)
        },
    }


def _output(file: Path, answer: Answered, model: Bundle, codes: dict[str, str]) -> Output:
    """Return what the challenge asks for; the score of a class that nobody could learn is that of the nearest one."""
    import numpy as np

    from ..codes import CINC2020_NEAREST
    from ..evaluation.cinc2020_outputs import Output

    classes, shares = model.card.classes, model.card.training.get("shares", {})
    stands_for = {name: same for name, same in CINC2020_NEAREST.items() if shares.get(name) == 0}
    present = np.array([answer.present[classes.index(name)] for name in codes.values()])
    score = np.array([answer.probability[classes.index(stands_for.get(name, name))] for name in codes.values()])
    return Output(record_name(file), tuple(codes), present, score)
