"""
The part of a resident's letter that says what is held of them, and from whom it came.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.vocabulary import Day, Purpose
from services.transport.dossier import Entry
from services.wording import letter_words as words
from services.wording.figures import code_in_words, counted, minutes_in_words, pounds
from services.wording.letter_facts import Facts, code, day, staff_of

DAYS: Final[Mapping[str, str]] = {
    Day.MON: "Monday",
    Day.TUE: "Tuesday",
    Day.WED: "Wednesday",
    Day.THU: "Thursday",
    Day.FRI: "Friday",
    Day.SAT: "Saturday",
    Day.SUN: "Sunday",
}
STATUSES: Final[Mapping[str, str]] = {
    "active": "You take part now.",
    "paused": "You are paused now. Tell {partner} when you want to go on.",
    "closed": "{partner} does not put you forward any more.",
}


def held(facts: Facts) -> Iterator[str]:
    """
    Tell what is held: details, facts, consents, answers, readiness; and what is not.
    """
    partner = facts.partner
    yield ""
    yield "## What is held about you"
    yield ""
    first = facts.said("ResidentRegistered", "ResidentRegisteredSealed")
    if first:
        yield f"{partner} put you forward on {facts.when(first[0].at)}."
    yield f"What we know about you came from {partner}. From that we work out two things:"
    yield "which jobs fit you, and which step of a contract you are on."
    yield "We do not hold your name. We do not hold your street, your telephone or your email."
    yield f"Your coach at {partner} has those. Your facts are locked with a key of your own."
    yield "No firm hears of you until you agree to that firm."
    known = facts.dossier.state.residents[facts.dossier.resident]
    yield STATUSES[known.status].format(partner=partner)
    for each in facts.said("ResidentPaused")[-1:] if known.status == "paused" else ():
        yield f"The reason that was noted: {code_in_words(each.data['reason'])}."
    if facts.locked:
        yield ""
        yield (
            f"**Not all of it could be opened here.** The key is not at hand. This much stays"
            f" locked: {counted(facts.locked, 'record')}. Ask {partner} for the full page."
        )
    yield from _details(facts)
    yield from _facts(facts)
    yield from _consents(facts)
    yield from _wishes(facts)
    yield from _readiness(facts)


def _details(facts: Facts) -> Iterator[str]:
    yield ""
    yield "### Your details"
    yield ""
    if facts.profile is None:
        yield "Your details are held, but they are locked, and we could not open them here."
        return
    missing = []
    for field, template in words.FIELDS.items():
        label = template.format(partner=facts.partner)
        if facts.profile.get(field) in (None, [], ()):
            missing.append(label)
        else:
            yield f"- {label}: {_value(field, facts.profile[field])}"
    if missing:
        yield ""
        yield "We were not told this, so we do not hold it:"
        yield ""
        yield from (f"- {label}" for label in missing)


def _value(field: str, told: Any) -> str:
    if isinstance(told, bool):
        return "yes" if told else "no"
    if field == "minutes_a_week":
        return f"{minutes_in_words(told['least'])} to {minutes_in_words(told['most'])}"
    if field == "max_travel_metres":
        return f"{told / 1000:g} km"
    if field == "pay_floor_pence":
        return pounds(told)
    if field in ("birth_date", "available_from"):
        return day(told)
    if field == "days":
        return ", ".join(DAYS[each] for each in told)
    if field in ("licences", "barriers"):
        return ", ".join(code(code_in_words(each)) for each in told)
    return ", ".join(map(code, told)) if isinstance(told, list) else code(told)


def _facts(facts: Facts) -> Iterator[str]:
    yield ""
    yield "### Facts that a job may ask for"
    yield ""
    given = facts.said("FactGiven", "FactGivenSealed")
    if not given:
        yield "No such fact is held."
    for each in given:
        yield f"- {_fact(facts, each)}"


def _fact(facts: Facts, entry: Entry) -> str:
    told = entry.data
    name = code(code_in_words(told["fact"])) if "fact" in told else "A fact that is locked here"
    answers = {"true": "yes", "false": "no", "declined": "you did not want to say"}
    answer = f": {answers[told['status']]}" if "status" in told else ""
    first, last = told.get("first_day"), told.get("last_day")
    span = f" From {day(first)}." if first else ""
    span += f" Until {day(last)}." if last else ""
    return f"{name}{answer}.{span} {_evidence(told)} {_told_by(facts, entry)}"


def _evidence(told: Mapping[str, Any]) -> str:
    """
    Say what was shown, and in which role it was checked.
    """
    shown, role = (code_in_words(told[each]) for each in ("evidence", "assessor_role"))
    article = "an" if role[0].lower() in "aeiou" else "a"
    return f"Shown by: {shown}. Checked on {day(told['assessed_on'])} by {article} {role}."


def _told_by(facts: Facts, entry: Entry) -> str:
    """
    Say who told us, by their code, which is no name.
    """
    return (
        f"{facts.name(entry.party)} told us on {facts.when(entry.at)}. {staff_of(entry)}".rstrip()
    )


def _consents(facts: Facts) -> Iterator[str]:
    yield ""
    yield "### What you agreed to"
    yield ""
    given = facts.said("ConsentGiven", "ConsentWithdrawn")
    for each in given:
        yield f"- {_consent(facts, each)}"
    if not given:
        yield "We hold no word from you that you agree to be matched."
    elif facts.dossier.state.residents[facts.dossier.resident].matching is None:
        yield ""
        yield "As of now you do not agree to be matched. So you are not put forward."


def _consent(facts: Facts, entry: Entry) -> str:
    told, staff = entry.data, staff_of(entry)
    to = facts.name(told.get("supplier"))
    is_matching = told["purpose"] == Purpose.MATCHING
    if entry.name == "ConsentWithdrawn":
        what = "be matched with jobs" if is_matching else f"be known to {to}"
        return f"On {facts.when(entry.at)} you took it back: not to {what}. {staff}".rstrip()
    fields = ", and ".join(
        words.TOLD.get(each, code_in_words(each)) for each in told.get("fields", ())
    )
    what = "that we match you with jobs" if is_matching else f"that {to} may hear this: {fields}"
    end = f"It ends on {day(told['ends_on'])}." if "ends_on" in told else "It has no set end."
    return f"On {day(told['given_on'])} you agreed {what}. {end} {staff}".rstrip()


def _wishes(facts: Facts) -> Iterator[str]:
    known = facts.dossier.state.residents[facts.dossier.resident]
    yield ""
    yield "### What you want"
    yield ""
    if not (known.yes or known.no or known.standing_until):
        yield "We hold no yes and no no from you."
    for each in known.yes:
        yield f"- You said yes to {facts.job(each)}."
    for each in known.no:
        yield f"- You said no to {facts.job(each)}."
    if known.standing_until:
        until = day(known.standing_until)
        yield f"- You say yes to all jobs that meet your terms. That ends on {until}."
        for given in facts.said("InterestGiven")[-1:]:
            for name, told in (given.data.get("standing") or {}).items():
                yield f"- Your terms: {code(f'{code_in_words(name)}: {told}')}"
    if known.yes and known.ranked:
        yield ""
        yield "You put the ones that you said yes to in order. The best is first."


def _readiness(facts: Facts) -> Iterator[str]:
    known = facts.dossier.state.residents[facts.dossier.resident]
    yield ""
    yield "### If you are ready for work"
    yield ""
    if known.ready_since is None:
        yield "You are not marked as ready for work."
    else:
        yield f"You have been marked as ready for work since {facts.when(known.ready_since)}."
    for each in facts.said("ReadinessChanged"):
        ready = "Ready" if each.data["ready"] else "Not ready yet"
        yield f"- {ready}. {_evidence(each.data)} {staff_of(each)}".rstrip()
