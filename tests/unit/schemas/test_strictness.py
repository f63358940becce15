"""Reading is strict, names every problem where it stands, and repeats no sender's word."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec
from schemas.codec import ERROR_CODES, UnknownEvent
from schemas.opportunities import OpportunityPosted
from schemas.residents import ResidentRegistered
from tests.unit.schemas.events import GONE, accepted, problems, refused, told

# What the validator finds -> an event in which it finds just that.
REACHED: dict[str, tuple[dict[str, Any], str]] = {
    "missing": (told("OpportunityPosted", data__place__outcode=GONE), "/data/place/outcode"),
    "unexpected_keyword_argument": (told("OpportunityPosted", data__zzz=1), "/data/?1"),
    "string_pattern_mismatch": (told("OpportunityPosted", data__reference="£"), "/data/reference"),
    "enum": (told("OpportunityPosted", data__kind="gig"), "/data/kind"),
    "greater_than_equal": (told("OpportunityPosted", data__positions=0), "/data/positions"),
    "less_than_equal": (told("OpportunityPosted", data__positions=501), "/data/positions"),
    "string_too_short": (told("OpportunityPosted", data__title=""), "/data/title"),
    "string_too_long": (told("OpportunityPosted", data__title="x" * 201), "/data/title"),
    "too_short": (told("PartyRegistered", data__roles=[]), "/data/roles"),
    "too_long": (told("OpportunityPosted", data__duties=["x"] * 41), "/data/duties"),
    "value_error": (told("Tick", data__at="2026-13-01T00:00:00.000Z"), "/data/at"),
}


@pytest.mark.parametrize("kind", ERROR_CODES)
def test_each_kind_of_mistake_has_its_code_and_its_place(kind: str) -> None:
    event, field = REACHED[kind]

    (problem,) = problems(event)

    assert (problem.code, problem.field) == (ERROR_CODES[kind], field)


@pytest.mark.parametrize(
    ("field", "item", "code"),
    [
        ("positions", "3", "wrong_type"),
        ("positions", 3.0, "wrong_type"),
        ("positions", True, "wrong_type"),
        ("positions", None, "wrong_type"),
        ("positions", 10**4000, "out_of_bounds"),
        ("positions", -(10**30), "out_of_bounds"),
        ("remote", "true", "wrong_type"),
        ("remote", 1, "wrong_type"),
        ("reference", 201, "wrong_type"),
        ("duties", "one", "wrong_type"),
        ("duties", {"0": "one"}, "wrong_type"),
        ("place", [], "wrong_type"),
        ("place", "ZZ1", "wrong_type"),
        ("kind", "Job", "not_in_list"),
        ("kind", 1, "not_in_list"),
        ("starts_on", "04/03/2030", "wrong_form"),
        ("starts_on", "20300304", "wrong_form"),
        ("starts_on", "1900000000", "wrong_form"),
        ("starts_on", "1900022400", "wrong_form"),
        ("starts_on", "2030-03-04T00:00:00Z", "wrong_form"),
        ("starts_on", 1900000000, "wrong_type"),
        ("starts_on", "9999-12-31", "out_of_bounds"),
        ("starts_on", "0001-01-01", "out_of_bounds"),
        ("earliest_start", "24:00", "wrong_form"),
        ("earliest_start", "7:30", "wrong_form"),
        ("title", "Retrofit\noperative", "wrong_form"),
        ("title", "null\x00byte", "wrong_form"),
        ("reference", "OAK-201\n", "wrong_form"),
    ],
)
def test_nothing_is_converted_or_guessed(field: str, item: object, code: str) -> None:
    assert (code, f"/data/{field}") in refused(
        told("OpportunityPosted", **{f"data__{field}": item})
    )


def test_what_is_absent_and_what_is_null_are_the_same() -> None:
    absent = told("OpportunityPosted", data__series=GONE)

    assert accepted({**absent, "data": {**absent["data"], "series": None}}) == accepted(absent)
    assert "series" not in codec.plain(accepted(absent))


def test_data_that_is_missing_is_told_from_data_of_the_wrong_kind() -> None:
    assert refused(told("Tick", data=GONE)) == [("field_missing", "/data")]
    assert refused(told("Tick", data=[])) == [("wrong_type", "/data")]


def test_a_list_with_a_wrong_item_is_not_called_too_short() -> None:
    assert refused(told("PartyRegistered", data__roles=["landlord"])) == [
        ("not_in_list", "/data/roles/0")
    ]


def test_rules_over_several_fields_wait_until_each_field_is_right() -> None:
    event = told("OpportunityPosted", data__closes_on="2030-04-01", data__positions=0)

    assert refused(event) == [("out_of_bounds", "/data/positions")]


def test_the_lawful_figure_comes_with_the_problem() -> None:
    (problem,) = problems(told("OpportunityPosted", data__positions=501))

    assert (problem.rule, problem.lawful_value) == ("less_than_equal", "500")


# --- misspelt fields ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sumary", "summary"),
        ("sumamry", "summary"),
        ("birthDate", "birth_date"),
        ("Birth-Date", "birth_date"),
        ("birht_date", "birth_date"),
        ("experiences", "experience"),
        ("barrier", "barriers"),
        ("skils", "skills"),
        ("earliest_strat", "earliest_start"),
    ],
)
def test_a_misspelt_field_is_named_with_the_one_that_was_meant(written: str, meant: str) -> None:
    (problem,) = problems(told("ResidentRegistered", **{f"data__{written}": "x"}))

    assert (problem.code, problem.field, problem.lawful_value) == (
        "field_unknown",
        f"/data/{written}",
        meant,
    )


def test_a_misspelt_field_deep_inside_is_named_where_it_stands() -> None:
    event = told("ContractRegistered", data__clauses__0__ring_fence__rungs__1__after_workin_days=3)

    (problem,) = problems(event)

    assert problem.field == "/data/clauses/0/ring_fence/rungs/1/after_workin_days"
    assert problem.lawful_value == "after_working_days"


@pytest.mark.parametrize(
    "written",
    [
        "amal_haddad",
        "reference_amal",
        "experience_of_jo",
        "notes_jo",
        "jo",
        "days_off_sick",
        "diagnosis",
        "summary1",
        "summary/jo",
        "summary~jo",
        "sümmary",
        "",
        "x" * 5000,
    ],
)
def test_what_a_sender_called_a_field_of_its_own_is_not_repeated(written: str) -> None:
    event = told("ResidentRegistered")
    event["data"][written] = "x"

    (problem,) = problems(event)

    assert problem.field == "/data/?1"
    assert problem.lawful_value in {None, *codec.classes_of(ResidentRegistered)}


@given(st.text(max_size=30))
def test_an_unknown_name_is_repeated_only_where_it_is_nearly_ours(written: str) -> None:
    event = told("OpportunityPosted")
    ours = set(codec.classes_of(OpportunityPosted))
    if written in ours:
        return
    event["data"][written] = "x"

    (problem,) = problems(event)

    if problem.field != "/data/?1":
        assert problem.lawful_value in ours
        assert abs(len(written.replace("_", "").replace("-", "")) - len(problem.lawful_value)) <= 5


# --- what stands in the log ---------------------------------------------------------------


def test_an_event_of_the_log_is_read_by_name_and_version() -> None:
    assert codec.event_of("DayBegan", 1, {"day": "2026-01-13"}).day == date(2026, 1, 13)


@pytest.mark.parametrize(("name", "version"), [("DayBegan", 2), ("DayEnded", 1)])
def test_an_event_kind_of_a_newer_release_is_named(name: str, version: int) -> None:
    with pytest.raises(UnknownEvent, match=f"{name} version {version}"):
        codec.event_of(name, version, {"day": "2026-01-13"})


def test_a_registration_is_judged_with_the_consent_that_it_carries() -> None:
    event = told("ResidentRegistered", data__consent__ends_on="2026-01-12")

    assert refused(event) == [("ends_before_it_starts", "/data/consent/ends_on")]
