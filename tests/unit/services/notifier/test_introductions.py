"""
An introduction is told to its two sides, each for itself, and what waits to whom it waits on.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.consents import ConsentWithdrawn
from schemas.introductions import (
    DeclineExplained,
    InterviewHeld,
    InterviewOffered,
    ReferralMade,
)
from schemas.opportunities import FencedPositions
from schemas.residents import ResidentErased
from schemas.slots import HireConfirmed, OfferDeclined
from schemas.vocabulary import Purpose, later
from services.notifier.handlers import is_forbidden
from services.notifier.letters import letter
from services.notifier.owed import Owed
from services.storage.projections import OutboxRow
from tests.unit.services.notifier.reserved import (
    OWNER,
    POSTING,
    ROUND,
    accepted,
    consented,
    delivered,
    enter,
    introduced,
    named,
    open_reserved,
    proposed,
    released,
    tick,
    worsen,
)
from tests.unit.services.notifier.scene import (
    FIRST,
    OPERATOR,
    PARTNER,
    SECOND,
    SUPPLIER,
    Scene,
)

FENCE = (FencedPositions(group="starts", clause="4.2", positions=2),)
MONDAY_AFTER = "2026-01-19T09:05:00.000Z"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    One resident who has said yes to a posting of three positions, of which two are reserved.
    """
    made = open_reserved(tmp_path, positions=3)
    enter(made)
    return made


def told(owed: tuple[Owed, ...]) -> list[tuple[str, str]]:
    """
    Return what is owed to whom, without the answer to who spoke.
    """
    return [(each.kind, each.recipient) for each in owed if each.kind != "Receipt"]


def forbidden(scene: Scene, owed: Owed) -> bool:
    with scene.book() as book:
        return is_forbidden(scene.row(owed), book)


def withdraw(scene: Scene, *, supplier: str | None = SUPPLIER) -> tuple[Owed, ...]:
    purpose = Purpose.MATCHING if supplier is None else Purpose.INTRODUCTION
    said = ConsentWithdrawn(resident=FIRST, purpose=purpose, supplier=supplier)
    return scene.say(said, party=PARTNER, subject=FIRST)


# --- introductions ------------------------------------------------------------------------


def test_each_side_is_told_the_other_sides_office(scene: Scene) -> None:
    offer, owed = introduced(scene)

    assert told(owed) == [("SupplierIntroduced", PARTNER), ("IntroductionReceived", SUPPLIER)]
    to_partner, to_supplier = (scene.read(each) for each in owed if each.kind != "Receipt")
    assert to_partner["supplier_name"] == "Oakline Homes"
    assert to_partner["role_mailbox"] == "kitchens@oakline-homes.example"
    assert to_partner["reference"] == "case 17"
    assert to_supplier["role_mailbox"] == f"office@{PARTNER}.example"
    assert to_supplier["role_telephone"] == "01632 960000"
    (due,) = [event for event in scene.views[-1].events if event.name == "ConfirmationDue"]
    assert (to_supplier["offer"], to_supplier["confirm_by"]) == (offer, due.data.confirm_by)


@pytest.mark.parametrize(("given", "shown"), [(None, "01632 960000"), ("01632 960007",) * 2])
def test_a_firms_own_telephone_stands_in_only_where_its_advert_has_none(
    tmp_path: Path, given: str | None, shown: str
) -> None:
    scene = open_reserved(tmp_path, role_telephone=given)
    enter(scene)

    _, owed = introduced(scene)

    assert scene.read(named(owed, "SupplierIntroduced")[0])["role_telephone"] == shown


def test_without_a_consent_the_partner_is_asked_for_it_and_the_supplier_told_nothing(
    scene: Scene,
) -> None:
    offer, _ = proposed(scene)
    released(scene, offer)
    delivered(scene, offer)

    asked = accepted(scene, offer)
    given = consented(scene)

    assert told(asked) == [("ConsentDue", PARTNER)]
    assert told(given) == [("SupplierIntroduced", PARTNER), ("IntroductionReceived", SUPPLIER)]


def test_an_introduction_has_the_same_ids_whenever_it_is_written(scene: Scene) -> None:
    _, owed = introduced(scene)
    row = scene.row(named(owed, "IntroductionReceived")[0])

    with scene.book() as book:
        first, second = letter(row, book, scene.keys), letter(row, book, scene.keys)

    assert first is not None
    assert first == second
    assert json.loads(first.value)["subject"] == POSTING


def test_an_interview_is_told_to_the_partner_and_its_new_days_to_the_supplier(
    scene: Scene,
) -> None:
    offer, _ = introduced(scene)
    day = date(2026, 1, 19)

    offered = scene.say(InterviewOffered(offer=offer, on=day), party=SUPPLIER, subject=offer)
    tick(scene, MONDAY_AFTER)
    held = scene.say(InterviewHeld(offer=offer, on=day), party=PARTNER, subject=offer)

    assert told(offered) == [("InterviewOffered", PARTNER)]
    assert told(held) == [("ConfirmationDue", SUPPLIER)]


def test_a_referral_leads_to_the_same_introduction_without_a_position(scene: Scene) -> None:
    enter(scene, SECOND, yes=(POSTING,), reference="case 18")
    consented(scene, SECOND)

    owed = scene.say(
        ReferralMade(resident=SECOND, opportunity=POSTING), party=PARTNER, subject=SECOND
    )

    assert told(owed) == [
        ("ReferralOpened", PARTNER),
        ("SupplierIntroduced", PARTNER),
        ("IntroductionReceived", SUPPLIER),
    ]
    received = scene.read(named(owed, "IntroductionReceived")[0])
    assert "position" not in received or received["position"] is None


# --- terms that get worse -----------------------------------------------------------------


def test_who_was_introduced_is_asked_again_and_the_supplier_told_that_it_waits(
    scene: Scene,
) -> None:
    offer, before = introduced(scene)

    owed = worsen(scene)

    assert ("OfferChanged", PARTNER) in told(owed)
    (changed,) = named(owed, "PositionChanged")
    assert scene.read(changed)["state"] == "asked_again"
    assert forbidden(scene, named(before, "IntroductionReceived")[0])
    with scene.book() as book:
        row = book.offers.get(offer)
        assert row is not None
        assert row.awaits_delivery(scene.state.offers[offer].undelivered or "")


# --- what the log's end forbids -----------------------------------------------------------


@pytest.mark.parametrize("how", ["withdrawn", "matching", "erased", "narrowed", "confirmed"])
def test_nobodys_office_is_told_any_more_once_nothing_comes_of_it(scene: Scene, how: str) -> None:
    offer, owed = introduced(scene)
    both = [each for each in owed if each.kind != "Receipt"]
    assert [forbidden(scene, each) for each in both] == [False, False]

    if how == "withdrawn":
        withdraw(scene)
    elif how == "matching":
        withdraw(scene, supplier=None)
    elif how == "erased":
        scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    elif how == "narrowed":
        consented(scene, fields=("route",))
    else:
        scene.say(HireConfirmed(offer=offer), party=SUPPLIER, subject=offer)

    assert [forbidden(scene, each) for each in both] == [True, True]


def test_a_consent_is_not_asked_for_once_it_was_given(scene: Scene) -> None:
    offer, _ = proposed(scene)
    released(scene, offer)
    delivered(scene, offer)
    (asked,) = named(accepted(scene, offer), "ConsentDue")
    row = scene.row(asked)

    consented(scene)

    with scene.book() as book:
        assert is_forbidden(row, book)


# --- what waits ---------------------------------------------------------------------------


def test_what_waits_is_reminded_of_on_the_queue_of_whom_it_waits_on(scene: Scene) -> None:
    offer, _ = proposed(scene)
    delivered(scene, offer)

    owed = tick(scene, MONDAY_AFTER)

    assert ("ReminderGiven", PARTNER) in told(owed)
    (reminder,) = named(owed, "ReminderGiven")
    assert scene.read(reminder)["waiting"] == "release"
    assert not forbidden(scene, reminder)
    row = scene.row(reminder)
    released(scene, offer)
    with scene.book() as book:
        assert is_forbidden(row, book)


def test_a_release_that_is_overdue_is_told_to_the_contracts_owner_without_the_resident(
    scene: Scene,
) -> None:
    offer, _ = proposed(scene)
    delivered(scene, offer)
    found: list[Owed] = []
    for at in (MONDAY_AFTER, "2026-01-20T09:05:00.000Z"):
        found += named(tick(scene, at), "ReleaseOverdue")

    (overdue,) = found
    assert overdue.recipient == OWNER
    assert overdue.payload["data"]["partner"] == PARTNER
    assert FIRST not in json.dumps(dict(overdue.payload))


def test_why_somebody_declined_is_told_to_nobody(scene: Scene) -> None:
    offer, _ = proposed(scene)
    released(scene, offer)
    delivered(scene, offer)
    scene.say(OfferDeclined(offer=offer), party=PARTNER, subject=offer)
    why = DeclineExplained(resident=FIRST, offer=offer, reason="The bus does not run that early.")

    owed = scene.say(scene.sealed(why, subject=FIRST), party=PARTNER, subject=FIRST)

    assert [(each.kind, each.recipient) for each in owed] == [("Receipt", PARTNER)]


# --- challenges ---------------------------------------------------------------------------


def challenge(scene: Scene, *, by: str = PARTNER) -> tuple[str, tuple[Owed, ...]]:
    """
    Contest, for somebody whom no round has proposed, what was decided about the posting.
    """
    scene.register(SECOND, reference="case 18")
    tick(scene, ROUND)
    raised = ChallengeRaised(resident=SECOND, opportunity=POSTING, ground=Ground.NOT_ASKED)
    owed = scene.say(raised, party=by, subject=SECOND)
    (due,) = named(owed, "DecisionDue")
    return due.payload["data"]["challenge"], owed


@pytest.mark.parametrize("by", [PARTNER, OWNER])
def test_a_challenge_is_told_to_who_decides_it_and_not_to_whom_it_may_concern(
    scene: Scene, by: str
) -> None:
    _, owed = challenge(scene, by=by)

    assert told(owed) == [("DecisionDue", OWNER)]
    with scene.book() as book:
        found = letter(scene.row(named(owed, "DecisionDue")[0]), book, scene.keys)
    assert found is not None
    assert (found.reference, found.title) == (None, "Kitchen assistant")


def test_what_was_decided_is_told_to_the_residents_partner_under_its_own_reference(
    scene: Scene,
) -> None:
    named_, owed = challenge(scene)
    due = scene.row(named(owed, "DecisionDue")[0])
    decided = ChallengeDecided(challenge=named_, upheld=True, finding=Finding.NOT_TREATED_FAIRLY)

    owed = scene.say(decided, party=OWNER, subject=named_)

    assert told(owed) == [("ChallengeDecided", PARTNER), ("RemedyGranted", PARTNER)]
    for each in owed:
        if each.recipient == PARTNER:
            with scene.book() as book:
                found = letter(scene.row(each), book, scene.keys)
            assert found is not None
            assert (found.reference, found.title) == ("case 18", "Kitchen assistant")
    with scene.book() as book:
        assert is_forbidden(due, book)


def test_what_nobody_decided_is_told_to_the_decider_and_the_remedy_to_the_partner(
    scene: Scene,
) -> None:
    challenge(scene)
    found: list[tuple[str, str]] = []
    for days in range(1, 50, 3):
        found += told(tick(scene, later("2026-01-13T23:00:00.000Z", timedelta(days=days))))

    assert ("ReminderGiven", OWNER) in found
    assert ("ChallengeUnanswered", OWNER) in found
    assert ("RemedyGranted", PARTNER) in found
    assert OPERATOR not in {recipient for kind, recipient in found if kind == "ReminderGiven"}


def test_a_challenge_of_whoever_was_erased_is_reminded_of_no_more(scene: Scene) -> None:
    challenge(scene)
    row: OutboxRow | None = None
    for days in range(1, 50):
        owed = tick(scene, later("2026-01-13T23:00:00.000Z", timedelta(days=days)))
        found = [each for each in named(owed, "ReminderGiven") if each.recipient == OWNER]
        if found:
            row = scene.row(found[0])
            break
    assert row is not None
    with scene.book() as book:
        assert not is_forbidden(row, book)

    scene.say(ResidentErased(resident=SECOND), party=PARTNER, subject=SECOND)

    with scene.book() as book:
        assert is_forbidden(row, book)


def test_an_answer_to_a_challenge_names_the_challenge_in_its_receipt(scene: Scene) -> None:
    named_, _ = challenge(scene)
    decided: Any = ChallengeDecided(challenge=named_, upheld=False, finding=Finding.NO_LOSS)

    (answer,) = named(scene.say(decided, party=OWNER, subject=named_), "Receipt")

    with scene.book() as book:
        found = letter(scene.row(answer), book, scene.keys)
    assert found is not None
    assert found.about == named_
