"""
Intakes: whom a partner may ask, told once, while only a yes is missing.

Who meets a rung is known from rule codes. Most stand on the log when an intake opens; who
is assessed, or consents, while it is open is listed then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from matching.market.record import Happened
from schemas.fits import RulesAssessed
from schemas.interests import Wishes
from schemas.markets import MarketOpened
from schemas.rules import RulesAdopted
from schemas.slots import IntakeOpened, PositionsAdjusted, ReservedGroup, WindowsLengthened
from schemas.vocabulary import REGISTER
from services.notifier.owed import Owed

if TYPE_CHECKING:
    from services.storage.intakes import Unasked
    from services.storage.notifications import NotificationBook
    from services.transport.records import RecordView

WHOLE_RECORD: Final = 0
MOST_LISTED: Final = 200
MOST_UNKNOWN: Final = 40
INTAKE: Final = "intake "


@dataclass(slots=True, kw_only=True)
class Changed:
    """
    Where somebody may now be unasked: residents in every intake, everybody in some intakes.
    """

    residents: set[str] = field(default_factory=set)
    opportunities: set[str] = field(default_factory=set)


def changed(view: "RecordView", book: "NotificationBook") -> Changed:
    """
    Take a record's events into the book, after what else it changes; return whom that concerns.
    """
    found = Changed()
    for event in view.events if view.market != REGISTER else ():
        keep = KEEP.get(event.name)
        if keep is not None:
            keep(event, view, book, found)
    return found


def lists(found: Changed, view: "RecordView", book: "NotificationBook") -> Iterator[Owed]:
    """
    Owe each partner one list of its unasked residents for each intake, of nobody twice.
    """
    unasked = book.intakes.unasked(
        view.market,
        now=view.cause.now,
        residents=sorted(found.residents),
        opportunities=sorted(found.opportunities),
    )
    book.intakes.note_listed(unasked)
    for (opportunity, until, party), group in groupby(
        unasked, key=lambda each: (each.opportunity, each.until, each.party)
    ):
        yield Owed(
            leaf=WHOLE_RECORD,
            recipient=party,
            kind="IntakeListed",
            about=opportunity,
            payload=_payload(opportunity, until, tuple(group)),
        )


def _payload(opportunity: str, until: str, group: "tuple[Unasked, ...]") -> dict[str, Any]:
    named = [
        {
            "resident": each.resident,
            "rung": each.rung,
            "unknown": each.unknown[:MOST_UNKNOWN],
        }
        for each in group[:MOST_LISTED]
    ]
    return {
        "opportunity": opportunity,
        "until": until,
        "residents": named,
        "more": len(group) - len(named),
    }


# --- what a record changes ----------------------------------------------------------------

Keep = Callable[[Happened, "RecordView", "NotificationBook", Changed], None]


def _market_opened(
    event: Happened, view: "RecordView", book: "NotificationBook", _: Changed
) -> None:
    opened: MarketOpened = event.data
    if opened.code == view.market:
        day = opened.now.partition("T")[0]
        book.intakes.open_market(view.market, nation=opened.nation.value, day=day)


def _rules_adopted(
    event: Happened, view: "RecordView", book: "NotificationBook", _: Changed
) -> None:
    adopted: RulesAdopted = event.data
    here = book.intakes.local_time(view.market)
    if here is not None:
        ours = [each for each in adopted.clock_changes if each.nation.value == here.nation]
        book.intakes.adopt_clock(view.market, ((each.at, each.offset_minutes) for each in ours))


def _day_began(event: Happened, view: "RecordView", book: "NotificationBook", _: Changed) -> None:
    book.intakes.begin_day(view.market, str(event.data.day))


def _contract_agreed(
    event: Happened, view: "RecordView", book: "NotificationBook", _: Changed
) -> None:
    book.intakes.drop_rules(event.data.contract_id, market=view.market)


def _rules_assessed(
    event: Happened, _: "RecordView", book: "NotificationBook", found: Changed
) -> None:
    assessed: RulesAssessed = event.data
    book.intakes.keep_rules(assessed.resident, assessed.codes)
    found.residents.add(assessed.resident)


def _interest_given(
    event: Happened, view: "RecordView", book: "NotificationBook", found: Changed
) -> None:
    wishes: Wishes = event.data
    resident = event.subject or ""
    until = None if wishes.until is None else str(wishes.until)
    answered = (*wishes.yes, *wishes.no)
    book.intakes.keep_interest(resident, answered=answered, until=until, sequence=view.sequence)
    found.residents.add(resident)


def _may_be_asked(
    event: Happened, _: "RecordView", book: "NotificationBook", found: Changed
) -> None:
    del book
    found.residents.add(event.subject or "")


def _fits_assessed(
    event: Happened, _: "RecordView", book: "NotificationBook", found: Changed
) -> None:
    """
    Look again at whose standing yes waited to be compared with an opportunity.
    """
    subject = event.data.subject
    if book.advert(subject) is not None:
        found.opportunities.add(subject)
    elif book.intakes.has_standing(subject):
        found.residents.add(subject)


def _intake_opened(
    event: Happened, view: "RecordView", book: "NotificationBook", found: Changed
) -> None:
    opened: IntakeOpened = event.data
    book.intakes.open_intake(
        opened.opportunity,
        market=view.market,
        contract=opened.contract,
        clauses=_clauses(opened.groups),
        until=opened.until,
    )
    found.opportunities.add(opened.opportunity)


def _positions_adjusted(
    event: Happened, _: "RecordView", book: "NotificationBook", found: Changed
) -> None:
    adjusted: PositionsAdjusted = event.data
    book.intakes.set_clauses(adjusted.opportunity, _clauses(adjusted.groups))
    found.opportunities.add(adjusted.opportunity)


def _windows_lengthened(
    event: Happened, _: "RecordView", book: "NotificationBook", __: Changed
) -> None:
    lengthened: WindowsLengthened = event.data
    for window in lengthened.windows:
        if window.clock.startswith(INTAKE):
            book.intakes.lengthen(window.clock.removeprefix(INTAKE), until=window.ends_at)


def _clauses(groups: tuple[ReservedGroup, ...]) -> tuple[str, ...]:
    return tuple(group.clause for group in groups if group.positions)


KEEP: Final[dict[str, Keep]] = {
    "MarketOpened": _market_opened,
    "RulesAdopted": _rules_adopted,
    "DayBegan": _day_began,
    "ContractAgreed": _contract_agreed,
    "RulesAssessed": _rules_assessed,
    "InterestGivenSealed": _interest_given,
    "ConsentGiven": _may_be_asked,
    "ResidentResumed": _may_be_asked,
    "FitsAssessed": _fits_assessed,
    "IntakeOpened": _intake_opened,
    "PositionsAdjusted": _positions_adjusted,
    "WindowsLengthened": _windows_lengthened,
}
