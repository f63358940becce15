from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.model import (
    Answer,
    FitCode,
    OpportunityProfile,
    Ranked,
    ResidentProfile,
    Side,
)
from matching.ranking.engines.faiss_index import FaissIndex
from matching.ranking.pipeline import (
    Pool,
    compare,
    fit,
    prepare_resident,
    rank_opportunities,
    rank_residents,
    scores,
    statements,
)
from matching.ranking.profile_text import phrase_hash
from tests.unit.matching.ranking import trades
from tests.unit.matching.ranking.trades import (
    AMAL,
    BRICKLAYER,
    CLEANER,
    CONSTANTS,
    ENCODER,
    GRACE,
    TOMASZ,
    pool_of,
    ready,
)

Residents = list[ResidentProfile]
Opportunities = list[OpportunityProfile]

crowds = st.lists(trades.residents, max_size=8, unique_by=lambda each: each.resident_id)
postings = st.lists(trades.opportunities, max_size=8, unique_by=lambda each: each.opportunity_id)


def for_opportunity(
    opportunity: OpportunityProfile, pool: Pool, *, top: int = 50
) -> tuple[Ranked, ...]:
    return rank_residents(
        opportunity, prepared=ready(opportunity), pool=pool, constants=CONSTANTS, top=top
    )


def for_resident(resident: ResidentProfile, pool: Pool, *, top: int = 50) -> tuple[Ranked, ...]:
    return rank_opportunities(
        resident, prepared=ready(resident), pool=pool, constants=CONSTANTS, top=top
    )


def test_whoever_has_done_the_work_comes_first() -> None:
    pool = pool_of((TOMASZ, AMAL), side=Side.RESIDENT)

    assert [each.id for each in for_opportunity(CLEANER, pool)] == ["amal", "tomasz"]
    assert [each.id for each in for_opportunity(BRICKLAYER, pool)] == ["tomasz", "amal"]


def test_a_reason_names_by_number_what_meets_what_and_what_is_missing() -> None:
    found = fit(ready(CLEANER), ready(AMAL), constants=CONSTANTS)

    met = next(each for each in found.reasons if each.opportunity_statement == 1)
    missing = [each for each in found.reasons if each.code is FitCode.MISSING]
    assert statements(CLEANER)[1] == "clean classrooms"
    assert statements(AMAL)[met.resident_statement or 0].startswith("cleaned classrooms")
    assert [statements(CLEANER)[each.opportunity_statement or 0] for each in missing] == [
        "driving a van"
    ]


def test_who_has_said_nothing_is_ranked_and_neither_helped_nor_harmed_by_it() -> None:
    pool = pool_of((GRACE,), side=Side.RESIDENT)

    (found,) = for_opportunity(CLEANER, pool)

    assert found.fit.score == found.fit.parts.dense == found.fit.parts.cover == 3333
    assert found.fit.reasons == ()


def test_whom_the_terms_bar_is_not_ranked_and_can_still_be_compared() -> None:
    starts_soon = replace(CLEANER, starts_on=date(2026, 3, 2))
    later = replace(AMAL, available_from=date(2026, 6, 1))
    pool = pool_of((later, TOMASZ), side=Side.RESIDENT)

    ranked = for_opportunity(starts_soon, pool)
    compared = compare(
        starts_soon,
        prepared=ready(starts_soon),
        pool=pool,
        subjects=("amal", "nobody"),
        constants=CONSTANTS,
    )

    assert [each.id for each in ranked] == ["tomasz"]
    assert [(each.id, each.eligibility.answer) for each in compared] == [("amal", Answer.NO)]
    assert compared[0].eligibility.codes == ("start_date_suits",)


def test_statements_encoded_before_need_no_encoder() -> None:
    first = ready(AMAL)
    kept = {
        each: row.astype("<f2").tobytes()
        for each, row in zip(first.phrase_hashes, first.phrases, strict=True)
    }

    again = prepare_resident(AMAL, encoder=ENCODER, constants=CONSTANTS, known=kept)

    assert again.to_bytes() == first.to_bytes()
    assert first.phrase_hashes[0] == phrase_hash(
        " clean  houses", side=Side.RESIDENT, model=CONSTANTS.model
    )


def test_a_pool_takes_one_side_and_one_model() -> None:
    pool = pool_of((AMAL,), side=Side.RESIDENT)

    with pytest.raises(ValueError, match="does not belong"):
        pool.put(CLEANER, prepared=ready(CLEANER))
    with pytest.raises(ValueError, match="another model"):
        pool.put(TOMASZ, prepared=replace(ready(TOMASZ), model="another"))
    with pytest.raises(ValueError, match="another model"):
        fit(replace(ready(CLEANER), model="another"), ready(AMAL), constants=CONSTANTS)


def test_a_birth_date_and_the_terms_of_work_reach_no_text() -> None:
    told = replace(AMAL, birth_date=date(2001, 5, 5), outcode="M1", pay_floor_pence=1300)

    assert ready(told).to_bytes() == ready(AMAL).to_bytes()


@given(crowds, trades.opportunities, st.integers(1, 10))
def test_a_ranking_is_a_part_of_the_pool_best_first_and_ties_by_id(
    crowd: Residents, opportunity: OpportunityProfile, top: int
) -> None:
    pool = pool_of(crowd, side=Side.RESIDENT)

    ranked = for_opportunity(opportunity, pool, top=top)

    assert len(ranked) == min(top, len(crowd))
    assert {each.id for each in ranked} <= {each.resident_id for each in crowd}
    places = [(-each.fit.score, each.id) for each in ranked]
    assert places == sorted(set(places))
    assert for_opportunity(opportunity, pool)[:top] == ranked


@given(crowds, trades.opportunities)
def test_a_fit_belongs_to_the_pair_whoever_else_is_in_the_pool(
    crowd: Residents, opportunity: OpportunityProfile
) -> None:
    ranked = for_opportunity(opportunity, pool_of(crowd, side=Side.RESIDENT))

    alone = {
        each.resident_id: fit(ready(opportunity), ready(each), constants=CONSTANTS)
        for each in crowd
    }
    assert {each.id: each.fit for each in ranked} == alone


@given(crowds, postings)
def test_both_sides_find_the_same_fit(crowd: Residents, posted: Opportunities) -> None:
    people = pool_of(crowd, side=Side.RESIDENT)
    work = pool_of(posted, side=Side.OPPORTUNITY)

    from_work = {
        (each.id, one.opportunity_id): (each.fit, each.eligibility)
        for one in posted
        for each in for_opportunity(one, people)
    }
    from_people = {
        (one.resident_id, each.id): (each.fit, each.eligibility)
        for one in crowd
        for each in for_resident(one, work)
    }

    assert from_work == from_people


@given(crowds, trades.opportunities, st.data())
def test_who_leaves_is_gone_and_the_others_stand_as_before(
    crowd: Residents, opportunity: OpportunityProfile, data: st.DataObject
) -> None:
    leaving = (
        data.draw(st.sets(st.sampled_from([each.resident_id for each in crowd])))
        if crowd
        else set()
    )
    pool = pool_of(crowd, side=Side.RESIDENT)

    for each in sorted(leaving):
        pool.remove(each)

    staying = [each for each in crowd if each.resident_id not in leaving]
    assert list(pool) == sorted(each.resident_id for each in staying)
    assert for_opportunity(opportunity, pool) == for_opportunity(
        opportunity, pool_of(staying, side=Side.RESIDENT)
    )


@given(crowds, trades.opportunities)
def test_faiss_ranks_as_exact_search_does(
    crowd: Residents, opportunity: OpportunityProfile
) -> None:
    by_faiss = pool_of(crowd, side=Side.RESIDENT, index=FaissIndex(dim=ENCODER.dim))
    exact = pool_of(crowd, side=Side.RESIDENT)

    assert for_opportunity(opportunity, by_faiss) == for_opportunity(opportunity, exact)


@given(crowds, trades.opportunities)
def test_scores_alone_are_those_of_the_ranking(
    crowd: Residents, opportunity: OpportunityProfile
) -> None:
    pool = pool_of(crowd, side=Side.RESIDENT)

    found = scores(
        opportunity, prepared=ready(opportunity), pool=pool, subjects=pool, constants=CONSTANTS
    )

    assert found == {each.id: each.fit.score for each in for_opportunity(opportunity, pool)}


@given(trades.residents, trades.residents)
def test_putting_a_profile_in_again_replaces_it(one: ResidentProfile, two: ResidentProfile) -> None:
    newer = replace(two, resident_id=one.resident_id)
    pool = pool_of((one, newer), side=Side.RESIDENT)

    assert len(pool) == 1
    assert for_opportunity(CLEANER, pool) == for_opportunity(
        CLEANER, pool_of((newer,), side=Side.RESIDENT)
    )


@given(trades.residents | trades.opportunities)
def test_numbers_stay_within_their_scale(profile: ResidentProfile | OpportunityProfile) -> None:
    other = AMAL if isinstance(profile, OpportunityProfile) else CLEANER
    pair = (profile, other) if isinstance(profile, OpportunityProfile) else (other, profile)

    found = fit(ready(pair[0]), ready(pair[1]), constants=CONSTANTS)

    numbers = (found.score, found.parts.dense, found.parts.cover, found.parts.lexical)
    assert all(0 <= each <= 10_000 for each in (*numbers, *(r.strength for r in found.reasons)))
    assert len(found.reasons) <= 20
