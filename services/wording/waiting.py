"""
What waits for somebody, as rows in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matching.market.waiting import WAITING, End, Wait, Waiting

WAITS: Final = {
    Wait.DELIVERY: "delivery of a proposal or an offer to its partner",
    Wait.RELEASE: "release of a proposal",
    Wait.ANSWER: "answer to an offer",
    Wait.CONSENT: "consent to an introduction",
    Wait.CONFIRMATION: "word on who was introduced",
    Wait.DECISION: "decision of a challenge",
}
COLUMNS: Final = (
    "what waits",
    "on whom",
    "since",
    "working days",
    "at half-time",
    "ended by",
    "or runs out as",
)
OF_POLICY: Final = "policy."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One state in which something waits, in words; events and terms by their own names.
    """

    waits: str
    on: str
    since: str
    term: str
    then: str
    ended_by: str
    runs_out: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """
        Return the row's cells in the order of `COLUMNS`.
        """
        ends = "; ".join(self.runs_out)
        return (self.waits, self.on, self.since, self.term, self.then, self.ended_by, ends)


def rows() -> Iterator[Row]:
    """
    Walk the states in which something waits.
    """
    for waiting in WAITING:
        yield Row(
            waits=WAITS[waiting.wait],
            on=waiting.owner.value,
            since=waiting.begins,
            term=_term(waiting),
            then=waiting.then,
            ended_by=" or ".join(waiting.ended_by),
            runs_out=tuple(_end(end) for end in waiting.runs_out),
        )


def _term(waiting: Waiting) -> str:
    if waiting.window.startswith(OF_POLICY):
        return f"{waiting.window.removeprefix(OF_POLICY)} of the policy"
    of_contract = f"{waiting.window} of the contract"
    if waiting.referral_window is None:
        return of_contract
    return f"{of_contract}; of a referral {waiting.referral_window} of the policy"


def _end(end: End) -> str:
    reason = f" ({end.reason})" if end.reason is not None else ""
    return f"{end.event}{reason}, caused by {end.cause}"


def waiting_table() -> str:
    """
    Write what waits as the README's Markdown table.
    """
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines += [f"| {' | '.join(row.cells)} |" for row in rows()]
    return "\n".join(lines)
