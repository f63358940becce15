"""
What each event of the log does to the matcher's memory, and which debts it makes.

A debt arises where text or eligibility changed (a new version, a fact, a standing yes),
where somebody comes into the index (consent, resumption), from a yes on a pair without a
score, and from a rule code whose day has come. The matcher's own results strike it off.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from matching.market.record import Happened
from schemas import codec
from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.contracts import Clause, ContractAgreed, ContractRegistered
from schemas.fits import FitsAssessed, RulesAssessed
from schemas.interests import InterestGivenSealed
from schemas.markets import MarketOpened
from schemas.opportunities import Terms
from schemas.vocabulary import REGISTER, Purpose, event_type

if TYPE_CHECKING:
    from services.storage.assessments import AssessmentBook

FITS, RULES = "fits", "rules"
ONE_DAY = timedelta(days=1)


def project(events: tuple[Happened, ...], *, book: "AssessmentBook") -> None:
    """
    Apply one record of a market's log.

    Args:
        events: the record's events, in order; the register's own change nothing here.
        book: the matcher's memory, open for this record.
    """
    if book.market == REGISTER:
        return
    for event in events:
        handle = HANDLERS.get(event.name)
        if handle is not None:
            handle(event, book)


def _market_opened(event: Happened, book: "AssessmentBook") -> None:
    opened: MarketOpened = event.data
    if opened.code != book.market:
        return
    patches = {patch.name: patch.outcodes for patch in opened.patches}
    # Until the first tick begins a day, the market's first instant tells it.
    book.open_market(partition=opened.partition, day=opened.now[:10], patches=patches)


def _day_began(event: Happened, book: "AssessmentBook") -> None:
    book.begin_day(str(event.data.day))


def _rules_adopted(event: Happened, book: "AssessmentBook") -> None:
    book.keep_rules(codec.plain(event.data))


def _contract_registered(event: Happened, book: "AssessmentBook") -> None:
    terms: ContractRegistered = event.data
    reaches = book.market in terms.markets
    book.keep_contract(
        event.subject or "",
        ends_before=str(terms.ends_before),
        fences=[_fence(clause) for clause in terms.clauses if clause.ring_fence and reaches],
    )


def _fence(clause: Clause) -> dict[str, Any]:
    assert clause.ring_fence is not None
    routes = [[route.route, list(route.all_of)] for route in clause.ring_fence.routes]
    rungs = [[list(rung.routes), rung.everyone] for rung in clause.ring_fence.rungs]
    return {"clause": clause.clause, "routes": routes, "rungs": rungs}


def _contract_agreed(event: Happened, book: "AssessmentBook") -> None:
    agreed: ContractAgreed = event.data
    book.agree_contract(agreed.contract_id, version=agreed.version)


def _opportunity(event: Happened, book: "AssessmentBook") -> None:
    book.keep_opportunity(
        _subject(event),
        kind=event_type(event.data).wire_name,
        sealed=event.data.sealed,
        terms=_terms(event.data),
    )
    book.owe(FITS, _subject(event))


def _opportunity_withdrawn(event: Happened, book: "AssessmentBook") -> None:
    book.close_opportunity(_subject(event), status="withdrawn")


def _profile(event: Happened, book: "AssessmentBook") -> None:
    kind = event_type(event.data).wire_name
    book.keep_profile(_subject(event), kind=kind, sealed=event.data.sealed)
    _owe_resident(event, book)


def _paused(event: Happened, book: "AssessmentBook") -> None:
    book.set_status(_subject(event), "paused")


def _resumed(event: Happened, book: "AssessmentBook") -> None:
    book.set_status(_subject(event), "active")
    _owe_resident(event, book)


def _closed(event: Happened, book: "AssessmentBook") -> None:
    book.forget_resident(_subject(event), status="closed")


def _erased(event: Happened, book: "AssessmentBook") -> None:
    book.forget_resident(_subject(event), status="erased")


def _consent_given(event: Happened, book: "AssessmentBook") -> None:
    consent: ConsentGiven = event.data
    if consent.purpose is Purpose.MATCHING:
        ends_on = None if consent.ends_on is None else str(consent.ends_on)
        book.give_consent(_subject(event), ends_on=ends_on)
        _owe_resident(event, book)


def _consent_withdrawn(event: Happened, book: "AssessmentBook") -> None:
    consent: ConsentWithdrawn = event.data
    if consent.purpose is Purpose.MATCHING:
        book.end_consent(_subject(event))


def _fact_given(event: Happened, book: "AssessmentBook") -> None:
    book.keep_fact(
        event.id,
        resident=_subject(event),
        number=int(event.id.rpartition("-")[2]),
        kind=event_type(event.data).wire_name,
        sealed=event.data.sealed,
    )
    _owe_resident(event, book)


def _interest_given(event: Happened, book: "AssessmentBook") -> None:
    interest: InterestGivenSealed = event.data
    resident = _subject(event)
    had_standing = book.has_standing(resident)
    until = None if interest.until is None else str(interest.until)
    standing = interest.sealed if until else None
    book.keep_interest(resident, yes=interest.yes, standing=standing, until=until)
    stands_otherwise = had_standing or until is not None
    if book.is_matched(resident) and (stands_otherwise or book.lacks_score(resident, interest.yes)):
        book.owe(FITS, resident)


def _fits_assessed(event: Happened, book: "AssessmentBook") -> None:
    assessed: FitsAssessed = event.data
    subject, model, as_of = assessed.subject, assessed.model, assessed.as_of
    here = book.take_part(
        subject, model=model, as_of=as_of, part=assessed.part, pairs=assessed.pairs
    )
    if here == assessed.parts:
        book.carry_parts(subject, model=model, as_of=as_of)
        book.strike(FITS, subject, as_of=as_of)


def _rules_assessed(event: Happened, book: "AssessmentBook") -> None:
    assessed: RulesAssessed = event.data
    ends = sorted({code.last_day + ONE_DAY for code in assessed.codes if code.last_day})
    book.note_rule_days(assessed.resident, map(str, ends))
    book.strike(RULES, assessed.resident, as_of=assessed.as_of)


def _owe_resident(event: Happened, book: "AssessmentBook") -> None:
    """
    Owe both assessments of a resident who is in the index.
    """
    if book.is_matched(_subject(event)):
        book.owe(FITS, _subject(event))
        book.owe(RULES, _subject(event))


def _subject(event: Happened) -> str:
    return event.subject or ""


def _terms(data: Terms) -> dict[str, Any]:
    of_terms = {field.name for field in fields(Terms)}
    return {name: told for name, told in codec.plain(data).items() if name in of_terms}


HANDLERS: dict[str, Callable[[Happened, "AssessmentBook"], None]] = {
    "MarketOpened": _market_opened,
    "DayBegan": _day_began,
    "RulesAdopted": _rules_adopted,
    "ContractRegistered": _contract_registered,
    "ContractAgreed": _contract_agreed,
    "OpportunityPostedSealed": _opportunity,
    "OpportunityAmendedSealed": _opportunity,
    "OpportunityWithdrawn": _opportunity_withdrawn,
    "ResidentRegisteredSealed": _profile,
    "ResidentUpdatedSealed": _profile,
    "ResidentPaused": _paused,
    "ResidentResumed": _resumed,
    "ResidentClosed": _closed,
    "ResidentErased": _erased,
    "ConsentGiven": _consent_given,
    "ConsentWithdrawn": _consent_withdrawn,
    "FactGivenSealed": _fact_given,
    "InterestGivenSealed": _interest_given,
    "FitsAssessed": _fits_assessed,
    "RulesAssessed": _rules_assessed,
}
