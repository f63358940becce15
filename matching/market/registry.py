"""
The register: parties, markets, rules, contracts and pledges, decided once for all markets.

In the market `_register` these are decided; in every other market the same events arrive
as facts and only evolve.
"""

from collections.abc import Iterator
from datetime import timedelta

from matching.market import law
from matching.market.record import Draft, Happened, Refusal, Repeat, Said, accepted, refused
from matching.market.state import ContractEntry, MarketState, PartyEntry
from schemas.answers import NoticeGiven
from schemas.contracts import ContractAgreed, ContractRegistered
from schemas.markets import MarketOpened
from schemas.parties import PartyRegisteredSealed
from schemas.pledges import PledgeMade
from schemas.rules import RulesAdopted
from schemas.vocabulary import REGISTER, Clock, ContractKind, Role, later

# How far the operator's clock may be ahead of the broker's.
AHEAD = timedelta(minutes=2)

Decision = Iterator[Draft | Refusal | Repeat]


def decide_party_registered(state: MarketState, said: Said) -> Decision:
    party: PartyRegisteredSealed = said.data
    known = state.parties.get(party.slug)
    if known is not None and known.party.fingerprint == party.fingerprint:
        yield Repeat(known.sequence)
    elif known is not None and not _may_change(state, said, known):
        yield refused("not_yours", "/data/slug")
    elif known is not None and _is_last_operator(state, known) and not _operates(party):
        yield refused("last_operator", "/data/roles", lawful=Role.OPERATOR.value)
    else:
        yield Draft(data=party, subject=party.slug, party=said.party, said="/message/data")


def decide_market_opened(state: MarketState, said: Said) -> Decision:
    opened: MarketOpened = said.data
    known = state.markets.get(opened.code)
    if known is not None:
        yield refused("market_exists", "/data/code", lawful=known.name)
        return
    latest = later(said.appended_at, AHEAD)
    if opened.clock is Clock.REAL and opened.now > latest:
        # Ticks never go back, so such a market would stand still until that day.
        yield refused("time_ahead", "/data/now", lawful=latest)
        return
    taken = {outcode: code for code, market in state.markets.items() for outcode in market.outcodes}
    for at, outcode in enumerate(opened.outcodes):
        if outcode in taken:
            yield refused("outcode_taken", f"/data/outcodes/{at}", lawful=taken[outcode])
            return
    yield Draft(data=opened, subject=opened.code, party=said.party, said="/message/data")


def decide_rules_adopted(state: MarketState, said: Said) -> Decision:
    wanted = 1 if state.rules is None else state.rules.version + 1
    if said.data.version != wanted:
        yield refused("rules_version_wrong", "/data/version", lawful=wanted)
    else:
        yield accepted(said, party=said.party)


def decide_contract_registered(state: MarketState, said: Said) -> Decision:
    terms: ContractRegistered = said.data
    known = state.contracts.get(said.subject)
    if known is None and terms.of_version is not None:
        yield refused("contract_unknown", "/data/reference")
    elif known is None:
        yield _strangers(state, said.subject, terms) or accepted(said)
    elif known.terms == terms:
        yield Repeat(known.sequence)
    elif terms.of_version is None:
        yield refused("already_registered", "/data/reference", lawful=said.subject)
    elif terms.of_version != known.version:
        yield refused("version_conflict", "/data/of_version", lawful=known.version)
    else:
        yield _strangers(state, said.subject, terms) or accepted(said)


def to_be_agreed(state: MarketState, said: Said) -> Iterator[Draft]:
    """
    Tell the supplier that a version of a contract waits for its agreement.
    """
    contract = state.contracts[said.subject]
    yield Draft(
        data=NoticeGiven(
            party=contract.terms.supplier,
            notice="contract_awaits_agreement",
            about=said.subject,
            lawful_value=str(contract.version),
        ),
        subject=said.subject,
        party=contract.terms.supplier,
    )


def decide_pledge_made(state: MarketState, said: Said) -> Decision:
    pledge: PledgeMade = said.data
    contract = state.contracts.get(pledge.contract)
    if contract is None or contract.owner != said.party:
        yield refused("contract_unknown", "/data/contract")
        return
    known = contract.pledges.get(pledge.reference)
    clauses = {clause.clause for clause in contract.terms.clauses}
    if known == pledge:
        yield Repeat(contract.pledge_sequences[pledge.reference])
    elif known is not None:
        yield refused("pledge_exists", "/data/reference")
    elif contract.agreed_version == contract.version:
        yield refused("agreed_already", "/data/contract", lawful=contract.version)
    elif pledge.clause is not None and pledge.clause not in clauses:
        yield refused("clause_unknown", "/data/clause", lawful=", ".join(sorted(clauses)) or None)
    else:
        yield Draft(data=pledge, subject=pledge.contract, party=said.party, said="/message/data")


def decide_contract_agreed(state: MarketState, said: Said) -> Decision:
    agreed: ContractAgreed = said.data
    contract = state.contracts[agreed.contract_id]
    if agreed.version != contract.version:
        yield refused("version_conflict", "/data/version", lawful=contract.version)
    elif contract.agreed_version == agreed.version:
        yield Repeat(contract.agreed_sequence)
    else:
        yield Draft(data=agreed, subject=agreed.contract_id, party=said.party, said="/message/data")


def decide_input_unreadable(_: MarketState, said: Said) -> Decision:
    yield Draft(data=said.data, party=said.data.party, said="/message/data")


def decide_register_facts(state: MarketState, said: Said) -> Decision:
    """
    Take over what the register accepted, and tell whose pay a later rate overtakes.
    """
    for at, fact in enumerate(said.carried):
        yield Draft(
            data=fact.data,
            subject=fact.subject,
            party=fact.party,
            said=f"/message/data/events/{at}/data",
        )
        if isinstance(fact.data, RulesAdopted):
            yield from _rate_notices(state, fact.data)


def evolve_party_registered(state: MarketState, event: Happened) -> None:
    known = state.parties.get(event.data.slug)
    state.parties[event.data.slug] = PartyEntry(
        party=event.data,
        # Who first registered a party answers for its entry, whoever changes it later.
        registered_by=known.registered_by if known else event.party,
        sequence=state.writing,
        since=known.since if known else state.writing,
    )


def evolve_market_opened(state: MarketState, event: Happened) -> None:
    opened: MarketOpened = event.data
    if state.code == REGISTER and opened.code != REGISTER:
        state.markets[opened.code] = opened
    if opened.code == state.code and state.opened is None:
        state.opened = opened
        state.now = max(state.now, opened.now)


def evolve_rules_adopted(state: MarketState, event: Happened) -> None:
    state.rules = event.data


def evolve_contract_registered(state: MarketState, event: Happened) -> None:
    known = state.contracts.get(event.subject or "")
    entry = ContractEntry(
        owner=event.party or "",
        terms=event.data,
        version=known.version + 1 if known else 1,
        agreed_version=known.agreed_version if known else 0,
        sequence=state.writing,
    )
    if known is not None:
        entry.pledges, entry.pledge_sequences = known.pledges, known.pledge_sequences
        entry.agreed_sequence, entry.agreed_terms = known.agreed_sequence, known.agreed_terms
    state.contracts[event.subject or ""] = entry


def evolve_pledge_made(state: MarketState, event: Happened) -> None:
    contract = state.contracts[event.data.contract]
    contract.pledges[event.data.reference] = event.data
    contract.pledge_sequences[event.data.reference] = state.writing


def evolve_contract_agreed(state: MarketState, event: Happened) -> None:
    contract = state.contracts[event.data.contract_id]
    contract.agreed_version = event.data.version
    contract.agreed_sequence, contract.agreed_terms = state.writing, contract.terms


def _may_change(state: MarketState, said: Said, known: PartyEntry) -> bool:
    speaker = state.parties.get(said.party or "")
    if speaker is None or known.registered_by == said.party:
        return True
    return _operates(speaker.party)


def _operates(party: PartyRegisteredSealed) -> bool:
    return Role.OPERATOR in party.roles


def _is_last_operator(state: MarketState, known: PartyEntry) -> bool:
    operators = [entry for entry in state.parties.values() if _operates(entry.party)]
    return operators == [known]


def _strangers(state: MarketState, contract: str, terms: ContractRegistered) -> Refusal | None:
    supplier = state.parties.get(terms.supplier)
    if supplier is None or Role.SUPPLIER not in supplier.party.roles:
        return refused("supplier_unknown", "/data/supplier")
    for at, share in enumerate(terms.buyers):
        if share.party not in state.parties:
            return refused("buyer_unknown", f"/data/buyers/{at}/party")
    for at, code in enumerate(terms.markets):
        if code not in state.markets:
            return refused("market_unknown", f"/data/markets/{at}")
    above = state.contracts.get(terms.framework or "")
    if terms.framework is not None and (
        above is None or above.terms.kind is not ContractKind.FRAMEWORK
    ):
        return refused("contract_unknown", "/data/framework")
    if terms.parent is not None and (
        terms.parent not in state.contracts or terms.parent == contract
    ):
        return refused("contract_unknown", "/data/parent")
    return None


def _rate_notices(state: MarketState, rules: RulesAdopted) -> Iterator[Draft]:
    for subject, opportunity in sorted(state.opportunities.items()):
        if opportunity.status == "withdrawn":
            continue
        floor = law.later_floor(opportunity.terms, rules=rules)
        if floor is not None:
            yield Draft(
                data=NoticeGiven(
                    party=opportunity.party,
                    notice="pay_below_later_rate",
                    about=subject,
                    lawful_value=str(law.lawful_pence(opportunity.terms, floor)),
                    on=str(floor.valid_from),
                ),
                subject=subject,
                party=opportunity.party,
            )
