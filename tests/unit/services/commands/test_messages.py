"""
A queue as a person reads it: what holds, once, under the party's own names.
"""

from io import StringIO
from typing import Any

from rich.console import Console

from services.commands.answers import show
from services.commands.messages import Names, show_message, what_holds

RESIDENT = "zedford-r-aaaaaaaaaaaaaaaa"
ROOFER = "zedford-o-aaaaaaaaaaaaaaaa"


def receipt(reference: str, thing: str) -> dict[str, Any]:
    data = {
        "type": "foothold.ResidentRegistered.v1",
        "submission_id": "said-1",
        "ids": [{"reference": reference, "id": thing}],
    }
    return {"id": "receipt-1", "type": "foothold.Receipt.v1", "data": data}


def ranking(named: str, *ranked: str) -> dict[str, Any]:
    matches = [
        {
            "rank": rank,
            "opportunity": opportunity,
            "title": "Roofer",
            "supplier": "oakline",
            "outcode": "ZZ1",
            "closes_on": "2026-02-10",
            "score": 7168,
            "why": ["“laying slates” meets “Lay slates”."],
            "unknown": ["driving_licence"],
        }
        for rank, opportunity in enumerate(ranked, start=1)
    ]
    data = {"resident": RESIDENT, "matches": matches}
    return {"id": named, "type": "foothold.MatchesRanked.v1", "data": data}


def asked() -> dict[str, Any]:
    data = {"resident": RESIDENT, "opportunity": ROOFER, "fact": "driving_licence"}
    return {"id": "zedford-43-2", "type": "foothold.FactAsked.v1", "data": data}


def shown(*events: dict[str, Any]) -> str:
    """
    Show events after all of them have told their names.
    """
    console, names = Console(file=StringIO(), width=200), Names()
    for event in events:
        names.learn(event)
    for event in events:
        show_message(console, event, names=names)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_of_a_residents_rankings_only_the_latest_holds() -> None:
    first, question, last = ranking("m-1", ROOFER), asked(), ranking("m-2")

    assert what_holds([first, question, last]) == (question, last)


def test_what_was_issued_again_is_shown_once() -> None:
    told = receipt("NH-1", RESIDENT)

    assert what_holds([told, asked(), told, asked()]) == (told, asked())


def test_a_question_names_the_residents_reference_and_how_to_answer() -> None:
    told = shown(receipt("NH-1", RESIDENT), ranking("m-1", ROOFER), asked())

    assert f"about NH-1 ({RESIDENT}), for “Roofer” at oakline ({ROOFER})" in told
    assert "fact driving_licence, asked zedford-43-2." in told


def test_a_match_shows_the_id_that_an_interest_needs_and_what_is_unknown() -> None:
    told = shown(ranking("m-1", ROOFER))

    assert f"oakline, ZZ1, closes 10 February 2026, {ROOFER}" in told
    assert "unknown: Does the resident hold a full driving licence?" in told


def test_what_several_fields_are_told_alike_is_told_once() -> None:
    console = Console(file=StringIO(), width=200)
    problems = [
        {"field": f"/data/?{n}", "why": "There is no such field.", "mend": "Take it out."}
        for n in (1, 2)
    ]
    refusal = {"type": "foothold.Refusal.v1", "data": {"problems": problems}}

    show(console, "row 2", refusal)

    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "/data/?1, /data/?2: There is no such field." in told
    assert told.count("What to do") == 1
