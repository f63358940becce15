"""
Placing: in which market an event belongs, and what or whom it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, get_args

from schemas.contracts import ContractAgreed, ContractRegistered
from schemas.duties import DutyAssigned
from schemas.envelope import contract_id, market_of, opportunity_id
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.markets import MarketOpened
from schemas.opportunities import OpportunityAmended
from schemas.parties import PartyRegistered
from schemas.pledges import PledgeMade
from schemas.vocabulary import REGISTER, Pattern, Problem, ResidentId
from services.intake.ports import Keys, Markets
from services.intake.sayings import ROUTES, Route
from services.topology import PARTITIONS

REGISTER_PARTITION: Final = 0
# A reference of this form could not be told from an id of ours later.
RESIDENT_ID: Final[Pattern] = get_args(ResidentId)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """
    Where an event goes: market and partition, and our id of what it is about.
    """

    market: str
    partition: int
    subject: str | None


def market_serving(markets: Markets, outcode: str) -> MarketOpened | None:
    """
    Return the market that serves an outcode; at most one does.
    """
    opened = markets.markets
    return next((opened[code] for code in sorted(opened) if outcode in opened[code].outcodes), None)


def place(
    data: Any, *, party: str, markets: Markets, keys: Keys, draw: Callable[[], bytes]
) -> Placed | Problem:
    """
    Find an event's market and subject.

    Args:
        data: an event that parties may say.
        party: who says it.
        markets: the register as it stood.
        keys: remembers which resident a reference means; a new one is minted here.
        draw: makes the ten random bytes of a new resident's id.
    """
    match ROUTES[type(data)]:
        case Route.REGISTER:
            return _in_register(data, party=party)
        case Route.MARKET:
            return _in_market(data.market, markets, subject=data.market, field="/data/market")
        case Route.NEW_OPPORTUNITY:
            return _new_opportunity(data, party=party, markets=markets)
        case Route.OPPORTUNITY:
            return _opportunity(data, markets=markets)
        case Route.OFFER:
            home = market_of(data.offer) or ""
            return _in_market(home, markets, subject=data.offer, field="/data/offer")
        case Route.NEW_RESIDENT:
            return _new_resident(data, party=party, markets=markets, keys=keys, draw=draw)
        case Route.CHANGED_RESIDENT:
            named = _resident(data.reference, "/data/reference", party, markets, keys)
            return _at_home(named, data.outcode, "/data/outcode", markets)
        case Route.RESIDENT:
            return _resident(data.resident, "/data/resident", party, markets, keys)
        case Route.CONTESTED:
            return _contested(data.resident, party=party, markets=markets, keys=keys)
        case Route.CHALLENGE:
            return _challenge(data.challenge, markets)


def _in_register(data: Any, *, party: str) -> Placed | Problem:
    """
    Place a fact of the register; a market in no partition of ours could be sent nothing.
    """
    if isinstance(data, MarketOpened) and data.partition >= PARTITIONS:
        last = str(PARTITIONS - 1)
        return Problem(code="partition_wrong", field="/data/partition", lawful_value=last)
    return Placed(market=REGISTER, partition=REGISTER_PARTITION, subject=_fact(data, party=party))


def _fact(data: Any, *, party: str) -> str | None:
    match data:
        case PartyRegistered():
            return f"party:{data.slug}"
        case DutyAssigned():
            return f"duty:{party}"
        case ContractRegistered():
            return contract_id(owner=party, reference=data.reference)
        case ContractAgreed():
            return data.contract_id
        case PledgeMade():
            return data.contract
        case MarketOpened():
            return data.code
        case LotteryCommitted() | LotteryContributed() | LotteryRevealed():
            return data.epoch
        case _:
            return None


def _in_market(code: str, markets: Markets, *, subject: str, field: str) -> Placed | Problem:
    opened = markets.markets.get(code)
    if opened is None:
        return Problem(code="market_unknown", field=field)
    return Placed(market=code, partition=opened.partition, subject=subject)


def _new_opportunity(data: Any, *, party: str, markets: Markets) -> Placed | Problem:
    opened = market_serving(markets, data.place.outcode)
    if opened is None:
        return Problem(code="no_market_here", field="/data/place/outcode")
    subject = opportunity_id(opened.code, party=party, reference=data.reference)
    return Placed(market=opened.code, partition=opened.partition, subject=subject)


def _opportunity(data: Any, *, markets: Markets) -> Placed | Problem:
    code = market_of(data.opportunity) or ""
    placed = _in_market(code, markets, subject=data.opportunity, field="/data/opportunity")
    if isinstance(data, OpportunityAmended):
        return _at_home(placed, data.place.outcode, "/data/place/outcode", markets)
    return placed


def _new_resident(
    data: Any, *, party: str, markets: Markets, keys: Keys, draw: Callable[[], bytes]
) -> Placed | Problem:
    opened = market_serving(markets, data.outcode)
    if opened is None:
        return Problem(code="no_market_here", field="/data/outcode")
    if RESIDENT_ID.matches(data.reference):
        return Problem(code="reference_reserved", field="/data/reference")
    subject = keys.resident_for(party, data.reference, market=opened.code, draw=draw)
    # The reference may be one that the party has used before, in another market.
    named = _in_market(market_of(subject) or "", markets, subject=subject, field="/data/outcode")
    return _at_home(named, data.outcode, "/data/outcode", markets)


def _resident(name: str, field: str, party: str, markets: Markets, keys: Keys) -> Placed | Problem:
    subject = keys.resident_named(party, name)
    if subject is None:
        return Problem(code="resident_unknown", field=field)
    return _in_market(market_of(subject) or "", markets, subject=subject, field=field)


def _contested(name: str, *, party: str, markets: Markets, keys: Keys) -> Placed | Problem:
    """
    Find whom a challenge is raised for: the party's own resident, or by our id anybody's.

    The office of a contract's owner has the id from the resident's letter; whether the
    resident is its to name at this opportunity, the market judges.
    """
    subject = keys.resident_named(party, name)
    if subject is None and RESIDENT_ID.matches(name):
        subject = name
    if subject is None:
        return Problem(code="resident_unknown", field="/data/resident")
    home = market_of(subject) or ""
    return _in_market(home, markets, subject=subject, field="/data/resident")


def _challenge(named: str, markets: Markets) -> Placed | Problem:
    # A challenge is named by the event that raised it, whose id begins with its market.
    opened = markets.markets.get(named.partition("-")[0])
    if opened is None:
        return Problem(code="challenge_unknown", field="/data/challenge")
    return Placed(market=opened.code, partition=opened.partition, subject=named)


def _at_home(
    placed: Placed | Problem, outcode: str, field: str, markets: Markets
) -> Placed | Problem:
    """
    Hold an event in its market: whoever moves to another begins anew there.
    """
    if isinstance(placed, Problem):
        return placed
    opened = market_serving(markets, outcode)
    if opened is None:
        return Problem(code="no_market_here", field=field)
    if opened.code != placed.market:
        return Problem(code="other_market", field=field, lawful_value=placed.market)
    return placed
