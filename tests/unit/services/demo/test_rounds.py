"""Scene 6: what of a fortnight's rounds is computed, expected and shown."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from schemas import codec
from schemas.envelope import Message
from services.commands.register import Fact
from services.demo import cast
from services.demo.courses import courses
from services.demo.fortnight import Fortnight, Freed, PassedOver, RoundHeld, Slot, Turn, Waiting
from services.demo.pages import rounds
from services.demo.pages.telling import reader_of
from services.demo.reactions import Saying
from services.demo.saying import saying
from services.demo.scenes.onward import asking, steps
from services.demo.scenes.rounds import in_our_ids, wishes
from services.demo.scenes.rounds_expected import costs_nothing, followed_by, repeated
from services.demo.scenes.rounds_figures import OffDuty, Overdue, Rounds

MONDAY, THURSDAY = "2026-01-19T09:05:00.000Z", "2026-01-22T09:05:00.000Z"
IDS = {
    ("oakline-retrofit", "OAK-101"): "zedford-o-aaaaaaaaaaaaaaaa",
    ("oakline-retrofit", "OAK-106"): "zedford-o-bbbbbbbbbbbbbbbb",
    ("harbour-steps", "HS-0003"): "zedford-r-aaaaaaaaaaaaaaaa",
}


def slot(*turns: Turn) -> Slot:
    return Slot(
        position="zedford-o-1/reserved/1",
        opportunity="zedford-o-1",
        reference="OAK-102",
        title="Retrofit site operative",
        ordinal=1,
        turns=turns,
    )


def turn(at: str, state: str, reference: str = "HS-0003", **other: Any) -> Turn:
    return Turn(at=at, state=state, partner="harbour-steps", reference=reference, **other)


def fortnight(**changed: Any) -> Fortnight:
    fields: dict[str, Any] = {
        "now": THURSDAY,
        "records": 1,
        "rounds": (),
        "slots": (),
        "states": {},
        "ends": {},
        "proposals": 0,
        "offers": 0,
        "acceptances": 0,
        "freed": None,
        "passed_over": (),
        "waiting": (),
    }
    return Fortnight(**(fields | changed))


def passed(reference: str) -> PassedOver:
    return PassedOver(
        partner="zedford-council",
        reference=reference,
        resident=f"r of {reference}",
        opportunity="zedford-o-1",
        title="Stores assistant",
    )


def shown(found: Fortnight, **changed: Any) -> str:
    figures: dict[str, Any] = {
        "wishes": 3,
        "ranked": 1,
        "standing": 1,
        "said_no": 1,
        "ticks": 2,
        "submissions": 9,
        "receipts": 9,
        "duties": 5,
        "reminders": 4,
        "contacts": 1,
        "off_duty": (),
        "overdue": (),
    }
    said = Rounds(**(figures | changed), found=found)
    console = Console(width=200, record=True, file=StringIO())
    for part in rounds.page(said, reader=reader_of("")):
        console.print(part)
    return console.export_text()


# --- what is packaged -------------------------------------------------------------------------


def packed_wishes() -> list[dict[str, Any]]:
    script = cast.packed("rounds")
    return [*script["first"], *script["later"]]


@pytest.mark.parametrize("told", packed_wishes(), ids=lambda told: told["data"]["resident"])
def test_each_packaged_answer_is_valid_and_about_reserved_positions(told: dict[str, Any]) -> None:
    fenced = {e["reference"] for e in cast.postings(cast.supplier()) if "ring_fence" in e}
    ids = {(cast.supplier(), each): "zedford-o-aaaaaaaaaaaaaaaa" for each in fenced}

    data = in_our_ids({**told["data"], "yes": told["data"].get("yes", ())[:1]}, ids)

    event = saying("InterestGiven", data, by=told["partner"], at=MONDAY, named="1")
    assert isinstance(codec.message_of(event), Message)
    assert {*told["data"].get("yes", ()), *told["data"].get("no", ())} <= fenced


def test_nobody_answers_twice_and_the_partner_on_leave_has_one_resident_there() -> None:
    who = [(each["partner"], each["data"]["resident"]) for each in packed_wishes()]

    assert len(set(who)) == len(who)
    assert [partner for partner, _ in who].count(cast.packed("rounds")["on_leave"]["partner"]) == 1


# --- what is said -----------------------------------------------------------------------------


def test_a_yes_names_our_ids_of_the_opportunities() -> None:
    assert in_our_ids({"resident": "HS-0003", "yes": ["OAK-106", "OAK-101"]}, IDS) == {
        "resident": "HS-0003",
        "yes": ["zedford-o-bbbbbbbbbbbbbbbb", "zedford-o-aaaaaaaaaaaaaaaa"],
    }


def test_a_standing_yes_awaits_the_reserved_opportunities_of_its_places() -> None:
    told = {
        "partner": "harbour-steps",
        "data": {"resident": "HS-0003", "standing": {"outcodes": ["ZZ7"]}},
    }

    assert wishes(told, IDS) == (
        ("zedford-r-aaaaaaaaaaaaaaaa", "zedford-o-bbbbbbbbbbbbbbbb", True),
    )


# --- what is expected -------------------------------------------------------------------------


def proposal(offer: str, resident: str) -> tuple[str, Fact]:
    data = {"offer": offer, "resident": resident, "position": "zedford-o-1/reserved/1"}
    return MONDAY, Fact(name="SlotProposed", subject=resident, party="p", data=data)


def lapsed(offer: str, *, reason: str = "no_answer") -> tuple[str, Fact]:
    data = {"offer": offer, "reason": reason}
    return THURSDAY, Fact(name="OfferLapsed", subject=None, party="p", data=data)


def posted() -> tuple[str, Fact]:
    data = {"opportunity": "zedford-o-1", "groups": [{"group": "reserved", "positions": 1}]}
    return MONDAY, Fact(name="IntakeOpened", subject=None, party="s", data=data)


def test_somebody_proposed_twice_to_one_opportunity_is_noticed() -> None:
    once = [posted(), proposal("f-1", "r-1"), lapsed("f-1"), proposal("f-2", "r-2")]
    twice = [posted(), proposal("f-1", "r-1"), lapsed("f-1"), proposal("f-2", "r-1")]

    assert repeated(courses(once)) == ()
    assert repeated(courses(twice)) == (("zedford-o-1", "r-1"),)


def test_who_lost_nothing_by_an_end_is_proposed_once_more_and_no_third_time() -> None:
    not_reached = [posted(), proposal("f-1", "r-1"), lapsed("f-1", reason="not_reached")]
    again = [*not_reached, proposal("f-2", "r-1")]

    assert repeated(courses(again)) == ()
    assert repeated(courses([*again, lapsed("f-2"), proposal("f-3", "r-1")])) != ()


def test_an_end_costs_nothing_only_where_the_same_resident_comes_again() -> None:
    ended = [posted(), proposal("f-1", "r-1"), lapsed("f-1", reason="not_reached")]

    def is_held(*later: tuple[str, Fact]) -> bool:
        return costs_nothing(courses([*ended, *later]), "lapsed", "comes again").held

    assert is_held(proposal("f-2", "r-1"))
    assert not is_held(proposal("f-2", "r-2"))
    assert not is_held()
    assert not costs_nothing(courses(ended[:2]), "lapsed", "comes again").held


def test_what_follows_an_end_is_the_rest_of_its_position_s_course() -> None:
    found = courses([posted(), proposal("f-1", "r-1"), lapsed("f-1"), proposal("f-2", "r-2")])

    ((step, later),) = followed_by(found, "lapsed")

    assert step.resident == "r-1"
    assert [(each.state, each.resident) for each in later] == [("proposed", "r-2")]


# --- what is shown ----------------------------------------------------------------------------


def test_a_position_is_one_line_with_its_states_from_left_to_right() -> None:
    course = rounds.course(
        slot(
            Turn(at=MONDAY, state="free"),
            turn(MONDAY, "proposed"),
            turn(MONDAY, "offered"),
            turn(THURSDAY, "lapsed"),
            turn("2026-01-22T13:05:00.000Z", "proposed", "NH-0116"),
        ),
        reader_of(""),
    )

    assert course.plain == (
        "19 Jan 09:05 free, proposed HS-0003 Callum, offered"
        " > 22 Jan 09:05 not reached HS-0003 Callum > 13:05 proposed NH-0116"
    )


def test_nobody_is_blamed_for_an_offer_without_an_answer() -> None:
    assert rounds.state_in_words(turn(THURSDAY, "lapsed")) == "not reached"


def test_an_answer_that_never_came_though_somebody_tried_is_said_as_such() -> None:
    told = turn(THURSDAY, "lapsed", because="no_answer")

    assert rounds.state_in_words(told) == "no answer"


def test_a_desk_on_leave_is_told_why_and_the_owner_of_what_nobody_released() -> None:
    off = OffDuty(
        partner="openway-youth", desk="desk-1", released_by="desk-2", why="Not on duty now."
    )
    late = Overdue(partner="zedford-council", title="Roofer", release_by="2026-01-21T17:00:00.000Z")

    words = " ".join(shown(fortnight(), off_duty=(off,), overdue=(late,)).split())

    assert "desk-1 is on leave and tries to release. Refused: Not on duty now." in words
    assert "The deputy, desk-2, releases it." in words
    assert "Roofer by Wed 21 Jan 17:00: the contract's owner is told" in words


def test_a_held_proposal_shows_its_reason_and_not_a_person_s_story() -> None:
    told = turn(MONDAY, "held", because="not_suitable_now")

    assert rounds.state_in_words(told) == "held (not suitable now)"


def test_whoever_was_not_proposed_is_counted_by_reason() -> None:
    held = RoundHeld(
        at=MONDAY,
        opportunities=1,
        free=1,
        considered=2,
        proposed=1,
        outcomes={"proposed": 1, "outranked": 1, "not_asked": 7},
    )

    assert rounds.others(held) == "1 outranked, 7 not asked"


def test_a_person_s_line_is_told_only_once_the_log_holds_it() -> None:
    assert "Callum" not in shown(fortnight(slots=(slot(turn(MONDAY, "declined", "HS-0009")),)))
    assert "Callum (HS-0003): He declines" in shown(
        fortnight(slots=(slot(turn(MONDAY, "declined")),))
    )


def test_whom_a_supplier_kept_waiting_is_told_with_the_weeks_by_the_log() -> None:
    freed = Freed(
        partner="harbour-steps",
        reference="HS-0002",
        at=THURSDAY,
        weeks=1,
        weeks_by_log=1,
        now_in="OAK-104",
    )

    words = " ".join(shown(fortnight(freed=freed)).split())

    assert "Imogen (HS-0002) is free again at once, since Thu 22 Jan 09:05" in words
    assert "OAK-104 with 1 whole week of waiting" in words


def test_an_offer_that_nobody_told_of_is_said_to_cost_its_resident_nothing() -> None:
    lapse = turn(THURSDAY, "lapsed", "ZC-0091", because="not_reached")
    tried = turn(THURSDAY, "lapsed", "ZC-0092", because="no_answer")
    again = turn("2026-01-22T13:05:00.000Z", "proposed", "ZC-0091")

    words = " ".join(shown(fortnight(slots=(slot(lapse, again), slot(tried)))).split())

    assert "Nobody had tried to reach ZC-0091: the offer lapsed as “not reached”" in words
    assert "It cost the resident nothing, and on Thu 22 Jan 13:05 it came to them again." in words
    assert "Nobody had tried to reach ZC-0092" not in words


# --- what a user does next --------------------------------------------------------------------


def test_a_coordinator_releases_what_waits_on_their_own_queue_alone() -> None:
    waiting = [
        Waiting(offer=f"zedford-f-{n}", partner=partner, reference="R", title="T")
        for n, partner in enumerate(("harbour-steps", "openway-youth"))
    ]

    lines = [line for each in steps(fortnight(waiting=tuple(waiting))) for line in each.commands]

    assert [line for line in lines if "release" in line] == [
        "foothold release harbour-steps zedford-f-0 --by desk-1"
    ]


def test_the_story_s_person_asks_why_if_they_were_passed_over() -> None:
    assert asking([passed("ZC-0073"), passed("ZC-0002")]) == (passed("ZC-0002"),)
    assert asking([passed("ZC-0073")]) == (passed("ZC-0073"),)
    assert asking([]) == ()


# --- how everybody reacts ---------------------------------------------------------------------


def test_a_consent_names_its_supplier_and_no_offer_but_whatever_answers_one_names_it() -> None:
    accepted = Saying(kind="OfferAccepted", party="harbour-steps", offer="zedford-f-a")
    given = {"resident": "HS-0001", "supplier": "oakline-retrofit"}
    consent = Saying(kind="ConsentGiven", party="harbour-steps", offer="zedford-f-a", more=given)

    assert accepted.data == {"offer": "zedford-f-a"}
    assert consent.data == given


def test_who_is_on_leave_has_a_deputy_and_days_around_the_first_round() -> None:
    script = cast.packed("rounds")
    leave = {name: script["on_leave"][name] for name in ("first_day", "last_day")}
    duty = script["duty"] | {"away": [{"staff": script["duty"]["on_duty"], **leave}]}

    event = saying("DutyAssigned", duty, by=script["on_leave"]["partner"], at=MONDAY, named="1")

    assert isinstance(codec.message_of(event), Message)
    assert leave["first_day"] <= MONDAY[:10] <= leave["last_day"]
