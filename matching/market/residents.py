"""
Residents: who is put forward by whom, with which consents, answers and readiness.

Nothing that describes a person is known here: a profile is a sealed blob and a version.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from matching.market.local_time import latest_day, local_day
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import ConsentEntry, MarketState, ResidentEntry
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.facts import FactGivenSealed
from schemas.interests import InterestGivenSealed
from schemas.residents import Consent, ResidentRegisteredSealed, ResidentUpdatedSealed
from schemas.vocabulary import Problem, Purpose

Decision = Iterator[Draft | Refusal | Repeat]


def decide_resident_registered(state: MarketState, said: Said) -> Decision:
    registered: ResidentRegisteredSealed = said.data
    known = state.residents.get(said.subject)
    if known is not None and known.status == "erased":
        yield refused("recently_erased", "/data/reference")
    elif known is not None and known.status == "closed":
        yield refused("resident_closed", "/data/reference")
    elif known is not None and known.fingerprint == registered.fingerprint:
        yield Repeat(known.sequence)
    elif known is not None:
        yield refused("already_registered", "/data/reference", lawful=said.subject)
    elif registered.consent is None:
        yield accepted(said)
    else:
        problem = _consent_refusal(state, said, registered.consent, at="/data/consent")
        yield problem or accepted(said)
        if problem is None:
            yield _consent_of(said, registered.consent)


def decide_resident_updated(state: MarketState, said: Said) -> Decision:
    updated: ResidentUpdatedSealed = said.data
    known = state.residents[said.subject]
    if known.status == "closed":
        yield refused("resident_closed", "/data/reference")
    elif known.fingerprint == updated.fingerprint:
        yield Repeat(known.sequence)
    elif updated.of_version != known.version:
        yield refused("version_conflict", "/data/of_version", lawful=known.version)
    else:
        yield accepted(said)


def decide_status(state: MarketState, said: Said) -> Decision:
    """
    Pause, resume or close: each only from where it leads somewhere.
    """
    status = state.residents[said.subject].status
    if status == "closed":
        yield refused("resident_closed", "/data/resident")
    elif said.name == "ResidentPaused" and status == "paused":
        yield refused("resident_paused", "/data/resident")
    elif said.name == "ResidentResumed" and status == "active":
        yield refused("resident_not_paused", "/data/resident")
    else:
        yield accepted(said)


def decide_resident_erased(_: MarketState, said: Said) -> Decision:
    yield accepted(said)


def decide_consent_given(state: MarketState, said: Said) -> Decision:
    consent: ConsentGiven = said.data
    if state.residents[said.subject].status == "closed":
        yield refused("resident_closed", "/data/resident")
    else:
        yield _consent_refusal(state, said, consent, at="/data") or accepted(said)


def decide_consent_withdrawn(state: MarketState, said: Said) -> Decision:
    consent: ConsentWithdrawn = said.data
    resident = state.residents[said.subject]
    if consent.purpose is Purpose.MATCHING:
        held = resident.matching is not None
    else:
        held = (consent.supplier or "") in resident.introductions
    yield accepted(said) if held else refused("consent_missing", "/data/purpose")


def decide_fact_given(state: MarketState, said: Said) -> Decision:
    given: FactGivenSealed = said.data
    resident = state.residents[said.subject]
    if resident.status == "closed":
        yield refused("resident_closed", "/data/resident")
    elif given.asked is not None and given.asked not in resident.asked.values():
        yield refused("fact_not_asked", "/data/asked")
    elif str(given.assessed_on) > latest_day(state, said.appended_at):
        yield refused(
            "assessed_later", "/data/assessed_on", lawful=latest_day(state, said.appended_at)
        )
    else:
        yield accepted(said)


def decide_readiness_changed(state: MarketState, said: Said) -> Decision:
    if state.residents[said.subject].status == "closed":
        yield refused("resident_closed", "/data/resident")
    elif str(said.data.assessed_on) > latest_day(state, said.appended_at):
        yield refused(
            "assessed_later", "/data/assessed_on", lawful=latest_day(state, said.appended_at)
        )
    else:
        yield accepted(said)


def decide_interest_given(state: MarketState, said: Said) -> Decision:
    interest: InterestGivenSealed = said.data
    if state.residents[said.subject].status == "closed":
        yield refused("resident_closed", "/data/resident")
        return
    problems = (
        *_interest_problems(state, interest.yes, "yes"),
        *_interest_problems(state, interest.no, "no"),
        *_until_problems(state, said, interest.until),
    )
    yield Refusal(problems) if problems else accepted(said)


def evolve_resident_registered(state: MarketState, event: Happened) -> None:
    state.residents[event.subject or ""] = ResidentEntry(
        party=event.party or "",
        version=1,
        status="active",
        fingerprint=event.data.fingerprint,
        sequence=state.writing,
    )


def evolve_resident_updated(state: MarketState, event: Happened) -> None:
    resident = state.residents[event.subject or ""]
    resident.version += 1
    resident.fingerprint = event.data.fingerprint
    resident.sequence = state.writing
    resident.rule_codes = ()
    # The new profile may have answered them; what is still unknown makes room for others.
    resident.open_questions = ()
    state.fits.pop(event.subject or "", None)


def evolve_status(state: MarketState, event: Happened) -> None:
    statuses = {
        "ResidentPaused": "paused",
        "ResidentResumed": "active",
        "ResidentClosed": "closed",
        "ResidentErased": "erased",
    }
    resident = state.residents[event.subject or ""]
    resident.status = statuses[event.name]
    if event.name == "ResidentResumed":
        resident.unanswered = 0
    if event.name in ("ResidentClosed", "ResidentErased"):
        resident.matching, resident.introductions = None, {}
        resident.yes, resident.no, resident.standing_until = (), (), None
        resident.rule_codes, resident.open_questions = (), ()
    if resident.status != "active":
        state.fits.pop(event.subject or "", None)


def evolve_consent_given(state: MarketState, event: Happened) -> None:
    consent: ConsentGiven = event.data
    resident = state.residents[event.subject or ""]
    ends_on = None if consent.ends_on is None else str(consent.ends_on)
    entry = ConsentEntry(ends_on=ends_on, fields=consent.fields, event=event.id)
    if consent.purpose is Purpose.MATCHING:
        resident.matching = entry
    else:
        resident.introductions[consent.supplier or ""] = entry


def evolve_consent_withdrawn(state: MarketState, event: Happened) -> None:
    consent: ConsentWithdrawn = event.data
    resident = state.residents[event.subject or ""]
    if consent.purpose is Purpose.MATCHING:
        resident.matching = None
        state.fits.pop(event.subject or "", None)
    else:
        resident.introductions.pop(consent.supplier or "", None)


def evolve_fact_given(state: MarketState, event: Happened) -> None:
    resident = state.residents[event.subject or ""]
    resident.facts = (*resident.facts, event.id)
    asked = event.data.asked
    resident.open_questions = tuple(each for each in resident.open_questions if each != asked)


def evolve_readiness_changed(state: MarketState, event: Happened) -> None:
    resident = state.residents[event.subject or ""]
    if not event.data.ready:
        resident.ready_since = None
    elif resident.ready_since is None:
        resident.ready_since = state.now


def evolve_interest_given(state: MarketState, event: Happened) -> None:
    interest: InterestGivenSealed = event.data
    resident = state.residents[event.subject or ""]
    resident.yes, resident.ranked, resident.no = interest.yes, interest.ranked, interest.no
    resident.standing_until = None if interest.until is None else str(interest.until)
    resident.wishes_since = state.writing
    # Whoever says what they want is in touch.
    resident.unanswered = 0
    # Whether a pair meets a standing yes was found by the terms that this one replaces.
    for fit in state.fits.get(event.subject or "", {}).values():
        fit.standing = False


def decide_key_destroyed(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Note that a key is gone; said again it leaves no record.
    """
    resident = state.residents.get(said.data.resident)
    if resident is not None and resident.status == "erased" and not resident.key_destroyed:
        yield Draft(
            data=said.data,
            subject=said.data.resident,
            party=resident.party,
            said="/message/data",
        )


def evolve_key_destroyed(state: MarketState, event: Happened) -> None:
    state.residents[event.subject or ""].key_destroyed = True


def end_consents(state: MarketState) -> None:
    """
    End the consents whose last day has passed, on the first tick of a day.
    """
    for subject, resident in state.residents.items():
        if _over(resident.matching, state.day):
            resident.matching = None
            state.fits.pop(subject, None)
        ended = [who for who, entry in resident.introductions.items() if _over(entry, state.day)]
        for who in ended:
            del resident.introductions[who]


def _over(consent: ConsentEntry | None, day: str) -> bool:
    return consent is not None and consent.ends_on is not None and consent.ends_on < day


def _consent_refusal(
    state: MarketState, said: Said, consent: Consent | ConsentGiven, *, at: str
) -> Refusal | None:
    today = local_day(state, state.now)
    if str(consent.given_on) > latest_day(state, said.appended_at):
        return refused("given_later", f"{at}/given_on", lawful=latest_day(state, said.appended_at))
    if consent.ends_on is not None and str(consent.ends_on) < today:
        return refused("consent_ended", f"{at}/ends_on", lawful=today)
    if consent.supplier is not None and consent.supplier not in state.parties:
        return refused("supplier_unknown", f"{at}/supplier")
    return None


def _consent_of(said: Said, consent: Consent) -> Draft:
    return Draft(
        data=ConsentGiven(
            resident=said.subject,
            purpose=consent.purpose,
            supplier=consent.supplier,
            fields=consent.fields,
            notice_version=consent.notice_version,
            given_on=consent.given_on,
            ends_on=consent.ends_on,
        ),
        subject=said.subject,
        party=said.party,
    )


def _interest_problems(state: MarketState, named: tuple[str, ...], field: str) -> Iterator[Problem]:
    for at, opportunity in enumerate(named):
        entry = state.opportunities.get(opportunity)
        if entry is None:
            yield Problem(code="opportunity_unknown", field=f"/data/{field}/{at}")
        elif entry.status == "withdrawn" and field == "yes":
            yield Problem(code="opportunity_withdrawn", field=f"/data/{field}/{at}")
        elif entry.status == "closed" and field == "yes":
            yield Problem(code="opportunity_closed", field=f"/data/{field}/{at}")


def _until_problems(state: MarketState, said: Said, until: date | None) -> Iterator[Problem]:
    """
    A standing yes is dated, and renewed with the resident when its time is over.
    """
    today = local_day(state, state.now)
    last = date.fromisoformat(latest_day(state, said.appended_at)) + timedelta(
        days=state.policy.standing_days
    )
    if until is not None and str(until) < today:
        yield Problem(code="standing_past", field="/data/until", lawful_value=today)
    elif until is not None and until > last:
        yield Problem(code="standing_too_long", field="/data/until", lawful_value=str(last))
