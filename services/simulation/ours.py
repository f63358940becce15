"""
The rule of the product, played through the real fold with the events that parties say.

The matcher's and the notifier's part is said at once; coordinators and the supplier take
their time. Every hour has its tick.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial

from matching.market.record import Happened
from matching.market.state import MarketState
from schemas.consents import ConsentGiven
from schemas.fits import FitsAssessed, Pair, Parts, RuleCode, RulesAssessed
from schemas.interests import InterestGivenSealed
from schemas.introductions import CONTACT, ContactTried, Means
from schemas.readiness import ReadinessChanged
from schemas.residents import Consent, ResidentClosed, ResidentRegisteredSealed, ResidentResumed
from schemas.slots import (
    HireConfirmed,
    OfferAccepted,
    OfferDeclined,
    OfferDelivered,
    ProposalReleased,
)
from schemas.ticks import Tick
from schemas.vocabulary import Answer, Purpose
from services.simulation.ledger import Trial
from services.simulation.market import OPERATOR, Founding, founded, packaged_rules
from services.simulation.terms import CLAUSE, CONTRACT, Conduct, contract, posted
from services.simulation.world import (
    DAY_HOURS,
    SUPPLIER,
    SUPPLIER_LAGS,
    WEEK_HOURS,
    WEEKS_BEFORE,
    Person,
    Posting,
    World,
    day_of,
    instant_of,
)

# After the last fence, until what was accepted is confirmed.
RUN_OUT = 10 * DAY_HOURS
# By nobody's answer, or by the supplier's no.
ENDED = ("OfferLapsed", "OfferWithdrawn", "HireRejected")


class Play:
    """
    One world, played hour by hour.

    Args:
        world: what is there.
        conduct: what the contract and the policy say.
    """

    def __init__(self, world: World, conduct: Conduct) -> None:
        self.world, self.conduct = world, conduct
        self.begins = -(WEEKS_BEFORE * WEEK_HOURS + DAY_HOURS)
        self.market = founded(
            Founding(
                contract_id=CONTRACT,
                contract=contract(world.setting, conduct),
                rules=packaged_rules(live_offers=conduct.live_offers),
                at=instant_of(self.begins),
                secrets={each: (world.secret(each), world.nonce(each)) for each in world.epochs},
            )
        )
        self.hour = self.begins
        self.people = {person.id: person for person in world.people}
        self.postings = {posting.id: posting for posting in world.postings}
        self.trials: dict[str, Trial] = {}
        self.here: dict[str, Person] = {}
        self.open: list[Posting] = []
        self.said_yes: dict[str, list[str]] = defaultdict(list)
        self.agenda: dict[int, list[Callable[[], None]]] = defaultdict(list)
        self._plan()

    @property
    def state(self) -> MarketState:
        """
        The market as it stands.
        """
        return self.market.state

    def run(self) -> tuple[Trial, ...]:
        """
        Play all hours, and return what became of each proposal.
        """
        end = max((posting.ends for posting in self.world.postings), default=0) + RUN_OUT
        for hour in (*sorted(each for each in self.agenda if each < 0), *range(end)):
            self._pass(hour)
        return tuple(self.trials.values())

    def _pass(self, hour: int) -> None:
        self.hour = hour
        self._take(self.market.say(Tick(market=self.state.code, at=instant_of(hour)), by=OPERATOR))
        # What is said may bring on more in the same hour.
        for act in self.agenda.get(hour, ()):
            act()
        self.agenda.pop(hour, None)

    def _plan(self) -> None:
        """
        Put everything on the agenda that does not depend on what the market decides.
        """
        for person in self.world.people:
            self.agenda[person.leaves].append(partial(self._leave, person))
        for person in self.world.people:
            self.agenda[person.ready].append(partial(self._arrive, person))
        for posting in self.world.postings:
            self.agenda[posting.at].append(partial(self._post, posting))
        wanted: dict[tuple[int, str], list[str]] = defaultdict(list)
        for yes in self.world.yeses:
            wanted[yes.at, yes.person.id].append(yes.posting.id)
        for (hour, person_id), named in wanted.items():
            self.agenda[hour].append(partial(self._want, self.people[person_id], named))

    # --- what is said -----------------------------------------------------------------------

    def _arrive(self, person: Person) -> None:
        day = day_of(self.hour)
        given = Consent(purpose=Purpose.MATCHING, notice_version=1, given_on=day)
        self._by_partner(
            person,
            ResidentRegisteredSealed(
                consent=given, sealed="AAAA", fingerprint=(person.id.encode().hex() * 4)[:64]
            ),
        )
        self._by_partner(
            person,
            ReadinessChanged(
                resident=person.id,
                ready=True,
                evidence="interview",
                assessor_role="coach",
                assessed_on=day,
            ),
        )
        # Beforehand, so that an acceptance alone decides when somebody is introduced.
        self._by_partner(
            person,
            ConsentGiven(
                resident=person.id,
                purpose=Purpose.INTRODUCTION,
                supplier=SUPPLIER,
                fields=(CONTACT,),
                notice_version=1,
                given_on=day,
            ),
        )
        self.market.say(self._rules_of(person), worker="matcher")
        self.here[person.id] = person
        self._assess(person.id, [self._pair(person, posting) for posting in self._still_open()])

    def _leave(self, person: Person) -> None:
        """
        Close a resident who found no place; who did stays.
        """
        if self.here.pop(person.id, None) and not self.state.residents[person.id].placed:
            self._by_partner(person, ResidentClosed(resident=person.id, reason="moved_away"))

    def _post(self, posting: Posting) -> None:
        self._take(self.market.say(posted(posting), by=SUPPLIER, subject=posting.id))
        self.open.append(posting)
        self._assess(posting.id, [self._pair(each, posting) for each in self.here.values()])

    def _want(self, person: Person, named: list[str]) -> None:
        if person.id not in self.here or self.state.residents[person.id].placed:
            return
        open_now = {posting.id for posting in self._still_open()}
        known = self.said_yes[person.id]
        known[:] = [each for each in (*known, *named) if each in open_now]
        told = InterestGivenSealed(
            resident=person.id, yes=tuple(known), sealed="AAAA", fingerprint="0" * 64
        )
        self._by_partner(person, told)

    def _release(self, offer: str) -> None:
        if self.state.offers[offer].status == "proposed":
            self._by_partner(self.trials[offer].person, ProposalReleased(offer=offer), about=offer)

    def _deliver(self, offer: str) -> None:
        trial = self.trials[offer]
        trial.offered = self.hour
        self._delivered(offer)
        pair = self.world.pair(trial.person, trial.posting)
        if pair.answers or self.conduct.silence_told:
            answer = self._accept if pair.willing else self._decline
            self.agenda[self.hour + trial.person.lag].append(partial(answer, offer))
        else:
            # Who never answers was tried, so the silence is their own and takes their turn.
            tried = ContactTried(offer=offer, tried_on=day_of(self.hour), means=Means.TELEPHONE)
            self._by_partner(trial.person, tried, about=offer)

    def _accept(self, offer: str) -> None:
        if self.state.offers[offer].status != "offered":
            return
        trial = self.trials[offer]
        trial.accepted = self.hour
        self._by_partner(trial.person, OfferAccepted(offer=offer), about=offer)
        lag = self.world.chance.between(0, len(SUPPLIER_LAGS) - 1, "confirms", offer)
        self.agenda[self.hour + SUPPLIER_LAGS[lag]].append(partial(self._confirm, offer))

    def _decline(self, offer: str) -> None:
        if self.state.offers[offer].status == "offered":
            # This hour's round is over.
            self.trials[offer].until = self.hour + 1
            self._by_partner(self.trials[offer].person, OfferDeclined(offer=offer), about=offer)

    def _confirm(self, offer: str) -> None:
        if self.state.offers[offer].status == "accepted":
            self._take(self.market.say(HireConfirmed(offer=offer), by=SUPPLIER, subject=offer))

    # --- what is heard ----------------------------------------------------------------------

    def _take(self, events: tuple[Happened, ...]) -> None:
        for event in events:
            if event.name == "SlotProposed":
                self._proposed(event)
            elif event.name == "SlotOffered":
                self._deliver(event.data.offer)
            elif event.name in ENDED:
                trial = self.trials[event.data.offer]
                trial.lost, trial.until = trial.accepted is not None, self.hour
            elif event.name == "ResidentPaused":
                # Their partner speaks to them in the same hour, so nobody stays away for it.
                person = self.people[event.data.resident]
                self._by_partner(person, ResidentResumed(resident=person.id))

    def _proposed(self, event: Happened) -> None:
        offer, person = event.data.offer, self.people[event.data.resident]
        self.trials[offer] = Trial(
            person=person, posting=self.postings[event.data.opportunity], proposed=self.hour
        )
        self._delivered(offer)
        lag = 0 if self.conduct.release_at_once else person.lag
        self.agenda[self.hour + lag].append(partial(self._release, offer))

    def _delivered(self, offer: str) -> None:
        event = self.state.offers[offer].undelivered or ""
        self.market.say(OfferDelivered(offer=offer, event=event), worker="notifier")

    # --- parts ------------------------------------------------------------------------------

    def _by_partner(self, person: Person, data: object, *, about: str | None = None) -> None:
        self._take(self.market.say(data, by=person.partner, subject=about or person.id))

    def _still_open(self) -> list[Posting]:
        """
        Return the postings that are not public yet.
        """
        reserved = self.state.reserved
        self.open = [each for each in self.open if not reserved[each.id].groups[0].public]
        return self.open

    def _rules_of(self, person: Person) -> RulesAssessed:
        code = RuleCode(contract=CONTRACT, clause=CLAUSE, rung=person.rung)
        return RulesAssessed(
            resident=person.id, resident_version=1, as_of=self.state.sequence, codes=(code,)
        )

    def _assess(self, subject: str, pairs: list[Pair]) -> None:
        if pairs:
            told = FitsAssessed(
                subject=subject,
                model="simulated",
                as_of=self.state.sequence,
                part=1,
                parts=1,
                pairs=tuple(pairs),
            )
            self.market.say(told, worker="matcher")

    def _pair(self, person: Person, posting: Posting) -> Pair:
        score = self.world.pair(person, posting).score
        return Pair(
            resident=person.id,
            resident_version=1,
            opportunity=posting.id,
            opportunity_version=1,
            eligible=Answer.YES,
            score=score,
            parts=Parts(dense=score, cover=score, lexical=score),
        )
