"""Vocabularies: lead names, MIT-BIH beat symbols, AAMI classes, diagnoses of the 2020 challenge and of PTB-XL.

Sources: the PhysioNet annotation code list (https://archive.physionet.org/physiobank/annotations.shtml);
ANSI/AAMI EC57:2012, table 3 (mapping of beat labels to N, S, V, F, Q); the table of scored diagnoses of the
PhysioNet/Computing in Cardiology Challenge 2020 (https://github.com/physionetchallenges/evaluation-2020, copyright 2020
PhysioNet/Computing in Cardiology Challenges, BSD 2-Clause), whose codes are SNOMED CT; the table of statements of
PTB-XL (Wagner et al., Scientific Data 2020;7:154, ``scp_statements.csv``), whose codes are SCP-ECG's.
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


CINC2020_NEAREST: Final = {"426627000": "426177001"}
"""Classes that PTB-XL has no example of, by what is nearest: a slow heart of unsaid rhythm, and one of sinus rhythm."""


class Statement(NamedTuple):
    """An SCP-ECG statement as PTB-XL has it: its name and, of a diagnosis, its superclass."""

    name: str
    superclass: str = ""


SUPERCLASSES: Final = {
    "NORM": "normal ECG",
    "MI": "myocardial infarction, old or new",
    "STTC": "ST/T change",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
}
"""The superclasses of PTB-XL's diagnoses. A record has one if any of its statements has it."""

STATEMENTS: Final = {
    "NDT": Statement("non-diagnostic T abnormalities", "STTC"),
    "NST_": Statement("non-specific ST changes", "STTC"),
    "DIG": Statement("digitalis-effect", "STTC"),
    "LNGQT": Statement("long QT-interval", "STTC"),
    "NORM": Statement("normal ECG", "NORM"),
    "IMI": Statement("inferior myocardial infarction", "MI"),
    "ASMI": Statement("anteroseptal myocardial infarction", "MI"),
    "LVH": Statement("left ventricular hypertrophy", "HYP"),
    "LAFB": Statement("left anterior fascicular block", "CD"),
    "ISC_": Statement("non-specific ischemic", "STTC"),
    "IRBBB": Statement("incomplete right bundle branch block", "CD"),
    "1AVB": Statement("first degree AV block", "CD"),
    "IVCD": Statement("non-specific intraventricular conduction disturbance (block)", "CD"),
    "ISCAL": Statement("ischemic in anterolateral leads", "STTC"),
    "CRBBB": Statement("complete right bundle branch block", "CD"),
    "CLBBB": Statement("complete left bundle branch block", "CD"),
    "ILMI": Statement("inferolateral myocardial infarction", "MI"),
    "LAO/LAE": Statement("left atrial overload/enlargement", "HYP"),
    "AMI": Statement("anterior myocardial infarction", "MI"),
    "ALMI": Statement("anterolateral myocardial infarction", "MI"),
    "ISCIN": Statement("ischemic in inferior leads", "STTC"),
    "INJAS": Statement("subendocardial injury in anteroseptal leads", "MI"),
    "LMI": Statement("lateral myocardial infarction", "MI"),
    "ISCIL": Statement("ischemic in inferolateral leads", "STTC"),
    "LPFB": Statement("left posterior fascicular block", "CD"),
    "ISCAS": Statement("ischemic in anteroseptal leads", "STTC"),
    "INJAL": Statement("subendocardial injury in anterolateral leads", "MI"),
    "ISCLA": Statement("ischemic in lateral leads", "STTC"),
    "RVH": Statement("right ventricular hypertrophy", "HYP"),
    "ANEUR": Statement("ST-T changes compatible with ventricular aneurysm", "STTC"),
    "RAO/RAE": Statement("right atrial overload/enlargement", "HYP"),
    "EL": Statement("electrolytic disturbance or drug (former EDIS)", "STTC"),
    "WPW": Statement("Wolff-Parkinson-White syndrome", "CD"),
    "ILBBB": Statement("incomplete left bundle branch block", "CD"),
    "IPLMI": Statement("inferoposterolateral myocardial infarction", "MI"),
    "ISCAN": Statement("ischemic in anterior leads", "STTC"),
    "IPMI": Statement("inferoposterior myocardial infarction", "MI"),
    "SEHYP": Statement("septal hypertrophy", "HYP"),
    "INJIN": Statement("subendocardial injury in inferior leads", "MI"),
    "INJLA": Statement("subendocardial injury in lateral leads", "MI"),
    "PMI": Statement("posterior myocardial infarction", "MI"),
    "3AVB": Statement("third degree AV block", "CD"),
    "INJIL": Statement("subendocardial injury in inferolateral leads", "MI"),
    "2AVB": Statement("second degree AV block", "CD"),
    "ABQRS": Statement("abnormal QRS"),
    "PVC": Statement("ventricular premature complex"),
    "STD_": Statement("non-specific ST depression"),
    "VCLVH": Statement("voltage criteria (QRS) for left ventricular hypertrophy"),
    "QWAVE": Statement("Q waves present"),
    "LOWT": Statement("low amplitude T-waves"),
    "NT_": Statement("non-specific T-wave changes"),
    "PAC": Statement("atrial premature complex"),
    "LPR": Statement("prolonged PR interval"),
    "INVT": Statement("inverted T-waves"),
    "LVOLT": Statement("low QRS voltages in the frontal and horizontal leads"),
    "HVOLT": Statement("high QRS voltage"),
    "TAB_": Statement("T-wave abnormality"),
    "STE_": Statement("non-specific ST elevation"),
    "PRC(S)": Statement("premature complex(es)"),
    "SR": Statement("sinus rhythm"),
    "AFIB": Statement("atrial fibrillation"),
    "STACH": Statement("sinus tachycardia"),
    "SARRH": Statement("sinus arrhythmia"),
    "SBRAD": Statement("sinus bradycardia"),
    "PACE": Statement("normal functioning artificial pacemaker"),
    "SVARR": Statement("supraventricular arrhythmia"),
    "BIGU": Statement("bigeminal pattern (unknown origin, SV or Ventricular)"),
    "AFLT": Statement("atrial flutter"),
    "SVTAC": Statement("supraventricular tachycardia"),
    "PSVT": Statement("paroxysmal supraventricular tachycardia"),
    "TRIGU": Statement("trigeminal pattern (unknown origin, SV or Ventricular)"),
}
"""The 71 statements of PTB-XL by their code, in the order of its table."""

DIAGNOSES: Final = (*SUPERCLASSES, *(code for code in STATEMENTS if code not in SUPERCLASSES), *CINC2020_CLASSES)
"""All classes that twelve leads may be asked about: superclasses, statements (NORM is both), codes of the challenge."""

REPORTED: Final = (*SUPERCLASSES, *CINC2020_CLASSES)
"""Those of them that a report speaks of: superclasses, and the classes of the challenge."""


FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "superclass": tuple(SUPERCLASSES),
    "statements": tuple(STATEMENTS),
    "cinc2020": CINC2020_CLASSES,
}
"""Classes whose figures are averaged, by what the figure is called."""


class Term(NamedTuple):
    """A class of `DIAGNOSES` as a report has it: its code, in which vocabulary, and its name."""

    code: str
    system: str
    name: str


TERMS: Final = {
    **{code: Term(code, "SCP-ECG", statement.name) for code, statement in STATEMENTS.items()},
    **{code: Term(code, "PTB-XL", name) for code, name in SUPERCLASSES.items()},
    **{code: Term(code, "SNOMED CT", CINC2020_DIAGNOSES[code].name) for code in CINC2020_CLASSES},
}
"""What each class of `DIAGNOSES` is called."""
