"""
Who suits what, in six stages, each a module that knows none of the others.

1. `profile_text`: from a profile to one text and numbered statements;
2. `eligibility`: yes, no or unknown, with what it turns on; no bars, unknown does not;
3. `retrieval`: the nearest whole texts among those whom nothing bars;
4. `scoring`: whole texts, statements and words compared, as whole numbers of the pair;
5. `ordering`: the larger score first, ties by id;
6. `explanation`: what meets what, and what is missing, as codes and numbers.

A fit is advice. It belongs to the pair: nobody who joins or leaves changes it, and a
resident and an opportunity find the same of each other.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from matching.model import (
    Fit,
    OpportunityProfile,
    Parts,
    Ranked,
    ResidentProfile,
    Side,
)
from matching.ranking import eligibility, explanation, lexical, profile_text, scoring
from matching.ranking.eligibility import Assessed, Ground
from matching.ranking.ordering import order
from matching.ranking.ports import Encoder, VectorIndex, Vectors
from matching.ranking.prepared import Prepared
from matching.ranking.profile_text import Profile, statements
from matching.ranking.scoring import Constants, Scores

__all__ = [
    "CANDIDATES",
    "Constants",
    "Ground",
    "Pool",
    "Prepared",
    "compare",
    "fit",
    "prepare_opportunity",
    "prepare_resident",
    "rank_opportunities",
    "rank_residents",
    "scores",
    "statements",
]

Halves = NDArray[np.float16]

CANDIDATES = 400

# Of a long list so many are compared at once, which bounds the memory that it takes.
_AT_ONCE = 400


def prepare_resident(
    profile: ResidentProfile,
    *,
    encoder: Encoder,
    constants: Constants,
    known: Mapping[str, bytes] | None = None,
) -> Prepared:
    """
    Make a resident's profile ready for comparison: the only step that needs the encoder.

    Args:
        profile: what is known of the resident.
        encoder: the encoder that `constants` belong to.
        constants: of the model version.
        known: vectors of statements that were encoded before, by `phrase_hash`, as 16-bit
            floats, little-endian.
    """
    return _prepare(profile, encoder, constants, known or {})


def prepare_opportunity(
    profile: OpportunityProfile,
    *,
    encoder: Encoder,
    constants: Constants,
    known: Mapping[str, bytes] | None = None,
) -> Prepared:
    """
    Make an opportunity ready for comparison; see `prepare_resident`.
    """
    return _prepare(profile, encoder, constants, known or {})


def fit(opportunity: Prepared, resident: Prepared, *, constants: Constants) -> Fit:
    """
    Compare one pair.
    """
    many = scoring.together((resident,))
    scored = scoring.score(opportunity, many, constants=constants)
    return _fit_of(scored, 0, one=opportunity, other=resident, start=0)


class Pool:
    """
    The prepared profiles of one side, to be ranked for the other; held in memory.

    Everything about one profile lies in one row, and the last row fills the gap that a
    removal leaves, so that putting in and taking out cost the same however many there are.
    """

    def __init__(self, *, side: Side, index: VectorIndex, ground: Ground) -> None:
        self.side = side
        self.ground = ground
        self._index = index
        self._rows: dict[str, int] = {}
        self._prepared: list[Prepared] = []
        self._gates = eligibility.rows_for(side)

    def __len__(self) -> int:
        return len(self._prepared)

    def __contains__(self, subject: str) -> bool:
        return subject in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rows))

    def put(self, profile: Profile, *, prepared: Prepared) -> None:
        """
        Put a profile in, or another in its place.

        Raises:
            ValueError: the profile is of the other side, or of another model than the rest.
        """
        if profile_text.side_of(profile) is not self.side or prepared.side is not self.side:
            raise ValueError(f"{prepared.id} does not belong in a pool of the {self.side} side")
        if self._prepared and self._prepared[0].model != prepared.model:
            raise ValueError(f"{prepared.id} was prepared by another model than the rest")
        gate = eligibility.row_of(profile, ground=self.ground)
        row = self._rows.get(prepared.id)
        if row is None:
            self._rows[prepared.id] = self._index.append(prepared.dense)
            self._prepared.append(prepared)
            self._gates.append(gate)
            return
        self._index.replace(row, vector=prepared.dense)
        self._prepared[row] = prepared
        self._gates.replace(row, row=gate)

    def remove(self, subject: str) -> None:
        """
        Take a profile out, if it is in; the next ranking does not see it.
        """
        row = self._rows.pop(subject, None)
        if row is None:
            return
        self._index.remove(row)
        self._gates.remove(row)
        last = self._prepared.pop()
        if last.id != subject:
            self._prepared[row] = last
            self._rows[last.id] = row

    def prepared(self, subject: str) -> Prepared:
        """
        Return what was put in.

        Raises:
            KeyError: it is not in.
        """
        return self._prepared[self._rows[subject]]

    def assess(self, profile: Profile) -> Assessed:
        """
        Answer for one profile of the other side against all rows.
        """
        one = eligibility.rows_for(profile_text.side_of(profile))
        one.append(eligibility.row_of(profile, ground=self.ground))
        if self.side is Side.RESIDENT:
            return eligibility.assess(opportunities=one, residents=self._gates)
        return eligibility.assess(opportunities=self._gates, residents=one)

    def nearest(self, prepared: Prepared, *, assessed: Assessed) -> tuple[int, ...]:
        """
        Return the rows of the candidates whom nothing bars, at most `CANDIDATES`.
        """
        allowed = assessed.allowed
        rows = self._index.search(prepared.dense, k=CANDIDATES, allowed=allowed)
        # Asked again of the answer: an engine's filter is never trusted with who is barred.
        return tuple(row for row in rows.tolist() if allowed[row])

    def rows(self, subjects: Iterable[str]) -> tuple[int, ...]:
        """
        Return the rows of those that are in, in the order given.
        """
        return tuple(self._rows[each] for each in subjects if each in self._rows)

    def at(self, rows: tuple[int, ...]) -> tuple[Prepared, ...]:
        """
        Return what lies in these rows.
        """
        return tuple(self._prepared[row] for row in rows)


def rank_residents(
    opportunity: OpportunityProfile,
    *,
    prepared: Prepared,
    pool: Pool,
    constants: Constants,
    top: int,
) -> tuple[Ranked, ...]:
    """
    Rank the residents of a pool for an opportunity.

    Args:
        opportunity: the profile, for eligibility.
        prepared: the same, made ready.
        pool: the residents.
        constants: of the model that prepared both sides.
        top: how many places there are at most.

    Returns:
        The best first, ties by id; nobody whom something bars.
    """
    return _rank(opportunity, prepared, pool, constants, top)


def rank_opportunities(
    resident: ResidentProfile,
    *,
    prepared: Prepared,
    pool: Pool,
    constants: Constants,
    top: int,
) -> tuple[Ranked, ...]:
    """
    Rank the opportunities of a pool for a resident; see `rank_residents`.
    """
    return _rank(resident, prepared, pool, constants, top)


def compare(
    profile: Profile,
    *,
    prepared: Prepared,
    pool: Pool,
    subjects: Iterable[str],
    constants: Constants,
) -> tuple[Ranked, ...]:
    """
    Compare a profile with named ones of the other side, barred ones too.

    Returns:
        One a subject that is in the pool, in the order given.
    """
    assessed, rows = pool.assess(profile), pool.rows(subjects)
    found: list[Ranked] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        scored, others = _scored(prepared, pool, part, constants)
        found += _ranked(range(len(part)), scored, others, prepared, assessed, part)
    return tuple(found)


def scores(
    profile: Profile,
    *,
    prepared: Prepared,
    pool: Pool,
    subjects: Iterable[str],
    constants: Constants,
) -> dict[str, int]:
    """
    Score a profile against named ones of the other side, without reasons: of many, quickly.

    Returns:
        The score of each whom nothing bars, by id.
    """
    allowed = pool.assess(profile).allowed
    rows = tuple(row for row in pool.rows(subjects) if allowed[row])
    found: dict[str, int] = {}
    for start in range(0, len(rows), _AT_ONCE):
        scored, others = _scored(prepared, pool, rows[start : start + _AT_ONCE], constants)
        ids = (each.id for each in others)
        found.update(zip(ids, scored.score.tolist(), strict=True))
    return found


def _rank(
    profile: Profile, prepared: Prepared, pool: Pool, constants: Constants, top: int
) -> tuple[Ranked, ...]:
    assessed = pool.assess(profile)
    rows = pool.nearest(prepared, assessed=assessed)
    if not rows:
        return ()
    scored, others = _scored(prepared, pool, rows, constants)
    places = order(scored.score, ids=tuple(each.id for each in others), top=top)
    return tuple(_ranked(places, scored, others, prepared, assessed, rows))


def _scored(
    prepared: Prepared, pool: Pool, rows: tuple[int, ...], constants: Constants
) -> tuple[Scores, tuple[Prepared, ...]]:
    others = pool.at(rows)
    return scoring.score(prepared, scoring.together(others), constants=constants), others


def _ranked(
    places: Iterable[int],
    scored: Scores,
    others: tuple[Prepared, ...],
    prepared: Prepared,
    assessed: Assessed,
    rows: tuple[int, ...],
) -> Iterator[Ranked]:
    starts = np.cumsum([0, *(max(1, len(each.phrases)) for each in others)])
    for place in places:
        yield Ranked(
            id=others[place].id,
            fit=_fit_of(scored, place, one=prepared, other=others[place], start=int(starts[place])),
            eligibility=assessed.of(rows[place]),
        )


def _fit_of(scored: Scores, at: int, *, one: Prepared, other: Prepared, start: int) -> Fit:
    likeness = scored.likeness[: len(one.phrases), start : start + len(other.phrases)]
    # Rows are the resident's statements, from whichever side one looks.
    if one.side is Side.OPPORTUNITY:
        likeness = likeness.T
    opportunity = one if one.side is Side.OPPORTUNITY else other
    return Fit(
        score=int(scored.score[at]),
        parts=Parts(
            dense=int(scored.dense[at]),
            cover=int(scored.cover[at]),
            lexical=int(scored.lexical[at]),
        ),
        reasons=explanation.explain(
            likeness, sought=range(*opportunity.sought), strengths=scoring.strengths
        ),
    )


def _prepare(
    profile: Profile, encoder: Encoder, constants: Constants, known: Mapping[str, bytes]
) -> Prepared:
    side, model = profile_text.side_of(profile), constants.model
    said = tuple(map(profile_text.normalised, statements(profile)))
    hashes = tuple(profile_text.phrase_hash(each, side=side, model=model) for each in said)
    phrases = _phrases(dict(zip(hashes, said, strict=True)), side, encoder, known)
    rows = np.array([phrases[each] for each in hashes]).reshape(len(hashes), encoder.dim)
    whole = profile_text.whole_text(profile)
    dense = _vectors((whole,), side, encoder)
    levels, spreads = scoring.background_fit(
        np.concatenate((dense.astype(np.float16), rows)), background=constants.background
    )
    terms = lexical.terms(whole, side=side, table=constants.terms)
    sought = profile_text.sought(profile)
    return Prepared(
        id=profile_text.subject_of(profile),
        side=side,
        model=model,
        text_hash=profile_text.text_hash(profile, model=model),
        dense=dense[0],
        dense_level=float(levels[0]),
        dense_spread=float(spreads[0]),
        phrases=rows,
        phrase_hashes=hashes,
        level=levels[1:],
        spread=spreads[1:],
        term_ids=terms.ids,
        term_weights=terms.weights,
        sought=(sought.start, sought.stop),
    )


def _phrases(
    said: Mapping[str, str], side: Side, encoder: Encoder, known: Mapping[str, bytes]
) -> dict[str, Halves]:
    new = tuple(each for each in said if each not in known)
    made = _vectors(tuple(said[each] for each in new), side, encoder).astype("<f2")
    kept = {each: np.frombuffer(known[each], "<f2") for each in said if each in known}
    return {**kept, **dict(zip(new, made, strict=True))}


def _vectors(texts: tuple[str, ...], side: Side, encoder: Encoder) -> Vectors:
    """
    Encode what has words; an empty text has the zero vector.
    """
    vectors = np.zeros((len(texts), encoder.dim), np.float32)
    spoken = [at for at, text in enumerate(texts) if text]
    if spoken:
        vectors[spoken] = encoder.encode([texts[at] for at in spoken], side=side)
    return vectors
