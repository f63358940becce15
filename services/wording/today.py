"""
What waits on a party in plain English: a line for each thing, and the command that ends it.
"""

import json
from collections.abc import Iterator, Mapping
from shlex import quote, split
from typing import Final

from matching.market.today import Task, ToDo
from schemas.vocabulary import FactStatus
from services.wording.facts import question
from services.wording.figures import counted
from services.wording.reasons import FINDINGS, HOLDS, MEANS, REJECTIONS, choices
from services.wording.refusals import NotWorded

# Braces name what a thing tells; `who` and `what` come in as the party itself calls them.
LINES: Final[Mapping[str, str]] = {
    Task.DELIVERY: "An offer of {what} is not on its partner's queue yet ({about}).",
    Task.RELEASE: "Release or hold the proposal of {who} for {what}. {duty}",
    Task.ANSWER: "Tell {who} about the offer of {what}, and record the answer. {contact}",
    Task.CONSENT: (
        "Ask whether {supplier} may hear of {who}, who wants {what}: record their consent, or"
        " their no, which takes it back."
    ),
    Task.CONFIRMATION: "Somebody was introduced for {what}: confirm or reject them. {interview}",
    Task.DECISION: "Decide what {who} contests about {what}.",
    Task.OVERDUE: "{partner} has not released a proposal for {what}: this is its last day.",
    Task.INTAKE: "Ask whether they want {what}: {who}. Only a yes enters the first round.",
    Task.QUESTION: "Answer a question about {who}: {question}",
    Task.AGREEMENT: "Contract {about} of {partner} waits for your agreement.",
    Task.CLOCK: "Time in {about} leapt by more than a day, and stands still until you confirm it.",
}

# The first ends it; the others end it otherwise, or are to be said before.
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    Task.DELIVERY: ("foothold status",),
    Task.RELEASE: (
        "foothold release {party} {about} --by {staff}",
        "foothold hold {party} {about} --reason {holds} --by {staff}",
    ),
    Task.ANSWER: (
        "foothold accept {party} {about} --by STAFF",
        "foothold decline {party} {about} --by STAFF",
        "foothold contact {party} {about} --means {means} --by STAFF",
    ),
    Task.CONSENT: (
        "foothold consent {party} {resident} --supplier {supplier} --fields {fields}"
        " --notice-version VERSION --by STAFF",
        "foothold interest {party} {resident} no {opportunity} --by STAFF",
    ),
    Task.CONFIRMATION: (
        "foothold confirm {party} {about} --by STAFF",
        "foothold reject {party} {about} --reason {rejections} --by STAFF",
    ),
    Task.DECISION: (
        "foothold decide {party} {about} upheld --finding {findings} --by STAFF",
        "foothold decide {party} {about} dismissed --finding {findings} --by STAFF",
    ),
    Task.OVERDUE: ("foothold release {partner} {about} --by STAFF",),
    Task.INTAKE: ("foothold interest {party} {resident} yes {about} --by STAFF{standing}",),
    Task.QUESTION: (
        "echo {answer} > fact.json    # status: {statuses}; evidence such as document_seen;"
        " assessor_role such as coach; DATE such as 2026-01-13",
        "foothold send {party} fact.json --as fact --by STAFF",
    ),
    Task.AGREEMENT: (
        "foothold template agreement > agreement.json    # contract {about}",
        "foothold send {party} agreement.json --as agreement --by STAFF",
    ),
    Task.CLOCK: ("foothold market confirm-clock {party} {about} --by STAFF",),
}

# The closed lists that a command chooses from.
LISTS: Final[Mapping[str, str]] = {
    "holds": choices(HOLDS),
    "rejections": choices(REJECTIONS),
    "means": choices(MEANS),
    "findings": choices(FINDINGS),
    "statuses": ", ".join(FactStatus),
}

NOTHING: Final = "Nothing waits on {party}. See what was sent to it: foothold queue {party}"

# What is said replaces a standing yes, whose terms are sealed: they are said again beside it.
AGAIN: Final = "    # with --until and the terms of their standing yes, said again"

INTERVIEWS: Final[Mapping[str | None, str]] = {
    None: "",
    "offered": "An interview is offered.",
    "held": "An interview was held.",
}


def line(todo: ToDo, *, who: tuple[str, ...], what: str) -> str:
    """
    Say what waits, in one line.

    Args:
        todo: what waits.
        who: whom it is about, as the party calls them, in the order of `todo.residents`.
        what: the opportunity, as the party calls it.

    Raises:
        NotWorded: the task has no line.
    """
    if todo.task not in LINES:
        raise NotWorded(f"task {todo.task} has no line")
    words = {
        "who": _people(todo, who),
        "what": what,
        "about": todo.about,
        "partner": todo.partner,
        "supplier": todo.supplier,
        "duty": _duty(todo),
        "contact": "Nobody has recorded that they tried." if not todo.is_contacted else "",
        "interview": INTERVIEWS[todo.interview],
        "question": question(todo.fact) if todo.fact else "",
    }
    return LINES[todo.task].format_map(words).rstrip()


def commands(todo: ToDo, *, party: str, resident: str, is_standing: bool = False) -> Iterator[str]:
    """
    Yield the commands that end it; once somebody was tried, no attempt is asked for.

    Args:
        todo: what waits.
        party: on whom.
        resident: what the party calls the resident whom it is about.
        is_standing: whether that resident has a standing yes, which a yes must not end.

    >>> todo = ToDo(task=Task.CONFIRMATION, about="zedford-f-aaaaaaaaaaaaaaaa")
    >>> next(commands(todo, party="oakline", resident="RESIDENT"))
    'foothold confirm oakline zedford-f-aaaaaaaaaaaaaaaa --by STAFF'
    """
    words = {
        **LISTS,
        "answer": quote(_answer(todo, resident)),
        "opportunity": todo.opportunity,
        "party": party,
        "about": todo.about,
        "resident": resident,
        "standing": AGAIN if is_standing else "",
        "staff": todo.staff[0] if len(todo.staff) == 1 else "STAFF",
        "supplier": todo.supplier,
        "fields": ",".join(todo.fields),
        "partner": todo.partner,
        "fact": todo.fact,
    }
    for each in COMMANDS[todo.task]:
        if not (todo.is_contacted and " contact " in each):
            yield each.format_map(words)


def _answer(todo: ToDo, resident: str) -> str:
    """
    Fill in a fact that answers a question, but for what only who checked it can say.
    """
    known = {
        "resident": "".join(split(resident)),
        "fact": todo.fact,
        "status": "STATUS",
        "evidence": "EVIDENCE",
        "assessor_role": "ROLE",
        "assessed_on": "DATE",
        "asked": todo.about,
    }
    return json.dumps(known)


def _people(todo: ToDo, who: tuple[str, ...]) -> str:
    more = todo.many - len(who)
    named = ", ".join(who)
    return f"{named}, and {counted(more, 'other')}" if more > 0 and who else named


def _duty(todo: ToDo) -> str:
    """
    Say who may release now, where the partner has said who is on duty.
    """
    if not todo.is_assigned:
        return ""
    if not todo.staff:
        return "Who is on duty is away, and no deputy is there: name somebody with `foothold duty`."
    return f"Who may: {' or '.join(todo.staff)}."
