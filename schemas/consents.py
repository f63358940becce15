"""
Consents: to be matched, and to one supplier's introduction, each withdrawn on its own.
"""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen

from schemas.vocabulary import Code, Coded, Date, Problem, Purpose, Reference, Slug, event


@event(about="resident")
class ConsentGiven:
    """
    A resident consents, for one purpose, recorded by a member of staff (`authid`).

    Consent to be matched names no supplier; consent to an introduction names exactly one
    and the fields that may be told.
    """

    resident: Coded[Reference]
    purpose: Coded[Purpose]
    supplier: Coded[Slug | None] = None
    fields: Coded[Annotated[tuple[Code, ...], MaxLen(40)]] = ()
    notice_version: Coded[Annotated[int, Ge(1), Le(10_000)]]
    given_on: Coded[Date]
    ends_on: Coded[Date | None] = None


@event(about="resident")
class ConsentWithdrawn:
    """
    A consent ends now: out of the index and of every later message, in its own record.
    """

    resident: Coded[Reference]
    purpose: Coded[Purpose]
    supplier: Coded[Slug | None] = None


def problems(consent: ConsentGiven | ConsentWithdrawn) -> tuple[Problem, ...]:
    """
    Return what is wrong across the fields of a consent.
    """
    found = []
    if consent.purpose is Purpose.INTRODUCTION and consent.supplier is None:
        found.append(Problem(code="supplier_missing", field="/supplier"))
    if consent.purpose is Purpose.MATCHING and consent.supplier is not None:
        found.append(Problem(code="supplier_not_expected", field="/supplier"))
    if isinstance(consent, ConsentGiven):
        if consent.purpose is Purpose.INTRODUCTION and not consent.fields:
            found.append(Problem(code="fields_missing", field="/fields"))
        if consent.ends_on is not None and consent.ends_on <= consent.given_on:
            found.append(Problem(code="ends_before_it_starts", field="/ends_on"))
    return tuple(found)
