"""
Fits and rule codes: model output entered as data, taken only for what is current.

Per pair the larger `as_of` holds, the same key again is a repeat, and the parts of one
assessment take effect together with the last. A pair that names an outdated fit version
of either side, or somebody who is not in the index, is left out and stays owed.
"""

from collections.abc import Iterator
from dataclasses import replace

from matching.market.record import Draft, Happened, Said
from matching.market.state import CarriedFit, MarketState, PendingAssessment
from schemas.facts import FactAsked
from schemas.fits import FitsAssessed, Pair, RulesAssessed
from schemas.vocabulary import Answer

BEST = 10


def decide_fits_assessed(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Take the current pairs of one part, and with the last part ask what is unknown.
    """
    assessed: FitsAssessed = said.data
    if _taken(state, assessed):
        return
    touched = _touched(state, assessed)
    current = tuple(pair for pair in assessed.pairs if _current(state, pair))
    if current == assessed.pairs:
        yield Draft(data=assessed, subject=assessed.subject, said="/message/data")
    else:
        yield Draft(data=replace(assessed, pairs=current), subject=assessed.subject)
    if _key(assessed) not in state.pending:
        yield from _questions(state, touched)


def evolve_fits_assessed(state: MarketState, event: Happened) -> None:
    assessed: FitsAssessed = event.data
    key = _key(assessed)
    pending = state.pending.setdefault(key, PendingAssessment(as_of=assessed.as_of))
    pending.parts[str(assessed.part)] = assessed.pairs
    if len(pending.parts) < assessed.parts:
        return
    del state.pending[key]
    held = state.assessed.get(_line(assessed), 0)
    state.assessed[_line(assessed)] = max(held, assessed.as_of)
    _drop_older(state, assessed)
    for part in sorted(pending.parts, key=int):
        for pair in pending.parts[part]:
            _carry(state, pair, assessed.as_of)


def decide_rules_assessed(state: MarketState, said: Said) -> Iterator[Draft]:
    assessed: RulesAssessed = said.data
    resident = state.residents.get(assessed.resident)
    if resident is None or not resident.matched or resident.version != assessed.resident_version:
        return
    # What was assessed before a ladder changed names rungs of a ladder that is no more.
    if assessed.as_of > max(resident.rules_as_of, state.rules_since - 1):
        yield Draft(
            data=assessed,
            subject=assessed.resident,
            party=resident.party,
            said="/message/data",
        )


def evolve_rules_assessed(state: MarketState, event: Happened) -> None:
    resident = state.residents[event.data.resident]
    resident.rule_codes, resident.rules_as_of = event.data.codes, event.data.as_of


def evolve_contract_agreed(state: MarketState, event: Happened) -> None:
    """
    Drop the rule codes of a contract whose ladder is agreed anew; they are owed again.
    """
    contract = event.data.contract_id
    state.rules_since = state.writing
    for resident in state.residents.values():
        resident.rule_codes = tuple(
            code for code in resident.rule_codes if code.contract != contract
        )


def evolve_fact_asked(state: MarketState, event: Happened) -> None:
    asked: FactAsked = event.data
    resident = state.residents[asked.resident]
    resident.asked[asked.fact] = event.id
    resident.open_questions = (*resident.open_questions, event.id)


def best_of(state: MarketState, resident: str) -> tuple[str, ...]:
    """
    Return the ids of a resident's best carried opportunities, best first.
    """
    fits = state.fits.get(resident, {})
    eligible = [each for each in fits if fits[each].eligible is not Answer.NO]
    return tuple(sorted(eligible, key=lambda each: (-fits[each].score, each))[:BEST])


def _touched(state: MarketState, assessed: FitsAssessed) -> set[str]:
    """
    Return the residents whom an assessment names: its subject, and those of all parts so far.
    """
    pending = state.pending.get(_key(assessed))
    earlier = pending.parts.values() if pending else ()
    named = {pair.resident for pairs in (*earlier, assessed.pairs) for pair in pairs}
    return {each for each in (*named, assessed.subject) if each in state.residents}


def _questions(state: MarketState, touched: set[str]) -> Iterator[Draft]:
    """
    Ask once for each unknown fact of a pair among a resident's best, a few at a time.
    """
    most = state.policy.most_asked_facts
    for subject in sorted(each for each in touched if each in state.fits):
        resident = state.residents[subject]
        if len(resident.open_questions) >= most:
            continue
        for opportunity in best_of(state, subject):
            for code in state.fits[subject][opportunity].unknown:
                if code not in resident.asked and len(resident.open_questions) < most:
                    yield Draft(
                        data=FactAsked(resident=subject, fact=code, opportunity=opportunity),
                        subject=subject,
                        party=resident.party,
                    )


def _carry(state: MarketState, pair: Pair, as_of: int) -> None:
    if not _current(state, pair):
        return
    fits = state.fits.setdefault(pair.resident, {})
    known = fits.get(pair.opportunity)
    if known is None or known.as_of <= as_of:
        fits[pair.opportunity] = CarriedFit(
            as_of=as_of,
            score=pair.score,
            eligible=pair.eligible,
            unknown=pair.unknown if pair.eligible is Answer.UNKNOWN else (),
            standing=pair.standing and as_of >= state.residents[pair.resident].wishes_since,
            thin=pair.thin,
        )


def _current(state: MarketState, pair: Pair) -> bool:
    resident = state.residents.get(pair.resident)
    opportunity = state.opportunities.get(pair.opportunity)
    return (
        resident is not None
        and resident.matched
        and resident.version == pair.resident_version
        and opportunity is not None
        and opportunity.status == "open"
        and opportunity.version == pair.opportunity_version
    )


def _drop_older(state: MarketState, assessed: FitsAssessed) -> None:
    """
    Drop the parts of older assessments that never became whole.
    """
    line = f"{_line(assessed)} "
    for key in [each for each in state.pending if each.startswith(line)]:
        if state.pending[key].as_of <= assessed.as_of:
            del state.pending[key]


def _taken(state: MarketState, assessed: FitsAssessed) -> bool:
    if assessed.as_of <= state.assessed.get(_line(assessed), 0):
        return True
    pending = state.pending.get(_key(assessed))
    return pending is not None and str(assessed.part) in pending.parts


def _line(assessed: FitsAssessed) -> str:
    return f"{assessed.subject} {assessed.model}"


def _key(assessed: FitsAssessed) -> str:
    return f"{_line(assessed)} {assessed.as_of}"
