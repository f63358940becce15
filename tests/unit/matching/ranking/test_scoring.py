from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.model import FitCode, Side
from matching.ranking.explanation import explain
from matching.ranking.lexical import TermTable, overlaps, terms
from matching.ranking.ordering import order
from matching.ranking.pipeline import fit
from matching.ranking.scoring import background_fit, exact_products, strengths
from tests.unit.matching.ranking.trades import AMAL, CLEANER, CONSTANTS, ENCODER, ready


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**16))
def test_products_of_halves_are_the_same_in_any_shape_and_order(n: int, m: int, seed: int) -> None:
    drawn = np.random.default_rng(seed).standard_normal((n + m, 96))
    halves = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16)
    turned = np.random.default_rng(seed + 1).permutation(96)

    whole = exact_products(halves[:n], halves[n:])

    one_by_one = [[exact_products(a[None], b[None])[0, 0] for b in halves[n:]] for a in halves[:n]]
    assert whole.tolist() == one_by_one
    assert whole.tolist() == exact_products(halves[:n][:, turned], halves[n:][:, turned]).tolist()


def test_a_vector_of_zeros_has_a_place_on_every_scale() -> None:
    level, spread = background_fit(
        np.zeros((1, ENCODER.dim), np.float16), background=CONSTANTS.background
    )
    wordless = replace(AMAL, skills=("!!!",), experience=())

    found = fit(ready(CLEANER), ready(wordless), constants=CONSTANTS)

    assert level[0] == 0
    assert spread[0] > 0
    assert found.parts.dense == found.parts.lexical == 3333
    assert 0 <= found.parts.cover <= 10_000


def test_rarer_words_in_common_count_for_more() -> None:
    table = TermTable(texts=100, frequencies={"work": 90, "mortar": 2}, mean_length=4)
    resident = terms("work mortar", side=Side.RESIDENT, table=table)
    offers = [
        terms(text, side=Side.OPPORTUNITY, table=table) for text in ("work site", "mortar site")
    ]

    common, rare = (
        overlaps(resident, each, owners=np.zeros(len(each.ids), np.int64), n=1)[0]
        for each in offers
    )

    assert 0 < common < rare < 1


def test_a_longer_profile_is_no_better_for_being_longer() -> None:
    table = TermTable(texts=100, frequencies={}, mean_length=4)
    offer = terms("lay bricks", side=Side.OPPORTUNITY, table=table)
    owners = np.zeros(len(offer.ids), np.int64)

    once, padded = (
        overlaps(terms(text, side=Side.RESIDENT, table=table), offer, owners=owners, n=1)[0]
        for text in ("lay bricks", "lay bricks and count votes and plan journeys")
    )

    assert padded < once


def test_equal_scores_are_ordered_by_id() -> None:
    assert order(np.array([5, 9, 5, 5]), ids=("d", "c", "a", "b"), top=3) == (1, 2, 3)
    assert order(np.array([5]), ids=("d",), top=0) == ()


def test_reasons_tell_the_strongest_first_and_then_what_is_missing() -> None:
    likeness = np.array([[100, 5_000, 2_500, 0], [900, 3_500, 2_900, 1_900]])

    found = explain(likeness, sought=range(4), strengths=strengths)

    assert [(each.code, each.opportunity_statement, each.resident_statement) for each in found] == [
        (FitCode.MEETS, 1, 0),
        (FitCode.PARTLY_MEETS, 2, 1),
        (FitCode.MISSING, 0, None),
    ]
    assert found[0].strength == 7500


def test_of_many_reasons_ten_of_either_kind_are_told() -> None:
    likeness = np.array([[4_000] * 15 + [0] * 15])

    found = explain(likeness, sought=range(30), strengths=strengths)

    assert [each.opportunity_statement for each in found] == [*range(10), *range(15, 25)]
