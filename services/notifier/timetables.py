"""
The timetable of a posting with reserved positions: its receipt says what happens when.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from matching.market.local_time import WORKING_WEEK
from matching.market.working_time import Calendar, midnight
from schemas.slots import IntakeOpened, ReservedGroup

if TYPE_CHECKING:
    from services.storage.notifications import NotificationBook
    from services.transport.records import RecordView

ONE_DAY: Final = timedelta(days=1)
# With what stands around them, no more than a receipt takes; `IntakeOpened` has them all.
MOST_STEPS: Final = 56

Entry = dict[str, str]


def timetable(view: "RecordView", book: "NotificationBook") -> tuple[Entry, ...]:
    """
    Return the steps of an intake that a record opens, in order; none where it opens none.
    """
    for event in view.events:
        if event.name == "IntakeOpened":
            return tuple(_steps(event.data, view, book))
    return ()


def _steps(opened: IntakeOpened, view: "RecordView", book: "NotificationBook") -> Iterator[Entry]:
    yield _entry("intake_ends", opened.until)
    yield _entry("first_proposals", opened.first_round_at)
    ladder = sorted(_ladder(opened.groups), key=lambda each: (each["at"], each["what"]))
    yield from ladder[:MOST_STEPS]
    advert = book.advert(opened.opportunity)
    if advert is not None:
        last = date.fromisoformat(advert.closes_on)
        yield _entry("closes", midnight(calendar_of(view.market, book), last + ONE_DAY))


def _ladder(groups: tuple[ReservedGroup, ...]) -> Iterator[Entry]:
    """
    Tell each rung but the first, which is open; groups apart only where their days differ.
    """
    for rung in range(1, max(len(group.rungs) for group in groups)):
        opens = {
            at: group.rungs[rung] for at, group in enumerate(groups, 1) if rung < len(group.rungs)
        }
        yield from _apart(f"rung_{rung + 1}", opens, of=len(groups))
    public = {at: group.public_at for at, group in enumerate(groups, 1)}
    yield from _apart("open_advertising", public, of=len(groups))


def _apart(what: str, when: dict[int, str], *, of: int) -> Iterator[Entry]:
    if len(when) == of and len(set(when.values())) == 1:
        yield _entry(what, when[1])
        return
    for group, at in when.items():
        yield _entry(f"{what}_group_{group}", at)


def _entry(what: str, at: str) -> Entry:
    return {"what": what, "at": at}


def calendar_of(market: str, book: "NotificationBook") -> Calendar:
    """
    Return a calendar that knows the market's local midnight; its working hours are not used.
    """
    here = book.intakes.local_time(market)
    return Calendar(
        days=WORKING_WEEK,
        holidays=frozenset(),
        starts="09:00",
        ends="17:00",
        changes=() if here is None else here.clock,
    )
