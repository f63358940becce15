"""
Figures in words: money, days, hours and codes as a person reads them.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

_DAY = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}:[0-9]{2}):[0-9.]+Z)?\b")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_WHOLE = re.compile(r"-?[0-9]+")
_LONGEST_SHOWN = 80

# What a code says in a sentence, where its own letters would not do.
CODES: Final = {
    "london_living_wage": "London Living Wage",
    "national_living_wage": "National Living Wage",
    "neet": "not in education, employment or training",
    "nvq": "NVQ",
    "real_living_wage": "real Living Wage",
    "cscs_card": "CSCS card",
    "dbs_check": "DBS check",
    "gcse_english": "GCSE English",
    "gcse_maths": "GCSE maths",
    "hgv_licence": "HGV licence",
}


def pounds(pence: int) -> str:
    """
    Write an amount of money.

    >>> pounds(1271), pounds(2379312), pounds(-5)
    ('£12.71', '£23,793.12', '-£0.05')
    """
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def day_in_words(day: date) -> str:
    """
    Write a day out.

    >>> day_in_words(date(2026, 4, 1))
    '1 April 2026'
    """
    return f"{day.day} {day:%B} {day.year}"


def days_in_words(text: str) -> str:
    """
    Write out every ISO day and instant that stands in a text.

    >>> days_in_words("national_living_wage from 2026-04-01")
    'national_living_wage from 1 April 2026'
    >>> days_in_words("2026-01-13T09:00:00.000Z")
    '13 January 2026, 09:00 UTC'
    """
    return _DAY.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    year, month, day, time = found.groups()
    try:
        written = day_in_words(date(int(year), int(month), int(day)))
    except ValueError:
        return found.group(0)
    return f"{written}, {time} UTC" if time else written


def code_in_words(code: str) -> str:
    """
    Write a code of the vocabulary as words; an age band becomes one.

    >>> code_in_words("care_leaver"), code_in_words("cscs_card"), code_in_words("age_16_24")
    ('care leaver', 'CSCS card', 'aged 16 to 24')
    """
    band = re.fullmatch(r"age_([0-9]{1,3})_([0-9]{1,3})", code)
    if band:
        return f"aged {band[1]} to {band[2]}"
    return CODES.get(code, code.replace("_", " "))


def rule_in_words(rule: str) -> str:
    """
    Write the name of a rule with its day.

    >>> rule_in_words("national_living_wage from 2026-04-01")
    'National Living Wage from 1 April 2026'
    """
    words = days_in_words(rule).split(" ")
    return " ".join(code_in_words(word) if _CODE.fullmatch(word) else word for word in words)


def minutes_in_words(minutes: int) -> str:
    """
    Write a length of time in hours and minutes.

    >>> minutes_in_words(2250), minutes_in_words(60), minutes_in_words(45)
    ('37 hours 30 minutes', '1 hour', '45 minutes')
    """
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour")] if hours else []
    parts += [counted(rest, "minute")] if rest or not hours else []
    return " ".join(parts)


def counted(n: int, thing: str) -> str:
    """
    Count things, one or many.

    >>> counted(1, "month"), counted(8, "month")
    ('1 month', '8 months')
    """
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


KINDS: Final[dict[str, Callable[[int], str]]] = {
    "pence": pounds,
    "minutes": minutes_in_words,
    "months": lambda n: counted(n, "month"),
    "hours": lambda n: counted(n, "hour"),
    "positions": lambda n: counted(n, "position"),
    "number": lambda n: f"{n:,}",
    "fit": lambda n: f"{n / 100:g}%",
}


def shown(value: Any, *, kind: str = "text") -> str | None:
    """
    Write a value that stood in a submission, or a lawful figure, into a sentence.

    Args:
        value: a plain JSON value, or a figure as the log writes it (digits).
        kind: `text`, or a key of `KINDS`.

    Returns:
        The words, or nothing where there is no value that a sentence can hold.

    >>> shown(1100, kind="pence"), shown("1271", kind="pence"), shown("2026-05-01")
    ('£11.00', '£12.71', '1 May 2026')
    >>> shown("Oakline"), shown(True), shown({"a": 1}), shown(None)
    ('“Oakline”', 'true', None, None)
    """
    if isinstance(value, bool):
        return str(value).lower()
    if kind in KINDS and _WHOLE.fullmatch(str(value)):
        return KINDS[kind](int(value))
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        return None
    written = days_in_words(value)
    return written if written != value else f"“{shortened(value)}”"


def shortened(text: str, *, longest: int = _LONGEST_SHOWN) -> str:
    """
    Cut a text to what a sentence can hold.
    """
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"
