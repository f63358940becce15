"""
What a queue tells of reserved positions: under the party's names, in local time, answerable.
"""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from services.commands.answers import show
from services.commands.messages import Names, show_message, what_holds
from services.commands.queue import KINDS
from services.notifier.slots import TO_PARTNER, TO_SUPPLIER, TOLD
from services.publishing import TOLD_TO_PARTIES
from services.wording.positions import COMMANDS, TELLINGS

RESIDENT = "zedford-r-aaaaaaaaaaaaaaaa"
ROOFER = "zedford-o-aaaaaaaaaaaaaaaa"
OFFER = "zedford-f-aaaaaaaaaaaaaaaa"
POSITION = f"{ROOFER}/starts/1"
NAMED = {"foothold-reference": b"NH-1", "foothold-title": b"Roofer"}
TITLED = {"foothold-title": b"Roofer"}

Sent = tuple[dict[str, Any], dict[str, bytes]]


def event(name: str, data: dict[str, Any], *, at: int = 1) -> dict[str, Any]:
    return {"id": f"zedford-{at}-1", "type": f"foothold.{name}.v1", "data": data}


def proposal(*, at: int = 1) -> dict[str, Any]:
    data = {
        "offer": OFFER,
        "position": POSITION,
        "opportunity": ROOFER,
        "contract": "c-aaaaaaaaaaaaaaaa",
        "clause": "4.2",
        "resident": RESIDENT,
        "tier": 0,
        "stage": 0,
        "weeks_ready": 12,
        "ticket": "0" * 16,
        "epoch": "2026Q2",
        "place": 2,
        "considered": 14,
        "rules_version": 1,
        "decided_at": "2026-04-14T08:00:00.000Z",
        "release_working_days": 2,
        "deliver_by": "2026-04-15T16:00:00.000Z",
    }
    return event("SlotProposed", data, at=at)


def to_release(*, at: int = 2) -> dict[str, Any]:
    data = {
        "offer": OFFER,
        "resident": RESIDENT,
        "opportunity": ROOFER,
        "release_by": "2026-04-15T16:00:00.000Z",
        "on_duty": "sam-01",
    }
    return event("ReleaseDue", data, at=at)


def due(*, at: int = 2) -> dict[str, Any]:
    data = {
        "offer": OFFER,
        "resident": RESIDENT,
        "opportunity": ROOFER,
        "answer_by": "2026-04-17T16:00:00.000Z",
    }
    return event("AnswerDue", data, at=at)


def confirmation() -> dict[str, Any]:
    data = {
        "offer": OFFER,
        "position": POSITION,
        "opportunity": ROOFER,
        "clause": "4.2",
        "confirm_by": "2026-04-24T16:00:00.000Z",
    }
    return event("ConfirmationDue", data, at=3)


def changed(state: str, *, at: int = 4) -> dict[str, Any]:
    data = {"position": POSITION, "opportunity": ROOFER, "clause": "4.2", "state": state}
    return event("PositionChanged", {**data, "offer": OFFER}, at=at)


def shown(*sent: Sent, party: str = "northgate-homes") -> str:
    """
    Show messages after all of them, and their headers, have told their names.
    """
    console, names = Console(file=StringIO(), width=400), Names()
    for message, headers in sent:
        names.learn(message, headers)
    for message, _ in sent:
        show_message(console, message, names=names, party=party)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_proposal_names_the_resident_its_grounds_and_its_command() -> None:
    told = shown((proposal(), NAMED))

    assert f"NH-1 ({RESIDENT}) for “Roofer” ({ROOFER}), reserved by clause 4.2." in told
    assert "number 2 of 14" in told
    assert "the days for that, 2 of work, run from its delivery." in told
    assert f"foothold release northgate-homes {OFFER} --by STAFF" in told


def test_a_release_that_is_due_keeps_the_grounds_and_says_until_when_and_who_is_on_duty() -> None:
    told = shown((proposal(), NAMED), (to_release(), NAMED)).splitlines()[3]

    assert "number 2 of 14 in the published order" in told
    assert told.endswith("by Wednesday 15 April 2026, 17:00. On duty: sam-01.")
    assert what_holds([proposal(), to_release()]) == (to_release(),)


def test_a_release_that_is_due_names_the_commands_for_either_answer() -> None:
    told = shown((to_release(), NAMED))

    assert f"foothold release northgate-homes {OFFER} --by STAFF" in told
    assert f"foothold hold northgate-homes {OFFER} --reason REASON --by STAFF" in told


def test_an_answer_that_is_due_names_the_commands_for_either_answer() -> None:
    told = shown((due(), NAMED))

    assert "until Friday 17 April 2026, 17:00." in told
    assert f"foothold accept northgate-homes {OFFER} --by STAFF" in told
    assert f"foothold decline northgate-homes {OFFER} --by STAFF" in told


def test_what_the_supplier_decided_names_whom_an_earlier_message_named() -> None:
    confirmed = event("HireConfirmed", {"offer": OFFER}, at=5)

    told = shown((proposal(), NAMED), (confirmed, {}))

    assert f"NH-1 ({RESIDENT}) is taken on: the supplier confirmed “Roofer”" in told


def test_what_the_supplier_decided_is_named_by_its_own_headers_where_nothing_else_is_left() -> None:
    rejected = event("HireRejected", {"offer": OFFER, "reason": "did_not_attend"})

    told = shown((rejected, NAMED))

    assert told.startswith(
        f"NH-1 is not taken on for “Roofer”: the person did not come (offer {OFFER})."
    )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "OfferLapsed",
            {"reason": "not_reached"},
            "has lapsed: the partner recorded no attempt to reach the resident.",
        ),
        ("OfferWithdrawn", {"reason": "position_cut"}, "the supplier posts fewer positions now"),
    ],
)
def test_the_end_of_an_offer_says_why(name: str, data: dict[str, str], words: str) -> None:
    ended = {"offer": OFFER, "position": POSITION, "resident": RESIDENT, **data}

    told = shown((event(name, ended), NAMED))

    assert words in told
    assert "foothold " not in told


def test_a_supplier_reads_of_its_position_and_how_to_confirm_it() -> None:
    told = shown((confirmation(), TITLED), party="oakline-retrofit")

    assert f"Position {POSITION} of “Roofer” ({ROOFER})" in told
    assert "by Friday 24 April 2026, 17:00." in told
    assert f"foothold confirm oakline-retrofit {OFFER} --by STAFF" in told


CHALLENGE = "zedford-7-1"
DUE = "2026-04-24T16:00:00.000Z"
BY = "by Friday 24 April 2026, 17:00"


def about(**data: Any) -> dict[str, Any]:
    return {"offer": OFFER, "opportunity": ROOFER, **data}


def introduced() -> dict[str, Any]:
    data = about(
        resident=RESIDENT,
        reference="NH-1",
        title="Roofer",
        supplier="oakline-retrofit",
        supplier_name="Oakline Retrofit",
        role_mailbox="jobs@oakline.example",
        role_telephone="01632 960001",
    )
    return event("SupplierIntroduced", data, at=5)


def received(**changed: Any) -> dict[str, Any]:
    data = about(
        title="Roofer",
        position=POSITION,
        clause="4.2",
        confirm_by=DUE,
        role_mailbox="office@northgate.example",
        role_telephone="01632 960002",
    )
    return event("IntroductionReceived", {**data, **changed}, at=6)


def test_a_partner_reads_whom_to_call_and_a_supplier_until_when_it_answers() -> None:
    partner = shown((introduced(), {}))
    supplier = shown((received(), {}), party="oakline-retrofit")

    assert f"NH-1 ({RESIDENT}) is introduced for “Roofer” at oakline-retrofit" in partner
    assert "Call Oakline Retrofit at jobs@oakline.example or 01632 960001" in partner
    assert f"Position {POSITION} of “Roofer” ({ROOFER}), reserved by clause 4.2: " in supplier
    assert "office is at office@northgate.example or 01632 960002" in supplier
    assert f"Confirm or reject {BY}." in supplier
    assert f"answer with foothold confirm oakline-retrofit {OFFER} --by STAFF" in supplier
    assert "interview with foothold interview offer oakline-retrofit" in supplier


def test_a_referral_is_told_without_position_and_clause() -> None:
    told = shown((received(position=None, clause=None), {}), party="oakline-retrofit")
    ended = event("PositionChanged", {"opportunity": ROOFER, "state": "free", "offer": OFFER})

    assert told.startswith(f"“Roofer” ({ROOFER}): somebody wants it (offer {OFFER}).")
    assert "does not come; it is as free as before" in shown((ended, TITLED))


def test_new_days_after_an_interview_still_say_whom_to_call() -> None:
    told = shown((received(), {}), (confirmation(), TITLED), party="oakline-retrofit")

    again = told[told.index("your days begin anew") :]
    assert "whose partner's office is at office@northgate.example or 01632 960002." in again
    assert what_holds([received(), confirmation()]) == (confirmation(),)


@pytest.mark.parametrize(
    ("name", "data", "words", "command"),
    [
        (
            "OfferChanged",
            {"resident": RESIDENT, "changed": ["pay", "start"], "answer_working_days": 2},
            f"the pay and the start of “Roofer” ({ROOFER}) changed",
            f"answer with foothold accept northgate-homes {OFFER} --by STAFF",
        ),
        (
            "ReferralOpened",
            {"resident": RESIDENT},
            f"Referral {OFFER}: NH-1 ({RESIDENT}) is put forward",
            "",
        ),
        (
            "ConsentDue",
            {
                "resident": RESIDENT,
                "supplier": "oakline",
                "fields": ["contact", "route"],
                "consent_by": DUE,
            },
            f"record their consent {BY}",
            "foothold consent northgate-homes NH-1 --supplier oakline --fields contact,route"
            " --notice-version VERSION --by STAFF",
        ),
        (
            "InterviewOffered",
            {"on": "2026-04-20"},
            "offers NH-1 an interview for “Roofer”",
            f"foothold interview held northgate-homes {OFFER} --on DATE --by STAFF",
        ),
        (
            "ReleaseOverdue",
            {"partner": "tees-homes", "release_by": DUE},
            "The partner tees-homes has not released a proposal",
            "",
        ),
    ],
)
def test_what_waits_for_an_offer_is_told_with_its_command(
    name: str, data: dict[str, Any], words: str, command: str
) -> None:
    told = shown((event(name, about(**data)), NAMED))

    assert words in told
    assert (command in told) if command else ("foothold " not in told)


@pytest.mark.parametrize(
    ("waiting", "words", "command"),
    [
        ("release", f"proposal {OFFER}, NH-1", "foothold release northgate-homes"),
        ("answer", f"the answer of NH-1 ({RESIDENT})", "foothold contact northgate-homes"),
        ("consent", f"the consent of NH-1 ({RESIDENT})", "foothold today northgate-homes"),
        ("confirmation", "who was introduced for", "foothold confirm northgate-homes"),
        ("delivery", f"offer {OFFER} for", "foothold status"),
    ],
)
def test_a_reminder_names_what_waits_until_when_and_its_command(
    waiting: str, words: str, command: str
) -> None:
    data = {"waiting": waiting, "about": OFFER, "party": "p", "opportunity": ROOFER, "due": DUE}
    reminder = event("ReminderGiven", data, at=9)

    told = shown((proposal(), NAMED), (reminder, NAMED))

    assert words in told
    assert f"{BY}." in told
    assert command in told[told.index("Reminder:") :]
    assert what_holds([proposal(), reminder]) == (reminder,)


def test_a_challenge_names_its_ground_its_deadline_and_the_commands_for_either_finding() -> None:
    due = {"challenge": CHALLENGE, "opportunity": ROOFER, "resident": RESIDENT}
    decision = event("DecisionDue", {**due, "ground": "not_asked", "decide_by": DUE})

    told = shown((decision, TITLED), party="zedford-council")

    assert "on the ground that the resident was never asked whether they wanted it" in told
    assert f"Decide it {BY}" in told
    assert f"foothold decide zedford-council {CHALLENGE} upheld --finding FINDING" in told
    unanswered = event("ChallengeUnanswered", {**due, "decider": "zedford-council"}, at=8)
    assert what_holds([decision, unanswered]) == (unanswered,)


def test_what_a_challenge_came_to_is_told_to_the_partner_under_its_own_names() -> None:
    decided = {"challenge": CHALLENGE, "upheld": True, "finding": "facts_were_wrong"}
    remedy = {"challenge": CHALLENGE, "resident": RESIDENT, "opportunity": ROOFER}

    told = shown(
        (event("ChallengeDecided", decided), NAMED), (event("RemedyGranted", remedy, at=2), NAMED)
    )

    assert f"Challenge {CHALLENGE} of NH-1" in told
    assert "is upheld: the decision rested on facts that were wrong." in told
    assert f"NH-1 ({RESIDENT}) comes first of their rung at the next position" in told


def test_a_decision_says_where_its_challenge_stands() -> None:
    due = {"challenge": CHALLENGE, "opportunity": ROOFER, "resident": RESIDENT}
    decision = event("DecisionDue", {**due, "ground": "not_asked", "decide_by": DUE})
    answer = {**receipt_of("ChallengeDecided"), "subject": CHALLENGE}

    assert what_holds([decision, answer]) == (answer,)


def test_an_intake_lists_whom_to_ask_and_with_which_command() -> None:
    data = {
        "opportunity": ROOFER,
        "title": "Roofer",
        "supplier": "oakline",
        "until": "2026-04-16T08:00:00.000Z",
        "residents": [{"resident": RESIDENT, "reference": "NH-1", "rung": 0}],
        "more": 1_200,
    }

    told = shown((event("IntakeListed", data), {}))

    assert "1,201 residents of yours may want “Roofer” at oakline" in told
    assert "by Thursday 16 April 2026, 09:00." in told
    assert f"NH-1 ({RESIDENT}), by rung 1" in told
    assert "and 1,200 more" in told
    assert f"foothold interest northgate-homes RESIDENT yes {ROOFER} --by STAFF" in told


def test_an_intake_says_which_unknown_fact_may_open_an_earlier_rung_and_how_to_give_it() -> None:
    listed = {"resident": RESIDENT, "reference": "NH-1", "rung": 1}
    data = {
        "opportunity": ROOFER,
        "title": "Roofer",
        "supplier": "oakline",
        "until": "2026-04-16T08:00:00.000Z",
        "residents": [{**listed, "unknown": ["care_leaver", "out_of_work_26_weeks"]}],
    }

    told = shown((event("IntakeListed", data), {}))

    assert f"NH-1 ({RESIDENT}), by rung 2" in told
    assert f"foothold interest northgate-homes NH-1 yes {ROOFER} --by STAFF" in told
    assert "not known: whether they have left care, which may open an earlier rung" in told
    assert (
        "not known: whether they have been out of work for 26 weeks or more, which may open an"
        " earlier rung; if it holds: `foothold template fact` with fact out_of_work_26_weeks"
    ) in told


def test_the_ladder_is_told_in_the_suppliers_words() -> None:
    groups = [{"group": "starts", "clause": "4.2", "positions": 2}]
    opened = {
        "opportunity": ROOFER,
        "groups": groups,
        "until": "2026-04-16T08:00:00.000Z",
        "first_round_at": "2026-04-16T12:00:00.000Z",
    }
    public = {"opportunity": ROOFER, "group": "starts"}

    told = shown(
        (event("IntakeOpened", opened), TITLED),
        (event("PositionsAdjusted", {"opportunity": ROOFER, "groups": groups}), TITLED),
        (event("StageOpened", {**public, "stage": 1}), TITLED),
        (event("StageOpened", public), TITLED),
    )

    assert "has 2 positions reserved under clause 4.2 (starts)." in told
    assert "the first proposals come on Thursday 16 April 2026 at 13:00." in told
    assert "group starts: rung 2 is open" in told
    assert "you may advertise what is free openly" in told


def test_of_an_offer_only_where_it_stands_now_is_shown() -> None:
    assert what_holds([proposal(), due(), proposal()]) == (proposal(),)
    assert what_holds([proposal(), due()]) == (due(),)


def receipt_of(name: str, **data: Any) -> dict[str, Any]:
    told = {"type": f"foothold.{name}.v1", "origin": {"offset": 1}} | data
    subject = due()["data"]["offer"]
    return {"id": f"a-{name}", "type": "foothold.Receipt.v1", "subject": subject, "data": told}


def test_an_answer_of_the_partner_s_own_says_where_its_offer_stands() -> None:
    accepted = receipt_of("OfferAccepted")

    assert what_holds([proposal(), due(), accepted]) == (accepted,)


@pytest.mark.parametrize(
    "again", [receipt_of("ProposalReleased"), receipt_of("OfferAccepted", duplicate_of=7)]
)
def test_a_release_or_an_answer_said_again_hides_no_offer(again: dict[str, Any]) -> None:
    assert due() in what_holds([proposal(), due(), again])


def test_a_cut_leaves_the_suppliers_answer_awaited_and_an_end_does_not() -> None:
    assert what_holds([confirmation(), changed("over")]) == (confirmation(), changed("over"))
    assert what_holds([confirmation(), changed("free")]) == (changed("free"),)


def test_every_message_about_a_position_has_its_sentence_and_its_kind() -> None:
    assert {*TOLD, "IntakeListed"} == TELLINGS.keys()
    assert TELLINGS.keys() >= COMMANDS.keys()
    challenges = {"ChallengeDecided", "RemedyGranted"}
    assert set(KINDS["offers"]) >= TO_PARTNER - challenges
    assert set(KINDS["challenges"]) >= challenges
    assert TO_SUPPLIER & set(KINDS["offers"]) == {
        "IntroductionReceived",
        "ConfirmationDue",
        "PositionChanged",
    }


def test_every_message_of_a_queue_is_of_some_kind() -> None:
    told = {each.removesuffix(".v1") for each in TOLD_TO_PARTIES}

    assert told == {name for kinds in KINDS.values() for name in kinds}


def test_a_receipt_shows_its_timetable_in_local_time() -> None:
    data = {
        "type": "foothold.OpportunityPosted.v1",
        "submission_id": "said-1",
        "timetable": [{"what": "first_proposals", "at": "2026-04-16T12:00:00.000Z"}],
    }
    console = Console(file=StringIO(), width=200)

    show(console, "F-1", {"type": "foothold.Receipt.v1", "data": data})

    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Thursday 16 April 2026, 13:00: the first proposals" in told
