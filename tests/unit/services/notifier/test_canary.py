"""
What a supplier may read of a person and of a partner, field by field, before and after consent.

In each field a marker is planted, and every message to the supplier is searched for it.
"""

import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from matching.market.record import Happened
from schemas import codec
from schemas.challenges import ChallengeRaised, Ground
from schemas.consents import ConsentWithdrawn
from schemas.facts import FactAsked
from schemas.introductions import (
    ContactTried,
    DeclineExplained,
    IntroductionReceived,
    Means,
    SupplierIntroduced,
)
from schemas.opportunities import OpportunityWithdrawn
from schemas.parties import OrganisationId, PartyRegistered, WorkingHours
from schemas.residents import Profile, ResidentErased, WeeklyMinutes
from schemas.slots import OfferDeclined, SlotProposed
from schemas.vocabulary import Day, Nation, Purpose, Role
from services.notifier.handlers import is_forbidden
from services.notifier.letters import letter
from services.notifier.owed import Owed
from services.notifier.slots import TO_SUPPLIER
from services.storage.projections import OutboxRow
from tests.unit.services.notifier.reserved import (
    POSTING,
    accepted,
    consented,
    delivered,
    enter,
    named,
    open_reserved,
    post,
    proposed,
    released,
    tell,
    tick,
)
from tests.unit.services.notifier.scene import (
    FIRST,
    OTHER_PARTNER,
    PARTNER,
    SUPPLIER,
    Scene,
)

# One marker a field, as it would stand in a message.
PROFILE: Final[dict[str, str]] = {
    "reference": "CANARY 1-REF",
    "birth_date": "1987-11-23",
    "outcode": "ZZ2",
    "max_travel_metres": "31337",
    "minutes_a_week": "1117",
    "earliest_start": "06:43",
    "latest_end": "21:37",
    "days": '"sun"',
    "available_from": "2026-01-11",
    "licences": "canary_licence",
    "right_to_work": "right_to_work",
    "summary": "canary-summary",
    "skills": "canary-skill",
    "experience": "canary-experience",
    "barriers": "canary_barrier",
    "pay_floor_pence": "1289",
    "notes": "canary-note",
}
PERSON: Final[dict[str, Any]] = {
    "reference": PROFILE["reference"],
    "birth_date": date(1987, 11, 23),
    "outcode": PROFILE["outcode"],
    "max_travel_metres": 31_337,
    "minutes_a_week": WeeklyMinutes(least=1117, most=2221),
    "earliest_start": PROFILE["earliest_start"],
    "latest_end": PROFILE["latest_end"],
    "days": (Day.SUN,),
    "available_from": date(2026, 1, 11),
    "licences": (PROFILE["licences"],),
    "right_to_work": True,
    "summary": PROFILE["summary"],
    "skills": (PROFILE["skills"],),
    "experience": (PROFILE["experience"],),
    "barriers": (PROFILE["barriers"],),
    "pay_floor_pence": 1289,
    "notes": PROFILE["notes"],
}
OFFICE: Final[dict[str, str]] = {
    "role_mailbox": "canary-office@riverside.example",
    "role_telephone": "01632 960987",
}
PARTNERS: Final[dict[str, str]] = {
    "slug": PARTNER,
    "name": "Canary Homes",
    "roles": '"partner"',
    "org_id": "CANARY-774",
    "nation": '"wales"',
    "working_days": '"mon"',
    "working_hours": "08:51",
    "days_off": "2026-02-27",
    **OFFICE,
}
# Of an offer: what it holds about its resident; the rest is the position's.
OF_A_PERSON: Final = (
    "resident",
    "tier",
    "weeks_ready",
    "ticket",
    "place",
    "remedied",
    "rests_on",
    "reason",
    "consent",
    "fields",
)
OF_THE_POSITION: Final = frozenset(
    {
        "offer",
        "position",
        "opportunity",
        "contract",
        "clause",
        "stage",
        "epoch",
        "considered",
        "rules_version",
        "decided_at",
        "release_working_days",
        "deliver_by",
        "remind_at",
    }
)


class Reader:
    """
    A supplier that keeps every message which it could read, of whatever record of a scene.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        scene.hears = self.hear
        self.rows: list[OutboxRow] = []
        self.read: list[tuple[str, str]] = []

    def hear(self, owed: tuple[Owed, ...]) -> None:
        for each in owed:
            if each.recipient == SUPPLIER:
                row = self._scene.row(each)
                self.rows.append(row)
                self.read.append((each.kind, self.written(row)))

    def written(self, row: OutboxRow) -> str:
        """
        Return the message as it would be sent now, with its headers; empty where none is.
        """
        with self._scene.book() as book:
            if is_forbidden(row, book):
                return ""
            made = letter(row, book, self._scene.keys)
        if made is None:
            return ""
        return f"{made.value.decode()} {made.about} {made.reference} {made.title}"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    A partner and a resident with a marker in every field, before anything is posted.
    """
    made = open_reserved(tmp_path, posted=False)
    register_partner(made)
    return made


def register_partner(scene: Scene) -> None:
    party = PartyRegistered(
        slug=PARTNER,
        name=PARTNERS["name"],
        roles=(Role.PARTNER,),
        org_id=OrganisationId(scheme="GB-COH", id=PARTNERS["org_id"]),
        nation=Nation.WALES,
        working_days=(Day.MON, Day.TUE),
        working_hours=WorkingHours(starts="08:51", ends="17:00"),
        days_off=(date(2026, 2, 27),),
        **OFFICE,
    )
    fact = Happened(
        id="_register-12-1",
        name="PartyRegisteredSealed",
        version=1,
        subject=f"party:{PARTNER}",
        party=PARTNER,
        data=scene.sealed(party, subject=f"party:{PARTNER}"),
    )
    tell(scene, fact, sequence=12)


def to_offer(scene: Scene) -> str:
    """
    Play until an offer stands with its partner, and an attempt to reach its resident.
    """
    post(scene)
    enter(scene, **PERSON)
    scene.say(FactAsked(resident=FIRST, fact="care_leaver", opportunity=POSTING))
    offer, _ = proposed(scene)
    delivered(scene, offer)
    tick(scene, "2026-01-19T09:00:00.000Z")
    released(scene, offer)
    delivered(scene, offer)
    tried = ContactTried(offer=offer, tried_on=date(2026, 1, 19), means=Means.TELEPHONE)
    scene.say(tried, party=PARTNER, subject=offer)
    return offer


def to_consent_due(scene: Scene) -> str:
    offer = to_offer(scene)
    accepted(scene, offer)
    return offer


def markers(scene: Scene) -> dict[str, str]:
    tickets = {
        f"ticket {at}": event.data.ticket
        for view in scene.views
        for at, event in enumerate(view.events)
        if event.name == "SlotProposed"
    }
    keys = {f"field {name}": f'"{name}"' for name in OF_A_PERSON}
    return {
        **{f"resident's {name}": marker for name, marker in PROFILE.items()},
        **{f"partner's {name}": marker for name, marker in PARTNERS.items()},
        "resident": FIRST,
        **tickets,
        **keys,
    }


def found(scene: Scene, messages: list[tuple[str, str]]) -> set[str]:
    every = markers(scene).items()
    return {name for name, marker in every for _, told in messages if marker in told}


def test_every_field_has_its_marker() -> None:
    assert {each.name for each in fields(Profile)} == PROFILE.keys() == PERSON.keys()
    assert {each.name for each in fields(PartyRegistered)} == PARTNERS.keys()
    of_an_offer = {each.name for each in fields(SlotProposed)}
    assert of_an_offer - set(OF_A_PERSON) == OF_THE_POSITION


def test_a_supplier_reads_nothing_of_anybody_before_a_consent(scene: Scene) -> None:
    reader = Reader(scene)

    to_consent_due(scene)

    assert {kind for kind, told in reader.read if told} == {"Receipt", "IntakeOpened"}
    assert found(scene, reader.read) == set()


@pytest.mark.parametrize("how", ["declined", "lapsed", "withdrawn", "erased", "cut"])
def test_a_supplier_reads_nothing_of_whoever_was_never_introduced(scene: Scene, how: str) -> None:
    reader = Reader(scene)
    offer = to_offer(scene)

    if how == "declined":
        scene.say(OfferDeclined(offer=offer), party=PARTNER, subject=offer)
        why = DeclineExplained(resident=FIRST, offer=offer, reason="canary-note")
        scene.say(scene.sealed(why, subject=FIRST), party=PARTNER, subject=FIRST)
        raised = ChallengeRaised(resident=FIRST, opportunity=POSTING, ground=Ground.OTHER)
        scene.say(raised, party=PARTNER, subject=FIRST)
    elif how == "withdrawn":
        said = ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING)
        scene.say(said, party=PARTNER, subject=FIRST)
    elif how == "erased":
        scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    elif how == "cut":
        gone = OpportunityWithdrawn(opportunity=POSTING, reason="filled")
        scene.say(gone, party=SUPPLIER, subject=POSTING)
    tick(scene, "2026-02-12T09:00:00.000Z")

    assert found(scene, reader.read) == set()


def test_after_the_introduction_it_reads_the_office_and_nothing_else(scene: Scene) -> None:
    reader = Reader(scene)
    to_consent_due(scene)

    consented(scene)

    assert found(scene, reader.read) == {"partner's role_mailbox", "partner's role_telephone"}
    (holding,) = {kind for kind, told in reader.read if OFFICE["role_mailbox"] in told}
    assert holding == "IntroductionReceived"


@pytest.mark.parametrize("purpose", list(Purpose))
def test_after_a_withdrawal_nothing_is_sent_any_more_that_holds_any_of_it(
    scene: Scene, purpose: Purpose
) -> None:
    reader = Reader(scene)
    to_consent_due(scene)
    consented(scene)
    waiting, since = list(reader.rows), len(reader.read)
    supplier = SUPPLIER if purpose is Purpose.INTRODUCTION else None

    said = ConsentWithdrawn(resident=FIRST, purpose=purpose, supplier=supplier)
    scene.say(said, party=PARTNER, subject=FIRST)
    tick(scene, "2026-02-12T09:00:00.000Z")

    again = [(row.kind, reader.written(row)) for row in waiting]
    assert found(scene, [*again, *reader.read[since:]]) == set()
    assert "PositionChanged" in {kind for kind, _ in reader.read[since:]}


def test_no_kind_of_message_to_a_supplier_has_a_field_for_a_person() -> None:
    for kind in TO_SUPPLIER:
        names = {each.name for each in fields(codec.EVENTS[f"foothold.{kind}.v1"])}
        assert names & {*OF_A_PERSON, "reference", "party", "partner"} == set(), kind


def test_another_partner_reads_nothing_of_an_introduction(scene: Scene) -> None:
    offer, _ = proposed_and_released(scene)

    owed = accepted(scene, offer, meets=True)

    assert OTHER_PARTNER not in {each.recipient for each in owed}


def proposed_and_released(scene: Scene) -> tuple[str, Owed]:
    post(scene)
    enter(scene, **PERSON)
    offer, _ = proposed(scene)
    owed = released(scene, offer)
    delivered(scene, offer)
    return offer, owed


# --- one acceptance, from both sides ------------------------------------------------------

# What there is to know of it, and under which field each side reads it; nothing: not at all.
SIDES: Final[tuple[tuple[str, str | None, str | None], ...]] = (
    # what                      the supplier       the resident's partner
    ("offer", "offer", "offer"),
    ("position", "position", "position"),
    ("opportunity", "opportunity", "opportunity"),
    ("title", "title", "title"),
    ("clause", "clause", "clause"),
    ("confirm by", "confirm_by", None),
    ("partner's mailbox", "role_mailbox", None),
    ("partner's telephone", "role_telephone", None),
    ("supplier", None, "supplier"),
    ("supplier's name", None, "supplier_name"),
    ("supplier's mailbox", None, "role_mailbox"),
    ("supplier's telephone", None, "role_telephone"),
    ("resident", None, "resident"),
    ("partner's reference of the resident", None, "reference"),
    ("partner", None, None),
    ("partner's name", None, None),
    ("resident's rung", None, None),
    ("resident's weeks ready", None, None),
    ("resident's ticket", None, None),
    ("resident's number in the order", None, None),
    ("resident's consent", None, None),
)


def test_both_sides_of_one_acceptance_read_what_the_table_says(scene: Scene) -> None:
    offer, _ = proposed_and_released(scene)
    owed = accepted(scene, offer, meets=True)
    due = next(event for event in scene.views[-1].events if event.name == "ConfirmationDue")
    facts = {
        "offer": offer,
        "position": due.data.position,
        "opportunity": POSTING,
        "title": "Kitchen assistant",
        "clause": "4.2",
        "confirm by": due.data.confirm_by,
        "partner's mailbox": OFFICE["role_mailbox"],
        "partner's telephone": OFFICE["role_telephone"],
        "supplier": SUPPLIER,
        "supplier's name": "Oakline Homes",
        "supplier's mailbox": "kitchens@oakline-homes.example",
        "supplier's telephone": "01632 960000",
        "resident": FIRST,
        "partner's reference of the resident": PROFILE["reference"],
    }

    supplier = scene.read(named(owed, "IntroductionReceived")[0])
    partner = scene.read(named(owed, "SupplierIntroduced")[0])

    assert supplier == {field: facts[what] for what, field, _ in SIDES if field}
    assert partner == {field: facts[what] for what, _, field in SIDES if field}


def test_the_table_names_every_field_of_both_messages() -> None:
    for cls, column in ((IntroductionReceived, 1), (SupplierIntroduced, 2)):
        assert {each.name for each in fields(cls)} == {row[column] for row in SIDES if row[column]}


def test_what_reaches_a_supplier_in_the_log_itself_names_no_person(scene: Scene) -> None:
    offer, _ = proposed_and_released(scene)
    accepted(scene, offer, meets=True)

    told = [
        json.dumps(codec.plain(event.data))
        for view in scene.views
        for event in view.events
        if event.party == SUPPLIER and event.name in TO_SUPPLIER
    ]

    assert told
    for each in told:
        assert FIRST not in each
        assert PARTNER not in each


def test_a_marker_that_is_let_through_would_be_found(scene: Scene) -> None:
    reader = Reader(scene)
    post(scene)
    enter(scene, **PERSON)
    _, owed = proposed(scene)

    reader.hear((replace(owed, recipient=SUPPLIER),))

    assert {"resident", "field tier", "field ticket"} <= found(scene, reader.read)
