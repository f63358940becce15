"""
What a resident's letter is written from: their dossier, opened with the keys at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from schemas import codec
from schemas.log_record import LogRecord
from services.sealing import CannotOpen, Destroyed, Key, open_event
from services.transport.dossier import Dossier, Entry, dossier
from services.transport.replaying import opened
from services.wording.letter_facts import Facts, Office

PROFILES: Final = ("ResidentRegistered", "ResidentUpdated")


class Keys(Protocol):
    """
    The part of the key store that a letter needs: it reads keys.
    """

    def key_for(self, subject: str) -> Key | Destroyed | None:
        """
        Return a subject's key, or that it is destroyed, or nothing where there is none.
        """


class NoKeys:
    """
    No key store at hand: nothing opens.
    """

    def key_for(self, subject: str) -> Key | Destroyed | None:  # noqa: ARG002
        """
        Return no key.
        """
        return None


def letter_facts(records: Sequence[LogRecord], *, resident: str, keys: Keys) -> Facts:
    """
    Gather what a resident's letter says.

    Args:
        records: the market's records from its first on, whose chain was checked.
        resident: our id.
        keys: what opens; of somebody erased nothing is opened, whatever key there still is.

    Raises:
        DoesNotFollow: the records do not follow from each other.
        UnknownEvent: a newer release wrote them.
    """
    found = dossier(records, resident=resident)
    known = found.state.residents.get(resident)
    is_erased = known is not None and known.status == "erased"
    entries = tuple(
        _opened(each, NoKeys() if is_erased else keys, resident) for each in found.entries
    )
    told = replace(found, entries=entries)
    profiles = [each.data for each in entries if each.name in PROFILES]
    sealed = _sealed_words(records, told)
    return Facts(
        dossier=told,
        profile=profiles[-1] if profiles and not _is_stale(told) else None,
        locked=sum("sealed" in each.data for each in entries),
        titles={each: words["title"] for each, words in _all(sealed[0], keys).items()},
        offices={
            each: Office(mailbox=words["role_mailbox"], telephone=words["role_telephone"])
            for each, words in _all(sealed[1], keys).items()
        },
    )


def _opened(entry: Entry, keys: Keys, resident: str) -> Entry:
    """
    Open an entry, where it is sealed and its key is at hand.
    """
    if entry.event is None or "sealed" not in entry.data:
        return entry
    clear = _clear(entry.event, keys, resident)
    if clear is None:
        return entry
    return replace(entry, name=entry.name.removesuffix("Sealed"), data=clear)


def _clear(event: Any, keys: Keys, subject: str) -> dict[str, Any] | None:
    key = keys.key_for(subject)
    if not isinstance(key, Key):
        return None
    try:
        found: dict[str, Any] = codec.plain(open_event(event, key=key, subject=subject))
    except CannotOpen:
        return None
    return found


def _is_stale(told: Dossier) -> bool:
    """
    Tell whether the newest version of the details is one that did not open.
    """
    versions = [each for each in told.entries if each.name.removesuffix("Sealed") in PROFILES]
    return bool(versions) and versions[-1].name not in PROFILES


Sealed = dict[str, tuple[str, Any]]


def _sealed_words(records: Sequence[LogRecord], told: Dossier) -> tuple[Sealed, Sealed]:
    """
    Find the newest sealed form of each advert that concerns the resident, and of each party.

    Each is given with the subject under whose key it opens.
    """
    adverts: Sealed = {}
    parties: Sealed = {}
    wanted = {each.opportunity for each in told.accounts}
    known = told.state.residents.get(told.resident)
    wanted.update((*known.yes, *known.no) if known is not None else ())
    for record in records:
        for event in opened(record).events:
            if event.name in ("OpportunityPostedSealed", "OpportunityAmendedSealed"):
                if event.subject in wanted:
                    adverts[event.subject or ""] = (event.subject or "", event.data)
            elif event.name == "PartyRegisteredSealed":
                parties[event.data.slug] = (f"party:{event.data.slug}", event.data)
    return adverts, parties


def _all(sealed: Sealed, keys: Keys) -> Mapping[str, dict[str, Any]]:
    found = {}
    for named, (subject, event) in sealed.items():
        clear = _clear(event, keys, subject)
        if clear is not None:
            found[named] = clear
    return found
