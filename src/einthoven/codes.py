"""Vocabularies of the field: lead names, MIT-BIH beat symbols, AAMI classes.

Sources: the PhysioNet annotation code list (https://archive.physionet.org/physiobank/annotations.shtml) and
ANSI/AAMI EC57:2012, table 3 (mapping of beat labels to N, S, V, F, Q).
"""

from __future__ import annotations

import re
from typing import Final

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
