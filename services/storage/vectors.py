"""
What the encoder made: prepared texts by subject, and phrase vectors by their hash.

A vector made of a person's words is kept only while that person is in the index: it is
written in one transaction with a look at the row it belongs to, and a phrase goes with the
last subject that used it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, delete, insert, select, update

from services.storage.database import insert_once
from services.storage.matcher_tables import (
    OPPORTUNITIES,
    PHRASE_USES,
    PHRASES,
    RESIDENTS,
    VECTORS,
)

AT_ONCE = 500
KEPT_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedText:
    """
    A subject's prepared text with the hash of the text and the model that prepared it.

    `phrases` are the vectors, by hash, of the phrases that it was put together from.
    """

    subject: str
    model: str
    text_hash: str
    prepared: bytes
    phrases: Mapping[str, bytes] = field(default_factory=dict)


class VectorStore:
    """
    Prepared texts and phrase vectors in the matcher's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepared(self, subjects: Iterable[str], *, model: str) -> dict[str, PreparedText]:
        """
        Return what is kept of these subjects under this model, by subject.
        """
        wanted = tuple(subjects)
        found: dict[str, PreparedText] = {}
        with self._engine.begin() as connection:
            for start in range(0, len(wanted), AT_ONCE):
                named = VECTORS.c.subject.in_(wanted[start : start + AT_ONCE])
                query = select(VECTORS).where(named, VECTORS.c.model == model)
                for row in connection.execute(query).mappings():
                    found[row["subject"]] = PreparedText(**row)
        return found

    def phrases(self, hashes: Iterable[str], *, model: str) -> dict[str, bytes]:
        """
        Return the phrase vectors that are kept, by hash.
        """
        wanted = tuple(hashes)
        found: dict[str, bytes] = {}
        with self._engine.begin() as connection:
            for start in range(0, len(wanted), AT_ONCE):
                named = PHRASES.c.phrase_hash.in_(wanted[start : start + AT_ONCE])
                query = select(PHRASES.c.phrase_hash, PHRASES.c.vector)
                found.update(connection.execute(query.where(named, PHRASES.c.model == model)).all())
        return found

    def keep(self, texts: Iterable[PreparedText]) -> None:
        """
        Keep prepared texts, but of nobody who has left the index meanwhile.
        """
        several = tuple(texts)
        # A few at a time, so that the projector never waits long for its turn to write.
        for start in range(0, len(several), KEPT_AT_ONCE):
            with self._engine.begin() as connection:
                for text in several[start : start + KEPT_AT_ONCE]:
                    if _is_here(connection, text.subject):
                        _keep(connection, text)


def forget_subject(connection: Connection, subject: str) -> None:
    """
    Delete what was prepared of a subject, and the phrases that nobody else used.
    """
    connection.execute(delete(VECTORS).where(VECTORS.c.subject == subject))
    _forget_phrases(connection, subject)


def _forget_phrases(connection: Connection, subject: str) -> None:
    uses = select(PHRASE_USES.c.phrase_hash).where(PHRASE_USES.c.subject == subject)
    used = tuple(connection.execute(uses).scalars())
    connection.execute(delete(PHRASE_USES).where(PHRASE_USES.c.subject == subject))
    for start in range(0, len(used), AT_ONCE):
        connection.execute(
            delete(PHRASES).where(
                PHRASES.c.phrase_hash.in_(used[start : start + AT_ONCE]),
                PHRASES.c.phrase_hash.not_in(select(PHRASE_USES.c.phrase_hash)),
            )
        )


def _is_here(connection: Connection, subject: str) -> bool:
    resident = select(RESIDENTS.c.resident).where(
        RESIDENTS.c.resident == subject,
        RESIDENTS.c.status == "active",
        RESIDENTS.c.consented.is_(True),
    )
    opportunity = select(OPPORTUNITIES.c.opportunity).where(
        OPPORTUNITIES.c.opportunity == subject, OPPORTUNITIES.c.status == "open"
    )
    # Locked, so that on PostgreSQL too nobody leaves between the look and the write.
    return any(
        connection.execute(each.with_for_update()).first() is not None
        for each in (resident, opportunity)
    )


def _keep(connection: Connection, text: PreparedText) -> None:
    row = {
        "subject": text.subject,
        "model": text.model,
        "text_hash": text.text_hash,
        "prepared": text.prepared,
    }
    if not insert_once(connection, VECTORS, row):
        which = VECTORS.c.subject == text.subject
        connection.execute(update(VECTORS).where(which).values(row))
    _forget_phrases(connection, text.subject)
    if not text.phrases:
        return
    kept = set(_kept(connection, text))
    missing = [
        {"model": text.model, "phrase_hash": phrase_hash, "vector": vector}
        for phrase_hash, vector in text.phrases.items()
        if phrase_hash not in kept
    ]
    if missing:
        connection.execute(insert(PHRASES), missing)
    uses = [{"subject": text.subject, "phrase_hash": each} for each in text.phrases]
    connection.execute(insert(PHRASE_USES), uses)


def _kept(connection: Connection, text: PreparedText) -> Iterator[str]:
    wanted = tuple(text.phrases)
    for start in range(0, len(wanted), AT_ONCE):
        named = PHRASES.c.phrase_hash.in_(wanted[start : start + AT_ONCE])
        found = select(PHRASES.c.phrase_hash).where(named, PHRASES.c.model == text.model)
        yield from connection.execute(found).scalars()
