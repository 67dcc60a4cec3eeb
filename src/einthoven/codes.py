"""Vocabularies of the field: lead names, MIT-BIH beat symbols, AAMI classes, diagnoses of the 2020 challenge.

Sources: the PhysioNet annotation code list (https://archive.physionet.org/physiobank/annotations.shtml);
ANSI/AAMI EC57:2012, table 3 (mapping of beat labels to N, S, V, F, Q); the table of scored diagnoses of the
PhysioNet/Computing in Cardiology Challenge 2020 (https://github.com/physionetchallenges/evaluation-2020, copyright 2020
PhysioNet/Computing in Cardiology Challenges, BSD 2-Clause), whose codes are SNOMED CT.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LIMB_LEADS: Final = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST_LEADS: Final = ("V1", "V2", "V3", "V4", "V5", "V6")
STANDARD_12: Final = LIMB_LEADS + CHEST_LEADS

# Names in use beyond the twelve: modified limb and chest leads of Holter recorders, a chest lead of unsaid place,
# posterior and right-sided chest leads, Frank's orthogonal leads, and aVR turned round as Cabrera has it.
_OTHER_LEADS: Final = tuple("MLI MLII MLIII MCL1 CM5 V V7 V8 V9 V3R V4R V5R V6R Vx Vy Vz -aVR".split())
_BY_FOLDED_NAME: Final = {name.casefold(): name for name in STANDARD_12 + _OTHER_LEADS}
_PREFIX: Final = re.compile(r"^(?:ecg|ekg|lead|mdc_ecg_lead|mdc_ecg_elec_potl)[\s_:.\-]+(?=\S)", re.IGNORECASE)


def lead_name(text: str) -> str:
    """Return the standard spelling of a lead name.

    Case, surrounding blanks and the prefixes ``ECG``, ``EKG`` and ``Lead`` are forgiven; nothing else is, so an unknown
    name comes back as it was, stripped.

    Examples
    --------
    >>> lead_name("AVR"), lead_name("v1"), lead_name("ECG II"), lead_name("ECG1")
    ('aVR', 'V1', 'II', 'ECG1')
    """
    name = text.strip().strip("'\"").strip()
    return _BY_FOLDED_NAME.get(_PREFIX.sub("", name).casefold(), name)


def is_lead(text: str) -> bool:
    """Tell whether `text` names a lead this package knows, in any case.

    Examples
    --------
    >>> is_lead("avf"), is_lead("Resp")
    (True, False)
    """
    return lead_name(text) in _BY_FOLDED_NAME.values()


AAMI_CLASSES: Final = ("N", "S", "V", "F", "Q")

AAMI_OF_SYMBOL: Final = {
    **dict.fromkeys("NLRejB", "N"),
    **dict.fromkeys("AaJSn", "S"),
    **dict.fromkeys("VEr", "V"),
    "F": "F",
    **dict.fromkeys("/fQ?", "Q"),
}
"""AAMI class of every MIT-BIH symbol that marks a beat. ``n`` (supraventricular escape) counts as S and ``r``
(R-on-T premature ventricular contraction) as V, as EC57 has them; ``B`` is a bundle branch block of unsaid side."""

BEAT_SYMBOLS: Final = frozenset(AAMI_OF_SYMBOL)

_SYMBOL_NAMES: Final = {
    "N": "normal",
    "L": "left bundle branch block",
    "R": "right bundle branch block",
    "B": "bundle branch block",
    "A": "atrial premature",
    "a": "aberrated atrial premature",
    "J": "junctional premature",
    "S": "supraventricular",
    "V": "ventricular",
    "r": "R-on-T ventricular",
    "F": "fusion",
    "e": "atrial escape",
    "j": "junctional escape",
    "n": "supraventricular escape",
    "E": "ventricular escape",
    "/": "paced",
    "f": "fusion with paced",
    "Q": "abnormal",
    "?": "unknown",
}


def symbol_name(symbol: str) -> str:
    """Say in words what a beat symbol means here.

    ``Q``, in EC57 a beat that cannot be classified, stands for any abnormal beat so far.

    Examples
    --------
    >>> symbol_name("V"), symbol_name("Q"), symbol_name("*")
    ('ventricular', 'abnormal', 'unknown')
    """
    return _SYMBOL_NAMES.get(symbol, "unknown")


class Diagnosis(NamedTuple):
    """A diagnosis in words: its abbreviation and its name."""

    short: str
    name: str


CINC2020_DIAGNOSES: Final = {
    "270492004": Diagnosis("IAVB", "1st degree AV block"),
    "164889003": Diagnosis("AF", "atrial fibrillation"),
    "164890007": Diagnosis("AFL", "atrial flutter"),
    "426627000": Diagnosis("Brady", "bradycardia"),
    "713427006": Diagnosis("CRBBB", "complete right bundle branch block"),
    "713426002": Diagnosis("IRBBB", "incomplete right bundle branch block"),
    "445118002": Diagnosis("LAnFB", "left anterior fascicular block"),
    "39732003": Diagnosis("LAD", "left axis deviation"),
    "164909002": Diagnosis("LBBB", "left bundle branch block"),
    "251146004": Diagnosis("LQRSV", "low QRS voltages"),
    "698252002": Diagnosis("NSIVCB", "nonspecific intraventricular conduction disorder"),
    "10370003": Diagnosis("PR", "pacing rhythm"),
    "284470004": Diagnosis("PAC", "premature atrial contraction"),
    "427172004": Diagnosis("PVC", "premature ventricular contractions"),
    "164947007": Diagnosis("LPR", "prolonged PR interval"),
    "111975006": Diagnosis("LQT", "prolonged QT interval"),
    "164917005": Diagnosis("QAb", "Q wave abnormal"),
    "47665007": Diagnosis("RAD", "right axis deviation"),
    "59118001": Diagnosis("RBBB", "right bundle branch block"),
    "427393009": Diagnosis("SA", "sinus arrhythmia"),
    "426177001": Diagnosis("SB", "sinus bradycardia"),
    "426783006": Diagnosis("NSR", "sinus rhythm"),
    "427084000": Diagnosis("STach", "sinus tachycardia"),
    "63593006": Diagnosis("SVPB", "supraventricular premature beats"),
    "164934002": Diagnosis("TAb", "T wave abnormal"),
    "59931005": Diagnosis("TInv", "T wave inversion"),
    "17338001": Diagnosis("VPB", "ventricular premature beats"),
}
"""The 27 SNOMED CT codes that the 2020 challenge scores, in its order."""

CINC2020_SAME: Final = {"59118001": "713427006", "63593006": "284470004", "17338001": "427172004"}
"""Codes that the 2020 challenge scores as another: RBBB as CRBBB, SVPB as PAC, VPB as PVC."""

CINC2020_CLASSES: Final = tuple(code for code in CINC2020_DIAGNOSES if code not in CINC2020_SAME)
"""The 24 classes that are left, each by the code that stands for it: the columns of all that is scored."""
