"""
A resident's letter, as lines of Markdown: what is held, what was decided, what they can do.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from matching.market.challenges import days_to_decide
from matching.market.waiting import decider_of
from schemas.vocabulary import Clock
from services.transport.dossier import fields_of
from services.transport.explaining import Account
from services.wording import letter_words as words
from services.wording.figures import counted
from services.wording.letter_decided import decided
from services.wording.letter_facts import Facts, code, exactly
from services.wording.letter_held import held


def letter(facts: Facts) -> Iterator[str]:
    """
    Write the whole: the letter, and under it every field that is held.
    """
    yield from main_text(facts)
    yield from appendix(facts)


def main_text(facts: Facts) -> Iterator[str]:
    """
    Write the letter itself.
    """
    yield from _head(facts)
    if facts.is_erased:
        yield from _erased(facts)
        return
    yield from held(facts)
    yield from decided(facts)
    yield from _contest(facts)
    yield from _rights(facts)


def _head(facts: Facts) -> Iterator[str]:
    yield "# Your page"
    yield ""
    yield "This page is about you. It says what is held, what was decided, and what you can do."
    yield f"Your number here is {code(facts.dossier.resident)}. Give it when you ask about this."
    yield f"It shows what was held on {facts.when(facts.dossier.state.now)}."
    opened = facts.dossier.state.opened
    if opened is not None and opened.clock is Clock.SIMULATED:
        yield "This is a trial. Its days are made up, and so is its time."


def _erased(facts: Facts) -> Iterator[str]:
    yield ""
    yield "## What is held"
    yield ""
    for each in facts.said("ResidentErased")[-1:]:
        yield f"You asked for your data to go, and it was noted on {facts.when(each.at)}."
    yield "Nothing that can be read is held about you. The key to your facts is gone, or goes now."
    yield "Just codes and dates are left. They are in the list at the end."
    yield "They prove that the rules were kept. They do not say who you are."


def _contest(facts: Facts) -> Iterator[str]:
    yield ""
    yield "## If you think that a decision was wrong"
    yield ""
    if facts.dossier.state.residents[facts.dossier.resident].status == "closed":
        yield f"{facts.partner} does not put you forward any more. So you can no longer ask for a"
        yield "new look at it."
        return
    yield from _not_now(facts)
    deciders = _deciders(facts)
    if not deciders:
        yield f"You can say so. Tell your coach at {facts.partner}: they have to help you."
        yield "Once there is more to look at, this page will say who decides, and how fast."
        return
    yield "You can ask for it to be looked at again. That is called a challenge."
    yield f"Tell your coach at {facts.partner}. They have to pass it on."
    for (decider, days), jobs in deciders.items():
        yield ""
        yield from _decider(facts, decider, days, jobs)
    yield ""
    yield "If they find that you are right, you come first on your step next time. That is for a"
    yield "job of the same kind, with much the same hours. If they do not reply in time, it counts"
    yield "as if you were right. It does not harm you to ask."


def _not_now(facts: Facts) -> Iterator[str]:
    """
    Name the jobs that were contested, since each can be once, and those still open.
    """
    state = facts.dossier.state
    asked = [each for each in facts.dossier.accounts if each.challenge]
    held = [
        each
        for each in facts.dossier.accounts
        if not (each.challenge or each.contestable) and each.opportunity in state.reserved
    ]
    if asked:
        yield f"You asked for a new look at this: {_jobs(facts, asked)}."
        yield "That can be done once for each job. What came of it is told above."
        yield ""
    if held:
        jobs = _jobs(facts, held)
        yield f"You are put forward now, or have an offer or a place, for this: {jobs}."
        yield "If that ends, you can ask for a new look at it."
        yield ""


def _jobs(facts: Facts, accounts: Iterable[Account]) -> str:
    return ", ".join(facts.job(each.opportunity) for each in accounts)


def _deciders(facts: Facts) -> dict[tuple[str, int], list[str]]:
    """
    Group the jobs that were not contested yet by who takes a new look, in how many working days.
    """
    found: dict[tuple[str, int], list[str]] = {}
    state, partner = facts.dossier.state, facts.dossier.partner or ""
    for account in facts.dossier.accounts:
        if account.opportunity in state.reserved and not account.challenge:
            decider = decider_of(state, account.opportunity, partner=partner)
            if decider is not None:
                days = days_to_decide(state, account.opportunity)
                found.setdefault((decider, days), []).append(account.opportunity)
    return found


def _decider(facts: Facts, decider: str, days: int, jobs: list[str]) -> Iterator[str]:
    name = facts.name(decider)
    yield f"For {', '.join(map(facts.job, jobs))}:"
    yield ""
    yield f"- {name} decides. {facts.partner} does not. So it is not the same people."
    yield f"- {name} has {counted(days, 'working day')} to reply."
    yield "- Is it about your coach, or do you not want to ask them? Then ask that office."
    office = facts.offices.get(decider)
    if office is None:
        yield f"- We could not open here how to reach {name}. Your coach has to tell you."
    else:
        yield f"- Email: {code(office.mailbox)}. Telephone: {code(office.telephone)}."
    yield f"- Give your number: {code(facts.dossier.resident)}. You do not have to say your name."


def _rights(facts: Facts) -> Iterator[str]:
    partner = facts.partner
    yield ""
    yield "## What else you can do"
    yield ""
    yield f"- You can take back what you agreed to. Tell {partner}. It ends at once."
    yield f"- You can have wrong facts put right. Tell {partner} what is wrong."
    yield f"- You can ask for all of it to go. Tell {partner}. Then your key is destroyed, and no"
    yield "  one can read your facts. Codes and dates stay, to prove that the rules were kept."
    yield "- You can have a copy of your data. This page is that copy. The list has each field."


# --- the copy of their data ---------------------------------------------------------------


def appendix(facts: Facts) -> Iterator[str]:
    """
    List every field that is held, by its name and value as it stands in the log.
    """
    yield ""
    yield (
        "You may stop reading here. What follows is every detail that is held about you, word for"
        " word."
    )
    yield ""
    yield "## All that is held, field by field"
    yield ""
    yield "### Details, as they stand"
    yield ""
    if facts.profile is None:
        yield "Gone: nothing of them is left." if facts.is_erased else "Held, but locked here."
    else:
        for name in words.FIELDS:
            yield from _listed({name: facts.profile.get(name)})
    yield ""
    yield "### Worked out by the service, as it stands"
    yield ""
    yield from _listed(facts.dossier.kept)
    yield ""
    yield "### Each record, in order"
    for each in facts.dossier.entries:
        who = f", by {each.party}" if each.party else ""
        staff = f" ({each.staff})" if each.staff else ""
        yield ""
        yield f"{each.name} {code(each.id)}, {facts.when(each.at)}{who}{staff}"
        yield ""
        yield from _listed(each.data)


def _listed(told: Any) -> Iterator[str]:
    for name, item in fields_of(told):
        yield f"- {name}: {_as_it_stands(name, item)}"


def _as_it_stands(name: str, item: Any) -> str:
    """
    Write a value as the record has it: a text of several lines in quotes, as JSON.
    """
    if item is None or item in ([], {}):
        return "not given"
    if name == "sealed":
        return "locked here"
    is_plain = isinstance(item, str) and item == " ".join(item.split())
    return exactly(item if is_plain else json.dumps(item, ensure_ascii=False))
