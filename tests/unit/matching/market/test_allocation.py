"""Who is proposed for which reserved position: against the definition, and against promises."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.market.allocation import (
    Applicant,
    Claim,
    Group,
    Placement,
    Vacancy,
    allocate,
    choose,
    order_key,
    ticket,
)
from tests.unit.matching.market import reference_allocation as reference

Tiers = tuple[int | None, ...]

# A profile with more examples asks for as many times more of the costly ones.
FEWER = settings(max_examples=settings().max_examples // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One round: what is free, who claims what, and who would rather go where."""

    vacancies: tuple[Vacancy, ...]
    claims: dict[str, tuple[Claim, ...]]
    applicants: tuple[Applicant, ...]

    def allocated(self) -> tuple[Placement, ...]:
        return allocate(self.vacancies, self.claims, self.applicants)

    def vacancy(self, id_: str) -> Vacancy:
        return next(each for each in self.vacancies if each.id == id_)

    def claim(self, resident: str, vacancy: str) -> Claim | None:
        return next((each for each in self.claims[vacancy] if each.resident == resident), None)

    def with_claim(self, vacancy: str, claim: Claim) -> "Market":
        others = [each for each in self.claims[vacancy] if each.resident != claim.resident]
        return replace(self, claims=self.claims | {vacancy: (*others, claim)})

    def with_applicant(self, applicant: Applicant) -> "Market":
        others = [each for each in self.applicants if each.resident != applicant.resident]
        return replace(self, applicants=(*others, applicant))


def group(name: str, positions: int = 1, *, stage: int = 0, vacancy: str = "post") -> Group:
    free = tuple(f"{vacancy}/{name}/{ordinal}" for ordinal in range(1, positions + 1))
    return Group(name=name, free=free, stage=stage)


def claim(resident: str, *tiers: int | None, weeks: int = 0, drawn: int = 0) -> Claim:
    key = order_key(weeks_ready=weeks, most_weeks=26, ticket=drawn, resident=resident)
    return Claim(resident=resident, key=key, tiers=tiers)


def chosen(*groups: Group, claims: Sequence[Claim]) -> dict[str, tuple[str, int]]:
    placements = choose(Vacancy(id="post", groups=groups), claims)
    return {each.resident: (each.position, each.tier) for each in placements}


# ---------------------------------------------------------------- markets that are drawn


@st.composite
def vacancies(
    draw: st.DrawFn, *, id_: str = "post", most_positions: int = 2, most_groups: int = 3
) -> Vacancy:
    sizes = st.sampled_from((1, 1, 1, most_positions, 0))
    groups = [
        group(f"group-{at}", draw(sizes), stage=draw(st.integers(0, 2)), vacancy=id_)
        for at in range(draw(st.integers(2, most_groups)))
    ]
    return Vacancy(id=id_, groups=tuple(groups))


# People of one rung compete for the same positions; of several rungs, they wait for each other.
MET = st.sampled_from(((0, None), (0, 0, 1, None), (0, 1, 2, None)))
# Few of each, so that what is last in the key decides at times.
KEYS = st.tuples(st.integers(0, 1), st.integers(-2, 0), st.integers(0, 3))


def tiers(vacancy: Vacancy, met: tuple[int | None, ...]) -> st.SearchStrategy[Tiers]:
    return st.tuples(*[st.sampled_from(met) for _ in vacancy.groups])


@st.composite
def choices(draw: st.DrawFn) -> tuple[Vacancy, tuple[Claim, ...]]:
    vacancy, met = draw(vacancies()), draw(MET)
    claims = [
        Claim(resident=name, key=(*draw(KEYS), name), tiers=draw(tiers(vacancy, met)))
        for name in people(draw(st.integers(3, 6)))
    ]
    return vacancy, tuple(draw(st.permutations(claims)))


@st.composite
def markets(
    draw: st.DrawFn, *, most_offers: int = 1, most_posts: int = 4, most_groups: int = 3
) -> Market:
    """
    Draw three or more vacancies for four to six residents, scarce enough that they compete.
    """
    met = draw(MET)
    posts = [
        draw(vacancies(id_=f"post-{at}", most_positions=1, most_groups=most_groups))
        for at in range(draw(st.integers(3, most_posts)))
    ]
    keys = {name: (*draw(KEYS), name) for name in people(draw(st.integers(4, 6)))}
    claims = {
        post.id: tuple(
            Claim(resident=name, key=key, tiers=draw(tiers(post, met)))
            for name, key in keys.items()
            if draw(st.sampled_from((True, True, True, False)))
        )
        for post in posts
    }
    ids = [post.id for post in posts]
    applicants = [
        Applicant(
            resident=name,
            vacancies=tuple(draw(st.permutations(ids))[: draw(st.integers(2, len(ids)))]),
            capacity=draw(st.sampled_from((2, 1, 0))) if most_offers > 1 else 1,
        )
        for name in keys
    ]
    return Market(vacancies=tuple(posts), claims=claims, applicants=tuple(applicants))


def people(count: int) -> list[str]:
    return [f"resident-{at}" for at in range(count)]


# ---------------------------------------------------------------- against the definition


@given(choices())
def test_a_vacancy_chooses_whom_the_definition_chooses(drawn: tuple[Vacancy, list[Claim]]) -> None:
    vacancy, claims = drawn

    assert choose(vacancy, claims) == reference.choose(vacancy, claims)


@FEWER
@given(markets(most_offers=2))
def test_a_round_places_whom_one_proposal_at_a_time_places(market: Market) -> None:
    assert market.allocated() == reference.allocate(
        market.vacancies, market.claims, market.applicants
    )


@given(markets(most_offers=2), st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_is_irrelevant(market: Market, random: Random) -> None:
    posts = random.sample(market.vacancies, len(market.vacancies))
    applicants = random.sample(market.applicants, len(market.applicants))
    claims = {
        id_: random.sample(market.claims[id_], len(market.claims[id_]))
        for id_ in random.sample(list(market.claims), len(market.claims))
    }

    assert allocate(posts, claims, applicants) == market.allocated()


@given(markets(), st.integers(1, 2))
def test_without_rungs_a_round_is_the_textbooks_deferred_acceptance(
    market: Market, positions: int
) -> None:
    open_to_all = tuple(
        Vacancy(id=each.id, groups=(group("all", positions, vacancy=each.id),))
        for each in market.vacancies
    )
    claims = {
        id_: tuple(replace(each, tiers=(0,)) for each in claims)
        for id_, claims in market.claims.items()
    }
    plain = replace(market, vacancies=open_to_all, claims=claims)

    placed = {(each.resident, each.vacancy) for each in plain.allocated()}

    assert placed == textbook(plain, positions)


def textbook(market: Market, positions: int) -> set[tuple[str, str]]:
    """
    Gale and Shapley with several places a vacancy: one free resident proposes at a time.
    """
    lists = {
        each.resident: [id_ for id_ in each.vacancies if market.claim(each.resident, id_)]
        for each in market.applicants
    }
    held: dict[str, list[str]] = {each.id: [] for each in market.vacancies}
    free = sorted(lists)
    while free:
        resident = free.pop()
        if lists[resident]:
            id_ = lists[resident].pop(0)
            order = {each.resident: each.key for each in market.claims[id_]}
            held[id_] = sorted([*held[id_], resident], key=lambda name: order[name])
            free += held[id_][positions:]
            held[id_] = held[id_][:positions]
    return {(resident, id_) for id_, residents in held.items() for resident in residents}


# ---------------------------------------------------------------- promises of one vacancy


@given(choices())
def test_no_position_and_no_person_is_placed_twice(drawn: tuple[Vacancy, list[Claim]]) -> None:
    vacancy, claims = drawn
    free = {position: each.name for each in vacancy.groups for position in each.free}

    placements = choose(vacancy, claims)

    assert len({each.position for each in placements}) == len(placements)
    assert len({each.resident for each in placements}) == len(placements)
    assert all(free[each.position] == each.group for each in placements)


@given(choices())
def test_nobody_is_placed_beyond_an_open_rung_and_the_tier_is_their_own(
    drawn: tuple[Vacancy, list[Claim]],
) -> None:
    vacancy, claims = drawn
    names = [each.name for each in vacancy.groups]
    own = {each.resident: dict(zip(names, each.tiers, strict=True)) for each in claims}
    stage = {each.name: each.stage for each in vacancy.groups}

    for placed in choose(vacancy, claims):
        assert placed.tier == own[placed.resident][placed.group]
        assert placed.tier <= stage[placed.group]


@given(choices())
def test_a_group_is_filled_in_the_order_of_its_positions(
    drawn: tuple[Vacancy, list[Claim]],
) -> None:
    vacancy, claims = drawn
    filled = {each.position for each in choose(vacancy, claims)}

    for each in vacancy.groups:
        taken = [position in filled for position in each.free]
        assert taken == sorted(taken, reverse=True)


@given(choices())
def test_nobody_is_passed_over_and_nothing_is_wasted(drawn: tuple[Vacancy, list[Claim]]) -> None:
    vacancy, claims = drawn
    placements = choose(vacancy, claims)
    placed = {each.resident for each in placements}

    for each in claims:
        assert each.resident in placed or not grounds(vacancy, claims, each, placements)


def grounds(
    vacancy: Vacancy, claims: Sequence[Claim], left_out: Claim, placements: Sequence[Placement]
) -> list[str]:
    """
    Name the groups where a person left out finds room, or a holder who comes after them.
    """
    keys = {each.resident: each.key for each in claims}
    found = []
    for at, tier in enumerate(left_out.tiers):
        here = vacancy.groups[at]
        if tier is None or tier > here.stage or not here.free:
            continue
        holders = [
            each for each in placements if each.vacancy == vacancy.id and each.group == here.name
        ]
        before = [(each.tier, keys[each.resident]) < (tier, left_out.key) for each in holders]
        if len(holders) < len(here.free) or not all(before):
            found.append(here.name)
    return found


@given(choices())
def test_as_many_of_the_target_group_are_placed_as_can_be(
    drawn: tuple[Vacancy, list[Claim]],
) -> None:
    vacancy, claims = drawn

    placed = [each for each in choose(vacancy, claims) if each.tier == 0]

    assert len(placed) == max(len(each) for each in whole(vacancy, claims))


def whole(vacancy: Vacancy, claims: Sequence[Claim]) -> Iterator[dict[int, int]]:
    """
    List every way to place people of the first rung: position to person, by their order.
    """
    positions = [(at, id_) for at, each in enumerate(vacancy.groups) for id_ in each.free]
    by_key = sorted(claims, key=lambda each: each.key)
    return reference.matchings(reference.edges(vacancy, positions, by_key, rung=0))


@given(choices())
def test_the_chosen_come_before_every_other_full_choice_one_by_one(
    drawn: tuple[Vacancy, list[Claim]],
) -> None:
    vacancy, claims = drawn
    by_key = [each.resident for each in sorted(claims, key=lambda each: each.key)]

    best = sorted(by_key.index(each.resident) for each in choose(vacancy, claims) if each.tier == 0)

    for other in whole(vacancy, claims):
        if len(other) == len(best):
            for mine, theirs in zip(best, sorted(other.values()), strict=True):
                assert mine <= theirs


@given(choices())
def test_the_positions_filled_are_the_first_in_precedence_of_all_full_choices(
    drawn: tuple[Vacancy, list[Claim]],
) -> None:
    vacancy, claims = drawn
    positions = [position for each in vacancy.groups for position in each.free]

    filled = sorted(
        positions.index(each.position) for each in choose(vacancy, claims) if each.tier == 0
    )

    for other in whole(vacancy, claims):
        if len(other) == len(filled):
            assert filled <= sorted(other)


@given(choices())
def test_who_is_rejected_has_no_influence(drawn: tuple[Vacancy, list[Claim]]) -> None:
    vacancy, claims = drawn
    placements = choose(vacancy, claims)
    placed = {each.resident for each in placements}

    for left_out in claims:
        if left_out.resident not in placed:
            others = [each for each in claims if each is not left_out]
            assert choose(vacancy, others) == placements


@given(choices())
def test_one_rival_fewer_never_costs_anybody_their_place_nor_places_more(
    drawn: tuple[Vacancy, list[Claim]],
) -> None:
    vacancy, claims = drawn
    placed = {each.resident for each in choose(vacancy, claims)}

    for gone in claims:
        left = {each.resident for each in choose(vacancy, [x for x in claims if x is not gone])}
        assert placed - {gone.resident} <= left
        assert len(left) <= len(placed)


@given(choices(), st.data())
def test_a_better_claim_never_turns_a_yes_into_a_no_nor_comes_later(
    drawn: tuple[Vacancy, list[Claim]], data: st.DataObject
) -> None:
    vacancy, claims = drawn
    for placed in choose(vacancy, claims):
        before = next(each for each in claims if each.resident == placed.resident)
        better = data.draw(improved(before))
        others = [each for each in claims if each is not before]

        after = {each.resident: each.tier for each in choose(vacancy, [*others, better])}

        assert after[placed.resident] <= placed.tier


@st.composite
def improved(draw: st.DrawFn, claim: Claim) -> Claim:
    """
    Draw a claim at least as good: put first, longer ready, or met earlier, or met at all.
    """
    others, weeks, drawn, resident = claim.key
    sooner = [
        draw(st.integers(0, 3 if tier is None else tier).map(lambda at: None if at == 3 else at))
        for tier in claim.tiers
    ]
    first = draw(st.integers(0, others))
    key = (first, weeks - draw(st.integers(0, 2)), drawn - draw(st.integers(0, 2)), resident)
    return replace(claim, key=key, tiers=tuple(sooner))


@given(choices(), st.data())
def test_opening_a_further_rung_keeps_everybody_chosen_and_no_later(
    drawn: tuple[Vacancy, list[Claim]], data: st.DataObject
) -> None:
    vacancy, claims = drawn
    placed = {each.resident: each.tier for each in choose(vacancy, claims)}

    after = {each.resident: each.tier for each in choose(data.draw(widened(vacancy)), claims)}

    assert all(after[resident] <= tier for resident, tier in placed.items())


@st.composite
def widened(draw: st.DrawFn, vacancy: Vacancy) -> Vacancy:
    groups = [replace(each, stage=each.stage + draw(st.integers(0, 1))) for each in vacancy.groups]
    return replace(vacancy, groups=tuple(groups))


@given(st.integers(0, 4), st.integers(0, 2), st.data())
def test_one_group_takes_the_first_by_rung_and_then_by_order(
    positions: int, stage: int, data: st.DataObject
) -> None:
    vacancy = Vacancy(id="post", groups=(group("local", positions, stage=stage),))
    claims = [
        Claim(
            resident=name,
            key=(*data.draw(KEYS), name),
            tiers=data.draw(tiers(vacancy, (0, 1, 2, None))),
        )
        for name in people(8)
    ]

    placements = choose(vacancy, claims)

    ranked = sorted((tier, each.key) for each in claims for tier in each.tiers if tier is not None)
    reached = [key[-1] for tier, key in ranked if tier <= stage]
    assert [each.resident for each in placements] == reached[:positions]


@FEWER
@given(st.lists(st.integers(0, 9), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_a_large_vacancy_is_filled_as_far_as_flow_theory_says(
    sizes: list[int], random: Random
) -> None:
    groups = tuple(group(f"group-{at}", size) for at, size in enumerate(sizes))
    claims = [
        claim(name, *random.choices((0, None, None), k=len(sizes)), drawn=random.randrange(9))
        for name in people(40)
    ]

    placements = choose(Vacancy(id="post", groups=groups), claims)

    assert len(placements) == most_that_fit(sizes, claims)


def most_that_fit(sizes: Sequence[int], claims: Sequence[Claim]) -> int:
    """
    Count by König's theorem: the smallest cover, groups by their room and people by one each.
    """
    return min(
        sum(size for size, inside in zip(sizes, within, strict=True) if inside)
        + sum(any(t == 0 and not i for t, i in zip(c.tiers, within, strict=True)) for c in claims)
        for within in product((False, True), repeat=len(sizes))
    )


# ---------------------------------------------------------------- promises of a round


@given(markets(most_offers=2))
def test_nobody_gets_more_offers_than_they_may_nor_one_they_did_not_say_yes_to(
    market: Market,
) -> None:
    placements = market.allocated()

    assert len({each.position for each in placements}) == len(placements)
    for applicant in market.applicants:
        mine = [each.vacancy for each in placements if each.resident == applicant.resident]
        assert len(mine) == len(set(mine)) <= applicant.capacity
        assert set(mine) <= set(applicant.vacancies)


@given(markets(most_offers=2))
def test_nobody_is_passed_over_and_nothing_is_wasted_across_vacancies(market: Market) -> None:
    placements = market.allocated()

    for applicant in market.applicants:
        for id_ in wanted(applicant, placements):
            left_out = market.claim(applicant.resident, id_)
            vacancy, claims = market.vacancy(id_), market.claims[id_]
            assert left_out is None or not grounds(vacancy, claims, left_out, placements)


def wanted(applicant: Applicant, placements: Sequence[Placement]) -> list[str]:
    """
    Name the vacancies that somebody would take beside, or sooner than, what they were given.
    """
    mine = [each.vacancy for each in placements if each.resident == applicant.resident]
    if len(mine) < applicant.capacity:
        return [id_ for id_ in applicant.vacancies if id_ not in mine]
    worst = max((applicant.vacancies.index(id_) for id_ in mine), default=0)
    return [id_ for id_ in applicant.vacancies[:worst] if id_ not in mine]


@given(markets(most_offers=2))
def test_a_vacancy_chooses_the_same_again_among_those_who_would_take_it(market: Market) -> None:
    placements = market.allocated()

    for vacancy in market.vacancies:
        here = [each for each in placements if each.vacancy == vacancy.id]
        willing = {
            each.resident
            for each in market.applicants
            if vacancy.id in wanted(each, placements)
            or each.resident in {placed.resident for placed in here}
        }
        claims = [each for each in market.claims[vacancy.id] if each.resident in willing]
        again = choose(vacancy, claims)
        assert sorted(again, key=lambda each: each.position) == here


@given(markets(), st.data())
def test_a_better_claim_never_ends_in_a_vacancy_liked_less(
    market: Market, data: st.DataObject
) -> None:
    applicant = data.draw(st.sampled_from(market.applicants))
    better = market
    for id_ in applicant.vacancies:
        before = market.claim(applicant.resident, id_)
        if before is not None:
            better = better.with_claim(id_, data.draw(improved(before)))

    assert liked(applicant, better) <= liked(applicant, market)


def liked(applicant: Applicant, market: Market) -> int:
    """
    Say how far down their own list somebody was placed; none at all comes last.
    """
    mine = [each.vacancy for each in market.allocated() if each.resident == applicant.resident]
    return min((applicant.vacancies.index(id_) for id_ in mine), default=len(applicant.vacancies))


@FEWER
@given(markets(most_posts=3, most_groups=2), st.data())
def test_no_other_list_and_no_hidden_fact_serves_anybody_better(
    market: Market, data: st.DataObject
) -> None:
    honest = data.draw(st.sampled_from(market.applicants))
    best = liked(honest, market)

    for vacancies in every_list(honest.vacancies):
        said = replace(honest, vacancies=vacancies)
        for hidden in every_hiding(honest, market):
            for placed in hidden.with_applicant(said).allocated():
                if placed.resident == honest.resident:
                    assert honest.vacancies.index(placed.vacancy) >= best


def every_list(vacancies: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """
    List every order of every selection of vacancies.
    """
    for length in range(1, len(vacancies) + 1):
        yield from permutations(vacancies, length)


def every_hiding(applicant: Applicant, market: Market) -> Iterator[Market]:
    """
    List the market with whatever somebody meets said, met on the last rung only, or hidden.
    """
    claims = [
        (id_, claim)
        for id_ in applicant.vacancies
        if (claim := market.claim(applicant.resident, id_))
    ]
    ways = [product(*[LESS[tier] for tier in claim.tiers]) for _, claim in claims]
    for shown in product(*ways):
        hidden = market
        for (id_, claim), tiers in zip(claims, shown, strict=True):
            hidden = hidden.with_claim(id_, replace(claim, tiers=tiers))
        yield hidden


LESS: dict[int | None, tuple[int | None, ...]] = {
    0: (0, 2, None),
    1: (1, 2, None),
    2: (2, None),
    None: (None,),
}


@given(markets(), st.data())
def test_opening_a_further_rung_leaves_nobody_worse_off(
    market: Market, data: st.DataObject
) -> None:
    wider = replace(market, vacancies=tuple(data.draw(widened(each)) for each in market.vacancies))

    for applicant in market.applicants:
        assert liked(applicant, wider) <= liked(applicant, market)


# ---------------------------------------------------------------- worked by hand


def test_the_longest_ready_come_first_and_the_lottery_decides_between_equals() -> None:
    claims = [
        claim("ada", 0, weeks=3, drawn=1),
        claim("ben", 0, weeks=9, drawn=8),
        claim("cem", 0, weeks=9, drawn=5),
    ]

    assert chosen(group("local", 2), claims=claims) == {
        "cem": ("post/local/1", 0),
        "ben": ("post/local/2", 0),
    }


def test_weeks_count_no_further_than_the_cap() -> None:
    waiting = [
        order_key(weeks_ready=weeks, most_weeks=26, ticket=drawn, resident=name)
        for weeks, drawn, name in [(25, 1, "ada"), (26, 3, "ben"), (90, 4, "cem")]
    ]

    assert [key[-1] for key in sorted(waiting)] == ["ben", "cem", "ada"]


def test_whom_an_upheld_challenge_put_first_comes_before_any_wait_and_ticket() -> None:
    longest = order_key(weeks_ready=26, most_weeks=26, ticket=0, resident="ada")
    newest = order_key(weeks_ready=0, most_weeks=26, ticket=9, resident="ben", remedied=True)
    longer = order_key(weeks_ready=1, most_weeks=26, ticket=9, resident="cem", remedied=True)

    assert [key[-1] for key in sorted((longest, newest, longer))] == ["cem", "ben", "ada"]


def test_nobody_is_put_first_across_rungs() -> None:
    people = [claim("ada", 0, drawn=9), claim("ben", 1, drawn=1)]
    first = order_key(weeks_ready=9, most_weeks=26, ticket=1, resident="ben", remedied=True)
    people[1] = replace(people[1], key=first)

    assert chosen(group("local", stage=1), claims=people) == {"ada": ("post/local/1", 0)}


def test_a_ticket_is_the_first_64_bits_of_the_keyed_hash_of_the_resident() -> None:
    # The second case of RFC 4231.
    assert ticket(b"Jefe", "what do ya want for nothing?") == 0x5BDCC146BF60754E

    mac = hmac.new(b"seed of a quarter", b"resident-1", hashlib.sha256).hexdigest()
    assert ticket(b"seed of a quarter", "resident-1") == int(mac[:16], 16)


def test_the_only_care_leaver_is_not_spent_on_the_local_position() -> None:
    claims = [claim("ada", 0, 0, drawn=1), claim("ben", 0, None, drawn=2)]

    assert chosen(group("local"), group("care_leavers"), claims=claims) == {
        "ada": ("post/care_leavers/1", 0),
        "ben": ("post/local/1", 0),
    }


def test_people_move_on_along_a_chain_to_let_one_more_in() -> None:
    claims = [
        claim("ada", 0, 0, None, drawn=1),
        claim("ben", None, 0, 0, drawn=2),
        claim("cem", 0, None, None, drawn=3),
        claim("dot", 0, 0, None, drawn=4),
    ]

    assert chosen(group("local"), group("young"), group("tenants"), claims=claims) == {
        "cem": ("post/local/1", 0),
        "ada": ("post/young/1", 0),
        "ben": ("post/tenants/1", 0),
    }


def test_a_search_in_vain_does_not_keep_others_from_another_group() -> None:
    claims = [
        claim("ada", 0, None, drawn=1),
        claim("ben", 0, None, drawn=2),
        claim("cem", None, 0, drawn=3),
    ]

    assert chosen(group("local"), group("young"), claims=claims) == {
        "ada": ("post/local/1", 0),
        "cem": ("post/young/1", 0),
    }


def test_somebody_moves_on_so_that_a_position_earlier_in_precedence_is_filled() -> None:
    claims = [claim("ada", 0, 0, None, drawn=1), claim("ben", 0, None, 0, drawn=2)]

    assert chosen(group("local"), group("young"), group("tenants"), claims=claims) == {
        "ben": ("post/local/1", 0),
        "ada": ("post/young/1", 0),
    }


@pytest.mark.parametrize("order", list(permutations(("reserved", "general"))))
def test_precedence_says_which_position_somebody_of_both_groups_uses(
    order: tuple[str, str],
) -> None:
    first, second = order

    assert chosen(group(first), group(second), claims=[claim("ada", 0, 0)]) == {
        "ada": (f"post/{first}/1", 0)
    }


def test_the_target_group_comes_first_after_the_release_to_everyone() -> None:
    claims = [
        claim("ada", 1, weeks=26),
        claim("ben", 0, weeks=1),
        claim("cem", 1, weeks=20),
        claim("dot", 2, weeks=26),
    ]

    assert chosen(group("local", 2, stage=1), claims=claims) == {
        "ben": ("post/local/1", 0),
        "ada": ("post/local/2", 1),
    }


def test_a_rung_opens_group_by_group() -> None:
    claims = [claim("ada", 1, 1)]

    assert chosen(group("local"), group("young", stage=1), claims=claims) == {
        "ada": ("post/young/1", 1)
    }


def test_each_position_in_turn_goes_to_the_first_who_can_take_it() -> None:
    claims = [
        claim("ada", 0, 0, None, drawn=1),
        claim("ben", 0, None, 0, drawn=2),
        claim("cem", None, 0, 0, drawn=3),
    ]

    assert chosen(group("local"), group("young"), group("tenants"), claims=claims) == {
        "ada": ("post/local/1", 0),
        "cem": ("post/young/1", 0),
        "ben": ("post/tenants/1", 0),
    }


def two_posts(*, capacity: int) -> Market:
    posts = ("bakery", "library")
    claims = [claim("ada", 0, drawn=1), claim("ben", 0, drawn=2)]
    return Market(
        vacancies=tuple(Vacancy(id=id_, groups=(group("all", vacancy=id_),)) for id_ in posts),
        claims=dict.fromkeys(posts, tuple(claims)),
        applicants=(
            Applicant(resident="ada", vacancies=("library", "bakery"), capacity=capacity),
            Applicant(resident="ben", vacancies=("library", "bakery"), capacity=capacity),
        ),
    )


def test_residents_are_placed_by_their_own_order_of_preference() -> None:
    placed = {each.resident: each.vacancy for each in two_posts(capacity=1).allocated()}

    assert placed == {"ada": "library", "ben": "bakery"}


def test_who_gives_way_to_a_better_claim_moves_on_to_the_next_they_like() -> None:
    posts = ("bakery", "library", "mill")
    claims = [claim("ada", 0, drawn=1), claim("ben", 0, drawn=2), claim("cem", 0, drawn=3)]
    likes = {
        "ada": ("library", "bakery"),
        "ben": ("library", "bakery"),
        "cem": ("bakery", "mill"),
    }
    market = Market(
        vacancies=tuple(Vacancy(id=id_, groups=(group("all", vacancy=id_),)) for id_ in posts),
        claims=dict.fromkeys(posts, tuple(claims)),
        applicants=tuple(
            Applicant(resident=name, vacancies=liked, capacity=1) for name, liked in likes.items()
        ),
    )

    placed = {each.resident: each.vacancy for each in market.allocated()}

    assert placed == {"ada": "library", "ben": "bakery", "cem": "mill"}


def test_who_may_be_made_two_offers_gets_both_that_they_come_first_for() -> None:
    placed = [(each.resident, each.vacancy) for each in two_posts(capacity=2).allocated()]

    assert placed == [("ada", "bakery"), ("ada", "library")]


def test_who_may_be_made_no_further_offer_is_made_none() -> None:
    assert two_posts(capacity=0).allocated() == ()


def test_a_vacancy_named_twice_or_unknown_is_asked_once_or_passed_over() -> None:
    market = two_posts(capacity=2)
    ada = Applicant(resident="ada", vacancies=("mill", "library", "library"), capacity=2)

    placed = allocate(market.vacancies, market.claims, [ada])

    assert [(each.resident, each.vacancy) for each in placed] == [("ada", "library")]


def test_nobody_and_nothing_make_an_empty_round() -> None:
    assert allocate([], {}, []) == ()
    assert choose(Vacancy(id="post", groups=()), []) == ()
