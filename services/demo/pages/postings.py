"""
Scene 3 on the screen: what is open, and what was refused, in plain words.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.demo.pages.contract import short
from services.demo.scenes.postings import Posted, Postings, Refused
from services.wording.figures import (
    code_in_words,
    counted,
    days_in_words,
    minutes_in_words,
    pounds,
    rule_in_words,
)

# What is simply not there, or too much: the reason says all, and no law stands behind it.
WITHOUT_RULE = ("field_missing", "field_unknown", "wrong_type")


def page(found: Postings, *, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """
    Show the ring-fenced postings, the rest by supplier, and each refusal.
    """
    fenced = tuple(each for each in found.accepted if each.ring_fenced)
    yield _fenced(fenced)
    yield _timetables(fenced)
    for refused in found.refused:
        yield _refused(refused)
    yield _by_supplier(found, names)
    kinds = ", ".join(f"{n} {code_in_words(kind)}" for kind, n in found.by_kind.items())
    yield (
        f"{len(found.accepted)} of {found.submissions} postings were accepted, with "
        f"{counted(found.positions, 'position')} ({found.ring_fenced_positions} of them "
        f"ring-fenced): {kinds}. The last answer came after {found.slowest_answer_ms:,} ms."
    )


def _fenced(postings: tuple[Posted, ...]) -> Table:
    table = Table(
        "id", "opportunity", "ring-fenced", "pay", "a week", "closes", title="Ring-fenced positions"
    )
    for each in postings:
        table.add_row(
            each.opportunity,
            f"{each.reference} {each.title}, {each.outcode}",
            f"{each.ring_fenced} of {each.positions}",
            pay_in_words(each.pay),
            minutes_in_words(each.minutes_a_week),
            days_in_words(each.closes_on),
        )
    return table


def _timetables(postings: tuple[Posted, ...]) -> Table:
    """
    Show the dates of the receipts, one line a posting.
    """
    codes = list(dict.fromkeys(entry.what for each in postings for entry in each.timetable))
    table = Table(
        "opportunity",
        *(code_in_words(code) for code in codes),
        title="When what happens, as each receipt says",
    )
    for each in postings:
        at = {entry.what: short(entry.at) for entry in each.timetable}
        table.add_row(each.reference, *(at.get(code, "") for code in codes))
    return table


def _by_supplier(found: Postings, names: Mapping[str, str]) -> Table:
    table = Table("supplier", "opportunities", "positions", title="Open in the market")
    for supplier, count in found.by_supplier.items():
        theirs = (each.positions for each in found.accepted if each.supplier == supplier)
        table.add_row(names[supplier], str(count), str(sum(theirs)))
    return table


def _refused(refused: Refused) -> Text:
    lines = Text.assemble((f"{refused.reference} {refused.title}: ", "bold"), ("refused", "red"))
    rows = [("field", refused.field), ("you sent", value_in_words(refused))]
    if refused.rule and refused.code not in WITHOUT_RULE:
        rows.append(("rule", rule_in_words(refused.rule)))
    rows += [("why", refused.why), ("what to change", refused.mend)]
    for name, words in rows:
        lines.append(f"\n    {name:15}", style="dim").append(words)
    return lines


def value_in_words(refused: Refused) -> str:
    """
    Show the value that was refused; money as money.
    """
    if refused.field.endswith("/pence") and isinstance(refused.value, int):
        return pounds(refused.value)
    return "nothing" if refused.value is None else str(refused.value)


def pay_in_words(pay: Mapping[str, Any]) -> str:
    """
    Say what is paid.

    >>> pay_in_words({"basis": "hourly", "pence": 1345}), pay_in_words({"basis": "unpaid"})
    ('£13.45 an hour', 'unpaid')
    """
    if pay["basis"] == "hourly":
        return f"{pounds(pay['pence'])} an hour"
    if pay["basis"] == "annual":
        return f"{pounds(pay['pence'])} a year"
    return code_in_words(pay["basis"])
