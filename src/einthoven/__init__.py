"""einthoven: from any ECG file to beats, findings with calibrated confidence, and a report a person can check.

For research; not a medical device.

Examples
--------
>>> import einthoven
>>> report = einthoven.analyze(einthoven.simulate(seed=1).record)
>>> 55 < report.rhythm.mean_rate_bpm < 95
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .analysis import Report, analyze
    from .errors import EinthovenError
    from .findings import Decision, Finding, Interval
    from .formats import read, write
    from .record import Beats, Patient, Record
    from .signal.simulate import simulate

__all__ = [
    "Beats",
    "Decision",
    "EinthovenError",
    "Finding",
    "Interval",
    "Patient",
    "Record",
    "Report",
    "__version__",
    "analyze",
    "read",
    "simulate",
    "write",
]

# Public names load on first use (PEP 562), so that importing the package costs nothing it does not need.
_HOME = {
    "analyze": ".analysis",
    "Report": ".analysis",
    "EinthovenError": ".errors",
    "Decision": ".findings",
    "Finding": ".findings",
    "Interval": ".findings",
    "read": ".formats",
    "write": ".formats",
    "Beats": ".record",
    "Patient": ".record",
    "Record": ".record",
    "simulate": ".signal.simulate",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'einthoven' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
