"""Who a position may be reserved for, row by row, and that no spelling slips a trait in."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contracts import Basis, ContractRegistered, Route, Rung, problems
from schemas.reserves import (
    BASES,
    CATEGORIES,
    Category,
    Standing,
    bases_for,
    category_of,
    form_meant,
    sensitive_traits,
)
from schemas.vocabulary import Problem
from tests.unit.schemas.events import accepted, refused, told

AT_ROUTES = "/clauses/0/ring_fence/routes"

# fact code -> the category that it falls into: at least two for each that is reservable
RESERVABLE = {
    "age_18_24": "age",
    "age_50_120": "age",
    "care_leaver": "care",
    "care_experienced": "care",
    "in_care": "care",
    "lives_in_care": "care",
    "scheme_7": "scheme",
    "scheme_k4q": "scheme",
    "out_of_work_26_weeks": "time_out_of_work",
    "out_of_work_12_months": "time_out_of_work",
    "unemployed_26_weeks": "time_out_of_work",
    "unemployed_6_months": "time_out_of_work",
    "out_of_work": "time_out_of_work",
    "unemployed": "time_out_of_work",
    "long_term_unemployed": "time_out_of_work",
    "neet": "neet",
    "social_housing_tenant": "tenure",
    "social_tenant": "tenure",
    "council_tenant": "tenure",
    "housing_association_tenant": "tenure",
    "tenant_of_northgate_homes": "tenure",
    "tenant_of_thirteen": "tenure",
    "tenant_of_black_country_homes": "tenure",
    "tenant_of_local_borough_homes": "tenure",
    "scheme_b1": "scheme",
    "scheme_2026a": "scheme",
    "completed_7": "programme_by_code",
    "completed_k4q": "programme_by_code",
    "completed_2026b": "programme_by_code",
    "completed_site_ready": "programme",
    "completed_care_certificate": "programme",
    "completed_english_level_1": "programme",
    "completed_english_level_2": "programme",
    "completed_maths_level_1": "programme",
    "completed_maths_level_2": "programme",
    "completed_digital_skills": "programme",
    "completed_food_hygiene": "programme",
    "completed_first_aid": "programme",
    "completed_welsh_baccalaureate": "programme",
    "lives_in_market": "place",
    "lives_in_borough": "place",
    "lives_in_zedford_north": "place",
    "lives_in_ward_e05000026": "place",
    "lives_in_black_country": "place",
    "lives_in_white_city": "place",
    "lives_in_gypsy_hill": "place",
    "lives_in_isle_of_man": "place",
    "lives_in_irish_street": "place",
    "lives_in_send": "place",
    "lives_in_ashton_under_lyne": "place",
    "lives_in_newcastle_under_lyme": "place",
    "lives_in_white_city_estate": "place",
    "lives_in_vale_of_white_horse": "place",
    "lives_in_scottish_borders": "place",
    "lives_in_church_street": "place",
    "lives_in_hospital_road": "place",
    "lives_in_seven_sisters": "place",
    "lives_in_over": "place",
    "lives_in_1st_ward": "place",
    "lives_in_motherwell": "place",
    "outcode_zz1": "place",
    "outcode_sw1a": "place",
    "outcode_b1": "place",
    "outcode_dl4": "place",
}

# category -> spellings of a trait that opens no position
REFUSED = {
    "gender_reassignment": "transgender trans trans_man transwoman nonbinary non_binary"
    " gender_reassignment gender_identity_trans lives_in_transgender_house tenant_of_trans_homes",
    "sexual_orientation": "gay lesbian lesbians bisexual lgbt lgbtq lgbtqia homosexual"
    " heterosexual sexual_orientation sexuality queer completed_lgbt_mentoring straight"
    " completed_g4y scheme_bi2",
    "pregnancy_and_maternity": "pregnant pregnancy on_maternity_leave maternity expectant"
    " new_mother breastfeeding completed_maternity_return",
    "sex": "sex woman women womens female females girl girls man men mens male males boys gender"
    " women_returners completed_women_into_construction completed_womenintotrades"
    " completed_mens_shed lives_in_womens_refuge tenant_of_women_pioneer women2 sex_female"
    " scheme_m4n lives_in_w0mens_house lives_in_lady_margaret_house",
    "race": "race racialised ethnicity ethnic_minority minority_ethnic bame bme black asian"
    " black_british black_and_minority_ethnic white white_british non_white white_working_class"
    " african caribbean african_caribbean arab roma gypsy traveller travellers mixed_race"
    " global_majority people_of_colour completed_bame_leaders lives_in_traveller_site"
    " lives_in_white_working_class_area completed_black_futures scheme_black1 scheme_1black"
    " scheme_bl4ck lives_in_black_estate lives_in_1black lives_in_white_city_black_homes"
    " tenant_of_white_homes lives_in_gypsy_site lives_in_caravan_site",
    "nationality": "nationality british british_citizen uk_nationals english welsh scottish irish"
    " polish ukrainian refugee refugees asylum_seeker migrant migrants foreign_born immigrant"
    " settled_status eu_citizen born_in_uk country_of_birth first_language_english"
    " native_speaker completed_refugee_pathway lives_in_asylum_hotel completed_esol_2"
    " lives_in_somali_quarter completed_national_citizen_service",
    "religion_or_belief": "religion religious faith muslim muslims islamic christian christians"
    " jewish jew hindu sikh buddhist catholic protestant atheist belief believer"
    " community_background completed_muslim_youth lives_in_jewish_quarter church"
    " completed_hijabi_network lives_in_mosque_flats tenant_of_church_homes",
    "marriage_and_civil_partnership": "married unmarried marriage marital_status single divorced"
    " widow widowed civil_partnership civil_partner husband wife spouse",
    "family_status": "parent parents lone_parent single_parent young_parent mother mothers mums"
    " father dads has_children childless carer carers dependants family_status"
    " completed_parents_into_work lives_in_carers_house",
    "offences": "offender ex_offender ex_offenders exoffender offence offending convicted"
    " convictions unspent_conviction prison prison_leaver prisonleaver prisoner ex_prisoner"
    " criminal_record probation on_probation custody jail parole dbs dbs_check gang_involved"
    " youth_justice justice_involved scheme_prison_leavers scheme_prison2 lives_in_prison"
    " completed_probation_course lives_in_approved_premises completed_community_payback"
    " lives_in_bail_hostel lives_in_bailhostel lives_in_hmp_zedford lives_in_secure_unit"
    " lives_in_borstal",
    "benefits": "benefits on_benefits benefit_claimant claimant claims_pip universal_credit uc jsa"
    " esa pip dla income_support housing_benefit jobseekers_allowance carers_allowance"
    " employment_and_support_allowance on_universal_credit free_school_meals pension_credit"
    " scheme_uc7 lives_in_uc_area lives_in_workhouse",
    "tenancy_conduct": "rent_arrears arrears evicted eviction_risk antisocial_behaviour"
    " anti_social_behaviour in_debt tenant_of_northgate_in_arrears",
    "where_somebody_had_to_go": "hostel homeless refuge rough_sleeper lives_in_hostel"
    " lives_in_youth_hostel lives_in_refuge lives_in_night_shelter lives_in_safe_house"
    " lives_in_temporary_accommodation tenant_of_homeless_link domestic_abuse_survivor",
    "health": "addiction in_recovery patient completed_rehab completed_rehabilitation"
    " lives_in_rehab lives_in_hospital lives_in_care_home lives_in_hospice lives_in_nursing_home"
    " tenant_of_drug_recovery",
    "disability": "disabled disability disabled_person has_a_disability disabilities deaf deafened"
    " blind autistic autism neurodivergent neurodiverse wheelchair_user dyslexic adhd epilepsy"
    " hiv_positive impairment visually_impaired ehcp ehc_plan special_needs sen"
    " learning_difficulties long_term_condition health_condition mental_health"
    " mental_health_condition long_term_sick hearing_loss completed_disability_course"
    " completed_send_pathway lives_in_send_school tenant_of_send lives_in_blind_school"
    " lives_in_supported_living",
}
SPELLINGS = [(code, category) for category, codes in REFUSED.items() for code in codes.split()]

# What no row covers opens nothing either: (code, the form that was probably meant)
UNKNOWN = [
    ("left_handed", None),
    ("keen_on_football", None),
    ("driving_licence", None),
    ("right_to_work", None),
    ("x", None),
    ("aged_18_24", "age_<n>_<n>"),
    ("age_18_plus", "age_<n>_<n>"),
    ("under_25", "age_<n>_<n>"),
    ("over_50", "age_<n>_<n>"),
    ("young_person", "age_<n>_<n>"),
    ("school_leaver", "age_<n>_<n>"),
    ("foster_child", "care_leaver"),
    ("looked_after_child", "care_leaver"),
    ("scheme_alpha", "scheme_<code>"),
    ("scheme_going_forward_2", "scheme_<code>"),
    ("scheme_", "scheme_<code>"),
    ("unemployed_long", "out_of_work_<n>_weeks"),
    ("out_of_work_long", "out_of_work_<n>_weeks"),
    ("neets", "neet"),
    ("tenants", "social_housing_tenant"),
    ("graduates_of_site_ready", "completed_<code>"),
    # A word that only some other row may hold, inside a name or a programme.
    ("completed_youth_programme", "age_<n>_<n>"),
    ("completed_youth_build", "age_<n>_<n>"),
    ("completed_over_50s_bootcamp", "age_<n>_<n>"),
    ("completed_over50s", "age_<n>_<n>"),
    ("completed_jewellery_making", "completed_<code>"),
    ("completed_site_ready_2", "completed_<code>"),
    ("completed_ab1", "completed_<code>"),
    ("lives_in_over_50s_housing", "age_<n>_<n>"),
    ("lives_in_homes_for_18to24", "age_<n>_<n>"),
    ("lives_in_people_under_thirty", "age_<n>_<n>"),
    ("lives_in_sheltered_housing", "age_<n>_<n>"),
    ("tenant_of_youth_homes", "age_<n>_<n>"),
    ("lives_in_foster_care", "care_leaver"),
    ("lives_in_fostercare", "care_leaver"),
    ("lives_in_childrens_home", "care_leaver"),
    ("tenant_of_care_leavers_trust", "care_leaver"),
    ("lives_in_scheme_7", "scheme_<code>"),
    ("scheme_ab1", "scheme_<code>"),
    ("scheme_a", "scheme_<code>"),
    ("scheme_zedford1", "scheme_<code>"),
    ("local_resident", "lives_in_*"),
    ("outcode_zedford", None),
    ("lives_in_", "lives_in_*"),
    ("completed_", "completed_<code>"),
]

# Words of every row but those whose own codes are names.
GUARDED = [word for row in CATEGORIES if not row.named for word in row.vague.split()]
FACTS = st.sampled_from(sorted(RESERVABLE))
WRONG = st.sampled_from(sorted(code for code, _ in SPELLINGS) + [code for code, _ in UNKNOWN])


def row(category: str) -> Category:
    (found,) = (each for each in CATEGORIES if each.category == category)
    return found


def basis(**changes: Any) -> Basis:
    made = Basis(
        code="social_policy_aim",
        aim="Work for those whom it would not reach otherwise.",
        source="Zedford labour market review (invented)",
        source_year=2025,
        review_on=date(2027, 4, 1),
        justification="The narrowest test that reaches the group; reviewed each year.",
    )
    return replace(made, **changes)


def route(*facts: str, name: str = "first", **changes: Any) -> Route:
    return Route(route=name, all_of=facts, basis=basis(**changes))


def contract(*routes: Route, rungs: tuple[Rung, ...] = (), **changes: Any) -> ContractRegistered:
    """
    The packaged contract with these routes, all open on the first day unless told otherwise.
    """
    made: ContractRegistered = accepted(told("ContractRegistered"))
    clause = made.clauses[0]
    assert clause.ring_fence is not None
    names = tuple(each.route for each in routes)
    fence = replace(
        clause.ring_fence,
        routes=routes,
        rungs=rungs or (Rung(after_working_days=0, routes=names),),
        **changes,
    )
    return replace(made, clauses=(replace(clause, ring_fence=fence),))


def codes(contract: ContractRegistered) -> tuple[str, ...]:
    return tuple(problem.code for problem in problems(contract))


def only(contract: ContractRegistered) -> Problem:
    (problem,) = problems(contract)
    return problem


# --- the table ---------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "category"), RESERVABLE.items())
def test_a_fact_that_a_position_may_be_reserved_by_is_taken(code: str, category: str) -> None:
    found = category_of(code)

    assert found is not None
    assert (found.category, found.standing) == (category, Standing.RESERVABLE)
    # Beside the disclosed flag nothing but the fact decides here.
    assert codes(contract(route(code), route_disclosed=True)) == ()


@pytest.mark.parametrize(("code", "category"), SPELLINGS)
def test_a_trait_that_opens_no_position_is_refused_however_it_is_spelt(
    code: str, category: str
) -> None:
    problem = only(contract(route(code)))

    kind = row(category)
    interview = kind.standing is Standing.INTERVIEW_ONLY
    assert problem.code == ("interview_not_a_position" if interview else "fact_not_reservable")
    assert (problem.field, problem.rule) == (f"{AT_ROUTES}/0/all_of/0", category)
    assert problem.lawful_value == (None if interview else kind.instead)


@pytest.mark.parametrize(("code", "meant"), UNKNOWN)
def test_what_no_row_covers_opens_nothing(code: str, meant: str | None) -> None:
    problem = only(contract(route(code)))

    assert (problem.code, problem.lawful_value) == ("fact_uncategorised", meant)


def test_every_row_of_the_table_is_tried_above() -> None:
    assert {row.category for row in CATEGORIES} == {*RESERVABLE.values(), *REFUSED}
    assert {row.category for row in CATEGORIES if row.standing is Standing.RESERVABLE} == {
        *RESERVABLE.values()
    }


def test_every_form_of_the_table_is_tried_above() -> None:
    forms = {form for row in CATEGORIES for form in row.forms}

    literal = {form for form in forms if not re.search(r"[*<]", form)}
    opened = {re.split(r"[*<]", form)[0] for form in forms - literal}
    assert literal <= RESERVABLE.keys()
    assert all(any(code.startswith(start) for code in RESERVABLE) for start in opened)


@pytest.mark.parametrize("each", CATEGORIES, ids=lambda row: row.category)
def test_a_row_says_why_and_what_may_be_used_instead(each: Category) -> None:
    assert each.source.document
    assert re.search("section|Article", each.source.section)
    assert 1980 < each.source.year < 2100
    assert bool(each.forms) is (each.standing is Standing.RESERVABLE)
    assert bool(each.instead) is (each.standing is not Standing.RESERVABLE)
    assert len(each.instead) <= 120


def test_the_protected_characteristics_of_the_equality_act_are_all_there() -> None:
    acts = {row.category for row in CATEGORIES if row.source.document == "Equality Act 2010"}

    assert acts >= {
        "age",
        "disability",
        "gender_reassignment",
        "marriage_and_civil_partnership",
        "pregnancy_and_maternity",
        "race",
        "religion_or_belief",
        "sex",
        "sexual_orientation",
    }


@given(word=st.sampled_from(GUARDED), after=st.sampled_from(["", "_homes", "_2", "7"]))
def test_no_name_and_no_code_carries_a_vague_word_of_another_row(word: str, after: str) -> None:
    said = f"{word.replace('*', '').replace('<n>', '50')}{after}"

    for form in ("lives_in_the_", "tenant_of_", "completed_", "scheme_"):
        found = category_of(f"{form}{said}")
        assert found is None or found.standing is not Standing.RESERVABLE


@given(code=st.from_regex(re.compile("(scheme|completed)_[a-z0-9_]{1,16}"), fullmatch=True))
def test_a_code_that_is_taken_spells_nothing(code: str) -> None:
    found = category_of(code)

    if found is not None and found.coded and found.standing is Standing.RESERVABLE:
        mark = code.partition("_")[2]
        assert re.search("[0-9]", mark)
        assert not re.search("[a-z]{2}|_", mark)


@given(words=st.lists(st.sampled_from([word for row in CATEGORIES for word in row.words.split()])))
def test_no_open_form_carries_a_refused_word(words: list[str]) -> None:
    # The end of a stem may be anything; here it is empty.
    said = "_".join(word.replace("*", "") for word in words)
    for form in ("lives_in_", "completed_", "tenant_of_"):
        found = category_of(f"{form}{said}")
        assert not words or (found is not None and found.standing is not Standing.RESERVABLE)


@given(code=st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,47}"), fullmatch=True))
def test_every_code_has_one_answer(code: str) -> None:
    found = category_of(code)

    assert found is None or found in CATEGORIES
    assert form_meant(code) in {None, *(form for row in CATEGORIES for form in row.forms)}


# --- age and legal bases -----------------------------------------------------------------


@pytest.mark.parametrize("said", [None, " ", "\n"])
def test_an_age_needs_its_written_justification(said: str | None) -> None:
    problem = only(contract(route("lives_in_borough", "age_18_24", justification=said)))

    assert problem.code == "justification_missing"
    assert problem.field == f"{AT_ROUTES}/0/basis/justification"


@pytest.mark.parametrize("code", [code for code, kind in RESERVABLE.items() if kind != "age"])
def test_nothing_but_age_needs_a_justification(code: str) -> None:
    found = contract(route(code, justification=None), route_disclosed=True)

    assert codes(found) == ()


def test_an_age_band_is_the_narrowest_and_stands_the_right_way_round() -> None:
    assert codes(contract(route("age_24_18"))) == ("age_band_backwards",)
    assert codes(contract(route("age_18_24", "age_18_30"))) == ("age_band_not_narrowest",)
    assert codes(contract(route("age_18_18"))) == ()


@pytest.mark.parametrize("each", BASES, ids=lambda row: row.basis)
def test_a_basis_carries_a_route_of_its_own_facts_and_no_other(each: Any) -> None:
    for fact, category in RESERVABLE.items():
        found = contract(route(fact, code=each.basis), route_disclosed=True)
        assert codes(found) == (() if category in each.carries else ("basis_unfit",))


def test_a_basis_carries_a_whole_route_through_one_of_its_facts() -> None:
    assert codes(contract(route("lives_in_borough", "unemployed_26_weeks", code="place"))) == ()


def test_no_aim_about_a_place_justifies_an_age() -> None:
    problem = only(contract(route("lives_in_borough", "age_18_24", code="place")))

    assert (problem.code, problem.field) == ("basis_unfit", f"{AT_ROUTES}/0/basis/code")
    assert problem.lawful_value == "social_policy_aim, funding_condition"


def test_every_reservable_fact_has_a_basis_that_carries_it() -> None:
    assert all(bases_for([code]) for code in RESERVABLE)


def test_a_basis_outside_the_list_is_refused_with_the_list() -> None:
    problem = only(contract(route("neet", code="it_seems_fair")))

    assert problem.code == "basis_unknown"
    assert problem.lawful_value == ", ".join(each.basis for each in BASES)


# --- a route that tells who comes --------------------------------------------------------

CARE = route("care_leaver", name="care")
LOCAL = route("lives_in_borough", name="local")
AT_ONCE, LATER = 0, 5


def rung(day: int, *names: str) -> Rung:
    return Rung(after_working_days=day, routes=names)


@pytest.mark.parametrize(
    ("routes", "rungs"),
    [
        ((CARE,), ()),
        ((route("scheme_7"),), ()),
        ((route("completed_7"),), ()),
        ((route("completed_7"), route("completed_7", "neet", name="again")), ()),
        ((route("lives_in_borough", "care_leaver"),), ()),
        # A second door to the same room hides nobody.
        ((CARE, route("care_experienced", name="again")), ()),
        ((CARE, route("care_leaver", "lives_in_borough", name="nearby")), ()),
        ((route("scheme_7"), route("scheme_7", "neet", name="again")), ()),
        # The second route opens later, or never.
        ((CARE, LOCAL), (rung(AT_ONCE, "care"), rung(LATER, "local"))),
        ((CARE, LOCAL), (rung(AT_ONCE, "care"),)),
        ((CARE, LOCAL), (rung(AT_ONCE, "care"), Rung(after_working_days=LATER, everyone=True))),
    ],
)
def test_a_rung_whose_every_route_tells_the_same_is_refused(
    routes: tuple[Route, ...], rungs: tuple[Rung, ...]
) -> None:
    problem = only(contract(*routes, rungs=rungs))

    assert problem.code == "single_sensitive_route"
    assert problem.field == "/clauses/0/ring_fence/rungs/0"
    assert codes(contract(*routes, rungs=rungs, route_disclosed=True)) == ()


@pytest.mark.parametrize(
    ("routes", "rungs"),
    [
        ((LOCAL,), ()),
        ((CARE, LOCAL), ()),
        ((CARE, route("scheme_7")), ()),
        ((route("scheme_7"), route("scheme_8", name="other")), ()),
        ((route("completed_7"), route("scheme_7", name="other")), ()),
        ((route("completed_site_ready"),), ()),
        ((CARE, LOCAL), (rung(AT_ONCE, "local"), rung(LATER, "care"))),
        ((CARE, LOCAL), (rung(AT_ONCE, "local"), Rung(after_working_days=5, everyone=True))),
    ],
)
def test_two_routes_that_differ_hide_who_comes_by_which(
    routes: tuple[Route, ...], rungs: tuple[Rung, ...]
) -> None:
    assert codes(contract(*routes, rungs=rungs)) == ()


def test_each_rung_is_judged_by_all_that_is_open_by_then() -> None:
    again = route("care_experienced", name="again")
    rungs = (rung(0, "care"), rung(5, "again"), rung(10, "local"))

    found = [problem.field[-1] for problem in problems(contract(CARE, again, LOCAL, rungs=rungs))]

    assert found == ["0", "1"]


def test_what_a_route_tells_is_care_once_and_each_scheme_by_itself() -> None:
    assert sensitive_traits(["care_leaver", "in_care", "neet"]) == {"care"}
    assert sensitive_traits(["scheme_7", "scheme_8"]) == {"scheme_7", "scheme_8"}
    assert sensitive_traits(["lives_in_borough", "left_handed"]) == frozenset()


# --- whatever the order ------------------------------------------------------------------


@st.composite
def fences(draw: st.DrawFn) -> tuple[tuple[Route, ...], tuple[Rung, ...]]:
    """
    Three routes of lawful facts, shuffled over a ladder that may open to everyone.
    """
    facts = draw(st.lists(FACTS, min_size=3, max_size=6, unique=True))
    routes = tuple(route(*facts[n::3], name=f"route_{n}") for n in range(3))
    names = draw(st.permutations([each.route for each in routes]))
    cut = draw(st.integers(1, 3))
    ladder = [rung(0, *names[:cut]), *([rung(5, *names[cut:])] if names[cut:] else [])]
    last = [Rung(after_working_days=10, everyone=True)] if draw(st.booleans()) else []
    return tuple(draw(st.permutations(routes))), (*ladder, *last)


@given(fence=fences(), wrong=WRONG, at=st.integers(0, 2), first=st.booleans())
def test_no_order_of_routes_rungs_or_facts_lets_a_refused_fact_in(
    fence: tuple[tuple[Route, ...], tuple[Rung, ...]], wrong: str, at: int, first: bool
) -> None:
    routes, rungs = fence
    kept = routes[at].all_of
    all_of = (wrong, *kept) if first else (*kept, wrong)
    planted = (*routes[:at], replace(routes[at], all_of=all_of), *routes[at + 1 :])

    for disclosed in (False, True):
        found = problems(contract(*planted, rungs=rungs, route_disclosed=disclosed))
        place = f"{AT_ROUTES}/{at}/all_of/{0 if first else len(kept)}"
        assert place in {problem.field for problem in found}


@given(fence=fences(), data=st.data())
def test_what_is_wrong_with_a_route_does_not_depend_on_its_place(
    fence: tuple[tuple[Route, ...], tuple[Rung, ...]], data: st.DataObject
) -> None:
    routes, rungs = fence
    shuffled = tuple(data.draw(st.permutations(routes)))

    one, other = contract(*routes, rungs=rungs), contract(*shuffled, rungs=rungs)

    assert sorted(codes(one)) == sorted(codes(other))


def test_a_refused_fact_is_refused_on_the_wire_too() -> None:
    event = told("ContractRegistered")
    event["data"]["clauses"][0]["ring_fence"]["routes"][0]["all_of"].append("muslim")

    assert [code for code, _ in refused(event)] == ["fact_not_reservable"]
