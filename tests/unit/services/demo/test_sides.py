"""Scene 7: one offer as two queues tell of it."""

from dataclasses import replace
from io import StringIO
from typing import Any

from rich.console import Console

from services.demo.heard import Heard
from services.demo.pages import sides as page
from services.demo.pages.telling import reader_of
from services.demo.scenes.sides import Sides, Told, about, told_beside
from services.demo.scenes.sides import told as taken_apart
from tests.unit.services.demo.queues import told

OFFER = "zedford-f-aaaaaaaaaaaaaaaa"


def heard(kind: str, *, party: str = "oakline-retrofit", **data: Any) -> Heard:
    made = told(kind, {"offer": OFFER, **data}, party=party)
    return replace(made, headers={"log-position": b"zedford/41/2"})


def test_a_message_is_taken_apart_into_its_fields_and_its_record() -> None:
    found = taken_apart(heard("ConsentDue", fields=["contact", "route"], remind_at=None))

    assert found == Told(
        sequence=41, name="ConsentDue", fields=(("offer", OFFER), ("fields", "contact, route"))
    )


def test_only_messages_that_name_the_offer_are_about_it() -> None:
    queue = (heard("SlotOffered"), told("SlotOffered", {"offer": "zedford-f-b"}))

    assert [each.name for each in about(OFFER, queue)] == ["SlotOffered"]
    assert len(about(OFFER, queue)) == 1


def test_a_partner_may_stand_in_its_office_s_address_and_nowhere_else() -> None:
    office = {"role_mailbox": "advisers@harbour-steps.example"}
    fair = heard("IntroductionReceived", **office)
    leaking = heard("IntroductionReceived", **office, partner="harbour-steps")

    assert told_beside(("harbour-steps", "HS-0001"), [fair], office) == ()
    assert told_beside(("harbour-steps", "HS-0001"), [leaking], office) == ("harbour-steps",)


def test_both_queues_stand_side_by_side_in_the_order_of_the_log() -> None:
    found = Sides(
        partner="harbour-steps",
        supplier="oakline-retrofit",
        reference="HS-0001",
        offer=OFFER,
        consent=41,
        partner_side=(
            Told(sequence=40, name="SlotOffered", fields=(("resident", "zedford-r-a"),)),
            Told(sequence=41, name="SupplierIntroduced", fields=()),
        ),
        supplier_side=(
            Told(sequence=41, name="IntroductionReceived", fields=(("clause", "4.2"),)),
        ),
    )
    console = Console(width=120, record=True, file=StringIO())
    for part in page.page(found, reader=reader_of("")):
        console.print(part)
    text = console.export_text()

    assert text.index("Slot offered") < text.index("Introduction received")
    assert "2 messages to the partner, and 1 message to the supplier" in text
