"""
What judges of a log share: an entry of it, and a fault found there.
"""

from dataclasses import dataclass
from typing import Any

from matching.market.record import Happened
from schemas.log_record import Cause

Entry = tuple[Cause, dict[str, Any], tuple[Happened, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    A rule that is broken, by which record, and what it is about.
    """

    sequence: int
    rule: str
    about: str
