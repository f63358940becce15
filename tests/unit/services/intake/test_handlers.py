import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from schemas import codec
from schemas.answers import InputUnreadable
from schemas.envelope import contract_id, market_of, opportunity_id
from services.sealing import Key, open_event
from services.transport.ports import Outgoing
from tests.submissions import (
    BEFORE_NOON,
    NOON,
    WHO,
    ZEDFORD,
    Desk,
    RegisterInMemory,
    event,
    message_in,
    posted,
    posting,
    problems_in,
    profile,
    registered,
)

CANARY = "CANARY-canary-Canary"
OAKLINE_S = opportunity_id("zedford", party="oakline", reference="OAK-1")
OFFER = f"zedford-f-{'a' * 16}"
CONTRACT = contract_id(owner="zedford-council", reference="C-1")
LATER = "2026-01-13T13:00:00.000Z"
AT_HOME = ("zedford", 4)


def about(name: str, desk: Desk, **data: Any) -> Outgoing:
    told = event(name, {"resident": "N-17", **data}, party="northfield", **WHO)
    return desk.send("northfield", told)


def contested(party: str, resident: str) -> dict[str, Any]:
    raised = {"resident": resident, "opportunity": OAKLINE_S, "ground": "not_told"}
    return event("ChallengeRaised", raised, party=party, **WHO)


def decided(challenge: str) -> dict[str, Any]:
    told = {"challenge": challenge, "upheld": True, "finding": "facts_were_wrong"}
    return event("ChallengeDecided", told, party="zedford-council", **WHO)


def key_of(desk: Desk, subject: str) -> Key:
    found = desk.keys.key_for(subject)
    assert isinstance(found, Key)
    return found


def test_a_registration_goes_sealed_to_the_market_that_serves_the_place() -> None:
    desk = Desk()

    sent = desk.send("northfield", registered(summary="Likes working outdoors"))

    message = message_in(sent)
    assert (sent.topic, sent.partition, sent.entry.key) == ("market.inbox.v1", 4, b"zedford")
    assert message.envelope.event_name == "ResidentRegisteredSealed"
    assert market_of(message.envelope.subject or "") == "zedford"
    amal = message.envelope.subject or ""
    opened = open_event(message.data, key=key_of(desk, amal), subject=amal)
    assert codec.plain(opened)["summary"] == "Likes working outdoors"
    assert b"outdoors" not in sent.entry.value
    assert b"N-17" not in sent.entry.value


def test_a_record_names_its_source() -> None:
    sent = Desk().send("northfield", registered())

    assert dict(sent.entry.headers) == {
        "content-type": b"application/cloudevents+json; charset=UTF-8",
        "source-topic-id": b"id-of-northfield",
        "source-partition": b"0",
        "source-offset": b"1",
    }


def test_what_the_party_says_of_itself_goes_on_and_free_text_does_not() -> None:
    told = {
        **registered(),
        **WHO,
        "subject": CANARY,
        "correlationid": CANARY,
        "causationid": CANARY,
        "partitionkey": CANARY,
        "dataschema": CANARY,
        "datacontenttype": "application/json",
    }

    sent = Desk().send("northfield", told)

    envelope = message_in(sent).envelope
    assert (envelope.id, envelope.source) == ("ResidentRegistered-1", "/party/northfield")
    assert (envelope.time, envelope.authid) == (BEFORE_NOON, "ck-07")
    assert CANARY.encode() not in sent.entry.value


def test_a_posting_keeps_its_figures_in_clear_and_seals_its_words() -> None:
    desk = Desk()

    sent = desk.send("oakline", posted())

    message = message_in(sent)
    assert message.envelope.subject == OAKLINE_S
    assert codec.plain(message.data)["pay"] == {"basis": "hourly", "pence": 1350}
    assert b"Retrofit" not in sent.entry.value
    assert b"jobs@oakline" not in sent.entry.value
    opened = open_event(message.data, key=key_of(desk, OAKLINE_S), subject=OAKLINE_S)
    assert opened.title == "Retrofit assistant"


def test_two_lives_seal_alike() -> None:
    desk = Desk()
    records = [
        desk.record("northfield", json.dumps(registered(summary="Words")).encode()),
        desk.record("oakline", json.dumps(posted()).encode()),
        desk.record("oakline", b"not json"),
    ]

    first = [desk.intake().forward(record) for record in records]
    second = [desk.intake().forward(record) for record in records]

    assert first == second


def test_the_same_resident_said_again_has_the_same_id_and_fingerprint() -> None:
    desk = Desk()
    first = message_in(desk.send("northfield", registered()))
    again = message_in(desk.send("northfield", {**registered(), "id": "again"}))

    assert first.envelope.subject == again.envelope.subject
    assert getattr(first.data, "fingerprint", "") == getattr(again.data, "fingerprint", "")


def test_an_update_goes_to_the_resident_that_the_reference_means() -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject

    told = event("ResidentUpdated", profile(of_version=1, summary="New"), party="northfield")
    sent = desk.send("northfield", told)

    assert message_in(sent).envelope.subject == amal
    assert message_in(sent).envelope.event_name == "ResidentUpdatedSealed"


@pytest.mark.parametrize("by_id", [True, False])
def test_a_party_may_name_its_resident_by_its_reference_or_our_id(by_id: bool) -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject

    name = amal if by_id else "N-17"
    sent = about("ResidentPaused", desk, resident=name, reason="holiday")

    message = message_in(sent)
    assert message.envelope.subject == amal
    assert codec.plain(message.data) == {"resident": amal, "reason": "holiday"}
    assert sent.partition == ZEDFORD.partition


def test_a_fact_and_an_interest_are_sealed_under_the_resident_s_key() -> None:
    desk = Desk()
    desk.send("northfield", registered())

    fact = about(
        "FactGiven",
        desk,
        evidence="letter_seen",
        assessor_role="coordinator",
        assessed_on="2026-01-12",
        fact="care_leaver",
        status="true",
    )
    interest = about("InterestGiven", desk, yes=[OAKLINE_S], ranked=True)

    assert b"care_leaver" not in fact.entry.value
    assert message_in(fact).envelope.event_name == "FactGivenSealed"
    assert message_in(interest).envelope.event_name == "InterestGivenSealed"
    assert codec.plain(message_in(interest).data)["yes"] == [OAKLINE_S]


def test_why_somebody_declined_is_sealed_under_their_key() -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject or ""

    sent = about("DeclineExplained", desk, offer=OFFER, reason="The last bus leaves at six.")

    message = message_in(sent)
    assert message.envelope.event_name == "DeclineExplainedSealed"
    assert b"bus" not in sent.entry.value
    assert codec.plain(message.data)["offer"] == OFFER
    opened = open_event(message.data, key=key_of(desk, amal), subject=amal)
    assert (opened.resident, opened.reason) == (amal, "The last bus leaves at six.")


@pytest.mark.parametrize("party", ["northfield", "harbour-homes"])
def test_a_resident_who_is_unknown_or_another_s_is_refused_alike(party: str) -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject
    name = amal if party == "harbour-homes" else "N-18"

    sent = desk.send(
        party, event("ResidentPaused", {"resident": name, "reason": "holiday"}, party=party)
    )

    assert problems_in(sent) == [("resident_unknown", "/data/resident")]


def test_an_update_of_an_unknown_reference_is_refused() -> None:
    sent = Desk().send(
        "northfield", event("ResidentUpdated", profile(of_version=1), party="northfield")
    )

    assert problems_in(sent) == [("resident_unknown", "/data/reference")]


# --- erased ------------------------------------------------------------------------------


def erased_desk(*, at: str = NOON) -> tuple[Desk, str]:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered(), at=BEFORE_NOON)).envelope.subject or ""
    desk.keys.destroy(amal, at=at)
    return desk, amal


def test_a_destroyed_id_is_never_sealed_for_again() -> None:
    desk, amal = erased_desk()

    sent = desk.send("northfield", registered(), at=LATER)

    assert problems_in(sent, market=AT_HOME) == [("recently_erased", "/data/reference")]
    assert codec.plain(message_in(sent).data)["problems"][0]["lawful_value"] == "2026-01-28"
    assert amal.encode() not in sent.entry.value


def test_nothing_is_said_about_an_erased_resident() -> None:
    desk, amal = erased_desk()
    consent = {
        "resident": amal,
        "purpose": "matching",
        "notice_version": 1,
        "given_on": "2026-01-12",
    }

    sent = desk.send(
        "northfield", event("ConsentGiven", consent, party="northfield", **WHO), at=LATER
    )

    assert problems_in(sent, market=AT_HOME) == [("recently_erased", "/data/resident")]


@pytest.mark.parametrize("party", ["northfield", "zedford-council"])
def test_of_an_erased_resident_nobody_learns_by_contesting_for_them(party: str) -> None:
    desk, amal = erased_desk()

    sent = desk.send(party, contested(party, amal), at=LATER)

    assert problems_in(sent, market=AT_HOME) == [("resident_unknown", "/data/resident")]


def test_what_was_contested_before_an_erasure_is_forwarded_as_origin_only() -> None:
    desk, amal = erased_desk()

    sent = desk.send("zedford-council", contested("zedford-council", amal), at=BEFORE_NOON)

    assert problems_in(sent, market=AT_HOME) == [("erased_since", "")]


def test_what_was_said_before_an_erasure_is_forwarded_as_origin_only() -> None:
    desk, _ = erased_desk()
    record = desk.record("northfield", json.dumps(registered()).encode(), at=BEFORE_NOON)

    (sent,) = desk.intake().forward(record)

    told = message_in(sent).data
    assert isinstance(told, InputUnreadable)
    assert problems_in(sent, market=AT_HOME) == [("erased_since", "")]
    assert told.submission_id is None
    assert told.digest == hashlib.sha256(b"").hexdigest()


def test_after_the_days_a_person_returns_under_a_new_id() -> None:
    desk, amal = erased_desk()
    desk.keys.forget_destroyed(LATER)

    sent = desk.send("northfield", registered(), at=LATER)

    assert message_in(sent).envelope.subject != amal


# --- places ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (registered(outcode="QQ9"), "/data/outcode"),
        (posted(place={"outcode": "QQ9"}), "/data/place/outcode"),
    ],
)
def test_an_unserved_outcode_is_refused(told: dict[str, Any], field: str) -> None:
    sent = Desk().send(told["source"].removeprefix("/party/"), told)

    assert problems_in(sent) == [("no_market_here", field)]


def test_a_market_serves_from_the_instant_at_which_the_register_holds_it() -> None:
    desk = Desk(register=RegisterInMemory(((NOON, ZEDFORD),)))

    early = desk.send("northfield", registered(), at="2026-01-13T11:59:59.999Z")
    on_time = desk.send("northfield", registered(), at=NOON)

    assert problems_in(early) == [("no_market_here", "/data/outcode")]
    assert on_time.entry.key == b"zedford"


def test_a_full_postcode_of_an_opportunity_is_cut_to_its_outcode() -> None:
    sent = Desk().send("oakline", posted(place={"outcode": "zz1 9aa", "label": "Zedford depot"}))

    assert codec.plain(message_in(sent).data)["place"] == {
        "outcode": "ZZ1",
        "label": "Zedford depot",
    }


def test_a_full_postcode_of_a_resident_is_refused_and_nobody_is_registered() -> None:
    desk = Desk()

    sent = desk.send("northfield", registered(outcode="ZZ1 9AA"))

    assert problems_in(sent) == [("postcode_too_exact", "/data/outcode")]
    assert desk.keys.keys == {}
    assert desk.keys.references == {}


def test_a_standing_yes_names_no_full_postcode_either() -> None:
    desk = Desk()
    desk.send("northfield", registered())

    sent = about(
        "InterestGiven", desk, until="2026-06-30", standing={"outcodes": ["ZZ1", "ZZ2 9AA"]}
    )

    assert problems_in(sent) == [("postcode_too_exact", "/data/standing/outcodes/1")]


def test_whoever_moves_to_another_market_begins_anew_there() -> None:
    desk = Desk()
    desk.send("northfield", registered())
    moved = profile(of_version=1, outcode="YY1")

    updated = desk.send("northfield", event("ResidentUpdated", moved, party="northfield"))
    again = desk.send("northfield", registered(outcode="YY1"))

    assert problems_in(updated) == [("other_market", "/data/outcode")]
    assert problems_in(again) == [("other_market", "/data/outcode")]


def test_an_amendment_does_not_move_an_opportunity_to_another_market() -> None:
    amended = posting(opportunity=OAKLINE_S, of_version=1, place={"outcode": "YY1"})

    sent = Desk().send("oakline", event("OpportunityAmended", amended, party="oakline"))

    assert problems_in(sent) == [("other_market", "/data/place/outcode")]


def test_an_id_of_a_market_that_is_not_there_is_refused() -> None:
    withdrawn = {"opportunity": OAKLINE_S.replace("zedford", "atlantis"), "reason": "filled"}

    sent = Desk().send("oakline", event("OpportunityWithdrawn", withdrawn, party="oakline"))

    assert problems_in(sent) == [("market_unknown", "/data/opportunity")]


def test_a_reference_that_reads_like_an_id_of_ours_is_refused() -> None:
    sent = Desk().send("northfield", registered(reference="zedford-r-amalamalamalamal"))

    assert problems_in(sent) == [("reference_reserved", "/data/reference")]


# --- routes ------------------------------------------------------------------------------

REGISTER_EVENTS = (
    ("zedford-council", "PledgeMade", CONTRACT, {
        "contract": CONTRACT, "reference": "P-1", "measure": "jobs", "unit": "people",
        "quantity": 4, "due": [{"by": "2026-12-31", "quantity": 4}],
    }),
    ("oakline", "ContractAgreed", CONTRACT, {"contract_id": CONTRACT, "version": 1}),
    ("zedford-foothold", "LotteryCommitted", "2026Q2", {
        "epoch": "2026Q2", "commitment": "5" * 64, "contribute_by": NOON, "stand_in": 90,
    }),
    ("northfield", "DutyAssigned", "duty:northfield", {
        "on_duty": "jo-1", "deputy": "ada-2",
        "away": [{"staff": "jo-1", "first_day": "2026-02-16", "last_day": "2026-02-20"}],
    }),
    ("zedford-council", "LotteryContributed", "2026Q2", {"epoch": "2026Q2", "nonce": "6" * 64}),
    ("zedford-foothold", "LotteryRevealed", "2026Q2", {"epoch": "2026Q2", "secret": "7" * 64}),
    ("zedford-foothold", "MarketOpened", "quorn", {
        "code": "quorn", "name": "Quorn", "partition": 1, "outcodes": ["QQ1"],
        "nation": "england", "clock": "real", "now": NOON,
    }),
)  # fmt: skip


@pytest.mark.parametrize(("party", "name", "subject", "data"), REGISTER_EVENTS)
def test_what_concerns_everybody_goes_to_the_register(
    party: str, name: str, subject: str, data: dict[str, Any]
) -> None:
    sent = Desk().send(party, event(name, data, party=party, **WHO))

    assert (sent.entry.key, sent.partition) == (b"_register", 0)
    assert message_in(sent).envelope.subject == subject
    assert codec.plain(message_in(sent).data) == codec.plain(codec.event_of(name, 1, data))


# --- challenges --------------------------------------------------------------------------


@pytest.mark.parametrize("by_id", [True, False])
def test_a_partner_contests_for_its_own_resident_by_reference_or_id(by_id: bool) -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject or ""

    sent = desk.send("northfield", contested("northfield", amal if by_id else "N-17"))

    message = message_in(sent)
    assert message.envelope.subject == codec.plain(message.data)["resident"] == amal
    assert b"N-17" not in sent.entry.value


def test_an_owner_contests_for_a_resident_whom_it_names_by_our_id() -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject or ""

    sent = desk.send("zedford-council", contested("zedford-council", amal))

    message = message_in(sent)
    assert (sent.entry.key, sent.partition) == (b"zedford", ZEDFORD.partition)
    assert message.envelope.subject == codec.plain(message.data)["resident"] == amal


@pytest.mark.parametrize("name", ["N-17", f"zedford-r-{'a' * 16}", "zedford-r-amal"])
def test_nobody_contests_for_whom_neither_they_nor_we_know(name: str) -> None:
    desk = Desk()
    desk.send("northfield", registered())

    sent = desk.send("zedford-council", contested("zedford-council", name))

    assert problems_in(sent) == [("resident_unknown", "/data/resident")]


def test_nobody_contests_in_a_market_that_is_not_there() -> None:
    sent = Desk().send("zedford-council", contested("zedford-council", f"atlantis-r-{'a' * 16}"))

    assert problems_in(sent) == [("market_unknown", "/data/resident")]


def test_a_decision_goes_to_the_market_in_which_the_challenge_was_raised() -> None:
    sent = Desk().send("zedford-council", decided("zedford-480-1"))

    message = message_in(sent)
    assert (sent.entry.key, sent.partition) == (b"zedford", ZEDFORD.partition)
    assert message.envelope.subject == "zedford-480-1"


@pytest.mark.parametrize(
    ("challenge", "code"),
    [
        ("atlantis-480-1", "challenge_unknown"),
        ("_register-480-1", "challenge_unknown"),
        (OFFER, "wrong_form"),
        ("zedford", "wrong_form"),
        ("", "wrong_form"),
    ],
)
def test_a_decision_of_what_is_no_challenge_is_refused(challenge: str, code: str) -> None:
    sent = Desk().send("zedford-council", decided(challenge))

    assert problems_in(sent) == [(code, "/data/challenge")]


# --- the register and time ---------------------------------------------------------------


def test_a_market_in_a_partition_that_is_not_there_is_refused() -> None:
    quorn = {**REGISTER_EVENTS[-1][3], "partition": 12}

    sent = Desk().send("zedford-foothold", event("MarketOpened", quorn, party="zedford-foothold"))

    assert problems_in(sent) == [("partition_wrong", "/data/partition")]


def test_a_party_s_contact_is_sealed_under_a_key_of_its_own() -> None:
    desk = Desk()
    party = {
        "slug": "harbour-homes",
        "name": "Harbour Homes",
        "roles": ["partner"],
        "nation": "england",
        "working_days": ["mon", "tue"],
        "working_hours": {"starts": "09:00", "ends": "17:00"},
        "role_mailbox": "jobs@harbour-homes.example",
        "role_telephone": "01632 960 001",
    }

    sent = desk.send("zedford-foothold", event("PartyRegistered", party, party="zedford-foothold"))

    message = message_in(sent)
    assert (sent.entry.key, message.envelope.subject) == (b"_register", "party:harbour-homes")
    assert b"jobs@harbour" not in sent.entry.value
    key = key_of(desk, "party:harbour-homes")
    assert open_event(message.data, key=key, subject="party:harbour-homes").role_telephone


def test_a_tick_goes_to_the_market_that_it_names() -> None:
    def tick(market: str) -> Outgoing:
        told = event("Tick", {"market": market, "at": NOON}, party="zedford-foothold")
        return Desk().send("zedford-foothold", told)

    assert (tick("rehearsal").entry.key, tick("rehearsal").partition) == (b"rehearsal", 9)
    assert problems_in(tick("atlantis")) == [("market_unknown", "/data/market")]


def test_an_operator_confirms_the_time_of_the_market_that_it_names() -> None:
    told = event("ClockConfirmed", {"market": "zedford"}, party="zedford-foothold", **WHO)

    sent = Desk().send("zedford-foothold", told)

    assert (sent.entry.key, sent.partition) == (b"zedford", ZEDFORD.partition)
    assert message_in(sent).envelope.subject == "zedford"


def test_nobody_confirms_a_time_without_standing_for_it() -> None:
    told = event("ClockConfirmed", {"market": "zedford"}, party="zedford-foothold")

    sent = Desk().send("zedford-foothold", told)

    assert problems_in(sent) == [("who_missing", "/authtype"), ("who_missing", "/authid")]


ANSWERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("northfield", "ProposalReleased", {}),
    ("northfield", "ProposalHeld", {"reason": "not_suitable_now"}),
    ("northfield", "OfferAccepted", {}),
    ("northfield", "OfferDeclined", {}),
    ("northfield", "ContactTried", {"tried_on": "2026-01-13", "means": "telephone"}),
    ("oakline", "InterviewOffered", {"on": "2026-01-15"}),
    ("oakline", "InterviewHeld", {"on": "2026-01-15"}),
    ("northfield", "InterviewHeld", {"on": "2026-01-15"}),
    ("oakline", "HireConfirmed", {}),
    ("oakline", "HireRejected", {"reason": "did_not_attend"}),
)


@pytest.mark.parametrize(("party", "name", "data"), ANSWERS)
def test_an_answer_goes_to_the_market_of_its_offer_and_is_about_the_offer(
    party: str, name: str, data: dict[str, Any]
) -> None:
    sent = Desk().send(party, event(name, {"offer": OFFER, **data}, party=party, **WHO))

    message = message_in(sent)
    assert (sent.entry.key, sent.partition) == (b"zedford", ZEDFORD.partition)
    assert (message.envelope.event_name, message.envelope.subject) == (name, OFFER)
    assert (message.envelope.authtype, message.envelope.authid) == ("user", "ck-07")
    assert codec.plain(message.data) == {"offer": OFFER, **data}


@pytest.mark.parametrize(("party", "name", "data"), ANSWERS)
@pytest.mark.parametrize(
    ("offer", "code"),
    [
        (OFFER.replace("zedford", "atlantis"), "market_unknown"),
        (OFFER.replace("-f-", "-r-"), "wrong_form"),
        (OFFER.upper(), "wrong_form"),
        (f"_register-f-{'a' * 16}", "wrong_form"),
        ("", "wrong_form"),
        (7, "wrong_type"),
        ([OFFER], "wrong_type"),
    ],
)
def test_an_answer_about_what_is_no_offer_of_ours_is_refused_where_it_names_it(
    party: str, name: str, data: dict[str, Any], offer: Any, code: str
) -> None:
    sent = Desk().send(party, event(name, {"offer": offer, **data}, party=party, **WHO))

    assert problems_in(sent) == [(code, "/data/offer")]


def test_a_minimum_fit_is_overridden_for_the_resident_that_the_reference_means() -> None:
    desk = Desk()
    amal = message_in(desk.send("northfield", registered())).envelope.subject

    sent = about("FitOverridden", desk, opportunity=OAKLINE_S, reason="score_wrong")

    assert (sent.entry.key, message_in(sent).envelope.subject) == (b"zedford", amal)
    assert codec.plain(message_in(sent).data)["resident"] == amal
    assert b"N-17" not in sent.entry.value


# --- who and when ------------------------------------------------------------------------


def test_who_speaks_for_another_is_refused() -> None:
    sent = Desk().send("brightwork", posted())

    assert problems_in(sent) == [("source_wrong", "/source")]


@pytest.mark.parametrize(
    "name",
    [
        "MatchesRanked",
        "FitsAssessed",
        "ResidentRegisteredSealed",
        "DayBegan",
        "Receipt",
        "SlotProposed",
        "OfferDelivered",
        "OfferWithdrawn",
    ],
)
def test_what_the_service_itself_says_is_not_taken_from_a_party(name: str) -> None:
    sent = Desk().send("northfield", event(name, {"day": "2026-01-13"}, party="northfield"))

    assert problems_in(sent) == [("type_not_said_by_parties", "/type")]


def test_a_consent_that_no_member_of_staff_stands_for_is_refused() -> None:
    desk = Desk()
    desk.send("northfield", registered())
    consent = {
        "resident": "N-17",
        "purpose": "matching",
        "notice_version": 1,
        "given_on": "2026-01-12",
    }

    sent = desk.send("northfield", event("ConsentGiven", consent, party="northfield"))

    assert problems_in(sent) == [("who_missing", "/authtype"), ("who_missing", "/authid")]


@pytest.mark.parametrize(("party", "name", "data"), ANSWERS)
def test_an_answer_about_an_offer_that_no_member_of_staff_stands_for_is_refused(
    party: str, name: str, data: dict[str, Any]
) -> None:
    sent = Desk().send(party, event(name, {"offer": OFFER, **data}, party=party))

    assert problems_in(sent) == [("who_missing", "/authtype"), ("who_missing", "/authid")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("ReferralMade", {"resident": "N-17", "opportunity": OAKLINE_S}),
        ("DeclineExplained", {"resident": "N-17", "offer": OFFER, "reason": "Too far."}),
        ("ChallengeRaised", {"resident": "N-17", "opportunity": OAKLINE_S, "ground": "other"}),
        (
            "ChallengeDecided",
            {"challenge": "zedford-480-1", "upheld": False, "finding": "no_loss"},
        ),
        ("DutyAssigned", {"on_duty": "jo-1"}),
    ],
)
def test_whoever_answers_for_a_resident_or_a_duty_stands_for_it(
    name: str, data: dict[str, Any]
) -> None:
    desk = Desk()
    desk.send("northfield", registered())

    sent = desk.send("northfield", event(name, data, party="northfield"))

    assert problems_in(sent) == [("who_missing", "/authtype"), ("who_missing", "/authid")]


def test_every_problem_is_told_at_once_and_nobody_is_registered() -> None:
    desk = Desk()
    told = {**registered(birth_date="2012-01-01"), "source": "/party/brightwork"}

    sent = desk.send("northfield", told)

    assert problems_in(sent) == [("source_wrong", "/source"), ("under_18", "/data/birth_date")]
    assert desk.keys.references == {}


# --- size and shape ----------------------------------------------------------------------


def test_an_oversized_sealed_record_is_refused_before_it_is_sent() -> None:
    desk = Desk(largest=2_000)

    fits = desk.send("northfield", registered(summary="w" * 100))
    spoils = desk.send("northfield", registered(summary="w" * 2_000))

    assert message_in(fits).envelope.event_name == "ResidentRegisteredSealed"
    assert problems_in(spoils) == [("too_large", "")]
    assert len(spoils.entry.value) < 2_000


def test_what_is_too_large_to_read_is_refused_by_its_digest() -> None:
    raw = b'{"id": "' + b"x" * 300_000 + b'"}'
    desk = Desk()

    (sent,) = desk.intake().forward(desk.record("northfield", raw))

    assert problems_in(sent) == [("too_large", "")]
    assert getattr(message_in(sent).data, "digest", "") == hashlib.sha256(raw).hexdigest()


def test_what_is_unreadable_is_told_by_origin_digest_code_and_field() -> None:
    desk = Desk()
    (sent,) = desk.intake().forward(desk.record("northfield", b"\xff\xfe"))

    told = message_in(sent)
    assert told.envelope.source == "/worker/intake"
    assert codec.plain(told.data) == {
        "party": "northfield",
        "origin": {"topic_id": "id-of-northfield", "partition": 0, "offset": 1},
        "digest": hashlib.sha256(b"\xff\xfe").hexdigest(),
        "problems": [{"code": "not_utf8", "field": ""}],
    }
    assert dict(sent.entry.headers)["source-offset"] == b"1"


def test_a_topic_that_is_no_inbox_is_a_mistake_of_the_program() -> None:
    desk = Desk()
    record = replace(desk.record("northfield", b"{}"), topic="market.log.v1")

    with pytest.raises(ValueError, match="no party's inbox"):
        desk.intake().forward(record)


# --- laws --------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(raw=st.binary() | JSON.map(lambda told: json.dumps(told).encode()))
def test_forwarding_is_total_on_arbitrary_bytes(raw: bytes) -> None:
    desk = Desk()

    (sent,) = desk.intake().forward(desk.record("northfield", raw))

    assert problems_in(sent)


VALID = (
    registered(summary="Words", skills=["wiring"], days=["mon"]),
    posted(description="Words", duties=["carry"]),
    event("ConsentGiven", {"resident": "N-17", "purpose": "matching", "notice_version": 1,
          "given_on": "2026-01-12"}, party="northfield", **WHO),
    event("InterestGiven", {"resident": "N-17", "yes": [OAKLINE_S]}, party="northfield", **WHO),
    event("ProposalHeld", {"offer": OFFER, "reason": "data_wrong"}, party="northfield", **WHO),
    event("ContactTried", {"offer": OFFER, "tried_on": "2026-01-13", "means": "visit"},
          party="northfield", **WHO),
    event("DeclineExplained", {"resident": "N-17", "offer": OFFER, "reason": "Too far."},
          party="northfield", **WHO),
    event("DutyAssigned", {"on_duty": "jo-1", "away": [{"staff": "jo-1",
          "first_day": "2026-02-16", "last_day": "2026-02-20"}]}, party="northfield", **WHO),
    contested("northfield", "N-17"),
    contested("northfield", f"zedford-r-{'a' * 16}"),
    decided("zedford-480-1"),
    event("FitOverridden", {"resident": "N-17", "opportunity": OAKLINE_S, "reason": "score_wrong"},
          party="northfield", **WHO),
)  # fmt: skip


@given(data=st.data())
def test_forwarding_is_total_on_broken_submissions(data: st.DataObject) -> None:
    told: Any = json.loads(json.dumps(data.draw(st.sampled_from(VALID))))
    place: Any = told
    while isinstance(place, dict) and place:
        name = data.draw(st.sampled_from(sorted(place)))
        if isinstance(place[name], dict) and data.draw(st.booleans()):
            place = place[name]
            continue
        place[name] = data.draw(JSON | st.sampled_from(["ZZ1 9AA", "ZZ19AA", "é" * 9]))
        break
    desk = Desk()

    (sent,) = desk.intake().forward(desk.record("northfield", json.dumps(told).encode()))

    assert message_in(sent).envelope.source in ("/party/northfield", "/worker/intake")


def canaries() -> list[tuple[str, dict[str, Any]]]:
    """
    Make submissions of every kind of mistake, each with a person's words in it.
    """
    wrong: list[dict[str, Any]] = [
        registered(summary=CANARY),
        registered(summary=CANARY, birth_date="2012-01-01"),
        registered(summary=CANARY, outcode="QQ9"),
        registered(summary=CANARY, outcode=CANARY),
        registered(**{CANARY: CANARY}),
        registered(reference=f"{CANARY} {CANARY}"),
        registered(minutes_a_week={"least": CANARY, "most": CANARY}),
        registered(days=[CANARY], licences=[CANARY], skills=[CANARY] * 41),
        registered(consent={"purpose": CANARY}),
        {**registered(summary=CANARY), "type": f"foothold.{CANARY}.v1"},
        {**registered(summary=CANARY), "type": CANARY, "subject": CANARY},
        {**registered(summary=CANARY), "time": CANARY, "authid": CANARY},
        {**registered(summary=CANARY), "source": CANARY},
        {**registered(summary=CANARY), CANARY: CANARY},
        event("ResidentPaused", {"resident": CANARY, "reason": "holiday"}, party="northfield"),
        event("FactGiven", {"resident": "N-17", "fact": CANARY, "status": CANARY},
              party="northfield", **WHO),
        event("InterestGiven", {"resident": CANARY, "yes": [CANARY]}, party="northfield", **WHO),
        event("ProposalHeld", {"offer": CANARY, "reason": CANARY}, party="northfield", **WHO),
        event("FitOverridden", {"resident": CANARY, "opportunity": CANARY, "reason": CANARY},
              party="northfield", **WHO),
    ]  # fmt: skip
    return [("northfield", told) for told in wrong] + [("oakline", posted(description=CANARY))]


@pytest.mark.parametrize(("party", "told"), canaries())
def test_no_record_holds_a_value_that_a_person_could_be_known_by(
    party: str, told: dict[str, Any]
) -> None:
    sent = Desk().send(party, told)

    assert CANARY.lower().encode() not in sent.entry.value.lower()


def test_no_log_line_holds_profile_text() -> None:
    desk = Desk(largest=2_000)

    with capture_logs() as lines:
        for party, told in [*canaries(), ("northfield", registered(summary=CANARY * 100))]:
            desk.send(party, told)

    assert "too_large" in str(lines)
    assert CANARY.lower() not in str(lines).lower()
