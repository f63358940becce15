"""
An introduction as each side reads it: the other side's office, and nobody's name.
"""

from collections.abc import Mapping
from typing import Any

from schemas.introductions import IntroductionReceived, SupplierIntroduced

# Of an advert and of a registration alike, sealed in both.
OFFICE = ("role_mailbox", "role_telephone")


def supplier_introduced(
    made: Mapping[str, Any],
    *,
    advert: Mapping[str, Any],
    supplier_name: str,
    supplier: Mapping[str, Any],
    reference: str | None,
) -> SupplierIntroduced:
    """
    Tell a partner whom to call: the advert's office, or where it has no telephone the firm's.

    Args:
        made: the log's `IntroductionMade`.
        advert: the words of the opportunity, opened.
        supplier_name: the supplier's name in the register.
        supplier: what is sealed of its registration, opened; empty where that cannot be.
        reference: what the partner calls its resident, where that can be opened.
    """
    return SupplierIntroduced(
        offer=made["offer"],
        resident=made["resident"],
        reference=reference,
        position=made.get("position"),
        opportunity=made["opportunity"],
        title=advert["title"],
        clause=made.get("clause"),
        supplier=made["supplier"],
        supplier_name=supplier_name,
        role_mailbox=advert["role_mailbox"],
        role_telephone=advert.get("role_telephone") or supplier.get("role_telephone"),
    )


def introduction_received(
    due: Mapping[str, Any], *, title: str, partner: Mapping[str, Any]
) -> IntroductionReceived:
    """
    Tell a supplier which office to call, and until when it is to confirm or reject.

    Args:
        due: the log's `ConfirmationDue` of the same record, which names no resident.
        title: the advert's own.
        partner: what is sealed of the partner's registration, opened.
    """
    return IntroductionReceived(
        offer=due["offer"],
        position=due.get("position"),
        opportunity=due["opportunity"],
        title=title,
        clause=due.get("clause"),
        confirm_by=due["confirm_by"],
        **{field: partner[field] for field in OFFICE},
    )
