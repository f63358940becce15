"""
A ring fence's dates: what would happen when, to a position posted at a given instant.

Everything is counted as the market counts it, with every party taking all the time it has
and keeping the market's own working days; a party's own may make a window longer.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta

from matching.market.working_time import (
    Calendar,
    deadline,
    first_round,
    instant_at,
    is_working_day,
    local,
    midnight,
    working_day_after,
)
from schemas.contracts import RingFence
from schemas.rules import Policy
from schemas.vocabulary import later

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One rung: when it opens, its first proposals, and by when each side has done its part.

    All are instants, and each is the latest: proposals and offers may take a day to be
    delivered, and what is introduced may have an interview.
    """

    opens: str
    proposals: str
    released_by: str
    answered_by: str
    introduced_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """
    The whole course of a position that is posted at `posted`.

    `public` is when open advertising is allowed, or sooner where the posting has closed.
    """

    posted: str
    taken_in_until: str
    steps: tuple[Step, ...]
    public: str

    @property
    def ends(self) -> str:
        """
        Return the instant by which the last rung has had its course.
        """
        return max(self.steps[-1].confirmed_by, self.public)


def ladder(fence: RingFence, *, calendar: Calendar, posted_on: date, policy: Policy) -> Ladder:
    """
    Lay out a ring fence for a position that is posted when a day's work begins.

    Raises:
        ValueError: a window is not stated.
    """
    posted = instant_at(calendar, posted_on, calendar.starts)
    taken_in_until = later(posted, timedelta(hours=_stated(fence.intake_hours)))
    openings = (_opening(calendar, posted, rung.after_working_days) for rung in fence.rungs)
    public = _stated(fence.public_after_working_days)
    return Ladder(
        posted=posted,
        taken_in_until=taken_in_until,
        steps=tuple(
            _step(fence, calendar, policy, opens=opens, since=max(opens, taken_in_until))
            for opens in openings
        ),
        public=_opening(calendar, posted, public),
    )


def last_day_to_post(
    fence: RingFence, *, calendar: Calendar, policy: Policy, starts_on: date, ends_before: date
) -> date | None:
    """
    Return the last working day whose posting has had its whole course when a contract ends.

    Returns:
        The day, or nothing where even a posting on the contract's first day is too late.
    """
    end = midnight(calendar, ends_before)
    days = range((ends_before - starts_on).days)

    def too_late(n: int) -> bool:
        day = starts_on + n * DAY
        return ladder(fence, calendar=calendar, posted_on=day, policy=policy).ends > end

    # A later posting never ends sooner.
    fitting = bisect_left(days, True, key=too_late)
    in_time = (starts_on + n * DAY for n in reversed(range(fitting)))
    return next((day for day in in_time if is_working_day(calendar, day)), None)


def _opening(calendar: Calendar, posted: str, after_working_days: int) -> str:
    day, _ = local(calendar, posted)
    if after_working_days == 0:
        return posted
    return midnight(calendar, working_day_after(calendar, day, after_working_days))


def _step(fence: RingFence, calendar: Calendar, policy: Policy, *, opens: str, since: str) -> Step:
    minutes = fence.round_working_minutes or policy.round_working_minutes
    proposals = first_round(calendar, since, minutes)
    reached_by = deadline(calendar, proposals, policy.delivery_working_days)
    released_by = deadline(calendar, reached_by, _stated(fence.release_working_days))
    delivered_by = deadline(calendar, released_by, policy.delivery_working_days)
    answered_by = deadline(calendar, delivered_by, _stated(fence.answer_working_days))
    introduced_by = deadline(calendar, answered_by, _stated(fence.answer_working_days))
    met_by = deadline(calendar, introduced_by, _stated(fence.supplier_working_days))
    return Step(
        opens=opens,
        proposals=proposals,
        released_by=released_by,
        answered_by=answered_by,
        introduced_by=introduced_by,
        confirmed_by=deadline(calendar, met_by, _stated(fence.supplier_working_days)),
    )


def _stated(window: int | None) -> int:
    if window is None:
        raise ValueError("a window of the ring fence is not stated")
    return window
