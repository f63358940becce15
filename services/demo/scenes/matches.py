"""
Scene 5, 15 January: partners put residents forward, and matches arrive.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from services.demo import cast, people, standing
from services.demo.exchange import Exchange
from services.demo.expectations import Expectation, equals, holds, none_of
from services.demo.heard import Answered, Heard, Sent
from services.demo.scenes.contract import tick
from services.demo.stage import Outcome, Stage
from services.demo.today import MatchToday, NotAskedToday, QuestionToday, Today, today

DAY = "2026-01-15"
MORNING = f"{DAY}T09:00:00.000Z"
AFTERNOON = f"{DAY}T16:00:00.000Z"
RESIDENTS = 400
LONGEST_LIST = 10
# Encoding is most of the work: a slow or busy machine is given time, not a failure.
MATCHING_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTotals:
    """
    What one partner said, and what its queue holds, by kind.

    `median_seconds` is from putting residents forward to the first list of matches, in the
    middle of those who have one.
    """

    party: str
    residents: int
    consented: int
    facts: int
    readiness: int
    receipts: int
    refusals: int
    lists: int
    matched: int
    questions: int
    notices: int
    median_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """
    What needs one coordinator today: how much of each, and one of each to begin with.
    """

    party: str
    matched: int
    questions: int
    not_asked: int
    match: MatchToday | None
    question: QuestionToday | None
    waiting: NotAskedToday | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """
    What came of the residents' day.
    """

    residents: int
    consented: int
    facts: int
    readiness: int
    accepted: int
    assessed: int
    matched: int
    questions: int
    refused: tuple[str, ...]
    partners: tuple[PartnerTotals, ...]
    coordinator: Page
    neighbour: Page
    seconds_to_answers: float
    seconds_to_assessments: float
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """
    What the partners said, by kind, each in the order of the partners.
    """

    residents: tuple[Answered, ...]
    facts: tuple[Answered, ...]
    readiness: tuple[Answered, ...]

    @property
    def all(self) -> tuple[Answered, ...]:
        return (*self.residents, *self.facts, *self.readiness)

    @property
    def consented(self) -> tuple[Answered, ...]:
        return tuple(each for each in self.residents if "consent" in each.sent.event["data"])


def play(stage: Stage) -> Outcome[Matches]:
    """
    Put everyone forward with what is known of them, and wait until all are assessed.

    Raises:
        NotArrived: answers or assessments do not come in time.
    """
    exchange = stage.exchange
    tick(exchange, MORNING)
    # Two days have passed since these were posted: they are ready for whoever comes.
    posted = exchange.ledger.named(cast.market()["code"], "OpportunityPostedSealed")
    _assessed(exchange, [each.subject or "" for each in posted], what="opportunities to be ready")
    began = stage.monotonic()
    said = _put_forward(exchange)
    answered_after = stage.monotonic() - began
    consented = [each.our_id for each in said.consented if each.our_id]
    _assessed(exchange, consented, what="assessments of residents")
    assessed_after = stage.monotonic() - began
    # The answer to this tick stands in the log behind every list that is owed by now.
    tick(exchange, AFTERNOON)
    figures = _figures(exchange, said, seconds=(answered_after, assessed_after))
    return Outcome(figures=figures, expectations=_expectations(exchange, said, figures))


def _put_forward(exchange: Exchange) -> _Said:
    counts = {slug: standing.whole_caseload(slug) for slug in cast.partners()}
    kinds = {
        "ResidentRegistered": people.residents,
        "FactGiven": standing.facts_given,
        "ReadinessChanged": standing.readiness_changes,
    }
    sent: dict[str, tuple[Sent, ...]] = {}
    for kind, told in kinds.items():
        for slug, count in counts.items():
            data = told(slug, count=count, seed=cast.SEED)
            sent[kind] = sent.get(kind, ()) + exchange.say(kind, data, by=slug, at=MORNING)
    everything = tuple(each for told in sent.values() for each in told)
    answered = exchange.answers(everything, what="answers to partners", seconds=MATCHING_SECONDS)
    by_kind = {kind: tuple(a for a in answered if _is(kind, a)) for kind in kinds}
    return _Said(
        residents=by_kind["ResidentRegistered"],
        facts=by_kind["FactGiven"],
        readiness=by_kind["ReadinessChanged"],
    )


def _is(kind: str, answered: Answered) -> bool:
    return str(answered.sent.event["type"]).split(".")[1] == kind


def _assessed(exchange: Exchange, ids: Sequence[str], *, what: str) -> None:
    exchange.until_all(
        lambda each: each in exchange.ledger.assessed, ids, what=what, seconds=MATCHING_SECONDS
    )


def _figures(exchange: Exchange, said: _Said, *, seconds: tuple[float, float]) -> Matches:
    code, ledger = cast.market()["code"], exchange.ledger
    partners = tuple(_totals(slug, exchange, said) for slug in cast.partners())
    return Matches(
        residents=len(said.residents),
        consented=len(said.consented),
        facts=len(said.facts),
        readiness=len(said.readiness),
        accepted=sum(each.accepted for each in said.all),
        assessed=len(ledger.assessed & {each.our_id for each in said.residents}),
        matched=sum(each.matched for each in partners),
        questions=len(ledger.named(code, "FactAsked")),
        refused=tuple(sorted({p["code"] for each in said.all for p in each.problems})),
        partners=partners,
        coordinator=page(_today(exchange, cast.person("one_fact_unknown").partner)),
        neighbour=page(_today(exchange, cast.person("not_yet_asked").partner)),
        seconds_to_answers=round(seconds[0], 1),
        seconds_to_assessments=round(seconds[1], 1),
        records=ledger.records(code),
    )


def _today(exchange: Exchange, party: str) -> Today:
    said = [each for each in exchange.sent if each.party == party]
    return today(party, heard=exchange.queue(party), said=said)


def page(found: Today) -> Page:
    """
    Choose what a coordinator's page begins with: whom the narrator follows, if they are there.
    """
    parts = {(each.partner, each.reference): each.part for each in cast.people()}

    def plays(reference: str, part: str) -> bool:
        return parts.get((found.party, reference)) == part

    matches = sorted(
        found.matches, key=lambda each: (not plays(each.reference, "strong_match"), -each.score)
    )
    questions = sorted(
        found.questions, key=lambda each: not plays(each.reference, "one_fact_unknown")
    )
    waiting = sorted(
        found.not_asked,
        key=lambda each: (not plays(each.reference, "not_yet_asked"), each.closes_on),
    )
    return Page(
        party=found.party,
        matched=found.matched,
        questions=len(questions),
        not_asked=len(waiting),
        match=matches[0] if matches else None,
        question=questions[0] if questions else None,
        waiting=waiting[0] if waiting else None,
    )


def _totals(party: str, exchange: Exchange, said: _Said) -> PartnerTotals:
    queue = exchange.queue(party)
    kinds = Counter(each.name for each in queue)
    return PartnerTotals(
        party=party,
        residents=_by(party, said.residents),
        consented=_by(party, said.consented),
        facts=_by(party, said.facts),
        readiness=_by(party, said.readiness),
        receipts=kinds["Receipt"],
        refusals=kinds["Refusal"],
        lists=kinds["MatchesRanked"],
        matched=_today(exchange, party).matched,
        questions=kinds["FactAsked"],
        notices=kinds["NoticeGiven"],
        median_seconds=median_seconds(queue, said.residents),
    )


def _by(party: str, answered: Sequence[Answered]) -> int:
    return sum(each.sent.party == party for each in answered)


def median_seconds(queue: Sequence[Heard], residents: Sequence[Answered]) -> float | None:
    """
    Return the seconds from putting somebody forward to their first list, in the middle.
    """
    put_forward = {each.our_id: each.sent.at for each in residents}
    first: dict[str, float] = {}
    for each in queue:
        if each.name == "MatchesRanked" and each.data["resident"] in put_forward:
            first.setdefault(each.data["resident"], each.at)
    waits = [at - put_forward[resident] for resident, at in first.items()]
    return round(median(waits), 1) if waits else None


# --- what is expected -----------------------------------------------------------------------


def foreign(queues: Mapping[str, Sequence[Heard]], own: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return the queues that hold a resident of somebody else's.

    Args:
        queues: by party, what it heard.
        own: by resident id, whose the resident is.
    """
    return tuple(
        party
        for party, queue in queues.items()
        if any(
            resident.encode() in each.value
            for each in queue
            for resident, partner in own.items()
            if partner != party
        )
    )


def _expectations(exchange: Exchange, said: _Said, figures: Matches) -> tuple[Expectation, ...]:
    own = {each.our_id: each.sent.party for each in said.residents if each.our_id}
    unmatched = {each.our_id for each in said.residents} - {e.our_id for e in said.consented}
    lists = [each for each in exchange.heard if each.name == "MatchesRanked"]
    queues = {slug: exchange.queue(slug) for slug in (*cast.partners(), *cast.suppliers())}
    return (
        equals("residents are put forward", figures.residents, expected=RESIDENTS),
        equals("all that partners say is accepted", figures.accepted, expected=len(said.all)),
        equals("each has an id of ours", len(own), expected=RESIDENTS),
        equals("everyone who consents is assessed", figures.assessed, expected=figures.consented),
        holds("many have matches", figures.matched > figures.consented // 2, found=figures.matched),
        none_of(
            "nobody is matched without a consent",
            {each.data["resident"] for each in lists} & unmatched,
        ),
        none_of("no queue holds a resident of somebody else's", foreign(queues, own)),
        holds(
            f"no list is longer than {LONGEST_LIST}",
            max((len(each.data["matches"]) for each in lists), default=0) <= LONGEST_LIST,
        ),
        *_of_the_story(exchange, figures),
    )


def _of_the_story(exchange: Exchange, figures: Matches) -> tuple[Expectation, ...]:
    strong, unknown = cast.person("strong_match"), cast.person("one_fact_unknown")
    waiting = cast.person("not_yet_asked")
    match, neighbour = figures.coordinator.match, figures.neighbour.waiting
    asked = [
        each.fact
        for each in _today(exchange, unknown.partner).questions
        if each.reference == unknown.reference
    ]
    return (
        holds(
            f"{strong.reference} has a match with evidence in words",
            match is not None and match.reference == strong.reference and bool(match.why),
            found=match,
        ),
        equals(
            f"{unknown.reference} is asked for one fact, once", asked, expected=["right_to_work"]
        ),
        holds(
            f"{waiting.reference} has matches and was not yet asked",
            neighbour is not None and neighbour.reference == waiting.reference,
            found=neighbour,
        ),
    )
