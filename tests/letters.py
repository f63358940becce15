"""
A market in which what describes people is really sealed, for what opens it again.

People and firms are invented. The keys are made of their names, so that a test can have one.
"""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from schemas.codec import event_of, plain
from schemas.facts import FactGiven
from schemas.opportunities import OpportunityPosted
from schemas.parties import PartyRegistered
from schemas.residents import Consent, ResidentRegistered, WeeklyMinutes
from schemas.slots import OfferAccepted, ProposalReleased
from schemas.vocabulary import Day, FactStatus, Purpose, Role
from services.sealing import Key, seal_event
from tests.builders import (
    OPERATOR,
    OWNER,
    PARTNER,
    SUPPLIER,
    TODAY,
    delivered,
    fenced,
    fits,
    market_of,
    opportunity,
    pair,
    party,
    proposals,
    readiness,
    register_market,
    resident,
    rule_codes,
    says,
    tick,
    with_contract,
)
from tests.exports import ChainedMarket, chained
from tests.keys_in_memory import KeysInMemory

ROOFER = opportunity("F-1")
FIRST_ROUND = "2026-01-15T13:05:00.000Z"

# A value for each field of a profile that stands nowhere else.
CANARIES: dict[str, Any] = {
    "reference": "CANARY-1",
    "birth_date": date(1999, 5, 4),
    "outcode": "ZZ7",
    "max_travel_metres": 23_457,
    "minutes_a_week": WeeklyMinutes(least=1_231, most=2_347),
    "earliest_start": "06:13",
    "latest_end": "21:47",
    "days": (Day.MON, Day.SAT),
    "available_from": date(2026, 1, 19),
    "licences": ("canary_licence",),
    "right_to_work": True,
    "summary": "Canary summary\nin two lines.",
    "skills": ("Canary skill with `marks`",),
    "experience": ("Canary experience",),
    "barriers": ("canary_barrier",),
    "pay_floor_pence": 1_379,
    "notes": "Canary note",
}


@dataclass(slots=True, kw_only=True)
class SealedMarket:
    """
    Zedford with its parties, one posting and its keys.
    """

    market: ChainedMarket
    keys: KeysInMemory = field(default_factory=KeysInMemory)

    def key(self, subject: str) -> Key:
        found = self.keys.create(subject, Key(sha256(subject.encode()).digest()))
        assert isinstance(found, Key)
        return found

    def sealed(self, data: Any, *, subject: str) -> Any:
        return seal_event(data, key=self.key(subject), subject=subject, origin=f"t-{subject}")

    def say(self, data: Any, *, by: str, subject: str, who: str | None = "sam-01") -> Any:
        return self.market.say(data, by=by, subject=subject, who=who)

    def put_forward(self, name: str, **profile: Any) -> str:
        """
        Register somebody with their details, ready, assessed and wanting the posting.
        """
        subject = resident(name)
        told: dict[str, Any] = {
            "reference": f"N-{name}",
            "birth_date": date(2001, 3, 2),
            "outcode": "ZZ1",
        }
        consent = Consent(purpose=Purpose.MATCHING, notice_version=1, given_on=TODAY)
        made = ResidentRegistered(consent=consent, **(told | profile))
        self.say(self.sealed(made, subject=subject), by=PARTNER, subject=subject)
        return subject

    def wanting(self, name: str, *, ready: bool = True, **profile: Any) -> str:
        subject = self.put_forward(name, **profile)
        if ready:
            self.say(readiness(name), by=PARTNER, subject=subject)
        self.market.say(rule_codes(self.market, name), worker="matcher")
        self.say(says(name, ROOFER), by=PARTNER, subject=subject)
        told = fits(subject, pair(name, ROOFER), as_of=self.market.state.sequence)
        self.market.say(told, worker="matcher")
        return subject

    def fact(self, name: str, code: str = "care_experienced") -> None:
        subject = resident(name)
        given = FactGiven(
            resident=subject,
            evidence="letter_seen",
            assessor_role="coach",
            assessed_on=TODAY,
            fact=code,
            status=FactStatus.TRUE,
        )
        self.say(self.sealed(given, subject=subject), by=PARTNER, subject=subject)

    def proposed(self, name: str = "amal") -> str:
        subject = resident(name)
        made = proposals(tick(self.market, FIRST_ROUND))
        (offer,) = [each.offer for each in made if each.resident == subject]
        delivered(self.market, offer)
        return offer

    def accepted(self, name: str = "amal") -> str:
        offer = self.proposed(name)
        self.say(ProposalReleased(offer=offer), by=PARTNER, subject=offer)
        delivered(self.market, offer)
        self.say(OfferAccepted(offer=offer), by=PARTNER, subject=offer)
        return offer


def sealed_market() -> SealedMarket:
    """
    Zedford at noon on 13 January, with offices that can be called, and one posting.
    """
    keys = KeysInMemory()
    register = register_market()
    made = SealedMarket(market=chained(market_of(register)), keys=keys)
    for slug, role in ((OWNER, Role.OWNER), (SUPPLIER, Role.SUPPLIER), (PARTNER, Role.PARTNER)):
        told = plain(party(slug, role))
        office = {"role_mailbox": f"desk@{slug}.example", "role_telephone": "+44 1632 960123"}
        kept = {name: told[name] for name in told if name not in ("sealed", "fingerprint")}
        clear: PartyRegistered = event_of("PartyRegistered", 1, {**kept, **office})
        register.say(
            made.sealed(clear, subject=f"party:{slug}"), by=OPERATOR, subject=f"party:{slug}"
        )
    with_contract(register)
    made = SealedMarket(market=chained(market_of(register)), keys=keys)
    tick(made.market, "2026-01-13T12:05:00.000Z")
    advert = {name: item for name, item in plain(fenced()).items() if name != "fingerprint"}
    advert.pop("sealed")
    clear_advert: OpportunityPosted = event_of(
        "OpportunityPosted",
        1,
        {**advert, "title": "Roofer", "role_mailbox": f"jobs@{SUPPLIER}.example"},
    )
    made.say(made.sealed(clear_advert, subject=ROOFER), by=SUPPLIER, subject=ROOFER)
    return made
