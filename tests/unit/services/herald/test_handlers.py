"""
The register's accepted events come to every market, in order, and change nothing on the way.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matching.market.record import Happened
from schemas import codec
from schemas.answers import InputUnreadable, Origin, SubmissionRefused
from schemas.log_record import Cause, InboxPosition
from schemas.markets import MarketOpened
from schemas.parties import PartyRegisteredSealed, WorkingHours
from schemas.vocabulary import REGISTER, Clock, Day, Nation, Problem, Role, event_type
from services.herald.handlers import Carried, announce, carried_facts, message
from services.storage.announcements import Announcements
from services.storage.database import open_database
from services.transport.inbox import entry, said_in
from services.transport.ports import Record
from services.transport.records import RecordView

NOW = "2026-01-06T09:00:00.000Z"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Announcements]:
    engine = open_database("herald", tmp_path / "herald.sqlite")
    with engine.begin() as connection:
        yield Announcements(connection)


def opened(code: str, *, partition: int = 3) -> MarketOpened:
    return MarketOpened(
        code=code,
        name=code.title(),
        partition=partition,
        nation=Nation.ENGLAND,
        clock=Clock.REAL,
        now=NOW,
    )


def party(slug: str = "oakline-homes") -> PartyRegisteredSealed:
    return PartyRegisteredSealed(
        slug=slug,
        name="Oakline Homes",
        roles=(Role.SUPPLIER,),
        nation=Nation.ENGLAND,
        working_days=(Day.MON,),
        working_hours=WorkingHours(starts="09:00", ends="17:00"),
        sealed="AAAA",
        fingerprint="0" * 64,
    )


def unreadable() -> InputUnreadable:
    return InputUnreadable(
        party="oakline-homes",
        origin=Origin(topic_id="t", partition=0, offset=4),
        digest="0" * 64,
        problems=(Problem(code="not_json", field=""),),
    )


def record(sequence: int, *data: Any, market: str = REGISTER) -> RecordView:
    events = tuple(
        Happened(
            id=f"{market}-{sequence}-{n}",
            name=event_type(each).name,
            version=event_type(each).version,
            subject="oakline-homes",
            party="northgate",
            data=each,
        )
        for n, each in enumerate(data, start=1)
    )
    return RecordView(
        market=market,
        sequence=sequence,
        partition=0,
        offset=sequence,
        appended_at=f"2026-01-06T09:00:{sequence:02d}.000Z",
        cause=Cause(
            inbox=InboxPosition(topic_id="t", offset=sequence),
            appended_at=NOW,
            now=NOW,
            rules_version=1,
            release="test",
        ),
        told={},
        events=events,
        digest="d",
        previous="p",
    )


def owed(found: tuple[Carried, ...]) -> list[tuple[str, int]]:
    return [(each.market, each.register_sequence) for each in found]


def test_every_open_market_is_owed_a_record_of_the_register(book: Announcements) -> None:
    announce(record(1, opened("tees")), book)
    announce(record(2, opened("wear", partition=4)), book)

    assert owed(announce(record(3, party()), book)) == [("tees", 3), ("wear", 3)]


def test_a_market_opened_later_is_owed_every_record_from_the_first_in_order(
    book: Announcements,
) -> None:
    announce(record(1, opened(REGISTER, partition=0)), book)
    announce(record(2, party()), book)
    announce(record(3, opened("tees")), book)

    found = owed(announce(record(4, opened("wear")), book))

    assert found == [("tees", 4), ("wear", 1), ("wear", 2), ("wear", 3), ("wear", 4)]


def test_the_registers_own_beginning_opens_no_market_to_tell(book: Announcements) -> None:
    assert announce(record(1, opened(REGISTER, partition=0)), book) == ()
    assert book.markets() == {}


def test_a_record_without_an_accepted_event_is_skipped(book: Announcements) -> None:
    announce(record(1, opened("tees")), book)
    refused = SubmissionRefused(problems=(Problem(code="market_exists", field="/data/code"),))

    assert announce(record(2, refused), book) == ()
    assert announce(record(3, unreadable()), book) == ()
    assert book.kept() == ((1, "2026-01-06T09:00:01.000Z"),)


def test_another_markets_records_are_owed_to_nobody(book: Announcements) -> None:
    announce(record(1, opened("tees")), book)

    assert announce(record(1, opened("tees"), market="tees"), book) == ()


def test_a_market_reads_back_the_very_events_and_contact_data_stays_sealed(
    book: Announcements,
) -> None:
    view = record(2, party())
    announce(view, book)

    made = entry("tees", message(2, book.facts(2)))

    said = said_in(
        Record(
            topic="market.inbox.v1",
            partition=3,
            offset=0,
            appended_at=NOW,
            key=made.key,
            value=made.value,
            headers=made.headers,
        ),
        inbox_topic_id="t",
    )
    assert said is not None
    (carried,) = said.carried
    assert (carried.id, carried.data, carried.party) == (view.events[0].id, party(), "northgate")
    assert codec.plain(carried.data)["sealed"] == "AAAA"


def test_the_same_record_gives_the_same_bytes(book: Announcements) -> None:
    facts = carried_facts(record(2, party()).events)

    assert entry("tees", message(2, facts)) == entry("tees", message(2, facts))
