"""
Stage 1: from a profile to the texts that are compared.

A profile is read twice: as one text, and as numbered statements. The order of `statements`
is the numbering that reasons use.
"""

import re
import unicodedata
from hashlib import blake2b

from matching.model import OpportunityProfile, ResidentProfile, Side

Profile = OpportunityProfile | ResidentProfile

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|;\s+|\n+")
_MOST_SENTENCES = 40


def statements(profile: Profile) -> tuple[str, ...]:
    """
    Return the numbered statements of a profile, the first being number 0.

    An opportunity states its title, then its duties, then its skills; a resident their
    skills, then their experience. Where neither duties nor skills are listed, and where
    neither skills nor experience are, the sentences of description or summary stand in.
    """
    if isinstance(profile, OpportunityProfile):
        listed = (*profile.duties, *profile.skills) or sentences(profile.description)
        return (profile.title, *listed)
    return (*profile.skills, *profile.experience) or sentences(profile.summary)


def sought(profile: Profile) -> range:
    """
    Return the numbers of the statements whose want is worth telling: an opportunity's
    skills, or else its duties.
    """
    if isinstance(profile, ResidentProfile):
        return range(0)
    last = len(statements(profile))
    return range(last - len(profile.skills) if profile.skills else 1, last)


def whole_text(profile: Profile) -> str:
    """
    Return a profile as one text, its most telling words first, since encoders cut the end.
    """
    if isinstance(profile, OpportunityProfile):
        parts = (profile.title, profile.description, *_lists(profile.duties, profile.skills))
    else:
        parts = (profile.summary, *_lists(profile.skills, profile.experience))
    return " ".join(_closed(part) for part in map(normalised, parts) if part)


def sentences(text: str | None) -> tuple[str, ...]:
    """
    Cut a text where sentences, lines or items end.

    >>> sentences("I cook. I serve; I clean up")
    ('I cook.', 'I serve', 'I clean up')
    """
    found = (part.strip() for part in _SENTENCE_END.split(text or ""))
    return tuple(part for part in found if part)[:_MOST_SENTENCES]


def normalised(text: str | None) -> str:
    """
    Write a text in one form, so that equal words have equal hashes.

    >>> normalised("  caring\\n for people ")
    'caring for people'
    """
    return " ".join(unicodedata.normalize("NFKC", text or "").split())


def side_of(profile: Profile) -> Side:
    """
    Return whose profile this is.
    """
    return Side.OPPORTUNITY if isinstance(profile, OpportunityProfile) else Side.RESIDENT


def subject_of(profile: Profile) -> str:
    """
    Return the id of whose profile this is.
    """
    if isinstance(profile, OpportunityProfile):
        return profile.opportunity_id
    return profile.resident_id


def phrase_hash(statement: str, *, side: Side, model: str) -> str:
    """
    Name the vector of a statement: BLAKE2b over its normalised text, the side and the model.

    Returns:
        64 hexadecimal digits.
    """
    return _digest("phrase", model, side, normalised(statement))


def text_hash(profile: Profile, *, model: str) -> str:
    """
    Name all that is prepared of a profile: equal hashes need no encoding again.

    Returns:
        64 hexadecimal digits.
    """
    said = (whole_text(profile), *map(normalised, statements(profile)))
    return _digest("profile", model, side_of(profile), str(len(sought(profile))), *said)


def _lists(*lists: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("; ".join(each) for each in lists)


def _closed(part: str) -> str:
    return part if part.endswith((".", "!", "?")) else f"{part}."


def _digest(*parts: str) -> str:
    # Each part is told its length, so that no two lists of parts read the same.
    told = b"".join(b"%d:%s" % (len(raw), raw) for raw in (part.encode() for part in parts))
    return blake2b(told, digest_size=32).hexdigest()
