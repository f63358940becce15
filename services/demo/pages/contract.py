"""
Scene 2 on the screen: the contract in words, with its figures and dates.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from rich.console import RenderableType
from rich.table import Table

from services.demo.scenes.contract import Agreed, Dates, Rung, Windows
from services.wording.figures import code_in_words, counted, day_in_words, days_in_words, pounds
from services.wording.terms import weekday_in_words


def page(found: Agreed, *, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """
    Show the contract as both sides agreed to it.
    """
    yield (
        f"{counted(len(found.parties), 'organisation')} stand in the register; the market "
        f"{found.market} serves {counted(found.outcodes, 'outcode')}. "
        f"It is {days_in_words(found.now)} there, by its simulated clock."
    )
    yield _terms(found, names)
    yield _ladder(found.rungs, found.dates)
    yield windows_in_words(found.windows)
    yield dates_in_words(found.dates)
    yield (
        f"{names[found.owner]} registered it, {names[found.supplier]} agreed to version "
        f"{found.version}: {found.receipts} receipts for {found.submissions} submissions, the "
        f"slowest after {found.slowest_receipt_ms:,} ms."
    )


def _terms(found: Agreed, names: Mapping[str, str]) -> Table:
    table = Table(title=f"{found.title} ({found.contract})", show_header=False)
    buyers = ", ".join(f"{names[each.party]} {each.n}/{each.d}" for each in found.buyers)
    due = "; ".join(f"{each.quantity} by {_day(each.by)}" for each in found.due)
    rows = (
        ("supplier", names[found.supplier]),
        ("buyers", buyers),
        ("term", f"from {_day(found.starts_on)}, ends before {_day(found.ends_before)}"),
        ("value", pounds(found.value_pence)),
        ("pledge", f"{counted(found.pledged, found.measure.removesuffix('s'))}: {due}"),
        ("", f"one for each {pounds(found.pence_per_start)} of the contract"),
        ("pay", f"at least the {code_in_words(found.pay_floor)}"),
        (f"clause {found.clause}", found.clause_title),
    )
    for row in rows:
        table.add_row(*row)
    return table


def _ladder(rungs: tuple[Rung, ...], dates: Dates) -> Table:
    posted = weekday_in_words(date.fromisoformat(dates.posted_on))
    table = Table(
        "from",
        "who may come forward",
        "first proposals",
        "released by",
        "answered by",
        "supplier decides by",
        title=f"What it means before it is agreed: a position posted on {posted}",
    )
    for rung, step in zip(rungs, dates.ladder.steps, strict=True):
        table.add_row(
            f"{short(step.opens)}\n(working day {rung.after_working_days})",
            rung_in_words(rung),
            short(step.proposals),
            short(step.released_by),
            short(step.answered_by),
            short(step.confirmed_by),
        )
    return table


def dates_in_words(dates: Dates) -> str:
    """
    Say until when answers are taken in, when it may be advertised, and the last day to post.
    """
    last = (
        "none: the contract is too short for it"
        if dates.last_day is None
        else weekday_in_words(date.fromisoformat(dates.last_day))
    )
    return (
        f"Until {short(dates.ladder.taken_in_until)} nobody is chosen. The dates are the latest, "
        "with every side taking all of its time. The supplier may advertise it openly from "
        f"{short(dates.ladder.public)} on, or once its closing day is over, if that is sooner. "
        "Last day to post, so that the last rung has had its course when the contract "
        f"ends: {last}."
    )


def short(at: str) -> str:
    """
    Write an instant short, in winter time.

    >>> short("2026-01-19T09:05:00.000Z"), short("2026-01-20T00:00:00.000Z")
    ('Mon 19 Jan 09:05', 'Tue 20 Jan')
    """
    day, time = date.fromisoformat(at[:10]), at[11:16]
    words = f"{day:%a} {day.day} {day:%b}"
    return words if time == "00:00" else f"{words} {time}"


def rung_in_words(rung: Rung) -> str:
    """
    Say who may come from a rung on.

    >>> rung_in_words(Rung(after_working_days=5, everyone=False, ways_in=(("care_leaver",),)))
    'care leaver'
    >>> rung_in_words(Rung(after_working_days=10, everyone=True, ways_in=()))
    'everyone in the market'
    """
    if rung.everyone:
        return "everyone in the market"
    ways = (" and ".join(code_in_words(fact) for fact in facts) for facts in rung.ways_in)
    return "; or ".join(ways)


def windows_in_words(windows: Windows) -> str:
    """
    Say how long each side has.
    """
    return (
        f"Everyone has {counted(windows.intake_hours, 'hour')} to come forward. Then a "
        f"coordinator has {counted(windows.release_working_days, 'working day')} to release a "
        f"proposal, the resident {counted(windows.answer_working_days, 'working day')} to answer, "
        f"and the supplier {counted(windows.supplier_working_days, 'working day')} to decide. A "
        f"challenge is decided in {counted(windows.challenge_working_days, 'working day')}."
    )


def _day(day: str) -> str:
    return day_in_words(date.fromisoformat(day))
