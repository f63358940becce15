"""
What the notifier remembers of offers, offices and challenges, row by row.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.storage.database import open_database
from services.storage.notifications import NotificationBook

OFFER = "zedford-f-aaaaaaaaaaaaaaaa"
RESIDENT = "zedford-r-aaaaaaaaaaaaaaaa"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database("notifier", tmp_path / "notifier.sqlite")
    yield made
    made.dispose()


def propose(book: NotificationBook) -> None:
    book.offers.propose(
        OFFER,
        resident=RESIDENT,
        party="tees-homes",
        supplier="oakline",
        opportunity="zedford-o-aaaaaaaaaaaaaaaa",
        position=None,
        since=1,
        undelivered="zedford-1-1",
    )


def test_a_delivery_is_awaited_of_the_latest_event_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        book = NotificationBook(connection)
        propose(book)
        book.offers.send(OFFER, event="zedford-2-1")
        found = book.offers.get(OFFER)

    assert found is not None
    assert found.awaits_delivery("zedford-2-1")
    assert not found.awaits_delivery("zedford-1-1")


@pytest.mark.parametrize("how", ["delivered", "declined"])
def test_no_delivery_is_awaited_of_what_was_delivered_or_has_ended(
    engine: Engine, how: str
) -> None:
    with engine.begin() as connection:
        book = NotificationBook(connection)
        propose(book)
        if how == "delivered":
            book.offers.deliver(OFFER)
        else:
            book.offers.set_status(OFFER, "declined")
        found = book.offers.get(OFFER)

    assert found is not None
    assert found.undelivered is None


def test_who_is_asked_again_is_introduced_no_more(engine: Engine) -> None:
    with engine.begin() as connection:
        book = NotificationBook(connection)
        propose(book)
        book.offers.set_status(OFFER, "accepted")
        book.offers.introduce(OFFER)
        before = book.offers.get(OFFER)
        book.offers.send(OFFER, event="zedford-9-1")
        book.offers.set_status(OFFER, "accepted")
        after = book.offers.get(OFFER)

    assert before is not None
    assert after is not None
    assert (before.is_introduced, after.is_introduced) == (True, False)


def test_of_a_partys_registrations_the_registers_latest_holds_in_whatever_order_they_come(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        book = NotificationBook(connection)
        for sequence in (3, 9, 5):
            book.offices.keep(
                "oakline", name=f"Oakline {sequence}", sequence=sequence, kind="k", sealed="s"
            )
        found = book.offices.get("oakline")

    assert found is not None
    assert (found.name, found.sequence) == ("Oakline 9", 9)


def test_a_challenge_is_open_until_it_is_decided(engine: Engine) -> None:
    with engine.begin() as connection:
        book = NotificationBook(connection)
        book.challenges.open("zedford-7-1", resident=RESIDENT, party="tees", opportunity="o")
        before = book.challenges.get("zedford-7-1")
        book.challenges.close("zedford-7-1")
        after = book.challenges.get("zedford-7-1")

    assert before is not None
    assert after is not None
    assert (before.open, after.open) == (True, False)
