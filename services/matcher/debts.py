"""
Working debts off: what is owed is assessed, said to the market, and stays owed until the log
holds it.

Everything here is plain and blocking; `agents` runs it in a thread of its own. What was said
and is not on the log yet is known in memory only: a killed matcher says it again, which
changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from matching.model import OpportunityProfile, ResidentProfile
from matching.ranking.pipeline import Prepared, prepare_opportunity, prepare_resident, statements
from matching.ranking.prepared import NotPrepared
from matching.ranking.profile_text import normalised, phrase_hash, side_of, text_hash
from schemas.envelope import market_of
from services.matcher.comparing import assess_opportunity, assess_resident
from services.matcher.handlers import RULES
from services.matcher.index import MarketIndex, Model
from services.matcher.messages import fits_assessed, outgoing
from services.matcher.opening import Keys
from services.matcher.rule_codes import assess_rules
from services.storage.debts import Debt, DebtStore
from services.storage.vectors import PreparedText, VectorStore
from services.transport.ports import Outgoing

AT_ONCE = 32
# Texts that are prepared between two looks at the log.
PREPARED_AT_ONCE = 16
# While so many wait for the log, nothing more is said: the market is not flooded.
LOOKED_AT = 2_000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """
    What came of one look at the debts.

    Attributes:
        messages: what to say, in order.
        paid: which debts that pays, each with the `as_of` of its assessment.
        more: whether there may be more to do at once.
    """

    messages: tuple[Outgoing, ...] = ()
    paid: tuple[tuple[Key, int], ...] = ()
    more: bool = False


class Assessor:
    """
    Works debts off, market by market.

    Args:
        debts: what is owed and what changed.
        vectors: what was prepared before.
        keys: opens what is sealed.
        load: loads the model, on its first use; rule codes need none.
    """

    def __init__(
        self, *, debts: DebtStore, vectors: VectorStore, keys: Keys, load: Callable[[], Model]
    ) -> None:
        self._debts = debts
        self._vectors = vectors
        self._keys = keys
        self._load = load
        self._model: Model | None = None
        self._indexes: dict[str, MarketIndex] = {}
        self._days: dict[str, str] = {}
        self._said: dict[Key, int] = {}

    def work(self) -> Worked:
        """
        Follow the log in one market that owes something, and assess some of it.

        Returns:
            What to say. Nothing of it counts as said before `said` is told so.
        """
        owed = self._unsaid()
        if not owed:
            self._keep_up()
            return Worked()
        market, kind = owed[0].market, owed[0].kind
        mine = [each for each in owed if (each.market, each.kind) == (market, kind)]
        if kind == RULES:
            return self._assess_rules(mine[:AT_ONCE], self._follow(market))
        model = self._loaded()
        index = self._follow(market)
        self._prepare(index, model)
        ready = [each for each in mine if _is_ready(each.subject, index)][:AT_ONCE]
        return self._assess_fits(ready, index, model) if ready else Worked(more=True)

    def said(self, worked: Worked) -> None:
        """
        Note that every message of it has its receipt.
        """
        self._said.update(worked.paid)

    def leave_no_trace(self) -> None:
        """
        Take deleted rows out of the files of the database too.
        """
        self._keep_up()
        self._debts.leave_no_trace()

    def _keep_up(self) -> None:
        """
        Let whoever left since the last assessment leave the memory as well.
        """
        for market in tuple(self._indexes):
            self._follow(market)

    def _unsaid(self) -> list[Debt]:
        owed = self._debts.owed(at_most=LOOKED_AT)
        return [debt for debt in owed if self._said.get(_key(debt), -1) < debt.last]

    def _follow(self, market: str) -> MarketIndex:
        index = self._indexes.setdefault(market, MarketIndex(keys=self._keys))
        changes = self._debts.changes(market, since=index.as_of)
        if index.market is not None and index.market.rules != changes.market.rules:
            # The law tells what a statutory rate is in pence, so everything is read anew.
            index = self._indexes[market] = MarketIndex(keys=self._keys)
            changes = self._debts.changes(market, since=0)
        index.follow(changes)
        if self._days.get(market) != changes.market.day:
            # What was said on another day and is still owed was lost: it is said again.
            self._days[market] = changes.market.day
            self._said = {key: of for key, of in self._said.items() if market_of(key[1]) != market}
        return index

    def _assess_rules(self, debts: list[Debt], index: MarketIndex) -> Worked:
        assert index.market is not None
        assessed = [
            assess_rules(
                here.side.id,
                version=here.side.version,
                person=here.person,
                market=index.market,
                as_of=index.as_of,
            )
            for here in (index.residents.get(debt.subject) for debt in debts)
            if here is not None
        ]
        days = {each.said.resident: tuple(map(str, each.days)) for each in assessed}
        self._debts.note_rule_days(index.market.market, days)
        messages = (
            outgoing(each.said, market=index.market.market, partition=index.market.partition)
            for each in assessed
        )
        return Worked(messages=tuple(messages), paid=_paid(debts, index), more=True)

    def _assess_fits(self, debts: list[Debt], index: MarketIndex, model: Model) -> Worked:
        messages = tuple(each for debt in debts for each in _fits(debt.subject, index, model))
        return Worked(messages=messages, paid=_paid(debts, index), more=True)

    def _prepare(self, index: MarketIndex, model: Model) -> None:
        """
        Prepare some of those who are not prepared yet, opportunities first.
        """
        some = dict(islice(_opportunities_first(index.unprepared), PREPARED_AT_ONCE))
        if not some:
            return
        kept = self._vectors.prepared(some, model=model.digest)
        ready = {
            subject: found
            for subject, profile in some.items()
            if (found := _still_good(kept.get(subject), profile, model=model)) is not None
        }
        made = [self._made(profile, model) for who, profile in some.items() if who not in ready]
        self._vectors.keep(map(_text, made))
        index.put((*ready.values(), *made), model=model)

    def _made(self, profile: ResidentProfile | OpportunityProfile, model: Model) -> Prepared:
        side = side_of(profile)
        hashes = {
            phrase_hash(normalised(each), side=side, model=model.digest)
            for each in statements(profile)
        }
        known = self._vectors.phrases(hashes, model=model.digest)
        encoder, constants = model.encoder, model.constants
        if isinstance(profile, OpportunityProfile):
            return prepare_opportunity(profile, encoder=encoder, constants=constants, known=known)
        return prepare_resident(profile, encoder=encoder, constants=constants, known=known)

    def _loaded(self) -> Model:
        if self._model is None:
            self._model = self._load()
            if self._debts.adopt_model(self._model.digest):
                self._indexes.clear()
        return self._model


def _opportunities_first(
    unprepared: Mapping[str, ResidentProfile | OpportunityProfile],
) -> Iterator[tuple[str, ResidentProfile | OpportunityProfile]]:
    yield from sorted(
        unprepared.items(), key=lambda item: not isinstance(item[1], OpportunityProfile)
    )


def _is_ready(subject: str, index: MarketIndex) -> bool:
    """
    Tell whether a subject can be assessed against all that it is compared with.

    A resident needs every opportunity and nobody else, so that their first matches do not
    wait for everybody's texts.
    """
    if subject in index.residents:
        waiting = index.unprepared.items()
        return subject not in index.unprepared and not any(
            isinstance(profile, OpportunityProfile) for _, profile in waiting
        )
    return not index.unprepared


def _fits(subject: str, index: MarketIndex, model: Model) -> Iterator[Outgoing]:
    assert index.market is not None
    if subject in index.opportunities:
        pairs = assess_opportunity(subject, index=index, model=model)
    elif subject in index.residents:
        pairs = assess_resident(subject, index=index, model=model)
    else:
        # Gone between two looks: the log strikes the debt off with the event itself.
        return
    index.carry(pairs)
    parts = fits_assessed(pairs, subject=subject, model=model.digest, as_of=index.as_of)
    for part in parts:
        yield outgoing(part, market=index.market.market, partition=index.market.partition)


def _still_good(
    kept: PreparedText | None, profile: ResidentProfile | OpportunityProfile, *, model: Model
) -> Prepared | None:
    if kept is None or kept.text_hash != text_hash(profile, model=model.digest):
        return None
    try:
        return Prepared.from_bytes(kept.prepared)
    except NotPrepared:
        # Another release wrote it in another form: it is made anew.
        return None


def _key(debt: Debt) -> Key:
    return debt.kind, debt.subject


def _paid(debts: list[Debt], index: MarketIndex) -> tuple[tuple[Key, int], ...]:
    return tuple((_key(debt), index.as_of) for debt in debts)


def _text(prepared: Prepared) -> PreparedText:
    vectors = zip(prepared.phrase_hashes, prepared.phrases, strict=True)
    return PreparedText(
        subject=prepared.id,
        model=prepared.model,
        text_hash=prepared.text_hash,
        prepared=prepared.to_bytes(),
        phrases={name: vector.astype("<f2").tobytes() for name, vector in vectors},
    )
