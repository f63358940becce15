"""
Who is in the index of one market, in memory: it follows the database and is never ahead of it.

Profiles are opened here and nowhere else; of a resident the words are let go once they are
prepared. Whoever left the index is out before the next assessment, since each begins by
following what the log has changed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from matching.model import OpportunityProfile, ResidentProfile, Side
from matching.ranking.pipeline import (
    Constants,
    Ground,
    Pool,
    Prepared,
)
from matching.ranking.ports import Encoder, VectorIndex
from matching.ranking.routes import Given, Person
from matching.ranking.standing import StandingYes
from schemas import codec
from schemas.fits import Pair
from schemas.opportunities import Terms
from schemas.rules import RulesAdopted
from schemas.vocabulary import Answer
from services.matcher.assessing import Versioned
from services.matcher.carried import CarriedFits
from services.matcher.opening import Keys, open_resident, open_words
from services.matcher.profiles import (
    holding,
    opportunity_profile,
    person,
    resident_profile,
    right_to_work,
)
from services.storage.debts import Changes, MarketNow, SealedOpportunity, SealedResident


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """
    What assesses: an encoder with its constants, and what eligibility reads of places and law.
    """

    encoder: Encoder
    constants: Constants
    new_index: Callable[[], VectorIndex]
    ground: Ground

    @property
    def digest(self) -> str:
        """
        Name the model, as assessments do.
        """
        return self.constants.model


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentHere:
    """
    A resident in the index, without the words that were prepared.
    """

    side: Versioned
    profile: ResidentProfile
    person: Person
    stated_right_to_work: bool | None
    yes: frozenset[str]
    standing: StandingYes | None
    standing_until: str

    @property
    def facts(self) -> tuple[Given, ...]:
        """
        The facts given, oldest first.
        """
        return self.person.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityHere:
    """
    An open opportunity in the index.
    """

    side: Versioned
    profile: OpportunityProfile


class MarketIndex:
    """
    One market's residents and open opportunities, at `as_of`, the last applied record.

    Args:
        keys: opens what is sealed.
    """

    def __init__(self, *, keys: Keys) -> None:
        self._keys = keys
        self._pools: dict[Side, Pool] = {}
        self._rules: RulesAdopted | None = None
        self.as_of = 0
        self.market: MarketNow | None = None
        self.residents: dict[str, ResidentHere] = {}
        self.opportunities: dict[str, OpportunityHere] = {}
        self.carried = CarriedFits()
        # Whose words are open and not prepared yet.
        self.unprepared: dict[str, ResidentProfile | OpportunityProfile] = {}

    # --- following the log --------------------------------------------------------------

    def follow(self, changes: Changes) -> None:
        """
        Take over what the log has changed.
        """
        before, self.market = self.market, changes.market
        if changes.market.rules is not None:
            self._rules = codec.restore(RulesAdopted, dict(changes.market.rules))
        for resident in changes.residents:
            self._follow_resident(resident)
        for opportunity in changes.opportunities:
            self._follow_opportunity(opportunity)
        for fit in changes.fits:
            self.carried.put(fit.resident, fit.opportunity, score=fit.score, counts=fit.counts)
        if before is not None and before.day != changes.market.day:
            self._begin_day()
        self.as_of = changes.as_of

    @property
    def today(self) -> date:
        """
        The market's local day.
        """
        assert self.market is not None
        return date.fromisoformat(self.market.day)

    def put(self, prepared: Iterable[Prepared], *, model: Model) -> None:
        """
        Let prepared subjects be ranked.
        """
        for each in prepared:
            self.unprepared.pop(each.id, None)
            here = self.residents.get(each.id) or self.opportunities.get(each.id)
            if here is not None:
                self.pool(prepared_side(here), model).put(here.profile, prepared=each)

    def _follow_resident(self, kept: SealedResident) -> None:
        opened = open_resident(kept, keys=self._keys) if kept.matched else None
        known = self.residents.get(kept.resident)
        if opened is None or (known is not None and known.side.version != kept.version):
            self._leave(kept.resident)
        if opened is None:
            return
        whole = resident_profile(kept.resident, opened.profile, facts=opened.facts, on=self.today)
        self.unprepared[kept.resident] = whole
        self.residents[kept.resident] = ResidentHere(
            side=Versioned(id=kept.resident, version=kept.version),
            profile=replace(whole, summary=None, skills=(), experience=()),
            person=person(opened.profile, facts=opened.facts),
            stated_right_to_work=opened.profile.right_to_work,
            yes=frozenset(kept.yes),
            standing=opened.standing,
            standing_until=kept.standing_until or "",
        )

    def _follow_opportunity(self, kept: SealedOpportunity) -> None:
        words = open_words(kept, keys=self._keys) if kept.is_open else None
        known = self.opportunities.get(kept.opportunity)
        if words is None or (known is not None and known.side.version != kept.version):
            self._leave(kept.opportunity)
        if words is None:
            return
        terms: Terms = codec.restore(Terms, dict(kept.terms))
        profile = opportunity_profile(kept.opportunity, words, terms=terms, rules=self._rules)
        self.unprepared[kept.opportunity] = profile
        self.opportunities[kept.opportunity] = OpportunityHere(
            side=Versioned(id=kept.opportunity, version=kept.version), profile=profile
        )

    def _leave(self, subject: str) -> None:
        self.unprepared.pop(subject, None)
        if self.residents.pop(subject, None) is not None:
            self.carried.forget_resident(subject)
        if self.opportunities.pop(subject, None) is not None:
            self.carried.forget_opportunity(subject)
        for pool in self._pools.values():
            pool.remove(subject)

    def _begin_day(self) -> None:
        """
        Let facts begin and end: whoever's now hold otherwise is put in anew.
        """
        for subject, here in self.residents.items():
            facts = holding(here.facts, on=self.today)
            if facts != here.profile.facts:
                right = right_to_work(here.stated_right_to_work, facts=facts)
                profile = replace(here.profile, facts=facts, right_to_work=right)
                self.residents[subject] = replace(here, profile=profile)
                pool = self._pools.get(Side.RESIDENT)
                if pool is not None and subject in pool:
                    pool.put(profile, prepared=pool.prepared(subject))

    def pool(self, side: Side, model: Model) -> Pool:
        """
        Return the prepared profiles of one side.
        """
        if side not in self._pools:
            self._pools[side] = Pool(side=side, index=model.new_index(), ground=model.ground)
        return self._pools[side]

    def carry(self, pairs: Iterable[Pair]) -> None:
        """
        Let what was just assessed count, before the log holds it.
        """
        for each in pairs:
            counts = each.eligible is not Answer.NO
            self.carried.put(each.resident, each.opportunity, score=each.score, counts=counts)


def prepared_side(here: ResidentHere | OpportunityHere) -> Side:
    """
    Return on which side a subject of the index stands.
    """
    return Side.RESIDENT if isinstance(here, ResidentHere) else Side.OPPORTUNITY
