"""
The part of a resident's letter that says what was decided about them, why, and by whom.

What a round did is told by the explanation that deciding it again gives.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from matching.market.endings import clock_of
from matching.market.explanation import Explanation
from matching.market.waiting import WAITING, Wait, owner_of, wait_of
from schemas.slots import Outcome
from services.transport.dossier import Entry
from services.transport.explaining import Account, RoundTold
from services.wording import letter_words as words
from services.wording.figures import code_in_words, counted
from services.wording.letter_facts import Facts, code, day, staff_of
from services.wording.refusals import NotWorded

BEGINS: Final[Mapping[Wait | None, str]] = {each.wait: each.begins for each in WAITING}


def decided(facts: Facts) -> Iterator[str]:
    """
    Tell each decision, job by job, in the order in which it was made.
    """
    yield ""
    yield "## What was decided about you"
    yield ""
    if not facts.dossier.accounts:
        yield "Nothing was decided about you so far."
    else:
        yield "Places go to people by a set rule. It works the same each time, for all."
        yield "Who is on an early step of the contract comes first. Then comes who won a challenge."
        yield "Then comes who has been ready for more weeks. If that is the same, a lottery picks."
    for account in facts.dossier.accounts:
        yield from _of_job(facts, account)


def _of_job(facts: Facts, account: Account) -> Iterator[str]:
    yield ""
    yield f"### {facts.job(account.opportunity)}"
    yield ""
    yield f"The number of this job is {code(account.opportunity)}."
    if account.opportunity in facts.dossier.state.reserved and not account.rounds:
        yield "No one has been chosen for it yet."
    yield ""
    shown = sorted((*_rounds(facts, account), *_steps(facts, account)), key=lambda each: each[0])
    for at, told in shown:
        yield f"- **{facts.when(at)}.** {told}"
    if account.contestable and account.rounds:
        yield ""
        yield "Do you think that this was wrong? You can challenge it. It says how below."


def _rounds(facts: Facts, account: Account) -> Iterator[tuple[str, str]]:
    """
    Tell each round, and rounds that came out the same as one.
    """
    for _, group in groupby(account.rounds, key=_alike):
        same = tuple(group)
        first, last = same[0], same[-1]
        told = _round(facts, first)
        if len(same) > 1:
            more = counted(len(same) - 1, "more time")
            told += f" It came out the same {more}, to {facts.when(last.at)}."
        yield first.at, told


def _alike(told: RoundTold) -> tuple[Any, ...]:
    known = told.explanation
    if known is None:
        return (told.differs,)
    # Each proposal has a way of its own.
    apart = told.at if known.outcome is Outcome.PROPOSED else None
    return (told.differs, apart, known.outcome, known.place, known.considered, known.last_place)


def _round(facts: Facts, told: RoundTold) -> str:
    if told.differs:
        return (
            "We checked this once more, and it did not come out the same. Do not trust it. Ask the"
            " office named below."
        )
    if told.explanation is None:
        return "We did not know of you yet."
    return " ".join((outcome(told.explanation), *_figures(facts, told.explanation)))


def outcome(told: Explanation) -> str:
    """
    Say what a round did for the resident, and that a rule did it.

    Raises:
        NotWorded: the outcome has no sentence.
    """
    if told.outcome not in words.OUTCOMES:
        raise NotWorded(f"outcome {told.outcome} has no sentence in the letter")
    return f"{words.OUTCOMES[told.outcome]} A rule decided this, not a person."


def _figures(facts: Facts, told: Explanation) -> Iterator[str]:
    if told.tier is not None:
        yield f"You were on step {told.tier + 1}."
    if told.place is not None:
        yield f"You were number {told.place:,} in a line of {told.considered:,}."
        yield _last(told)
        yield _ready(told.weeks_ready)
    if told.remedied:
        yield "You came first on your step, as you had won a challenge."
    if told.opens_at is not None:
        yield f"A step that you are on opens on {facts.when(told.opens_at)}."
    if told.unknown:
        codes = ", ".join(code_in_words(each) for each in told.unknown)
        yield f"We do not know this about you, and it could help: {codes}. Ask {facts.partner}."


def _ready(weeks: int) -> str:
    if weeks == 0:
        return "You had only just become ready."
    return f"You had been ready for {counted(weeks, 'whole week')}."


def _last(told: Explanation) -> str:
    free = f"There {'was' if told.free == 1 else 'were'} {counted(told.free, 'free place')}."
    if told.last_place is None:
        return f"{free} No one got one."
    reached = f"{free} The last one in line who got to a place was number {told.last_place:,}."
    if told.outcome is Outcome.OUTRANKED and told.last_place > (told.place or 0):
        return f"{reached} That one had a stronger claim to that one place."
    return reached


def _steps(facts: Facts, account: Account) -> Iterator[tuple[str, str]]:
    """
    Tell what became of the offers and the challenge of one opportunity, with who decided.
    """
    offers, challenges = facts.dossier.state.offers, facts.dossier.state.challenges
    dues: set[tuple[Any, str]] = set()
    for each in facts.dossier.entries:
        offer, challenge = each.data.get("offer"), each.data.get("challenge")
        named = each.data.get("opportunity")
        if isinstance(offer, str) and offer in offers:
            named = offers[offer].opportunity
        elif challenge in challenges:
            named = challenges[challenge].opportunity
        if named == account.opportunity:
            told = step(facts, each, opportunity=account.opportunity)
            # After an interview the same time may be given again.
            if told is not None and (offer, told) not in dues:
                yield each.at, told
            if told is not None and each.name in words.WAITS:
                dues.add((offer, told))


def step(facts: Facts, entry: Entry, *, opportunity: str) -> str | None:
    """
    Say what one event did; nothing where it decided nothing about the resident.
    """
    template = words.WAITS[entry.name] if _still_waits(facts, entry) else _template(entry)
    return (
        None if template is None else template.format_map(_words(facts, entry, opportunity)).strip()
    )


def _still_waits(facts: Facts, entry: Entry) -> bool:
    """
    Tell whether an event began a wait that goes on: of that kind, by that time, and not over.
    """
    if entry.name not in words.WAITS:
        return False
    state, told = facts.dossier.state, entry.data
    wait: Wait | None
    if "challenge" in told:
        clock, wait = f"challenge {told['challenge']}", Wait.DECISION
    else:
        clock, wait = clock_of(told["offer"]), wait_of(state.offers[told["offer"]])
    (due,) = (str(item) for name, item in told.items() if name.endswith("_by"))
    is_same = BEGINS.get(wait) == entry.name and state.clocks.get(clock) == due
    return is_same and state.now <= due


def _template(entry: Entry) -> str | None:
    told = entry.data
    if entry.name == "OfferWithdrawn":
        return words.WITHDRAWALS[told["reason"]]
    if entry.name == "OfferLapsed":
        return words.LAPSES[told["reason"]]
    if entry.name == "ChallengeDecided":
        return words.CHALLENGES["upheld" if told["upheld"] else "dismissed"]
    if entry.name == "FitOverridden":
        return "{partner} set the least fit aside for you. They say: {reason}. {staff}"
    name = entry.name.removesuffix("Sealed")
    return words.STEPS.get(name) or words.CHALLENGES.get(name)


REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "ProposalHeld": words.HOLDS,
    "HireRejected": words.REJECTIONS,
    "FitOverridden": words.OVERRIDES,
}


def _words(facts: Facts, entry: Entry, opportunity: str) -> dict[str, str]:
    told, state = entry.data, facts.dossier.state
    posted = state.opportunities.get(opportunity)
    challenge = state.challenges.get(told.get("challenge") or "")
    found = {name: facts.when(item) for name, item in told.items() if name.endswith("_by")}
    found |= {name: day(told[name]) for name in ("on", "tried_on") if name in told}
    return found | {
        "partner": facts.partner,
        "supplier": facts.name(posted.party if posted else None),
        "owner": facts.name(owner_of(state, opportunity) if posted else None),
        "decider": facts.name(told.get("decider") or (challenge.decider if challenge else None)),
        "staff": staff_of(entry),
        "reason": _reason(entry),
        "changed": ", ".join(words.CHANGES[each] for each in told.get("changed", ())),
        "means": words.MEANS.get(told.get("means", ""), ""),
        "ground": words.GROUNDS.get(told.get("ground", ""), ""),
        "finding": words.FINDINGS.get(told.get("finding", ""), ""),
    }


def _reason(entry: Entry) -> str:
    told = entry.data.get("reason", "")
    if entry.name.startswith("DeclineExplained"):
        return f"{code(told)}." if told else "that is locked here."
    return REASONS.get(entry.name, {}).get(told, told)
