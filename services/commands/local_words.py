"""
Instants as a person in any nation of the United Kingdom reads them: local day and time.
"""

from functools import cache

from matching.market.local_time import nation_calendar
from matching.market.working_time import Calendar
from schemas.vocabulary import Nation
from services.wording.terms import moment_in_words


def in_local_time(at: str) -> str:
    """
    Write an instant in local time; the clocks of all four nations change together.

    >>> in_local_time("2026-06-15T08:00:00.000Z")
    'Monday 15 June 2026, 09:00'
    """
    return moment_in_words(_calendar(), at)


@cache
def _calendar() -> Calendar:
    # Imported here: that module brings the key store, which most commands do without.
    from services.commands.init import packaged_rules

    return nation_calendar(packaged_rules(), Nation.ENGLAND)
