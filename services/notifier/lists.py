"""
Lists: the at most ten best open opportunities of a resident, sent only when they changed.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from schemas.envelope import canonical
from services.notifier.owed import Owed

if TYPE_CHECKING:
    from services.storage.notifications import Fit, NotificationBook, Person

WHOLE_RECORD: Final = 0


def changed_lists(
    residents: Iterable[str], book: "NotificationBook", *, sequence: int
) -> Iterator[Owed]:
    """
    Rank anew whom a record touched, and owe each changed list to the resident's own partner.

    A list that became empty is owed once, as empty; one that never was is not.
    """
    for resident in sorted(set(residents)):
        person = book.person(resident)
        if person is not None:
            yield from _changed(person, book, sequence=sequence)


def _changed(person: "Person", book: "NotificationBook", *, sequence: int) -> Iterator[Owed]:
    matches = _matches(person, book)
    digest = hashlib.sha256(canonical(matches)).hexdigest()
    if digest == (person.list_digest or NOTHING):
        return
    book.keep_list(person.resident, digest=digest, sequence=sequence)
    yield Owed(
        leaf=WHOLE_RECORD,
        recipient=person.party,
        kind="MatchesRanked",
        about=person.resident,
        payload={"resident": person.resident, "made_at": sequence, "matches": matches},
    )


def _matches(person: "Person", book: "NotificationBook") -> list[dict[str, Any]]:
    asked = book.asked(person.resident)
    return [
        _match(fit, rank=rank, asked=asked)
        for rank, fit in enumerate(book.best(person.resident), start=1)
    ]


def _match(fit: "Fit", *, rank: int, asked: frozenset[str]) -> dict[str, Any]:
    codes = fit.why.get("codes", [])
    return {
        "rank": rank,
        "opportunity": fit.opportunity,
        "resident_version": fit.resident_version,
        "opportunity_version": fit.opportunity_version,
        "score": fit.score,
        "eligible": fit.eligible,
        "parts": fit.why["parts"],
        "reasons": fit.why.get("reasons", []),
        "codes": codes,
        "asked": any(code in asked for code in codes),
    }


NOTHING: Final = hashlib.sha256(canonical([])).hexdigest()


def superseded(row_made_at: int, person: "Person | None") -> bool:
    """
    Tell whether a list that waits to be sent must not be: a later record changed it.

    Whatever forbids a list (a consent withdrawn, an erasure, an opportunity taken back)
    makes another list in its own record.
    """
    return person is None or person.list_sequence > row_made_at
