"""
Scene 6 on the screen: the rounds, and one line a position, its states from left to right.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.demo.fortnight import Fortnight, Freed, RoundHeld, Slot, Turn
from services.demo.pages.contract import short
from services.demo.pages.matches import Reader
from services.demo.scenes.rounds_figures import Rounds
from services.wording.figures import code_in_words, counted

# What a state is called where its code would not say it, or would blame somebody.
STATES: Mapping[str, str] = {
    "lapsed": "not reached",
    "not_released": "nobody released it",
    "supplier_silent": "supplier silent",
    "filled": "hired",
}
# Who is named here, and whose line is told once the log holds this of them.
NAMED = ("accepts", "declines", "silent_supplier")
PARTS: Mapping[str, str] = {"declines": "declined", "silent_supplier": "supplier_silent"}


def page(found: Rounds, *, reader: Reader) -> Iterator[RenderableType]:
    """
    Show what was said, each round, the course of each position, and whose story it is.
    """
    yield (
        f"{found.wishes} residents answered through their own coordinators: {found.ranked} with a "
        f"ranked list, {found.standing} with a standing yes, {found.said_no} with a no."
    )
    yield _rounds(found.found)
    yield _slots(found.found, reader)
    yield from _clocks(found, reader)
    yield from _lines(found.found, reader)
    yield from _not_reached(found.found)
    if found.found.freed is not None:
        yield _freed(found.found.freed, reader)
    yield (
        f"{counted(found.found.proposals, 'proposal')}, {counted(found.found.offers, 'offer')}, "
        f"{counted(found.found.acceptances, 'acceptance')}. Now "
        f"{_counts(found.found.states)}. {found.receipts} receipts for {found.submissions} "
        f"answers and ticks, {found.ticks} of them ticks of the market's clock."
    )


def _clocks(found: Rounds, reader: Reader) -> Iterator[str]:
    """
    Tell who released for somebody on leave, and of what the contract's owner heard.
    """
    for off in found.off_duty:
        yield (
            f"{reader.names[off.partner]}: {off.desk} is on leave and tries to release. Refused: "
            f"{off.why} The deputy, {off.released_by}, releases it."
        )
    for each in found.overdue:
        yield (
            f"{reader.names[each.partner]} does not release a proposal for {each.title} by "
            f"{short(each.release_by)}: the contract's owner is told on the last day, and the "
            "resident loses nothing by it."
        )
    yield (
        f"{counted(found.reminders, 'reminder')} of what was half-way through its time, each to "
        f"whom it waited on; {counted(found.contacts, 'try')} to reach a resident is on record."
    )


def _rounds(found: Fortnight) -> Table:
    table = Table(
        "round of",
        "opportunities",
        "positions free",
        "claims",
        "proposed",
        "the others, counted\nfor each opportunity",
        title="Rounds: who is proposed is decided by published rules",
    )
    for each in found.rounds:
        table.add_row(
            short(each.at),
            str(each.opportunities),
            str(each.free),
            str(each.considered),
            str(each.proposed),
            others(each),
        )
    return table


def others(found: RoundHeld) -> str:
    """
    Count those who were not proposed, by the reason.
    """
    return ", ".join(
        f"{n} {code_in_words(outcome)}"
        for outcome, n in found.outcomes.items()
        if outcome != "proposed"
    )


def _slots(found: Fortnight, reader: Reader) -> Table:
    table = Table("position", "its course", title="Reserved positions, one line each")
    for slot in found.slots:
        table.add_row(f"{slot.reference}/{slot.ordinal}", course(slot, reader))
    return table


def course(slot: Slot, reader: Reader) -> Text:
    """
    Put a position's states side by side, those of one time of the market together.
    """
    told, day = Text(), ""
    for at, turns in groupby(slot.turns, key=lambda turn: turn.at):
        if told.plain:
            told.append(" > ", style="dim")
        told.append(f"{_when(at, after=day)} ", style="bold")
        told.append(", ".join(_together(list(turns), reader)))
        day = at[:10]
    return told


def _when(at: str, *, after: str) -> str:
    """
    Write day and time short; of what follows on the same day, the time alone.
    """
    if at[:10] == after:
        return at[11:16]
    day = date.fromisoformat(at[:10])
    return f"{day.day} {day:%b} {at[11:16]}"


def _together(turns: list[Turn], reader: Reader) -> Iterator[str]:
    for before, turn in zip([None, *turns], turns, strict=False):
        same = before is not None and before.reference == turn.reference
        who = "" if same or turn.reference is None else f" {_who(turn, reader)}"
        yield f"{state_in_words(turn)}{who}"


def _who(turn: Turn, reader: Reader) -> str:
    person = reader.people.get((turn.partner or "", turn.reference or ""))
    name = f" {person.name}" if person is not None and person.part in NAMED else ""
    return f"{turn.reference}{name}"


def state_in_words(turn: Turn) -> str:
    """
    Say a state of a position.

    >>> state_in_words(Turn(at="2026-01-20T09:05:00.000Z", state="opened", rung=1))
    'free for rung 2'
    """
    if turn.state == "opened":
        return f"free for rung {(turn.rung or 0) + 1}"
    words = STATES.get(turn.state, code_in_words(turn.state))
    if turn.state == "lapsed":
        return code_in_words(turn.because or "not_reached")
    return f"{words} ({code_in_words(turn.because)})" if turn.because else words


def _lines(found: Fortnight, reader: Reader) -> Iterator[Text]:
    held = {(t.partner, t.reference, t.state) for slot in found.slots for t in slot.turns}
    for (partner, reference), person in reader.people.items():
        if (partner, reference, PARTS.get(person.part)) in held:
            yield Text.assemble((f"{person.name} ({reference}): ", "bold"), person.line)


def _not_reached(found: Fortnight) -> Iterator[str]:
    """
    Tell of each offer that lapsed though nobody had tried to reach its resident.
    """
    for slot in found.slots:
        for at, turn in enumerate(slot.turns):
            if turn.state != "lapsed" or turn.because not in (None, "not_reached"):
                continue
            later = slot.turns[at + 1 :]
            again = next((t for t in later if t.reference == turn.reference), None)
            then = f", and on {short(again.at)} it came to them again" if again else ""
            yield (
                f"Nobody had tried to reach {turn.reference}: the offer lapsed as “not reached”, "
                f"and counts against nobody. It cost the resident nothing{then}."
            )


def _freed(freed: Freed, reader: Reader) -> str:
    person = reader.people.get((freed.partner, freed.reference))
    named = f"{person.name} ({freed.reference})" if person else freed.reference
    first = (
        f"{named} is free again at once, since {short(freed.at)}: the supplier's silence costs "
        "them nothing"
    )
    if freed.now_in is None:
        return f"{first}."
    return (
        f"{first}. They keep their weeks: proposed for {freed.now_in} with "
        f"{counted(freed.weeks or 0, 'whole week')} of waiting; by the log, "
        f"{counted(freed.weeks_by_log or 0, 'whole week')} had passed since they were ready."
    )


def _counts(states: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {STATES.get(state, state)}" for state, n in states.items())
