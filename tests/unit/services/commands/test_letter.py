"""
A resident's letter: all that is held and decided, in words for a reader of eleven.
"""

import json
import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matching.market.explanation import Explanation
from schemas.challenges import ChallengeDecided, ChallengeRaised, Finding, Ground
from schemas.codec import EVENTS
from schemas.consents import ConsentWithdrawn
from schemas.introductions import ContactTried, DeclineExplained, InterviewHeld, Means
from schemas.residents import (
    Profile,
    ResidentClosed,
    ResidentErased,
    ResidentPaused,
    ResidentUpdated,
)
from schemas.slots import (
    HireConfirmed,
    HireRejected,
    HoldReason,
    LapseReason,
    OfferAccepted,
    OfferDeclined,
    Outcome,
    OverrideReason,
    ProposalHeld,
    ProposalReleased,
    RejectionReason,
    TermChange,
    WithdrawalReason,
)
from schemas.vocabulary import Purpose, event_type
from services.__main__ import main
from services.commands.letter_facts import NoKeys, letter_facts
from services.storage.keys import master_key, open_keys
from services.transport.dossier import Entry
from services.wording import letter_words as words
from services.wording.letter import letter, main_text
from services.wording.letter_decided import outcome, step
from services.wording.letter_facts import Facts
from tests.broker_in_memory import BrokerInMemory
from tests.builders import (
    OTHER_PARTNER,
    OWNER,
    PARTNER,
    SUPPLIER,
    TODAY,
    delivered,
    introducing,
    proposals,
    refusal_codes,
    resident,
    tick,
)
from tests.exports import export
from tests.letters import CANARIES, FIRST_ROUND, ROOFER, SealedMarket, sealed_market
from tests.reading_age import ELEVEN, grade, longest

AMAL = resident("amal")
LONG = (
    "Notwithstanding the aforementioned considerations regarding eligibility, the administering "
    "organisation determined that alternative candidates demonstrated comparatively superior "
    "qualification for immediate participation in the opportunity under consideration at the time."
)


@pytest.fixture
def town() -> SealedMarket:
    return sealed_market()


def facts_of(town: SealedMarket, name: str = "amal") -> Facts:
    return letter_facts(town.market.records, resident=resident(name), keys=town.keys)


def told(town: SealedMarket, name: str = "amal") -> str:
    return "\n".join(main_text(facts_of(town, name)))


def whole(town: SealedMarket, name: str = "amal") -> str:
    return "\n".join(letter(facts_of(town, name)))


# --- what is held -------------------------------------------------------------------------


def test_every_field_of_a_profile_stands_in_it_by_name_and_value(town: SealedMarket) -> None:
    assert CANARIES.keys() == {each.name for each in fields(Profile)} == words.FIELDS.keys()
    town.put_forward("amal", **CANARIES)

    # They stand in the record that brought them, too, below those that hold.
    found, _, records = whole(town).partition("### Each record, in order")

    assert "- notes: `Canary note`" in records
    for name, value in (
        ("reference", "CANARY-1"),
        ("birth_date", "1999-05-04"),
        ("outcode", "ZZ7"),
        ("max_travel_metres", "23457"),
        ("minutes_a_week.least", "1231"),
        ("minutes_a_week.most", "2347"),
        ("earliest_start", "06:13"),
        ("latest_end", "21:47"),
        ("days.2", "sat"),
        ("available_from", "2026-01-19"),
        ("licences.1", "canary_licence"),
        ("right_to_work", "true"),
        ("experience.1", "Canary experience"),
        ("barriers.1", "canary_barrier"),
        ("pay_floor_pence", "1379"),
        ("notes", "Canary note"),
    ):
        assert f"- {name}: `{value}`" in found
    assert '- summary: `"Canary summary\\nin two lines."`' in found
    assert "- skills.1: `` Canary skill with `marks` ``" in found


def test_the_details_are_those_of_the_newest_version(town: SealedMarket) -> None:
    town.put_forward("amal", notes="The old note")
    newer = ResidentUpdated(
        of_version=1,
        reference="N-amal",
        birth_date=date(2001, 3, 2),
        outcode="ZZ1",
        notes="The new note",
    )
    town.say(town.sealed(newer, subject=AMAL), by=PARTNER, subject=AMAL)

    facts = facts_of(town)

    assert facts.profile is not None
    assert facts.profile["notes"] == "The new note"
    # The copy has the earlier version, too: it is still held.
    assert "The old note" in whole(town)
    assert "The old note" not in told(town)


def test_what_was_refused_or_said_again_is_held_and_so_it_stands_in_the_copy(
    town: SealedMarket,
) -> None:
    town.put_forward("amal")
    late = ResidentUpdated(
        of_version=7,
        reference="N-amal",
        birth_date=date(2001, 3, 2),
        outcode="ZZ1",
        notes="The refused note",
    )
    told_to = town.sealed(late, subject=AMAL)
    assert refusal_codes(town.say(told_to, by=PARTNER, subject=AMAL)) == ("version_conflict",)
    town.put_forward("amal")

    found = whole(town)

    assert "Refused ResidentUpdated" in found
    assert "- problems.1.code: `version_conflict`" in found
    assert "What was refused: ResidentUpdated `" in found
    assert "- notes: `The refused note`" in found
    assert "Repeated ResidentRegistered" in found
    assert "The refused note" not in told(town)
    assert facts_of(town).locked == 0


def test_a_fact_is_told_with_its_evidence_and_who_checked_it(town: SealedMarket) -> None:
    town.put_forward("amal")
    town.fact("amal")

    assert (
        "- `care experienced`: yes. Shown by: letter seen. Checked on 13 January 2026 by a"
        " coach. Northfield told us on 13 January 2026, 12:05. Staff code: `sam-01`."
    ) in told(town)


def test_consents_are_told_with_to_whom_and_when_they_ended(town: SealedMarket) -> None:
    town.put_forward("amal")
    town.say(introducing("amal"), by=PARTNER, subject=AMAL)
    ended = ConsentWithdrawn(resident=AMAL, purpose=Purpose.MATCHING)
    town.say(ended, by=PARTNER, subject=AMAL)

    found = told(town)

    assert "you agreed that we match you with jobs. It has no set end." in found
    assert "you agreed that Oakline may hear this: that you want the job." in found
    assert "you took it back: not to be matched with jobs." in found
    assert "As of now you do not agree to be matched." in found


def test_it_says_what_is_not_held_and_why_somebody_is_paused(town: SealedMarket) -> None:
    town.put_forward("amal")
    paused = ResidentPaused(resident=AMAL, reason="on_holiday")
    town.say(paused, by=PARTNER, subject=AMAL)

    found = told(town)

    assert "We do not hold your name." in found
    assert "The reason that was noted: on holiday." in found
    assert "Nothing was decided about you so far." in found


# --- what was decided ---------------------------------------------------------------------


def test_who_was_passed_over_reads_the_reason_their_place_the_last_and_whom_to_ask(
    town: SealedMarket,
) -> None:
    for name in ("amal", "bea", "chidi"):
        town.wanting(name)
    won = {each.resident for each in proposals(tick(town.market, FIRST_ROUND))}
    (left,) = [name for name in ("amal", "bea", "chidi") if resident(name) not in won]

    found = told(town, left)

    assert words.OUTCOMES[Outcome.OUTRANKED] in found
    assert "A rule decided this, not a person." in found
    assert "You were number 3 in a line of 3." in found
    assert "The last one in line who got to a place was number 2." in found
    assert "- Zedford-Council has 10 working days to reply." in found
    assert f"Email: `desk@{OWNER}.example`. Telephone: `+44 1632 960123`." in found
    assert f"Give your number: `{resident(left)}`." in found


def test_nothing_of_anybody_else_stands_in_it(town: SealedMarket) -> None:
    people = ("amal", "bea", "chidi")
    for name in people:
        town.wanting(name, notes=f"Note on {name}", reference=f"REF-{name}")
    made = proposals(tick(town.market, FIRST_ROUND))
    for each in made:
        delivered(town.market, each.offer)

    for name in people:
        entries = facts_of(town, name).dossier.entries
        found = whole(town, name) + json.dumps([each.data for each in entries])
        for other in set(people) - {name}:
            assert resident(other) not in found
            assert f"REF-{other}" not in found
            assert f"Note on {other}" not in found
        for each in made:
            if each.resident != resident(name):
                assert each.ticket not in found
                assert each.offer not in found


def test_each_step_of_an_offer_says_who_decided_it(town: SealedMarket) -> None:
    town.wanting("amal")
    offer = town.accepted()
    tried = ContactTried(offer=offer, tried_on=date(2026, 1, 15), means=Means.TELEPHONE)
    town.say(tried, by=PARTNER, subject=offer)
    town.say(introducing("amal"), by=PARTNER, subject=AMAL)
    held = InterviewHeld(offer=offer, on=date(2026, 1, 15))
    town.say(held, by=SUPPLIER, subject=offer, who="ok-3")
    rejected = HireRejected(offer=offer, reason=RejectionReason.TERMS_NOT_AGREED)
    town.say(rejected, by=SUPPLIER, subject=offer, who="ok-3")

    found = told(town)

    assert "The rule put you forward for a place. A rule decided this, not a person." in found
    assert "Northfield passed the offer on to you. Staff code: `sam-01`." in found
    assert "You said yes. Northfield wrote it down. Staff code: `sam-01`." in found
    assert "You and Oakline were put in touch." in found
    assert "You met Oakline on 15 January 2026." in found
    assert (
        "Oakline did not take you on. They decided that. They say: you and they did not agree on"
        " the terms. Staff code: `ok-3`."
    ) in found


def test_a_time_that_still_runs_is_told_as_running_and_one_that_is_over_as_past(
    town: SealedMarket,
) -> None:
    town.wanting("amal")
    offer = town.proposed()
    assert re.search(r"Northfield has until .* to pass it on\.", told(town))
    town.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(town.market, offer)

    found = told(town)

    assert re.search(r"Northfield had to pass it on by ", found)
    assert re.search(r"You have until .* to reply\.", found)
    town.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
    assert "You had time to reply until" in told(town)
    assert "Oakline cannot hear of you until you agree. You have until" in told(town)


def test_after_an_interview_the_time_to_say_yes_or_no_is_told_anew_and_never_twice(
    town: SealedMarket,
) -> None:
    town.wanting("amal")
    offer = town.accepted()
    town.say(introducing("amal"), by=PARTNER, subject=AMAL)
    held = InterviewHeld(offer=offer, on=date(2026, 1, 15))
    town.say(held, by=SUPPLIER, subject=offer, who="ok-3")
    assert told(town).count("Oakline has until") == 1

    town = sealed_market()
    town.wanting("amal")
    offer = town.accepted()
    town.say(introducing("amal"), by=PARTNER, subject=AMAL)
    tick(town.market, "2026-01-16T12:05:00.000Z")
    town.say(
        InterviewHeld(offer=offer, on=date(2026, 1, 16)), by=SUPPLIER, subject=offer, who="ok-3"
    )

    found = told(town)

    (first,) = re.findall(r"Oakline had to say yes or no by (.*)\.", found)
    (renewed,) = re.findall(r"Oakline has until (.*) to say yes or no\.", found)
    assert first != renewed
    assert found.index("You met Oakline on 16 January") < found.index("Oakline has until")


def test_who_had_just_become_ready_reads_no_count_of_weeks(town: SealedMarket) -> None:
    town.wanting("amal")
    tick(town.market, FIRST_ROUND)

    assert "You had only just become ready." in told(town)
    assert "0 whole weeks" not in told(town)


def test_a_lapse_that_nobody_tried_to_avert_is_the_partners(town: SealedMarket) -> None:
    town.wanting("amal")
    offer = town.proposed()
    town.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(town.market, offer)
    tick(town.market, "2026-01-19T17:05:00.000Z")

    assert "The one who was late is Northfield." in told(town)


def test_a_reason_for_a_decline_is_read_by_the_resident_who_gave_it(town: SealedMarket) -> None:
    town.wanting("amal")
    offer = town.proposed()
    town.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
    delivered(town.market, offer)
    town.say(OfferDeclined(offer=offer), by=PARTNER, subject=offer)
    why = DeclineExplained(resident=AMAL, offer=offer, reason="The bus does not run so early.")
    town.say(town.sealed(why, subject=AMAL), by=PARTNER, subject=AMAL)

    assert "You said why: `The bus does not run so early.`." in told(town)


def test_a_challenge_is_told_with_who_decided_and_what_follows(town: SealedMarket) -> None:
    town.wanting("amal", ready=False)
    tick(town.market, FIRST_ROUND)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.FACTS_WRONG)
    town.say(raised, by=PARTNER, subject=AMAL)
    (named,) = town.market.state.challenges
    decided = ChallengeDecided(challenge=named, upheld=True, finding=Finding.FACTS_WERE_WRONG)
    town.say(decided, by=OWNER, subject=named, who="kim-2")

    found = told(town)

    assert "You said that it was wrong: what we held about you was wrong" in found
    assert (
        "Zedford-Council found that you were right. The facts were wrong. Staff code: `kim-2`."
    ) in found
    assert "You will come first on your step" in found


def test_what_was_contested_once_is_not_said_to_be_contestable(town: SealedMarket) -> None:
    town.wanting("amal", ready=False)
    tick(town.market, FIRST_ROUND)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.OTHER)
    town.say(raised, by=PARTNER, subject=AMAL)

    found = told(town)

    assert refusal_codes(town.say(raised, by=OWNER, subject=AMAL)) == ("challenge_open",)
    assert "You asked for a new look at this: `Roofer` at Oakline." in found
    assert "You can ask for it to be looked at again" not in found


def test_what_is_held_is_contested_when_it_has_ended_by_asking_the_same_office(
    town: SealedMarket,
) -> None:
    town.wanting("amal")
    tick(town.market, FIRST_ROUND)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.OTHER)

    found = told(town)

    assert refusal_codes(town.say(raised, by=OWNER, subject=AMAL)) == ("nothing_to_challenge",)
    assert "You are put forward now, or have an offer or a place, for this: `Roofer`" in found
    assert "Is it about your coach, or do you not want to ask them?" in found


def test_who_is_put_forward_no_more_is_not_told_to_contest(town: SealedMarket) -> None:
    town.wanting("amal", ready=False)
    tick(town.market, FIRST_ROUND)
    town.say(ResidentClosed(resident=AMAL, reason="moved_away"), by=PARTNER, subject=AMAL)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.OTHER)

    found = told(town)

    assert refusal_codes(town.say(raised, by=OWNER, subject=AMAL)) == ("resident_closed",)
    assert "So you can no longer ask for a\nnew look at it." in found
    assert "You can ask for it to be looked at again" not in found
    assert grade(found) <= ELEVEN


def test_a_challenge_that_nobody_decided_counts_as_upheld(town: SealedMarket) -> None:
    town.wanting("amal", ready=False)
    tick(town.market, FIRST_ROUND)
    raised = ChallengeRaised(resident=AMAL, opportunity=ROOFER, ground=Ground.OTHER)
    town.say(raised, by=PARTNER, subject=AMAL)
    tick(town.market, "2026-01-30T17:05:00.000Z")

    assert "Zedford-Council did not decide in time. So it counts as if you were right." in told(
        town
    )


def test_rounds_that_came_out_the_same_are_told_once(town: SealedMarket) -> None:
    town.wanting("amal", ready=False)
    for at in (FIRST_ROUND, "2026-01-16T09:05:00.000Z", "2026-01-19T09:05:00.000Z"):
        tick(town.market, at)

    found = told(town)

    assert found.count(words.OUTCOMES[Outcome.NOT_READY]) == 1
    assert "It came out the same 2 more times, to 19 January 2026, 09:05." in found


def test_each_proposal_is_told_on_its_own_with_through_whom_it_ended(town: SealedMarket) -> None:
    town.wanting("amal")
    town.proposed()
    tick(town.market, "2026-01-19T17:05:00.000Z")
    tick(town.market, "2026-01-20T09:05:00.000Z")

    found = told(town)

    assert "It ended because Northfield did not pass it on in time. You did no wrong." in found
    assert found.count(words.OUTCOMES[Outcome.PROPOSED]) == 2
    assert "It came out the same" not in found


# --- words --------------------------------------------------------------------------------


def explained(reason: Outcome) -> Explanation:
    return Explanation(outcome=reason, at=FIRST_ROUND, free=1, considered=1, stage=0, weeks_ready=0)


@pytest.mark.parametrize("reason", list(Outcome))
def test_each_outcome_has_its_sentence_for_a_reader_of_eleven(reason: Outcome) -> None:
    found = outcome(explained(reason))

    assert found.endswith("A rule decided this, not a person.")
    assert grade(found) <= ELEVEN


def test_no_two_outcomes_say_the_same() -> None:
    assert len(set(words.OUTCOMES.values())) == len(Outcome)


def test_each_end_reason_and_list_has_its_words() -> None:
    assert words.WITHDRAWALS.keys() == set(WithdrawalReason)
    assert words.LAPSES.keys() == set(LapseReason)
    assert words.HOLDS.keys() == set(HoldReason)
    assert words.REJECTIONS.keys() == set(RejectionReason)
    assert words.OVERRIDES.keys() == set(OverrideReason)
    assert words.CHANGES.keys() == set(TermChange)
    assert words.MEANS.keys() == set(Means)
    assert words.GROUNDS.keys() == set(Ground)
    assert words.FINDINGS.keys() == set(Finding)


def test_what_has_a_sentence_is_an_event_that_there_is() -> None:
    known = {event_type(each).name for each in EVENTS.values()}

    assert words.STEPS.keys() <= known
    assert words.CHALLENGES.keys() - {"upheld", "dismissed"} <= known


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *(("OfferWithdrawn", each) for each in WithdrawalReason),
        *(("OfferLapsed", each) for each in LapseReason),
        *(("ProposalHeld", each) for each in HoldReason),
        *(("HireRejected", each) for each in RejectionReason),
        *(("FitOverridden", each) for each in OverrideReason),
    ],
)
def test_each_end_is_said_whole_with_through_whom_and_at_eleven(
    town: SealedMarket, name: str, reason: str
) -> None:
    town.put_forward("amal")
    entry = Entry(
        id="zedford-9-1",
        at=FIRST_ROUND,
        name=name,
        party=PARTNER,
        staff="sam-01",
        data={"reason": str(reason)},
    )

    found = step(facts_of(town), entry, opportunity=ROOFER)

    assert found is not None
    assert str(reason) not in found
    assert any(each in found for each in ("Northfield", "Oakline", "our own service", "you"))
    assert grade(found) <= ELEVEN


def test_letters_of_several_people_are_read_at_eleven(town: SealedMarket) -> None:
    for name in ("amal", "bea", "chidi"):
        town.wanting(name, **(CANARIES if name == "amal" else {}))
    town.wanting("dara", ready=False)
    town.put_forward("eli")
    made = proposals(tick(town.market, FIRST_ROUND))
    first, second = (each.offer for each in made)
    for offer in (first, second):
        delivered(town.market, offer)
    town.say(ProposalHeld(offer=first, reason=HoldReason.DATA_WRONG), by=PARTNER, subject=first)
    town.say(ProposalReleased(offer=second), by=PARTNER, subject=second)
    delivered(town.market, second)
    town.say(OfferAccepted(offer=second), by=PARTNER, subject=second)
    accepted = next(each.resident for each in made if each.offer == second)
    named = next(name for name in ("amal", "bea", "chidi") if resident(name) == accepted)
    town.say(introducing(named), by=PARTNER, subject=accepted)
    town.say(HireConfirmed(offer=second), by=SUPPLIER, subject=second)
    raised = ChallengeRaised(resident=resident("dara"), opportunity=ROOFER, ground=Ground.NOT_TOLD)
    town.say(raised, by=PARTNER, subject=resident("dara"))

    letters = [told(town, name) for name in ("amal", "bea", "chidi", "dara", "eli")]

    assert max(map(grade, letters)) <= ELEVEN
    assert max(map(longest, letters)) <= 25


def test_a_long_sentence_that_slips_in_is_convicted(town: SealedMarket) -> None:
    town.put_forward("amal")
    found = told(town)

    assert grade(LONG) > ELEVEN
    assert longest(f"{found}\n{LONG}\n") > 25
    assert grade(found) < grade(f"{found}\n{LONG}\n")


# --- keys ---------------------------------------------------------------------------------


def test_without_keys_it_says_plainly_what_could_not_be_opened(town: SealedMarket) -> None:
    town.wanting("amal", **CANARIES)
    town.fact("amal")
    tick(town.market, FIRST_ROUND)

    facts = letter_facts(town.market.records, resident=AMAL, keys=NoKeys())
    found = "\n".join(letter(facts))

    # The details, the wishes and the fact.
    assert facts.locked == 3
    assert "**Not all of it could be opened here.** The key is not at hand." in found
    assert "This much stays locked: 3 records." in found
    assert "they are locked, and we could not open them here" in found
    assert "Held, but locked here." in found
    assert "birth_date" not in found
    assert "A fact that is locked here." in found
    assert f"`{ROOFER}` at Oakline" in found
    assert "We could not open here how to reach Zedford-Council." in found
    assert "CANARY" not in found
    assert "Canary" not in found


def test_of_somebody_erased_nothing_readable_is_held(town: SealedMarket) -> None:
    town.wanting("amal", **CANARIES)
    tick(town.market, FIRST_ROUND)
    town.say(ResidentErased(resident=AMAL), by=PARTNER, subject=AMAL)

    # The key may still be there for a moment: it is not used any more.
    found = whole(town)

    assert "Nothing that can be read is held about you." in found
    assert "Gone: nothing of them is left." in found
    assert "Canary" not in found
    assert "CANARY" not in found
    assert "What you want" not in found
    assert grade(told(town)) <= ELEVEN


# --- the command --------------------------------------------------------------------------


@pytest.fixture
def broker(town: SealedMarket, monkeypatch: pytest.MonkeyPatch) -> BrokerInMemory:
    made = BrokerInMemory(market=town.market)
    monkeypatch.setattr("services.commands.letter.Kafka", made)
    monkeypatch.setattr("services.commands.letter.keys_at", lambda _: town.keys)
    return made


def run(*given: str) -> Result:
    return CliRunner().invoke(main, ["letter", *given, "--broker", "127.0.0.1:1"])


def test_a_partner_writes_the_letter_by_its_own_reference_to_a_file_of_its_own(
    town: SealedMarket, broker: BrokerInMemory, tmp_path: Path
) -> None:
    town.wanting("amal")
    broker.knows("amal", reference="NH-1")
    out = tmp_path / "letter.md"

    ended = run("NH-1", "--as", PARTNER, "--out", str(out))

    assert ended.exit_code == 0, ended.output
    assert out.read_text().startswith("# Your page\n")
    assert (out.stat().st_mode & 0o777) == 0o600
    assert ended.stdout == ""


def test_a_letter_comes_from_an_export_without_a_broker(
    town: SealedMarket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    town.wanting("amal")
    path = export(tuple(town.market.records), tmp_path / "zedford.jsonl")

    ended = run(AMAL, "--market-export", str(path), "--data", str(tmp_path / "empty"))

    assert ended.exit_code == 0, ended.output
    assert "Not all of it could be opened here." in ended.stdout
    # A look at what is held makes no key store.
    assert not (tmp_path / "empty").exists()


def test_the_key_store_of_the_installation_opens_what_is_sealed(
    town: SealedMarket, tmp_path: Path
) -> None:
    town.wanting("amal", **CANARIES)
    path = export(tuple(town.market.records), tmp_path / "zedford.jsonl")
    keys, _ = open_keys(tmp_path / "keys.sqlite", master=master_key(tmp_path))
    keys.create(AMAL, town.key(AMAL))
    keys.close()

    ended = run(AMAL, "--market-export", str(path), "--data", str(tmp_path))

    assert ended.exit_code == 0, ended.output
    assert "- Notes: `Canary note`" in ended.stdout


def test_a_key_store_of_another_master_key_is_told_in_a_sentence(
    town: SealedMarket, tmp_path: Path
) -> None:
    town.wanting("amal")
    path = export(tuple(town.market.records), tmp_path / "zedford.jsonl")
    open_keys(tmp_path / "keys.sqlite", master=b"m" * 32)[0].close()
    master_key(tmp_path)

    ended = run(AMAL, "--market-export", str(path), "--data", str(tmp_path))

    assert ended.exit_code == 1
    assert "The key store cannot be used" in ended.stderr


@pytest.mark.parametrize("given", [(AMAL, "--as", OTHER_PARTNER), (resident("nobody"),)])
def test_whom_a_market_or_a_partner_does_not_have_is_told_as_unknown(
    town: SealedMarket, broker: BrokerInMemory, given: tuple[str, ...]
) -> None:
    town.wanting("amal")

    ended = run(*given)

    assert ended.exit_code == 1
    assert "is no resident" in ended.stderr


def test_a_reference_says_nothing_without_whose_it_is(broker: BrokerInMemory) -> None:
    ended = run("NH-1")

    assert ended.exit_code == 2
    assert "--as PARTNER" in ended.stderr


def test_json_has_the_letter_and_every_record(town: SealedMarket, broker: BrokerInMemory) -> None:
    town.wanting("amal", **CANARIES)

    found = json.loads(run(AMAL, "--json").stdout)

    assert (found["resident"], found["partner"], found["erased"]) == (AMAL, PARTNER, False)
    assert found["profile"]["notes"] == "Canary note"
    assert found["letter"] == whole(town)
    assert [each["name"] for each in found["records"]][:2] == ["ResidentRegistered", "ConsentGiven"]


def test_a_round_that_does_not_come_out_the_same_is_not_vouched_for(
    town: SealedMarket, broker: BrokerInMemory
) -> None:
    town.wanting("amal")
    tick(town.market, FIRST_ROUND)
    cause, told_, events = town.market.log[-1]
    forged = tuple(
        replace(each, data=replace(each.data, digest="0" * 64))
        if each.name == "RoundClosed"
        else each
        for each in events
    )
    town.market.log[-1] = (cause, told_, forged)
    town.market.records.pop()
    town.market.chain()

    ended = run(AMAL)

    assert ended.exit_code == 1
    assert "Do not trust it." in ended.stdout
    assert TODAY.isoformat() in ended.stdout
