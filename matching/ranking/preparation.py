"""
Stage 1 and the encoder: a profile made ready for comparison, once for each version of it.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matching.model import OpportunityProfile, ResidentProfile, Side
from matching.ranking import lexical, profile_text, scoring
from matching.ranking.ports import Encoder, Vectors
from matching.ranking.prepared import Prepared
from matching.ranking.profile_text import Profile, statements
from matching.ranking.scoring import Constants

Halves = NDArray[np.float16]


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
