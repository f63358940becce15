"""The course of a reserved position, read from a market's log."""

from typing import Any

from services.commands.register import Fact
from services.demo.courses import Course, courses

TUESDAY = "2026-01-13T09:00:00.000Z"
MONDAY = "2026-01-19T09:05:00.000Z"
THURSDAY = "2026-01-22T09:05:00.000Z"
POSITION = "zedford-o-1/reserved/1"

Timed = tuple[str, Fact]


def fact(at: str, name: str, **data: Any) -> Timed:
    return at, Fact(name=name, subject=None, party=None, data=data)


def posted(positions: int = 1) -> Timed:
    groups = [{"group": "reserved", "positions": positions}]
    return fact(TUESDAY, "IntakeOpened", opportunity="zedford-o-1", groups=groups)


def proposed(offer: str, resident: str, *, at: str = MONDAY) -> Timed:
    return fact(at, "SlotProposed", offer=offer, position=POSITION, resident=resident)


def states(*timed: Timed) -> list[str]:
    return [step.state for step in courses(timed)[0].steps]


def test_each_position_of_a_posting_begins_free() -> None:
    found = courses([posted(positions=2)])

    assert [each.position for each in found] == [
        "zedford-o-1/reserved/1",
        "zedford-o-1/reserved/2",
    ]
    assert {each.standing for each in found} == {"free"}
    assert {each.opportunity for each in found} == {"zedford-o-1"}


def test_a_position_goes_from_a_proposal_to_a_hire() -> None:
    answers = ("SlotOffered", "OfferAccepted", "IntroductionMade", "HireConfirmed")

    found = states(
        posted(), proposed("f-1", "r-1"), *(fact(MONDAY, each, offer="f-1") for each in answers)
    )

    assert found == ["free", "proposed", "offered", "accepted", "introduced", "filled"]


def test_each_state_names_its_resident_and_its_time() -> None:
    (course,) = courses(
        [posted(), proposed("f-1", "r-1"), fact(THURSDAY, "OfferLapsed", offer="f-1")]
    )

    assert (course.last.resident, course.last.at, course.standing) == ("r-1", THURSDAY, "free")


def test_a_held_proposal_is_told_with_its_coded_reason() -> None:
    (course,) = courses(
        [
            posted(),
            proposed("f-1", "r-1"),
            fact(MONDAY, "ProposalHeld", offer="f-1", reason="data_wrong"),
        ]
    )

    assert (course.last.state, course.last.because) == ("held", "data_wrong")


def test_what_is_taken_back_after_its_release_ends_once() -> None:
    found = states(
        posted(),
        proposed("f-1", "r-1"),
        fact(MONDAY, "SlotOffered", offer="f-1"),
        fact(MONDAY, "ProposalHeld", offer="f-1", reason="data_wrong"),
        fact(MONDAY, "OfferWithdrawn", offer="f-1", position=POSITION, reason="data_wrong"),
    )

    assert found == ["free", "proposed", "offered", "data_wrong"]


def test_a_rung_is_told_of_free_positions_alone() -> None:
    opens = fact(THURSDAY, "StageOpened", opportunity="zedford-o-1", group="reserved", stage=1)

    assert states(posted(), opens) == ["free", "opened"]
    assert states(posted(), proposed("f-1", "r-1"), opens) == ["free", "proposed"]


def test_a_position_that_the_ladder_lets_go_is_public() -> None:
    opens = fact(THURSDAY, "StageOpened", opportunity="zedford-o-1", group="reserved")

    (course,) = courses([posted(), opens])

    assert course.standing == "public"


def doubled(*timed: Timed) -> bool:
    found: Course = courses(timed)[0]
    return found.doubled


def test_a_position_proposed_while_somebody_holds_it_is_noticed() -> None:
    held = fact(MONDAY, "ProposalHeld", offer="f-1", reason="data_wrong")

    assert doubled(posted(), proposed("f-1", "r-1"), proposed("f-2", "r-2"))
    assert not doubled(posted(), proposed("f-1", "r-1"), held, proposed("f-2", "r-2"))
