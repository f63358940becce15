"""
What a resident's letter is written from, and how it names things.

What is an id, a code or somebody's own words stands in code marks, so that it is not taken
for a sentence of ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from matching.market.local_time import market_calendar
from matching.market.working_time import local
from services.transport.dossier import Dossier, Entry
from services.wording.figures import day_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """
    Whom to call at a party: its role mailbox and telephone, never a person's.
    """

    mailbox: str
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What a letter is written from: the dossier as far as it could be opened.

    `profile` is the newest version of the details, by field; `locked` counts the records that
    did not open; `titles` are those of adverts, `offices` those of parties, both by id.
    """

    dossier: Dossier
    profile: Mapping[str, Any] | None
    locked: int
    titles: Mapping[str, str]
    offices: Mapping[str, Office]

    @property
    def is_erased(self) -> bool:
        """
        Whether the resident asked to be erased.
        """
        return self.dossier.state.residents[self.dossier.resident].status == "erased"

    @property
    def partner(self) -> str:
        """
        The name of the resident's own partner.
        """
        return self.name(self.dossier.partner)

    def name(self, slug: str | None) -> str:
        """
        Return a party's own name, or its slug where it is not known here.
        """
        entry = self.dossier.state.parties.get(slug or "")
        return entry.party.name if entry is not None else slug or "nobody"

    def job(self, opportunity: str) -> str:
        """
        Name an opportunity, by its title where that is known, and who posted it.
        """
        posted = self.dossier.state.opportunities.get(opportunity)
        named = code(self.titles.get(opportunity, opportunity))
        return named if posted is None else f"{named} at {self.name(posted.party)}"

    def when(self, at: str) -> str:
        """
        Write an instant in the market's local time.
        """
        day, time = local(market_calendar(self.dossier.state), at)
        return f"{day_in_words(day)}, {time[:5]}"

    def said(self, *names: str) -> tuple[Entry, ...]:
        """
        Return the entries of these kinds, in order.
        """
        return tuple(each for each in self.dossier.entries if each.name in names)


def code(text: object) -> str:
    """
    Mark a text, on one line, as somebody's own words or as a code.

    >>> code("Roofer"), code("a  b")
    ('`Roofer`', '`a b`')
    """
    return exactly(" ".join(str(text).split()))


def exactly(text: str) -> str:
    """
    Mark a text without a change; what has code marks of its own is set between more of them.

    >>> print(exactly("a `b` c"))
    `` a `b` c ``
    """
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", text))))
    return f"{fence} {text} {fence}"


def day(told: str) -> str:
    """
    Write out an ISO day.
    """
    return day_in_words(date.fromisoformat(told))


def staff_of(entry: Entry) -> str:
    """
    Name the member of staff who said something by their code, which is no name.
    """
    return f"Staff code: {code(entry.staff)}." if entry.staff else ""
