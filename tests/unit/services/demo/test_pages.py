"""The scenes on the screen: figures in words, and commands that the service accepts."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from matching.market.working_time import Calendar
from schemas import codec
from schemas.contracts import RingFence
from schemas.envelope import Message
from schemas.rules import Policy
from schemas.vocabulary import Day
from services.demo import cast
from services.demo.expectations import Expectation, equals, holds, none_of
from services.demo.pages import broken, contract, matches, onward, postings, telling
from services.demo.pages.matches import answer_commands, interest_commands
from services.demo.saying import saying
from services.demo.scenes.broken import Broken, Example, is_told
from services.demo.scenes.contract import Dates, Windows, rungs_of
from services.demo.scenes.matches import Matches, foreign, median_seconds, page
from services.demo.scenes.onward import Onward, leaked, steps
from services.demo.scenes.postings import Entry, Posted, Refused
from services.demo.stage import Scene
from services.demo.story import PROGRAMME, Story
from services.demo.today import today
from services.wording.ladders import ladder
from tests.unit.services.demo.queues import match, ranked, told
from tests.unit.services.demo.test_rounds import fortnight

AT = "2026-01-15T09:00:00.000Z"


def shown(*parts: Any) -> str:
    console = Console(width=160, record=True, file=StringIO())
    for part in parts:
        console.print(part)
    return console.export_text()


def read(kind: str, data: dict[str, Any]) -> Message | codec.Rejected:
    return codec.message_of(saying(kind, data, by="northgate-homes", at=AT, named="1"))


def echoed(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.split("'")[1])
    return found


# --- scene 2 ----------------------------------------------------------------------------------


def test_the_ladder_is_told_by_the_facts_that_each_rung_asks_for() -> None:
    clause = cast.packed("contract")["contract"]["clauses"][0]

    words = [contract.rung_in_words(rung) for rung in rungs_of(clause["ring_fence"])]

    assert words == [
        "lives in borough and out of work 26 weeks; or care leaver",
        "lives in borough",
        "everyone in the market",
    ]


def test_every_window_is_told_with_its_unit() -> None:
    windows = Windows(
        intake_hours=48,
        release_working_days=2,
        answer_working_days=2,
        supplier_working_days=5,
        challenge_working_days=10,
    )

    words = contract.windows_in_words(windows)

    for figure in ("48 hours", "2 working days", "5 working days", "10 working days"):
        assert figure in words


def dates(*, posted_on: date = date(2026, 1, 13)) -> Dates:
    fence = codec.restore(
        RingFence, cast.packed("contract")["contract"]["clauses"][0]["ring_fence"]
    )
    calendar = Calendar(
        days=frozenset(Day) - {Day.SAT, Day.SUN},
        holidays=frozenset(),
        starts="09:00",
        ends="17:00",
        changes=(),
    )
    laid = ladder(fence, calendar=calendar, posted_on=posted_on, policy=Policy())
    return Dates(posted_on=str(posted_on), ladder=laid, last_day="2027-02-26")


def test_each_rung_is_told_with_its_days() -> None:
    rungs = rungs_of(cast.packed("contract")["contract"]["clauses"][0]["ring_fence"])

    words = shown(contract._ladder(rungs, dates()))

    for part in ("Tuesday 13 January 2026", "Tue 20 Jan", "Tue 27 Jan", "Thu 15 Jan 09:00"):
        assert part in words


def test_the_last_day_to_post_and_open_advertising_are_told() -> None:
    words = contract.dates_in_words(dates())

    assert "from Tue 3 Feb on, or once its closing day is over" in words
    assert "ends: Friday 26 February 2027" in words


# --- scenes 3 and 4 ---------------------------------------------------------------------------


def refused(**changed: Any) -> Refused:
    fields: dict[str, Any] = {
        "label": "pay below the legal wage",
        "reference": "R-1",
        "title": "Roofer's mate",
        "code": "pay_below_minimum",
        "field": "/data/pay/pence",
        "value": 1190,
        "rule": "national_living_wage from 2026-04-01",
        "lawful_value": "1271",
        "why": "Too low.",
        "mend": "Pay at least £12.71 an hour.",
    }
    return Refused(**(fields | changed))


def test_a_refusal_shows_field_value_rule_and_what_to_change() -> None:
    words = shown(postings._refused(refused()))

    for part in ("/data/pay/pence", "£11.90", "National Living Wage from 1 April 2026", "£12.71"):
        assert part in words


def test_a_value_that_is_no_money_is_shown_as_it_is() -> None:
    assert postings.value_in_words(refused(field="/data/positons", value=2)) == "2"


def test_each_posting_shows_the_dates_of_its_own_receipt() -> None:
    posted = Posted(
        opportunity="zedford-o-1",
        reference="OAK-101",
        title="Installer",
        supplier="oakline-retrofit",
        kind="job",
        outcode="ZZ4",
        positions=1,
        ring_fenced=1,
        pay={"basis": "unpaid"},
        minutes_a_week=600,
        closes_on="2026-02-13",
        starts_on="2026-02-23",
        timetable=(Entry(what="rung_2", at="2026-01-20T00:00:00.000Z"),),
    )

    words = shown(postings._timetables((posted,)))

    for part in ("OAK-101", "rung 2", "Tue 20 Jan"):
        assert part in words


def test_one_message_of_each_fault_is_shown() -> None:
    examples = tuple(
        Example(label=label, code=code, field="", why=f"Why {label}.", mend="Mend it.")
        for label, code in (("a", "not_json"), ("b", "not_json"), ("c", "too_large"))
    )
    found = Broken(
        sender="tollhatch-logistics",
        sent=3,
        answered=3,
        by_code={"not_json": 2, "too_large": 1},
        examples=examples,
        slowest_answer_ms=80,
        neighbour="fernhollow-grounds",
        quiet_ms=40,
        behind_ms=55,
        delay_ms=15,
    )

    words = shown(*broken.page(found, names=cast.names()))

    assert "Why a." in words
    assert "Why b." not in words
    assert "delay of 15 ms" in words


def test_a_refusal_counts_only_if_it_names_what_is_wrong() -> None:
    class Answer:
        problems = ({"code": "not_json", "field": ""},)

    assert is_told({"code": "not_json", "field": ""}, Answer())  # type: ignore[arg-type]
    assert not is_told({"code": "too_large", "field": ""}, Answer())  # type: ignore[arg-type]


# --- scene 5 ----------------------------------------------------------------------------------


def test_a_page_begins_with_whom_the_narrator_follows() -> None:
    heard = [
        ranked("r-9", match(score=9_900), reference="NH-0009"),
        ranked("r-1", match(score=5_000), reference="NH-0001"),
    ]

    found = page(today("northgate-homes", heard=heard, said=[]))

    assert found.match is not None
    assert found.match.reference == "NH-0001"
    assert (found.matched, found.not_asked, found.questions) == (2, 2, 0)


def test_without_the_story_s_people_a_page_begins_with_the_best() -> None:
    heard = [
        ranked("r-8", match(score=4_000), reference="NH-0008"),
        ranked("r-9", match(score=9_900), reference="NH-0009"),
    ]

    found = page(today("northgate-homes", heard=heard, said=[]))

    assert found.match is not None
    assert found.match.reference == "NH-0009"


def test_the_command_that_says_a_yes_says_something_valid() -> None:
    opportunity = "zedford-o-aaaaaaaaaaaaaaaa"
    heard = [ranked("r-9", match(opportunity), reference="NH-0009")]
    (waiting,) = today("northgate-homes", heard=heard, said=[]).not_asked

    write, send = interest_commands("northgate-homes", waiting, where=" --data /tmp/d")

    assert isinstance(read("InterestGiven", echoed(write)), Message)
    assert send.endswith("--by desk-1 --data /tmp/d")


def test_the_command_that_answers_a_question_says_something_valid() -> None:
    data = {"resident": "r-2", "fact": "right_to_work", "opportunity": "zedford-o-1"}
    (question,) = today("northgate-homes", heard=[told("FactAsked", data)], said=[]).questions

    write, _ = answer_commands("northgate-homes", question)

    assert isinstance(read("FactGiven", echoed(write) | {"asked": "zedford-7-1"}), Message)


def test_people_have_names_on_the_screen_and_only_while_their_line_gives_nothing_away() -> None:
    heard = [
        ranked("r-1", match(), reference="NH-0001"),
        ranked("r-3", match(closes_on="2026-01-30"), reference="NH-0003"),
    ]
    found = page(today("northgate-homes", heard=heard, said=[]))

    words = shown(matches._page(found, telling.reader_of("")))

    assert "Rosalind" in words
    assert "Leila" not in words


def test_a_queue_with_somebody_else_s_resident_is_named() -> None:
    own = {"r-1": "northgate", "r-2": "harbour"}
    queues = {
        "northgate": [ranked("r-1", match(), reference="NH-1")],
        "harbour": [ranked("r-1", match(), reference="NH-1")],
    }

    assert foreign(queues, own) == ("harbour",)


def test_nobody_waits_where_nobody_has_matches() -> None:
    assert median_seconds([], []) is None


# --- the end ----------------------------------------------------------------------------------


def test_a_name_is_found_as_a_word_and_not_inside_another() -> None:
    assert leaked(("Kit", "Nadia"), (b'{"title": "Kitchen assistant"}', b'"Nadia"')) == ("Nadia",)


def onward_of(data: str | None) -> Onward:
    return Onward(
        submissions=1,
        answers=1,
        receipts=1,
        refusals=0,
        register_records=1,
        market_records=1,
        events=1,
        messages_on_queues=1,
        seconds=1.0,
        data=data,
        steps=steps(fortnight()),
    )


def test_each_user_has_a_first_command_and_the_operator_moves_the_clock() -> None:
    found = steps(fortnight(now="2026-01-28T09:05:00.000Z"))

    assert [step.user for step in found] == [
        "a supplier",
        "a coordinator",
        "a framework owner",
        "the operator",
    ]
    ticked = echoed(found[-1].commands[0])
    assert isinstance(read("Tick", ticked), Message)
    assert ticked["at"] == "2026-01-28T13:05:00.000Z"


def test_without_keep_the_reader_is_told_to_keep_it_running() -> None:
    assert "foothold demo --keep" in shown(*onward.page(onward_of(None), names=cast.names()))


def test_what_is_kept_is_named_once_and_each_command_is_one_line() -> None:
    console = Console(width=40, record=True, file=StringIO())
    folder = "/home/a person/a/folder/with/a/very/long/name/indeed"

    telling.tell(console, scene(15, figures=onward_of(folder)), telling.reader_of(""))

    lines = console.export_text().splitlines()
    assert f"    export FOOTHOLD_DATA='{folder}'" in lines
    assert "    foothold template opportunity --csv > vacancies.csv" in lines


def scene(number: int, *expectations: Expectation, figures: object = "figures") -> Scene[Any]:
    return Scene(
        number=number, title="t", when="", seconds=1.0, figures=figures, expectations=expectations
    )


def whole(*last: Expectation) -> Story:
    numbers = [each.number for each in PROGRAMME]
    return Story(scenes=(*(scene(n) for n in numbers[:-1]), scene(numbers[-1], *last)))


def test_the_story_holds_only_if_every_expectation_of_every_scene_does() -> None:
    assert whole(holds("a", True)).held
    assert not whole(holds("a", True), holds("b", False)).held


def test_a_story_that_ended_early_does_not_hold() -> None:
    assert not Story(scenes=(scene(1, holds("a", True)),)).held


def test_what_does_not_hold_is_named_with_its_scene_and_the_logs() -> None:
    console = Console(width=160, record=True, quiet=False, file=StringIO())

    telling.conclude(console, whole(equals("all came", 3, expected=4)), logs="/tmp/logs")

    words = console.export_text()
    assert "scene 15: Expected: all came. There was: 3 instead of 4." in words
    assert "/tmp/logs" in words


def test_the_story_as_plain_values_is_json_and_says_whether_it_held() -> None:
    plain = json.loads(json.dumps(whole(none_of("none", ())).plain()))

    assert plain["held"] is True
    assert [each["number"] for each in plain["scenes"]] == [1, 2, 3, 4, 5, 6, 7, 8, 15]


@pytest.mark.parametrize("number", [each.number for each in PROGRAMME])
def test_every_scene_has_a_page(number: int) -> None:
    assert number in telling.PAGES


def test_matches_without_a_person_to_show_still_make_a_page() -> None:
    empty = page(today("northgate-homes", heard=[], said=[]))
    found = Matches(
        residents=0,
        consented=0,
        facts=0,
        readiness=0,
        accepted=0,
        assessed=0,
        matched=0,
        questions=0,
        refused=(),
        partners=(),
        coordinator=empty,
        neighbour=empty,
        seconds_to_answers=0.0,
        seconds_to_assessments=0.0,
        records=0,
    )

    assert "0 residents with matches" in shown(*matches.page(found, reader=telling.reader_of("")))
