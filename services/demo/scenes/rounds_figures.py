"""
What the scene of the rounds comes to.
"""

from dataclasses import dataclass

from services.demo.fortnight import Fortnight


@dataclass(frozen=True, slots=True, kw_only=True)
class OffDuty:
    """
    Somebody on leave who tried to release, and what they were told.
    """

    partner: str
    desk: str
    released_by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """
    A proposal of which the contract's owner was told that nobody had released it.
    """

    partner: str
    title: str
    release_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """
    What residents said, what was answered, and what became of the reserved positions.

    `duties` counts the partners that said who is on duty; `reminders` the reminders given.
    """

    wishes: int
    ranked: int
    standing: int
    said_no: int
    ticks: int
    submissions: int
    receipts: int
    duties: int
    reminders: int
    contacts: int
    off_duty: tuple[OffDuty, ...]
    overdue: tuple[Overdue, ...]
    found: Fortnight
