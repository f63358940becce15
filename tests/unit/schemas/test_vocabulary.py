"""Words of the wire: what each form takes and what it does not, and time as text."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import vocabulary
from schemas.residents import age_on
from schemas.vocabulary import Pattern, event, event_type, instant, later, moment, value

SECONDS = [datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 2200)]
MOMENTS = st.floats(SECONDS[0], SECONDS[1] - 1).map(lambda at: datetime.fromtimestamp(at, tz=UTC))

FORMS = {
    "Epoch": (
        ["2026Q1", "2099Q4"],
        ["2026Q0", "2026Q5", "2026q1", "1999Q4", "2026-Q1", "2026", "Q1"],
    ),
    "Slug": (
        ["oakline", "a1", "a" * 32],
        ["", "a", "Oakline", "1oak", "oak_line", "a" * 33, "oak\n"],
    ),
    "StaffCode": (["ck-07", "07", "a" * 32], ["", "c", "Chipo", "ck 07", "a" * 33]),
    "MarketCode": (
        ["zedford", "z1", "_register"],
        ["_other", "z", "zed-ford", "Zedford", "z" * 17],
    ),
    "ResidentId": (
        ["zedford-r-aaaaaaaaaaaaaaa7"],
        ["zedford-o-aaaaaaaaaaaaaaaa", "zedford-r-aaaaaaaaaaaaaaa1", "NH-0001"],
    ),
    "OpportunityId": (
        ["zedford-o-aaaaaaaaaaaaaaaa"],
        ["zedford-r-aaaaaaaaaaaaaaaa", "zedford-o-aaaa", "OAK-201"],
    ),
    "OfferId": (
        ["zedford-f-aaaaaaaaaaaaaaa7"],
        ["zedford-o-aaaaaaaaaaaaaaaa", "zedford-f-aaaa", "zedford-f-AAAAAAAAAAAAAAAA"],
    ),
    "PositionId": (
        ["zedford-o-aaaaaaaaaaaaaaaa/starts/1", "z1-o-aaaaaaaaaaaaaaa7/s_2/500"],
        [
            "zedford-o-aaaaaaaaaaaaaaaa",
            "zedford-o-aaaaaaaaaaaaaaaa/starts",
            "zedford-o-aaaaaaaaaaaaaaaa/starts/0",
            "zedford-o-aaaaaaaaaaaaaaaa/Starts/1",
            "zedford-f-aaaaaaaaaaaaaaaa/starts/1",
        ],
    ),
    "ContractId": (
        ["c-aaaaaaaaaaaaaaaa"],
        ["zedford-c-aaaaaaaaaaaaaaaa", "c-AAAAAAAAAAAAAAAA", "c-aaa"],
    ),
    "EventId": (
        ["zedford-12-1", "_register-0-2"],
        ["zedford-12", "Zedford-1-1", "zedford-1-1234567"],
    ),
    "AnyId": (
        ["zedford-r-aaaaaaaaaaaaaaaa", "party:oakline", "c-aaaaaaaaaaaaaaaa"],
        ["", "Amal Haddad", "amal haddad", "x" * 65],
    ),
    "Outcode": (
        ["ZZ1", "M1", "EC1A", "W1A", "SW19"],
        ["zz1", "ZZ1 9AA", "ZZZ1", "1ZZ", "ZZ", "ZZ123"],
    ),
    "Reference": (["OAK-201", "a", "A/7 b"], ["", " a", "-a", "a" * 65, "a\tb", "£1"]),
    "Code": (["care_leaver", "a", "a" * 48], ["", "Care", "1a", "care-leaver", "a" * 49]),
    "ClauseName": (["4.2", "KPI-3(a)"], ["", "-4", "4 2", "x" * 25]),
    "Hex": (["0" * 64, "abcdef0123456789" * 4], ["0" * 63, "G" * 64, "A" * 64]),
    "Base64": (["", "AAAA", "3q2+7w==", "ab/c"], ["AAA A", "A===", "=A", "ab_c"]),
    "Pointer": (
        ["", "/data", "/data/clauses/0/ring_fence", "/data/?1"],
        ["data", "/", "/data/", "/data/Amal Haddad", "/a~1b"],
    ),
    "Mailbox": (
        ["jobs@oakline.example"],
        ["jobs", "@oakline.example", "jobs@", "a b@c.example", "a@b@c"],
    ),
    "Telephone": (["01632 960101", "+44 (0)1632 960101"], ["960", "call me", "+", "01632-x"]),
    "TimeOfDay": (["00:00", "09:30", "23:59"], ["24:00", "9:30", "09:60", "09:30:00"]),
}


def pattern(name: str) -> Pattern:
    (found,) = (mark for mark in get_args(getattr(vocabulary, name)) if isinstance(mark, Pattern))
    return found


@pytest.mark.parametrize("name", FORMS)
def test_a_form_takes_what_is_meant_and_nothing_else(name: str) -> None:
    fit, unfit = FORMS[name]

    assert [text for text in fit if not pattern(name).matches(text)] == []
    assert [text for text in unfit if pattern(name).matches(text)] == []


def test_every_form_is_tried() -> None:
    with_forms = {
        name
        for name in vars(vocabulary)
        if any(isinstance(mark, Pattern) for mark in get_args(getattr(vocabulary, name)))
    }

    assert with_forms - FORMS.keys() == {"Label", "Text", "Statement", "Instant"}


@pytest.mark.parametrize("text", ["\x00", "a\x1fb", "\x7f"])
def test_no_text_holds_a_control_character(text: str) -> None:
    assert not any(pattern(name).matches(text) for name in ("Label", "Text", "Statement"))


def test_lines_stand_in_a_text_and_not_in_a_label() -> None:
    assert pattern("Text").matches("one\ntwo\tthree\r\n")
    assert not pattern("Label").matches("one\ntwo")
    assert not pattern("Statement").matches("one\ttwo")


# --- time ---------------------------------------------------------------------------------


@given(MOMENTS)
def test_an_instant_is_read_back_to_the_millisecond(at: datetime) -> None:
    whole = at.replace(microsecond=at.microsecond // 1000 * 1000)

    assert moment(instant(at)) == whole
    assert pattern("Instant").matches(instant(at))


@given(MOMENTS, MOMENTS)
def test_instants_compare_as_their_times_do(one: datetime, other: datetime) -> None:
    assert (instant(one) < instant(other)) == (moment(instant(one)) < moment(instant(other)))


def test_an_instant_is_utc_wherever_it_was_taken() -> None:
    summer = timezone(timedelta(hours=1))

    assert instant(datetime(2026, 7, 1, 0, 30, tzinfo=summer)) == "2026-06-30T23:30:00.000Z"


def test_a_span_is_added_over_the_end_of_a_year() -> None:
    assert (
        later("2026-12-31T23:59:59.999Z", timedelta(milliseconds=1)) == "2027-01-01T00:00:00.000Z"
    )


@pytest.mark.parametrize(
    ("day", "age"),
    [
        (date(2026, 6, 17), 17),
        (date(2026, 6, 18), 18),
        (date(2026, 12, 31), 18),
        (date(2027, 6, 17), 18),
    ],
)
def test_an_age_rises_on_the_birthday(day: date, age: int) -> None:
    assert age_on(day, born=date(2008, 6, 18)) == age


# --- what makes a class an event ----------------------------------------------------------


def test_an_event_knows_its_name_version_and_whose_key_seals_it() -> None:
    @event(about="resident", version=2)
    class SomethingSaid:
        resident: vocabulary.Coded[vocabulary.ResidentId]

    kind = event_type(SomethingSaid(resident="zedford-r-aaaaaaaaaaaaaaaa"))

    assert kind == event_type(SomethingSaid)
    assert (kind.wire_name, kind.about) == ("foothold.SomethingSaid.v2", "resident")


def test_what_is_no_event_has_no_type() -> None:
    @value
    class Figure:
        pence: vocabulary.Open[vocabulary.Pence]

    with pytest.raises(AttributeError):
        event_type(Figure)


@pytest.mark.parametrize("change", [{"pence": 2}, {"more": 1}])
def test_a_value_does_not_change(change: dict[str, Any]) -> None:
    @value
    class Figure:
        pence: vocabulary.Open[vocabulary.Pence]

    figure = Figure(pence=1)
    for name, item in change.items():
        with pytest.raises((AttributeError, TypeError)):
            setattr(figure, name, item)
    assert figure == Figure(pence=1)
