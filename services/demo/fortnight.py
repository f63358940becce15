"""
What became of the reserved positions in two weeks: every figure of it from the log.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from schemas.vocabulary import moment
from services.commands.register import Fact
from services.demo import cast
from services.demo.courses import HELD, Course, Step, courses
from services.demo.heard import Heard, minted
from services.demo.ledger import Ledger

WEEK = timedelta(weeks=1)

Timed = Sequence[tuple[str, Fact]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """
    One state of a position, with its resident by the partner's own reference.
    """

    at: str
    state: str
    partner: str | None = None
    reference: str | None = None
    because: str | None = None
    rung: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """
    One reserved position and its states, from left to right.
    """

    position: str
    opportunity: str
    reference: str
    title: str
    ordinal: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundHeld:
    """
    One round: for how many opportunities, how many claims it considered, what became of them.
    """

    at: str
    opportunities: int
    free: int
    considered: int
    proposed: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """
    Somebody who said yes to an opportunity whose positions went to others.
    """

    partner: str
    reference: str
    resident: str
    opportunity: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """
    A proposal that waits for its partner's release.
    """

    offer: str
    partner: str
    reference: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """
    Somebody whom a supplier kept waiting until the term was over.

    `weeks` are the weeks of readiness by which they were proposed again, if they were;
    `weeks_by_log` the whole weeks from the log's word of their readiness until then.
    """

    partner: str
    reference: str
    at: str
    weeks: int | None
    weeks_by_log: int | None
    now_in: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fortnight:
    """
    Rounds, positions and people, as the log holds them.

    `states` counts the positions by where they stand, `ends` what ended otherwise than by a
    hire.
    """

    now: str
    records: int
    rounds: tuple[RoundHeld, ...]
    slots: tuple[Slot, ...]
    states: Mapping[str, int]
    ends: Mapping[str, int]
    proposals: int
    offers: int
    acceptances: int
    freed: Freed | None
    passed_over: tuple[PassedOver, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """
    What our ids mean to the narrator: partner and reference, or reference and title.
    """

    residents: Mapping[str, tuple[str, str]]
    opportunities: Mapping[str, tuple[str, str]]


def fortnight(ledger: Ledger, *, heard: Iterable[Heard]) -> Fortnight:
    """
    Return what the story's market did with its reserved positions so far.

    Args:
        ledger: the markets' logs.
        heard: all queues; their receipts tell whose reference an id is.
    """
    code = cast.market()["code"]
    timed, known = ledger.timed(code), _known(minted(heard))
    found = courses(timed)
    steps = [step for course in found for step in course.steps]
    return Fortnight(
        now=ledger.now(code),
        records=ledger.records(code),
        rounds=tuple(_round(fact) for _, fact in timed if fact.name == "RoundClosed"),
        slots=tuple(_slot(course, known) for course in found),
        states=dict(Counter(course.standing for course in found)),
        ends=dict(Counter(step.state for step in steps if step.offer and step.state not in HELD)),
        proposals=sum(step.state == "proposed" for step in steps),
        offers=sum(step.state == "offered" for step in steps),
        acceptances=sum(step.state == "accepted" for step in steps),
        freed=next(_freed(timed, found, known), None),
        passed_over=tuple(_passed_over(timed, found, known)),
        waiting=tuple(_waiting(found, known)),
    )


def _known(ids: Mapping[tuple[str, str], str]) -> _Known:
    postings = {each["reference"]: each["title"] for each in cast.postings(cast.supplier())}
    partners = frozenset(cast.partners())
    return _Known(
        residents={id_: key for key, id_ in ids.items() if key[0] in partners},
        opportunities={
            id_: (reference, postings[reference])
            for (party, reference), id_ in ids.items()
            if party == cast.supplier() and reference in postings
        },
    )


def _round(fact: Fact) -> RoundHeld:
    parts = fact.data["opportunities"]
    outcomes: Counter[str] = Counter()
    for part in parts:
        outcomes.update({each["outcome"]: each["residents"] for each in part["outcomes"]})
    return RoundHeld(
        at=fact.data["at"],
        opportunities=len(parts),
        free=sum(part["free"] for part in parts),
        considered=sum(part["considered"] for part in parts),
        proposed=len(fact.data.get("decisions", ())),
        outcomes=dict(outcomes.most_common()),
    )


def _slot(course: Course, known: _Known) -> Slot:
    reference, title = known.opportunities[course.opportunity]
    return Slot(
        position=course.position,
        opportunity=course.opportunity,
        reference=reference,
        title=title,
        ordinal=int(course.position.split("/")[2]),
        turns=tuple(_turn(step, known) for step in course.steps),
    )


def _turn(step: Step, known: _Known) -> Turn:
    partner, reference = known.residents.get(step.resident or "", (None, None))
    return Turn(
        at=step.at,
        state=step.state,
        partner=partner,
        reference=reference,
        because=step.because,
        rung=step.rung,
    )


def _freed(timed: Timed, found: Iterable[Course], known: _Known) -> Iterator[Freed]:
    steps = [(course, step) for course in found for step in course.steps]
    for _, silenced in steps:
        if silenced.state != "supplier_silent" or silenced.resident is None:
            continue
        again = [
            (course, step)
            for course, step in steps
            if step.resident == silenced.resident
            and step.state == "proposed"
            and step.at >= silenced.at
        ]
        proposal = _proposal(timed, again[0][1].offer) if again else None
        partner, reference = known.residents[silenced.resident]
        yield Freed(
            partner=partner,
            reference=reference,
            at=silenced.at,
            weeks=proposal.data["weeks_ready"] if proposal else None,
            weeks_by_log=_weeks(timed, silenced.resident, until=again[0][1].at) if again else None,
            now_in=known.opportunities[again[0][0].opportunity][0] if again else None,
        )


def _waiting(found: Iterable[Course], known: _Known) -> Iterator[Waiting]:
    for course in found:
        step = course.last
        if step.state == "proposed" and step.offer and step.resident:
            partner, reference = known.residents[step.resident]
            yield Waiting(
                offer=step.offer,
                partner=partner,
                reference=reference,
                title=known.opportunities[course.opportunity][1],
            )


def _proposal(timed: Timed, offer: str | None) -> Fact:
    return next(
        fact for _, fact in timed if fact.name == "SlotProposed" and fact.data["offer"] == offer
    )


def _weeks(timed: Timed, resident: str, *, until: str) -> int:
    """
    Count the whole weeks since the log first had a resident's readiness.
    """
    since = next(
        at for at, fact in timed if fact.name == "ReadinessChanged" and fact.subject == resident
    )
    return (moment(until) - moment(since)) // WEEK


def _passed_over(timed: Timed, found: Iterable[Course], known: _Known) -> Iterator[PassedOver]:
    """
    Yield who said yes to an opportunity that proposed none of its positions to them.

    Only where positions were proposed to others, and to residents who hold no other.
    """
    steps = [(course.opportunity, step) for course in found for step in course.steps]
    proposed = {(step.resident, subject) for subject, step in steps if step.resident}
    taken = {resident for resident, _ in proposed}
    for _, fact in timed:
        resident = fact.subject or ""
        if fact.name != "InterestGivenSealed" or resident in taken:
            continue
        partner, reference = known.residents[resident]
        for subject in fact.data.get("yes", ()):
            if any(other == subject for _, other in proposed):
                yield PassedOver(
                    partner=partner,
                    reference=reference,
                    resident=resident,
                    opportunity=subject,
                    title=known.opportunities[subject][1],
                )
