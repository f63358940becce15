"""Each rule over several fields, once where it is broken and once at its very edge."""

import ast
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas import codec
from schemas.interests import InterestGivenSealed, problems
from tests.unit.schemas.events import GONE, accepted, refused, told
from tests.unit.schemas.events import problems as problems_of

FENCE = "data__clauses__0__ring_fence"
AT_FENCE = "/data/clauses/0/ring_fence"
APPRENTICESHIP = {"standard_ref": "ST1020", "level": 3, "off_the_job_hours": 780}
RESERVED = [{"group": "reserved", "clause": "4.2", "positions": 3}]
CONTRACT = "c-aaaaaaaaaaaaaaaa"
BASIS = {
    "code": "social_policy_aim",
    "aim": "A first job for those who left school into a year without work.",
    "source": "Zedford labour market review (invented)",
    "source_year": 2025,
    "review_on": "2027-04-01",
}
YES = told("InterestGiven")["data"]["yes"][0]

# (noun, event, what is changed, code, field)
BROKEN: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("parties", "PartyRegistered", {"data__roles": ["partner"] * 2}, "said_twice", "/data/roles"),
    (
        "parties",
        "PartyRegistered",
        {"data__working_days": ["mon"] * 2},
        "said_twice",
        "/data/working_days",
    ),
    (
        "parties",
        "PartyRegistered",
        {"data__working_hours__ends": "09:00"},
        "ends_before_it_starts",
        "/data/working_hours/ends",
    ),
    (
        "contracts",
        "ContractRegistered",
        {"data__ends_before": "2026-04-01"},
        "ends_before_it_starts",
        "/data/ends_before",
    ),
    (
        "contracts",
        "ContractRegistered",
        {"data__buyers__0__n": 2},
        "shares_not_whole",
        "/data/buyers",
    ),
    (
        "contracts",
        "ContractRegistered",
        {"data__kind": "framework", "data__framework": CONTRACT},
        "framework_in_framework",
        "/data/framework",
    ),
    (
        "contracts",
        "ContractRegistered",
        {"data__clauses__1__clause": "4.2"},
        "said_twice",
        "/data/clauses/1/clause",
    ),
    *(
        (
            "contracts",
            "ContractRegistered",
            {f"{FENCE}__{window}": GONE},
            "window_missing",
            f"{AT_FENCE}/{window}",
        )
        for window in (
            "intake_hours",
            "release_working_days",
            "answer_working_days",
            "supplier_working_days",
            "challenge_working_days",
            "public_after_working_days",
        )
    ),
    (
        "contracts",
        "ContractRegistered",
        {
            f"{FENCE}__routes__1__route": "local_out_of_work",
            f"{FENCE}__rungs__0__routes": ["local_out_of_work"],
        },
        "said_twice",
        f"{AT_FENCE}/routes",
    ),
    (
        "contracts",
        "ContractRegistered",
        {f"{FENCE}__rungs__1__after_working_days": 0},
        "rungs_out_of_order",
        f"{AT_FENCE}/rungs",
    ),
    (
        "contracts",
        "ContractRegistered",
        {f"{FENCE}__rungs__0__routes": []},
        "rung_unclear",
        f"{AT_FENCE}/rungs/0",
    ),
    (
        "contracts",
        "ContractRegistered",
        {f"{FENCE}__rungs__1__routes": ["care_experience"]},
        "rung_unclear",
        f"{AT_FENCE}/rungs/1",
    ),
    (
        "contracts",
        "ContractRegistered",
        {f"{FENCE}__rungs__0__routes__1": "local"},
        "route_unknown",
        f"{AT_FENCE}/rungs/0/routes/1",
    ),
    *(
        ("contracts", "ContractRegistered", {f"{FENCE}__{place}": told}, code, f"{AT_FENCE}/{at}")
        for place, told, code, at in (
            ("routes__0__all_of__1", "woman", "fact_not_reservable", "routes/0/all_of/1"),
            ("routes__0__all_of__1", "left_handed", "fact_uncategorised", "routes/0/all_of/1"),
            ("routes__0__all_of__1", "disabled", "interview_not_a_position", "routes/0/all_of/1"),
            ("routes__0__all_of__1", "lives_in_borough", "said_twice", "routes/0/all_of"),
            ("routes__0__all_of__1", "age_24_18", "age_band_backwards", "routes/0/all_of/1"),
            (
                "routes__0__all_of",
                ["age_18_24", "age_18_30"],
                "age_band_not_narrowest",
                "routes/0/all_of/1",
            ),
            ("routes__0__basis__code", "it_seems_fair", "basis_unknown", "routes/0/basis/code"),
            ("routes__1__basis__code", "place", "basis_unfit", "routes/1/basis/code"),
            (
                "routes__0",
                {
                    "route": "local_out_of_work",
                    "all_of": ["age_18_24"],
                    "basis": {**BASIS, "justification": " "},
                },
                "justification_missing",
                "routes/0/basis/justification",
            ),
            ("rungs__0__routes", ["care_experience"], "single_sensitive_route", "rungs/0"),
            ("order_policy", "best_fit_first", "order_policy_unknown", "order_policy"),
            (
                "min_fit",
                {"value": 4000, "necessity": " "},
                "necessity_missing",
                "min_fit/necessity",
            ),
            (
                "rungs",
                [
                    {"after_working_days": 0, "everyone": True},
                    {"after_working_days": 5, "routes": ["care_experience"]},
                ],
                "everyone_not_last",
                "rungs/0",
            ),
            (
                "public_after_working_days",
                10,
                "public_before_ladder",
                "public_after_working_days",
            ),
            ("intake_hours", 360, "public_before_intake", "public_after_working_days"),
            *(
                (window, 1, "window_too_short", window)
                for window in (
                    "release_working_days",
                    "answer_working_days",
                    "supplier_working_days",
                    "challenge_working_days",
                )
            ),
        )
    ),
    ("pledges", "PledgeMade", {"data__due__1__by": "2027-03-31"}, "days_out_of_order", "/data/due"),
    ("pledges", "PledgeMade", {"data__quantity": 15}, "profile_not_whole", "/data/due"),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__closes_on": "2030-03-05"},
        "closes_after_start",
        "/data/closes_on",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__latest_end": "07:30"},
        "ends_before_it_starts",
        "/data/latest_end",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__days": ["sat", "sat"]},
        "said_twice",
        "/data/days",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__pay__pence": GONE},
        "pay_missing",
        "/data/pay/pence",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__pay": {"basis": "annual"}},
        "pay_missing",
        "/data/pay/pence",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__pay__basis": "national_minimum"},
        "pay_not_expected",
        "/data/pay/pence",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__pay": {"basis": "unpaid"}},
        "unpaid_not_lawful",
        "/data/pay/basis",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__guaranteed_minutes_a_week": 2251},
        "more_than_the_week",
        "/data/guaranteed_minutes_a_week",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {
            "data__kind": "apprenticeship",
            "data__title": "Apprentice fitter",
            "data__duration_months": 12,
        },
        "apprenticeship_missing",
        "/data/apprenticeship",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {
            "data__kind": "apprenticeship",
            "data__title": "Apprentice fitter",
            "data__apprenticeship": APPRENTICESHIP,
        },
        "duration_missing",
        "/data/duration_months",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__apprenticeship": APPRENTICESHIP},
        "apprenticeship_not_expected",
        "/data/apprenticeship",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__pay": {"basis": "apprentice_minimum"}},
        "apprentice_rate_not_lawful",
        "/data/pay/basis",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {
            "data__kind": "apprenticeship",
            "data__apprenticeship": APPRENTICESHIP,
            "data__duration_months": 12,
        },
        "title_lacks_apprentice",
        "/data/title",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__contract": CONTRACT, "data__ring_fence": [{**RESERVED[0], "positions": 4}]},
        "fenced_too_many",
        "/data/ring_fence",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__ring_fence": RESERVED},
        "contract_missing",
        "/data/contract",
    ),
    (
        "opportunities",
        "OpportunityPosted",
        {"data__contract": CONTRACT, "data__ring_fence": [{**RESERVED[0], "positions": 1}] * 2},
        "said_twice",
        "/data/ring_fence",
    ),
    (
        "opportunities",
        "OpportunityAmended",
        {"data__closes_on": "2030-03-05"},
        "closes_after_start",
        "/data/closes_on",
    ),
    (
        "residents",
        "ResidentRegistered",
        {"data__minutes_a_week__least": 2401},
        "least_above_most",
        "/data/minutes_a_week/least",
    ),
    (
        "residents",
        "ResidentRegistered",
        {"data__latest_end": "07:00"},
        "ends_before_it_starts",
        "/data/latest_end",
    ),
    ("residents", "ResidentRegistered", {"data__days": ["sun", "sun"]}, "said_twice", "/data/days"),
    ("residents", "ResidentUpdated", {"data__days": ["sun", "sun"]}, "said_twice", "/data/days"),
    ("consents", "ConsentGiven", {"data__supplier": GONE}, "supplier_missing", "/data/supplier"),
    (
        "consents",
        "ConsentWithdrawn",
        {"data__supplier": GONE},
        "supplier_missing",
        "/data/supplier",
    ),
    (
        "consents",
        "ConsentGiven",
        {"data__purpose": "matching"},
        "supplier_not_expected",
        "/data/supplier",
    ),
    (
        "consents",
        "ConsentWithdrawn",
        {"data__purpose": "matching"},
        "supplier_not_expected",
        "/data/supplier",
    ),
    ("consents", "ConsentGiven", {"data__fields": []}, "fields_missing", "/data/fields"),
    (
        "consents",
        "ConsentGiven",
        {"data__ends_on": "2026-01-13"},
        "ends_before_it_starts",
        "/data/ends_on",
    ),
    (
        "facts",
        "FactGiven",
        {"data__last_day": "2019-05-03"},
        "ends_before_it_starts",
        "/data/last_day",
    ),
    ("duties", "DutyAssigned", {"data__deputy": "ck-07"}, "said_twice", "/data/deputy"),
    (
        "duties",
        "DutyAssigned",
        {"data__away__0__last_day": "2030-02-10"},
        "ends_before_it_starts",
        "/data/away/0/last_day",
    ),
    ("interests", "InterestGiven", {"data__no": [YES]}, "yes_and_no", "/data/no/0"),
    ("interests", "InterestGiven", {"data__yes": [YES, YES]}, "said_twice", "/data/yes"),
    ("interests", "InterestGiven", {"data__until": GONE}, "until_missing", "/data/until"),
    ("markets", "MarketOpened", {"data__code": "_register"}, "market_reserved", "/data/code"),
    (
        "markets",
        "MarketOpened",
        {"data__outcodes": [], "data__patches": []},
        "outcodes_missing",
        "/data/outcodes",
    ),
    (
        "markets",
        "MarketOpened",
        {"data__outcodes": ["ZZ1", "ZZ2", "ZZ3", "ZZ3"]},
        "said_twice",
        "/data/outcodes",
    ),
    (
        "markets",
        "MarketOpened",
        {"data__patches__1__outcodes__1": "ZZ9"},
        "patch_outside_market",
        "/data/patches/1/outcodes/1",
    ),
    (
        "rules",
        "RulesAdopted",
        {"data__wages__1__most_age": 17},
        "least_above_most",
        "/data/wages/1/least_age",
    ),
    (
        "rules",
        "RulesAdopted",
        {"data__policy": {"day_starts": "09:00", "day_ends": "09:00"}},
        "ends_before_it_starts",
        "/data/policy/day_ends",
    ),
]

# (event, what is changed): all of it lawful, and next to what is not
LAWFUL: list[tuple[str, dict[str, Any]]] = [
    ("PartyRegistered", {"data__working_hours": {"starts": "09:00", "ends": "09:01"}}),
    ("RulesAdopted", {"data__policy": {"day_starts": "09:00", "day_ends": "09:01"}}),
    ("ContractRegistered", {"data__ends_before": "2026-04-02"}),
    (
        "ContractRegistered",
        {"data__buyers": [{"party": "a1", "n": 1, "d": 3}, {"party": "b1", "n": 4, "d": 6}]},
    ),
    ("ContractRegistered", {"data__clauses": []}),
    ("ContractRegistered", {"data__kind": "framework"}),
    ("ContractRegistered", {f"{FENCE}__intake_hours": 0}),
    ("ContractRegistered", {f"{FENCE}__public_after_working_days": 11}),
    ("ContractRegistered", {f"{FENCE}__intake_hours": 359}),
    *(
        ("ContractRegistered", {f"{FENCE}__{window}_working_days": 2})
        for window in ("release", "answer", "supplier", "challenge")
    ),
    ("DutyAssigned", {"data__deputy": GONE, "data__away": []}),
    ("DutyAssigned", {"data__away__0__last_day": "2030-02-11"}),
    ("RulesAdopted", {"data__policy": {"most_proposals_a_record": 2_000}}),
    ("ContractRegistered", {f"{FENCE}__min_fit": {"value": 4000, "necessity": "A trial."}}),
    ("ContractRegistered", {f"{FENCE}__routes__0__all_of": ["age_18_18"]}),
    ("ContractRegistered", {f"{FENCE}__routes__1__basis__code": "corporate_parent"}),
    (
        "ContractRegistered",
        {f"{FENCE}__rungs__0__routes": ["care_experience"], f"{FENCE}__route_disclosed": True},
    ),
    ("PledgeMade", {"data__due": [{"by": "2027-03-31", "quantity": 14}]}),
    ("PledgeMade", {"data__due__1__quantity": 6}),
    ("PledgeMade", {"data__quantity": 0, "data__due": [{"by": "2027-03-31", "quantity": 0}]}),
    ("OpportunityPosted", {"data__closes_on": "2030-03-04"}),
    ("OpportunityPosted", {"data__earliest_start": "22:00", "data__latest_end": "06:00"}),
    ("OpportunityPosted", {"data__earliest_start": GONE}),
    ("OpportunityPosted", {"data__pay": {"basis": "national_minimum"}}),
    ("OpportunityPosted", {"data__pay": {"basis": "unpaid"}, "data__kind": "work_experience"}),
    ("OpportunityPosted", {"data__pay": {"basis": "unpaid"}, "data__kind": "training_place"}),
    ("OpportunityPosted", {"data__guaranteed_minutes_a_week": 0}),
    ("OpportunityPosted", {"data__contract": CONTRACT, "data__ring_fence": RESERVED}),
    (
        "OpportunityPosted",
        {
            "data__kind": "apprenticeship",
            "data__title": "Trainee fitter (APPRENTICESHIP)",
            "data__duration_months": 12,
            "data__apprenticeship": APPRENTICESHIP,
            "data__pay": {"basis": "apprentice_minimum"},
        },
    ),
    ("ResidentRegistered", {"data__minutes_a_week": {"least": 2400, "most": 2400}}),
    ("ResidentRegistered", {"data__minutes_a_week": GONE, "data__consent": GONE}),
    ("ConsentGiven", {"data__ends_on": "2026-01-14"}),
    ("FactGiven", {"data__last_day": "2019-05-04"}),
    ("FactGiven", {"data__first_day": GONE}),
    ("InterestGiven", {"data__until": GONE, "data__standing": GONE}),
    ("InterestGiven", {"data__yes": [], "data__no": []}),
    ("MarketOpened", {"data__patches": []}),
    ("RulesAdopted", {"data__wages__1__most_age": 18}),
]


@pytest.mark.parametrize(("noun", "name", "changes", "code", "field"), BROKEN)
def test_a_broken_rule_is_told_once_and_in_its_place(
    noun: str, name: str, changes: dict[str, Any], code: str, field: str
) -> None:
    assert refused(told(name, **changes)) == [(code, field)]


@pytest.mark.parametrize(("name", "changes"), LAWFUL)
def test_what_is_lawful_to_the_last_figure_is_accepted(name: str, changes: dict[str, Any]) -> None:
    assert accepted(told(name, **changes)) is not None


def test_every_code_that_a_noun_can_say_is_broken_above() -> None:
    said = {(noun, code) for noun, _, _, code, _ in BROKEN}

    assert said == {(noun.stem, code) for noun in nouns() for code in codes_in(noun)}


def nouns() -> list[Path]:
    return [path for path in Path(schemas.__file__).parent.glob("*.py") if path.stem != "codec"]


def codes_in(path: Path) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return {
        str(argument.value.value)
        for call in calls
        for argument in call.keywords
        if argument.arg == "code" and isinstance(argument.value, ast.Constant)
    }


def test_every_noun_with_rules_has_them_asked() -> None:
    asked = {codec.EVENTS[f"foothold.{name}.v1"] for _, name, *_ in BROKEN}

    assert asked == set(codec.RULES)


def test_the_lawful_figure_is_told_where_there_is_one() -> None:
    event = told("OpportunityPosted", data__guaranteed_minutes_a_week=2251)

    assert [problem.lawful_value for problem in problems_of(event)] == ["2250"]


def test_wishes_are_judged_in_their_sealed_form_too() -> None:
    sealed = InterestGivenSealed(
        resident="zedford-r-aaaaaaaaaaaaaaaa",
        yes=(YES,),
        no=(YES,),
        sealed="AAAA",
        fingerprint="0" * 64,
    )

    assert [problem.code for problem in problems(sealed)] == ["yes_and_no"]
