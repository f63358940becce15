"""
Wishes: the whole list of a resident's yes and no, as it stands and as an answer changes it.

What a party says of an interest replaces what it said before, so a new answer is merged
with what stands. The terms of a standing yes are sealed: they can be said again, or be
dropped, and are never lost by an answer to something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from matching.market.state import MarketState, ResidentEntry
from schemas.interests import InterestGiven, StandingYes


class StandingInTheWay(ValueError):
    """
    A standing yes stands until a day, and what is to become of it was not said.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """
    A resident's answers: opportunities by our ids, best first where `ranked`.

    `until` is the last day of a standing yes, `standing` its terms where they are known.
    """

    yes: tuple[str, ...] = ()
    ranked: bool = False
    no: tuple[str, ...] = ()
    until: str | None = None
    standing: StandingYes | None = None


def current(resident: ResidentEntry, *, day: str) -> Wishes:
    """
    Return a resident's answers as they stand on a day.
    """
    until = resident.standing_until
    return Wishes(
        yes=resident.yes,
        ranked=resident.ranked,
        no=resident.no,
        until=until if until is not None and until >= day else None,
    )


def with_yes(wishes: Wishes, opportunities: Sequence[str], *, ranked: bool = False) -> Wishes:
    """
    Add a yes to opportunities; ranked, they come first and in this order.

    >>> with_yes(Wishes(yes=("a",), no=("b",)), ("b", "c"))
    Wishes(yes=('a', 'b', 'c'), ranked=False, no=(), until=None, standing=None)
    >>> with_yes(Wishes(yes=("a",)), ("b", "a"), ranked=True).yes
    ('b', 'a')
    """
    added = tuple(opportunities)
    if ranked:
        yes = (*added, *(each for each in wishes.yes if each not in added))
    else:
        yes = (*wishes.yes, *(each for each in added if each not in wishes.yes))
    no = tuple(each for each in wishes.no if each not in added)
    return replace(wishes, yes=yes, no=no, ranked=ranked or wishes.ranked)


def with_no(wishes: Wishes, opportunities: Sequence[str]) -> Wishes:
    """
    Add a no to opportunities, which takes a yes back.

    >>> with_no(Wishes(yes=("a", "b")), ("b",))
    Wishes(yes=('a',), ranked=False, no=('b',), until=None, standing=None)
    """
    yes = tuple(each for each in wishes.yes if each not in opportunities)
    added = tuple(each for each in opportunities if each not in wishes.no)
    return replace(wishes, yes=yes, no=(*wishes.no, *added))


def with_standing(wishes: Wishes, standing: StandingYes, *, until: str) -> Wishes:
    """
    Give a standing yes, or replace the one there is.
    """
    return replace(wishes, standing=standing, until=until)


def without_standing(wishes: Wishes) -> Wishes:
    """
    End a standing yes.
    """
    return replace(wishes, standing=None, until=None)


def still_open(wishes: Wishes, state: MarketState) -> tuple[Wishes, tuple[str, ...]]:
    """
    Leave out each earlier yes to what is closed or withdrawn, which no answer may repeat.

    Returns:
        The rest, and what was left out.
    """
    past = tuple(
        each
        for each in wishes.yes
        if each in state.opportunities and state.opportunities[each].status != "open"
    )
    kept = tuple(each for each in wishes.yes if each not in past)
    return replace(wishes, yes=kept), past


def interest(resident: str, wishes: Wishes) -> InterestGiven:
    """
    Write the whole list as what is said of it.

    Raises:
        StandingInTheWay: a standing yes would be lost, since its terms are not known.
    """
    if wishes.until is not None and wishes.standing is None:
        raise StandingInTheWay(wishes.until)
    return InterestGiven(
        resident=resident,
        yes=wishes.yes,
        ranked=wishes.ranked,
        no=wishes.no,
        until=None if wishes.until is None else date.fromisoformat(wishes.until),
        standing=wishes.standing,
    )
