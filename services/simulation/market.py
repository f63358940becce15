"""
A market with a simulated clock, told things as the shell would tell them, without a broker.

The register comes first: parties, the rules, the contract with its ladder, and the lottery
of each quarter. Its facts are carried to the market, as the herald does.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources
from typing import Any

from matching.market import fold
from matching.market.lottery import commitment_of
from matching.market.record import Happened, Said
from matching.market.state import MarketState, empty
from schemas.answers import RegisterFacts
from schemas.codec import restore
from schemas.contracts import ContractAgreed, ContractRegistered
from schemas.envelope import Envelope, Message
from schemas.log_record import InboxPosition, Position
from schemas.lottery import LotteryCommitted, LotteryContributed, LotteryRevealed
from schemas.markets import MarketOpened
from schemas.parties import PartyRegisteredSealed, WorkingHours
from schemas.rules import RulesAdopted
from schemas.ticks import Tick
from schemas.vocabulary import REGISTER, Clock, Day, Nation, Role, event_type, later
from services.simulation.world import LAGS, MARKET, SUPPLIER
from services.transport.records import event_body

OPERATOR, OWNER = "zedford-foothold", "zedford-council"
WEEKDAYS = (Day.MON, Day.TUE, Day.WED, Day.THU, Day.FRI)
# Until when the owner may contribute, after the founding, and when the secrets are shown.
TERM, SHOWN = timedelta(minutes=1), timedelta(minutes=2)
NOT_SAID = ("SubmissionRefused", "SubmissionRepeated", "InputUnreadable")


class Refused(RuntimeError):
    """
    The market refused what the simulator said, so the simulator says what nobody may.
    """


@dataclass(slots=True, kw_only=True)
class Telling:
    """
    A market's state, and how many things were said to it.
    """

    state: MarketState
    said: int = 0
    records: int = 0

    def say(
        self,
        data: Any,
        *,
        by: str | None = None,
        worker: str | None = None,
        subject: str | None = None,
        carried: tuple[Happened, ...] = (),
        at: str | None = None,
    ) -> tuple[Happened, ...]:
        """
        Say something as a party or a worker, now or at an instant of the broker's clock.

        Returns:
            What happened; nothing where it left no record.

        Raises:
            Refused: it does not hold.
        """
        thing = self._saying(data, by=by, worker=worker, subject=subject, carried=carried)
        thing = replace(thing, appended_at=at or thing.appended_at)
        events = fold.decide(self.state, thing) or ()
        if events:
            self.records += 1
            fold.link(self.state, sequence=self.state.writing, digest=self._digest(thing, events))
        if any(event.name == "SubmissionRefused" for event in events):
            raise Refused(f"{thing.name}: {[problem.code for problem in events[0].data.problems]}")
        return events

    def open(self, opened: MarketOpened) -> None:
        """
        Write the first record.
        """
        fold.open_market(self.state, opened)
        fold.link(self.state, sequence=1, digest=self.state.digest)

    def _saying(
        self,
        data: Any,
        *,
        by: str | None,
        worker: str | None,
        subject: str | None,
        carried: tuple[Happened, ...],
    ) -> Said:
        self.said += 1
        envelope = Envelope(
            id=f"said-{self.said}",
            source=f"/party/{by}" if by else f"/worker/{worker}",
            type=event_type(data).wire_name,
            subject=subject,
        )
        message: dict[str, Any] = {
            "id": envelope.id,
            "source": envelope.source,
            "type": envelope.type,
        }
        if isinstance(data, RegisterFacts):
            message["data"] = {"register_sequence": data.register_sequence}
        return Said(
            message=Message(envelope=envelope, data=data),
            source=Position(topic_id=f"inbox-{by}", partition=0, offset=self.said) if by else None,
            inbox=InboxPosition(topic_id="inbox", offset=self.said),
            appended_at=data.at if isinstance(data, Tick) else self.state.now,
            told={"message": message},
            carried=carried,
        )

    def _digest(self, thing: Said, events: Iterable[Happened]) -> str:
        told = [self.state.digest, thing.key, *(f"{event.id} {event.name}" for event in events)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class Founding:
    """
    What stands in the register before the market begins.
    """

    contract_id: str
    contract: ContractRegistered
    rules: RulesAdopted
    at: str
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict)


def founded(founding: Founding) -> Telling:
    """
    Make a market that knows parties, rules, contract and lotteries.
    """
    register = Telling(state=empty(REGISTER))
    register.open(replace(_opened(REGISTER, founding.at), partition=0, clock=Clock.REAL))
    market = Telling(state=empty(MARKET))
    market.open(_opened(MARKET, founding.at))
    for data, speaker, subject in _sayings(founding):
        if speaker is None:
            facts = register.say(data, worker="bootstrap", subject=subject)
        else:
            at = later(founding.at, SHOWN) if isinstance(data, LotteryRevealed) else None
            facts = register.say(data, by=speaker, subject=subject, at=at)
        _carry(market, facts, sequence=register.state.sequence)
    return market


def packaged_rules(*, live_offers: int = 1) -> RulesAdopted:
    """
    Return this release's rules, in a year without bank holidays.
    """
    text = resources.files("services.data").joinpath("law.json").read_bytes()
    rules: RulesAdopted = restore(RulesAdopted, json.loads(text))
    policy = replace(rules.policy, most_live_offers=live_offers)
    return replace(rules, bank_holidays=(), policy=policy)


def _sayings(founding: Founding) -> Iterable[tuple[Any, str | None, str | None]]:
    yield _party(OPERATOR, Role.OPERATOR), None, f"party:{OPERATOR}"
    yield founding.rules, None, None
    for slug, role in ((OWNER, Role.OWNER), (SUPPLIER, Role.SUPPLIER)):
        yield _party(slug, role), OPERATOR, slug
    for slug in LAGS:
        yield _party(slug, Role.PARTNER), OPERATOR, slug
    yield _opened(MARKET, founding.at), OPERATOR, MARKET
    yield founding.contract, OWNER, founding.contract_id
    agreed = ContractAgreed(contract_id=founding.contract_id, version=1)
    yield agreed, SUPPLIER, founding.contract_id
    for epoch, (secret, nonce) in founding.secrets.items():
        committed = LotteryCommitted(
            epoch=epoch,
            commitment=commitment_of(secret),
            contribute_by=later(founding.at, TERM),
            stand_in=1_000_000,
        )
        yield committed, OPERATOR, epoch
        yield LotteryContributed(epoch=epoch, nonce=nonce), OWNER, epoch
        yield LotteryRevealed(epoch=epoch, secret=secret), OPERATOR, epoch


def _carry(market: Telling, facts: tuple[Happened, ...], *, sequence: int) -> None:
    carried = tuple(fact for fact in facts if fact.name not in NOT_SAID)
    if carried:
        bodies = tuple(event_body(replace(fact, said=None)) for fact in carried)
        told = RegisterFacts(register_sequence=sequence, events=bodies)
        market.say(told, worker="herald", carried=carried)


def _opened(code: str, at: str) -> MarketOpened:
    return MarketOpened(
        code=code,
        name=code.title(),
        partition=1,
        outcodes=() if code == REGISTER else ("ZZ1",),
        nation=Nation.ENGLAND,
        clock=Clock.SIMULATED,
        now=at,
    )


def _party(slug: str, role: Role) -> PartyRegisteredSealed:
    return PartyRegisteredSealed(
        slug=slug,
        name=slug,
        roles=(role,),
        nation=Nation.ENGLAND,
        working_days=WEEKDAYS,
        working_hours=WorkingHours(starts="09:00", ends="17:00"),
        sealed="AAAA",
        fingerprint=hashlib.sha256(slug.encode()).hexdigest(),
    )
