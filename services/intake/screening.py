"""
Screening: who speaks, for whom, when, and that nobody under 18 is put forward.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from schemas.envelope import Envelope, Message
from schemas.markets import MarketOpened
from schemas.residents import ResidentRegistered, ResidentUpdated, age_on
from schemas.vocabulary import Clock, Problem, instant, later
from services.intake.sayings import NAMES_WHO

OF_AGE: Final = 18
MOST_AHEAD: Final = timedelta(minutes=2)

# Source: RFC 3339, section 5.6, in the years that people now at work live in.
TIME: Final = re.compile(
    r"(?:19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"
)


def said_at(time: str) -> datetime | None:
    """
    Read the CloudEvents `time`, or nothing where it is not an RFC 3339 time with a zone.

    >>> said_at("2026-01-13T10:00:00+01:00")
    datetime.datetime(2026, 1, 13, 9, 0, tzinfo=datetime.timezone.utc)
    """
    if not TIME.fullmatch(time):
        return None
    try:
        return datetime.fromisoformat(time).astimezone(UTC)
    except ValueError:
        return None


def speaker_problems(message: Message, *, party: str) -> tuple[Problem, ...]:
    """
    Return what is wrong with who is said to speak.

    Args:
        message: what was sent.
        party: the owner of the inbox in which it stands.
    """
    envelope = message.envelope
    found = []
    if envelope.source != f"/party/{party}":
        found.append(Problem(code="source_wrong", field="/source", lawful_value=f"/party/{party}"))
    if type(message.data) in NAMES_WHO:
        found += [
            Problem(code="who_missing", field=f"/{name}")
            for name in ("authtype", "authid")
            if getattr(envelope, name) is None
        ]
    if envelope.time is not None and said_at(envelope.time) is None:
        found.append(Problem(code="wrong_form", field="/time", rule="RFC 3339"))
    return tuple(found)


def age_problems(
    message: Message, *, appended_at: str, market: MarketOpened | None
) -> tuple[Problem, ...]:
    """
    Return why a profile cannot be taken at the time at which it was said.

    The day is that of `time` in UTC, which in these nations is never later than the local
    one: an hour after a birthday's midnight in summer is refused, and no day too early
    is accepted.

    Args:
        message: a registration or an update of a resident.
        appended_at: when the record was appended, an instant.
        market: where the resident lives, if that is known; a simulated one has a time of
            its own.
    """
    profile, time = message.data, message.envelope.time
    assert isinstance(profile, (ResidentRegistered, ResidentUpdated))
    if time is None:
        return (Problem(code="time_missing", field="/time"),)
    said = said_at(time)
    if said is None:
        return ()
    simulated = market is not None and market.clock is Clock.SIMULATED
    latest = later(appended_at, MOST_AHEAD)
    if not simulated and instant(said) > latest:
        return (Problem(code="time_ahead", field="/time", lawful_value=latest),)
    if age_on(said.date(), born=profile.birth_date) < OF_AGE:
        # The lawful day would tell the birth date.
        return (Problem(code="under_18", field="/data/birth_date"),)
    return ()


def kept(envelope: Envelope, *, type_name: str, subject: str | None) -> Envelope:
    """
    Return the envelope as it goes on: our subject, and of the party's only what is no text.

    What else CloudEvents allows could hold anything, a person's name too.
    """
    said = said_at(envelope.time) if envelope.time is not None else None
    return Envelope(
        id=envelope.id,
        source=envelope.source,
        type=type_name,
        subject=subject,
        time=instant(said) if said is not None else None,
        authtype=envelope.authtype,
        authid=envelope.authid,
    )
