from dataclasses import replace

import numpy as np
import pytest

from einthoven import Record, analyze, simulate
from einthoven.analysis import LIMITS
from einthoven.bundles.bundle import Bundle
from einthoven.codes import STANDARD_12
from einthoven.errors import BundleError, OptionError
from einthoven.findings import Decision
from einthoven.signal.simulate import Noise


def decisions(report):
    return {finding.code: finding.decision for finding in report.findings}


def test_a_healthy_heart_is_said_to_be_one():
    report = analyze(simulate(duration_s=30, seed=2).record)
    said = diagnoses(report)
    assert {name for name, one in said.items() if one.decision is Decision.PRESENT} == {"Sinus rhythm", "Normal ECG"}
    assert sum(one.decision is Decision.ABSENT for one in said.values()) > 20
    assert {one.code: one.decision for one in report.findings if one.miss_rate is None} == {
        "102594003": Decision.ABSENT,
        "427172004": Decision.ABSENT,
        "63593006": Decision.ABSENT,
        "13640000": Decision.ABSENT,
        "164895002": Decision.ABSENT,
        "426761007": Decision.ABSENT,
        "10370003": Decision.ABSENT,
        "195080001": Decision.ABSENT,
        "pause": Decision.ABSENT,
        "48867003": Decision.ABSENT,
        "3424008": Decision.ABSENT,
    }
    assert report.quality.verdict == "good"
    assert [warning.split(":")[0] for warning in report.warnings] == ["“Abnormal ECG”", "Diagnoses"]  # their worth


def test_who_watches_is_told_how_far_it_is():
    told = []
    analyze(simulate(duration_s=10, seed=2).record, watch=lambda share, doing: told.append((share, doing)))
    assert [share for share, _ in told] == sorted({share for share, _ in told})
    assert told[0][0] == 0
    assert told[-1][0] < 1
    assert "finding beats" in [doing for _, doing in told]


@pytest.mark.parametrize("seed", range(4))
def test_ventricular_beats_are_told_from_sinus_beats(seed):
    heart = simulate(duration_s=60, pvc=0.15, seed=seed, noise=Noise(wander_mv=0.03, muscle_mv=0.01))
    beats = analyze(heart.record).beats
    assert len(beats) == len(heart.beats)
    ectopic = heart.beats.symbol == "V"
    assert np.mean(beats.symbol[ectopic] == "V") >= 0.9
    assert np.mean(beats.symbol[~ectopic] == "N") >= 0.9


@pytest.mark.parametrize(("rate_bpm", "code"), [(45, "48867003"), (140, "3424008")])
def test_slow_and_fast_hearts_are_named(rate_bpm, code):
    found = decisions(analyze(simulate(duration_s=30, rate_bpm=rate_bpm, seed=3).record))
    assert found[code] is Decision.PRESENT
    assert found[{"48867003": "3424008", "3424008": "48867003"}[code]] is Decision.ABSENT


def test_pauses_are_found_where_they_are():
    heart = simulate(duration_s=60, pauses=2, seed=4)
    (finding,) = (f for f in analyze(heart.record).findings if f.code == "pause")
    gaps = np.flatnonzero(heart.rr_s >= 2)
    assert [w.start_s for w in finding.where] == pytest.approx(heart.time_s[gaps], abs=0.05)


def test_episodes_and_variability_are_part_of_the_report():
    report = analyze(simulate(duration_s=320, pauses=2, seed=4).record)
    assert [one.kind for one in report.episodes].count("pause") == len(report.rhythm.pauses) == 2
    assert report.hrv.mean_nn_ms == pytest.approx(60_000 / report.rhythm.mean_rate_bpm, rel=0.1)


@pytest.mark.parametrize("gain", [0.1, 10])
def test_gain_does_not_change_the_classes(gain):
    record = simulate(duration_s=60, pvc=0.1, seed=5).record
    louder = replace(record, signal=record.signal * np.float32(gain))
    assert np.array_equal(analyze(record).beats.symbol, analyze(louder).beats.symbol)


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        (np.zeros((1, 5000)), "No beats were found"),
        (np.full((1, 5000), np.nan), "No beats were found"),
        (np.ones((1, 1)), "No beats were found"),
    ],
)
def test_where_there_is_nothing_the_report_says_so(signal, said):
    report = analyze(Record(signal, 500, ("II",)))
    assert said in report.warnings[0]
    assert (len(report.beats), report.rhythm.mean_rate_bpm) == (0, None)


def test_a_single_beat_has_no_rate():
    heart = simulate(duration_s=10, seed=1)
    one = heart.record.crop(heart.time_s[2] - 0.6, heart.time_s[2] + 0.6)
    report = analyze(one)
    assert report.rhythm.mean_rate_bpm is None
    assert "nothing to be compared with" in report.warnings[0]


def test_a_lead_the_model_knows_is_classified_unless_it_is_poor():
    record = simulate(duration_s=20, seed=6).record
    first = next(lead for lead in Bundle.load("mitdb-normal").card.leads if lead in record)
    assert analyze(record, bundle="mitdb-normal").leads == (first,)
    signal = record.signal.copy()
    signal[record.leads.index(first)] = np.nan
    assert first not in analyze(replace(record, signal=signal), bundle="mitdb-normal").leads


def test_two_leads_are_classified_where_there_are_two_that_are_not_poor():
    record = simulate(duration_s=20, seed=6).record
    assert analyze(record).leads == ("II", "V1")
    signal = record.signal.copy()
    signal[record.leads.index("V1")] = np.nan
    assert analyze(replace(record, signal=signal)).leads == ("II", "V5")
    assert analyze(record.pick(["aVL", "V6"])).leads == ("V6", "aVL"), "those the model names come first"
    assert analyze(record.pick(["aVL"])).leads == ("aVL",)


def test_faulty_leads_are_among_the_findings():
    record = simulate(duration_s=10, seed=7).record
    signal = record.signal.copy()
    signal[record.leads.index("aVR")] *= -1
    (fault,) = (f for f in analyze(replace(record, signal=signal)).findings if f.code == "lead-law")
    assert "aVR inverted" in fault.detail


def test_a_report_says_what_made_it_and_what_it_cannot_do():
    report = analyze(simulate(seed=1).record)
    assert [use.name for use in report.models] == ["beat-detector", "mitdb-aami", "cpic2019", "cinc2020"]
    assert [use.sha256 for use in report.models] == [Bundle.load(use.name).sha256 for use in report.models]
    assert [use.name for use in analyze(report.record, detector="fast", diagnosis=None).models] == ["mitdb-aami"]
    assert report.limits[: len(LIMITS)] == LIMITS
    assert {limit.split(": ")[0] for limit in report.limits[len(LIMITS) :]} == {"“Abnormal ECG”", "Diagnoses"}
    assert analyze(report.record, diagnosis=None).limits == LIMITS
    assert "not a medical device" in LIMITS[0]


def test_unknown_choices_are_refused():
    record = simulate(seed=1).record
    with pytest.raises(OptionError, match="no detector 'best'; choose among learned, fast"):
        analyze(record, detector="best")
    with pytest.raises(BundleError, match="mitdb-normal"):
        analyze(record, bundle="no-such-bundle")


def test_noise_without_a_heart_is_never_free_of_abnormal_beats_nor_sure_of_them():
    noise = np.random.default_rng(1).normal(0, 0.3, (1, 30 * 360))
    for signal in (noise, np.sin(2 * np.pi * 50 * np.arange(30 * 360) / 360)[None]):
        found = decisions(analyze(Record(signal, 360, ("MLII",))))
        assert found.get("427172004", Decision.UNSURE) is Decision.UNSURE


@pytest.mark.parametrize("value", [np.inf, 1e38, 1e6])
@pytest.mark.parametrize("detector", ["learned", "fast"])
def test_one_broken_sample_costs_no_beat_and_no_quality(value, detector):
    record = simulate(duration_s=60, leads=("II", "V5"), seed=2).record
    signal = record.signal.copy()
    signal[:, 12_345] = value
    whole, broken = (analyze(one, detector=detector) for one in (record, Record(signal, record.fs_hz, record.leads)))
    assert len(whole.beats) == len(broken.beats)
    assert np.abs(whole.beats.sample - broken.beats.sample).max() <= 2
    assert broken.quality.usable.all()
    assert "1 of II, 1 of V5" in broken.record.notes[0]


def test_of_a_heart_paced_throughout_no_class_is_told():
    record = simulate(duration_s=60, leads=("I", "II", "V1"), block="lbbb", rhythm="sinus", seed=3).record
    signal = record.signal.copy()
    beats = analyze(record).beats.sample
    signal[:, beats[beats > 100] - 60] += 2
    report = analyze(replace(record, signal=signal))
    assert decisions(report)["10370003"] is Decision.PRESENT
    others = ~np.asarray(report.beats.paced)
    assert others.sum() < 3
    for finding in report.findings:
        if finding.code in ("427172004", "63593006", "13640000"):
            assert finding.detail.startswith(f"0 of {others.sum()} beats")
            assert finding.detail.endswith("paced beats left out")


def test_twelve_leads_are_asked_whether_they_are_normal(tall_v2):
    record = simulate(duration_s=10, seed=2).record
    tall = record.signal.copy()
    tall[7] *= 8
    healthy, ill = (analyze(one, diagnosis=tall_v2) for one in (record, replace(record, signal=tall)))
    assert [one.findings[0].name for one in (healthy, ill)] == ["Abnormal ECG"] * 2
    assert [one.findings[0].decision for one in (healthy, ill)] == [Decision.ABSENT, Decision.PRESENT]
    assert ill.models[-1].name == "tall-v2"
    assert ill.warnings[-1] == "“Abnormal ECG”: It looks at V2 alone."
    assert ill.explanation is None
    assert analyze(replace(record, signal=tall), diagnosis=tall_v2, explain=True).explanation.most[0].leads == ("V2",)


@pytest.mark.parametrize("leads", [("II", "V1"), ("I", "II", "III"), ("I", "II", "V1", "V2", "V3", "V4", "V5")])
def test_fewer_leads_are_not_asked(leads, tall_v2):
    report = analyze(simulate(duration_s=10, seed=2, leads=leads).record, diagnosis=tall_v2, explain=True)
    assert "102594003" not in decisions(report)
    assert "tall-v2" not in [model.name for model in report.models]
    assert report.warnings == ()
    assert report.explanation is None


def test_twelve_leads_that_cannot_be_answered_for_say_why(tall_v2):
    record = simulate(duration_s=6, seed=2).record
    report = analyze(record, diagnosis=tall_v2)
    assert "102594003" not in decisions(report)
    assert report.warnings == ("Nothing is said of whether the ECG is abnormal: it takes 8 s, and the record has 6 s.",)


def test_where_no_beat_is_found_nobody_is_asked_for_a_diagnosis(tall_v2):
    breath = 0.3 * np.sin(2 * np.pi * 0.3 * np.arange(5000) / 500)
    report = analyze(Record(np.tile(breath, (12, 1)), 500, STANDARD_12), diagnosis=tall_v2)
    assert not len(report.beats)
    told = "Nothing is said of whether the ECG is abnormal: fewer than 3 beats were found."
    assert report.warnings[-1] == told


def test_a_model_of_beats_cannot_be_asked_for_a_diagnosis():
    with pytest.raises(BundleError, match="whole records need normal or abnormal"):
        analyze(simulate(duration_s=10).record, diagnosis="mitdb-aami")


def diagnoses(report):
    return {finding.name: finding for finding in report.findings if finding.miss_rate is not None}


def test_twelve_leads_are_asked_for_diagnoses_beside_whether_they_are_normal(tall_v2, many_waves):
    report = analyze(simulate(duration_s=10, seed=2).record, diagnosis=(tall_v2, many_waves))
    assert report.findings[0].name == "Abnormal ECG"
    said = diagnoses(report)
    assert len(said) == 29
    assert [said[name].decision for name in ("Normal ECG", "Sinus rhythm")] == [Decision.PRESENT] * 2
    assert said["Sinus rhythm"].code == "426783006"
    assert said["Hypertrophy"].decision is Decision.ABSENT
    assert [model.name for model in report.models[-2:]] == ["tall-v2", "many-waves"]
    assert report.warnings[-1] == "Diagnoses: It looks at heights alone."


def test_of_a_long_record_it_is_said_how_much_was_looked_at(many_waves):
    report = analyze(simulate(duration_s=240, fs_hz=100, seed=2).record, diagnosis=many_waves)
    assert any(limit.startswith("Diagnoses: 12 stretches of 10 s were looked at, 50 % of") for limit in report.limits)


def test_a_diagnosis_that_the_beats_deny_is_unsure_and_the_beats_keep_their_word(tall_v2, many_waves):
    record = simulate(duration_s=10, seed=2).record
    signal = record.signal.copy()
    signal[[7, 10]] *= 9  # V2 and V5
    report = analyze(replace(record, signal=signal), diagnosis=(tall_v2, many_waves))
    said = diagnoses(report)
    assert {name: (one.decision, one.detail) for name, one in said.items() if "; but" in one.detail} == {
        "Atrial fibrillation": (Decision.UNSURE, "by many-waves; but “Atrial fibrillation or flutter” is absent"),
        "Premature ventricular contractions": (
            Decision.UNSURE,
            "by many-waves; but “Ventricular ectopic beats” is absent",
        ),
    }
    assert said["Normal ECG"].decision is Decision.ABSENT
    beats = [one for one in report.findings if one.miss_rate is None]
    alone = analyze(replace(record, signal=signal), diagnosis=tall_v2).findings
    assert tuple(beats) == alone


@pytest.mark.parametrize("leads", [("II", "V1"), ("I", "II", "V1", "V2", "V3", "V4", "V5")])
def test_fewer_leads_have_no_diagnoses(leads, many_waves):
    report = analyze(simulate(duration_s=10, seed=2, leads=leads).record, diagnosis=many_waves)
    assert diagnoses(report) == {}
    assert "many-waves" not in [model.name for model in report.models]


def test_of_a_short_record_no_diagnosis_is_told(many_waves):
    (said,) = analyze(simulate(duration_s=6, seed=2).record, diagnosis=many_waves).warnings
    assert said.startswith("Nothing is said of whether the ECG is abnormal, or of diagnoses: it takes 8 s")


def test_nobody_need_be_asked(many_waves):
    record = simulate(duration_s=10, seed=2).record
    assert diagnoses(analyze(record, diagnosis=None)) == diagnoses(analyze(record, diagnosis=())) == {}
