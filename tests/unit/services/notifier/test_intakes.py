"""
Whoever meets a rung and has not answered is listed for their own partner, once.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from matching.market.record import Happened
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.fits import RuleCode
from schemas.introductions import ReferralMade
from schemas.opportunities import OpportunityWithdrawn
from schemas.residents import ResidentErased, ResidentPaused, ResidentResumed
from schemas.slots import (
    HireConfirmed,
    LengthenedWindow,
    PositionsAdjusted,
    ReservedGroup,
    WindowsLengthened,
)
from schemas.vocabulary import Purpose, event_type
from services.notifier import intakes
from services.notifier.handlers import is_forbidden
from services.notifier.letters import letter
from services.notifier.owed import Owed
from services.storage.notifier_tables import ANSWERED, LISTED, RULES, STANDING
from tests.unit.services.notifier.reserved import (
    CONTRACT,
    POSTING,
    UNTIL,
    accepted,
    agree_anew,
    codes,
    consented,
    delivered,
    enter,
    named,
    open_reserved,
    post,
    proposed,
    released,
    says,
    tick,
)
from tests.unit.services.notifier.scene import (
    FIRST,
    MARKET,
    NOW,
    OTHER_PARTNER,
    PARTNER,
    SECOND,
    SUPPLIER,
    Scene,
    opportunity,
    pair,
)

LATER = date(2026, 6, 30)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    One resident who meets a rung and has said nothing, before anything is posted.
    """
    made = open_reserved(tmp_path, posted=False)
    made.register()
    codes(made)
    return made


def listed(owed: tuple[Owed, ...]) -> tuple[Owed, ...]:
    return named(owed, "IntakeListed")


def read(scene: Scene, owed: tuple[Owed, ...]) -> dict[str, Any]:
    (found,) = listed(owed)
    return scene.read(found)


def consent(**changed: Any) -> ConsentGiven:
    made = ConsentGiven(
        resident=FIRST, purpose=Purpose.MATCHING, notice_version=1, given_on=date(2026, 1, 12)
    )
    return replace(made, **changed)


def test_who_meets_a_rung_and_has_not_answered_is_listed_when_the_intake_opens(
    scene: Scene,
) -> None:
    owed = post(scene)

    (found,) = listed(owed)
    assert found.recipient == PARTNER
    assert scene.read(found) == {
        "opportunity": POSTING,
        "title": "Kitchen assistant",
        "supplier": SUPPLIER,
        "until": UNTIL,
        "residents": [{"resident": FIRST, "reference": "case 17", "rung": 0, "unknown": []}],
        "more": 0,
    }
    assert "case 17" not in str(found.payload)
    assert "Kitchen" not in str(found.payload)


def test_each_partner_is_told_of_its_own_residents_in_one_list(scene: Scene) -> None:
    third = "tees-r-" + "c" * 16
    scene.register(SECOND, party=OTHER_PARTNER, reference="B 4")
    scene.register(third, reference="case 19")
    codes(scene, SECOND)
    codes(scene, third, rung=1)

    told = {each.recipient: scene.read(each) for each in listed(post(scene))}

    assert [(each["resident"], each["rung"]) for each in told[PARTNER]["residents"]] == [
        (FIRST, 0),
        (third, 1),
    ]
    assert [each["reference"] for each in told[OTHER_PARTNER]["residents"]] == ["B 4"]
    assert len(told) == 2


def test_a_list_says_of_each_which_unknown_facts_may_open_an_earlier_rung(scene: Scene) -> None:
    scene.register(SECOND, reference="case 18")
    codes(scene, rung=1, unknown=("out_of_work_26_weeks", "care_leaver"))
    codes(scene, SECOND, rung=1)

    told = read(scene, post(scene))

    assert [(each["resident"], each["unknown"]) for each in told["residents"]] == [
        (FIRST, ["care_leaver", "out_of_work_26_weeks"]),
        (SECOND, []),
    ]


def test_a_fact_that_was_given_since_is_unknown_no_more(scene: Scene) -> None:
    codes(scene, rung=1, unknown=("care_leaver", "unemployed"))
    codes(scene, rung=1, unknown=("unemployed",))

    assert read(scene, post(scene))["residents"][0]["unknown"] == ["unemployed"]


def test_what_is_unknown_for_several_clauses_of_a_posting_is_named_once(scene: Scene) -> None:
    rules = (
        RuleCode(contract=CONTRACT, clause="4.2", rung=1, unknown=("unemployed", "neet")),
        RuleCode(contract=CONTRACT, clause="4.3", rung=2, unknown=("unemployed",)),
    )
    with scene.book() as book:
        book.intakes.keep_rules(FIRST, rules)
        book.intakes.open_intake(
            POSTING, market=MARKET, contract=CONTRACT, clauses=("4.2", "4.3"), until=UNTIL
        )
    scene.post()
    with scene.book() as book:
        (found,) = book.intakes.unasked(MARKET, now=NOW, opportunities=(POSTING,))

    assert (found.rung, found.unknown) == (1, ("neet", "unemployed"))


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_who_has_answered_is_not_listed(tmp_path: Path, answer: str) -> None:
    scene = open_reserved(tmp_path)
    scene.register()
    said = (POSTING,)
    says(scene, yes=said if answer == "yes" else (), no=said if answer == "no" else ())

    assert listed(codes(scene)) == ()


def test_who_meets_no_rung_is_not_listed(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, posted=False)
    scene.register()
    codes(scene, rung=None)

    assert listed(post(scene)) == ()


@pytest.mark.parametrize(
    ("first", "last", "is_listed"),
    [
        (None, date(2026, 1, 12), False),
        (None, date(2026, 1, 13), True),
        (date(2026, 1, 13), None, True),
        (date(2026, 1, 14), None, False),
    ],
)
def test_a_rung_counts_on_the_days_on_which_it_is_met(
    tmp_path: Path, first: date | None, last: date | None, is_listed: bool
) -> None:
    scene = open_reserved(tmp_path, posted=False)
    scene.register()
    codes(scene, first_day=first, last_day=last)

    assert bool(listed(post(scene))) is is_listed


def test_who_does_not_consent_or_is_away_is_listed_when_that_changes(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, posted=False)
    scene.register()
    codes(scene)
    paused = ResidentPaused(resident=FIRST, reason="away")
    scene.say(paused, party=PARTNER, subject=FIRST)
    assert listed(post(scene)) == ()

    back = scene.say(ResidentResumed(resident=FIRST), party=PARTNER, subject=FIRST)
    assert len(listed(back)) == 1


def test_who_consents_again_while_the_intake_is_open_is_listed_then(scene: Scene) -> None:
    withdrawn = ConsentWithdrawn(resident=FIRST, purpose=Purpose.MATCHING)
    scene.say(withdrawn, party=PARTNER, subject=FIRST)
    assert listed(post(scene)) == ()

    assert len(listed(scene.say(consent(), party=PARTNER, subject=FIRST))) == 1


def test_codes_that_come_while_the_intake_is_open_are_not_lost(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path)
    scene.register()

    told = read(scene, codes(scene, rung=1))

    (named,) = told["residents"]
    assert named == {"resident": FIRST, "reference": "case 17", "rung": 1, "unknown": []}
    assert told["until"] == UNTIL


def test_nobody_is_listed_twice_for_one_intake(scene: Scene) -> None:
    post(scene)

    assert listed(codes(scene, rung=1)) == ()
    assert listed(scene.say(consent(), party=PARTNER, subject=FIRST)) == ()


def test_one_resident_is_listed_for_every_intake_that_is_open(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path)
    post(scene, "R-2")
    scene.register()

    owed = listed(codes(scene))

    assert {scene.read(each)["opportunity"] for each in owed} == {POSTING, opportunity("R-2")}
    assert len({scene.row(each).kind for each in owed}) == 2


def test_codes_that_come_after_the_intake_list_nobody(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path)
    scene.register()
    # Idle ticks leave no record: the next record's time tells that the intake is over.
    tick(scene, UNTIL)

    assert listed(codes(scene)) == ()


def test_a_posting_that_was_taken_back_lists_nobody_and_its_list_is_not_sent(
    scene: Scene,
) -> None:
    (found,) = listed(post(scene))
    row = scene.row(found)
    taken_back = OpportunityWithdrawn(opportunity=POSTING, reason="filled")
    scene.say(taken_back, party=SUPPLIER, subject=POSTING)
    scene.register(SECOND, reference="case 18")

    assert listed(codes(scene, SECOND)) == ()
    with scene.book() as book:
        assert is_forbidden(row, book)


@pytest.mark.parametrize("how", ["erased", "answered"])
def test_who_is_gone_or_has_answered_when_the_list_is_sent_is_left_out(
    scene: Scene, how: str
) -> None:
    scene.register(SECOND, reference="case 18")
    codes(scene, SECOND)
    (found,) = listed(post(scene))
    row = scene.row(found)
    if how == "erased":
        scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    else:
        says(scene, no=(POSTING,))

    with scene.book() as book:
        made = letter(row, book, scene.keys)

    assert made is not None
    assert FIRST.encode() not in made.value
    assert b"case 18" in made.value


def test_a_list_of_whom_nobody_is_left_is_not_sent(scene: Scene) -> None:
    (found,) = listed(post(scene))
    row = scene.row(found)
    says(scene, yes=(POSTING,))

    with scene.book() as book:
        assert letter(row, book, scene.keys) is None


def test_a_list_names_so_many_and_counts_the_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intakes, "MOST_LISTED", 2)
    for n in range(3):
        resident = "tees-r-" + "def"[n] * 16
        scene.register(resident, reference=f"case 2{n}")
        codes(scene, resident)

    told = read(scene, post(scene))

    assert (len(told["residents"]), told["more"]) == (2, 2)


def test_a_list_names_only_so_many_unknown_facts_of_each(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intakes, "MOST_UNKNOWN", 1)
    codes(scene, rung=1, unknown=("unemployed", "care_leaver"))

    assert read(scene, post(scene))["residents"][0]["unknown"] == ["care_leaver"]


def test_who_has_a_place_already_is_not_listed(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path)
    enter(scene)
    offer, _ = proposed(scene)
    released(scene, offer)
    delivered(scene, offer)
    accepted(scene, offer)

    assert listed(post(scene, "R-2")) == ()


def test_who_was_put_forward_outside_a_fence_is_listed_until_that_is_work(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path, positions=3)
    enter(scene)
    referral = ReferralMade(resident=FIRST, opportunity=POSTING)
    consented(scene)
    owed = scene.say(referral, party=PARTNER, subject=FIRST)
    (opened,) = [each for each in owed if each.kind == "ReferralOpened"]
    offer = opened.payload["data"]["offer"]

    before = listed(post(scene, "R-2"))
    scene.say(HireConfirmed(offer=offer), party=SUPPLIER, subject=offer)

    assert len(before) == 1
    assert listed(post(scene, "R-3")) == ()


def test_a_ladder_agreed_anew_lists_nobody_by_the_old_codes(scene: Scene) -> None:
    agree_anew(scene)

    assert listed(post(scene)) == ()
    assert len(listed(codes(scene))) == 1


def tell_event(scene: Scene, data: Any) -> None:
    """
    Let the notifier read a record with one event that this market does not come by itself.
    """
    kind = event_type(data)
    event = Happened(
        id="tees-99-1", name=kind.name, version=1, subject=POSTING, party=SUPPLIER, data=data
    )
    with scene.book() as book:
        intakes.changed(replace(scene.views[-1], events=(event,)), book)


def test_an_intake_that_was_lengthened_lists_until_it_ends(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path)
    scene.register()
    longer = LengthenedWindow(clock=f"intake {POSTING}", ends_at="2026-01-16T09:00:00.000Z")
    tell_event(scene, WindowsLengthened(seconds=86_400, windows=(longer,)))
    tick(scene, UNTIL)

    assert read(scene, codes(scene))["until"] == "2026-01-16T09:00:00.000Z"


@pytest.mark.parametrize(("clause", "positions"), [("7.1", 2), ("4.2", 0)])
def test_an_intake_follows_what_its_posting_reserves_after_an_amendment(
    tmp_path: Path, clause: str, positions: int
) -> None:
    scene = open_reserved(tmp_path)
    scene.register()
    group = ReservedGroup(
        group="starts", clause=clause, positions=positions, rungs=(UNTIL,), public_at=UNTIL
    )
    tell_event(scene, PositionsAdjusted(opportunity=POSTING, groups=(group,)))

    assert listed(codes(scene)) == ()


def test_whoever_is_erased_leaves_no_code_no_answer_and_no_place_on_a_list(scene: Scene) -> None:
    post(scene)
    says(scene, yes=(POSTING,), until=LATER)
    tables = (RULES, ANSWERED, STANDING, LISTED)
    with scene.engine.begin() as connection:
        assert all(connection.execute(select(each)).first() for each in tables)

    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)

    with scene.engine.begin() as connection:
        assert not any(connection.execute(select(each)).first() for each in tables)


# --- a standing yes -----------------------------------------------------------------------


@pytest.mark.parametrize("met", [True, False])
def test_who_has_a_standing_yes_is_listed_once_it_is_known_not_to_be_met(
    scene: Scene, met: bool
) -> None:
    says(scene, until=LATER)
    assert listed(post(scene)) == ()

    owed = scene.assess(pair(standing=met), subject=POSTING)

    assert bool(listed(owed)) is not met


def test_whose_standing_yes_was_not_even_compared_is_listed_too(scene: Scene) -> None:
    says(scene, until=LATER)
    post(scene)

    assert len(listed(scene.assess(subject=POSTING))) == 1


def test_a_standing_yes_that_has_ended_is_none(scene: Scene) -> None:
    says(scene, until=date(2026, 1, 12))

    assert len(listed(post(scene))) == 1


def test_codes_that_come_after_the_comparison_still_list_whose_standing_yes_is_not_met(
    tmp_path: Path,
) -> None:
    scene = open_reserved(tmp_path)
    scene.register()
    says(scene, until=LATER)
    scene.assess(pair(standing=False), subject=POSTING)

    assert len(listed(codes(scene))) == 1


def test_a_standing_yes_given_after_a_comparison_waits_for_the_next(tmp_path: Path) -> None:
    scene = open_reserved(tmp_path)
    scene.register()
    scene.assess(pair(standing=False), subject=POSTING)
    says(scene, until=LATER)
    assert listed(codes(scene)) == ()

    assert len(listed(scene.assess(pair(standing=False), subject=FIRST))) == 1
