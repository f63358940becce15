"""What describes a person leaves intake sealed, and a name has no field anywhere."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas import codec
from schemas.codec import EVENTS, classes_of, clear_form, join, sealed_form, split, value_classes
from schemas.envelope import Envelope
from schemas.log_record import Cause
from schemas.vocabulary import (
    Code,
    Coded,
    Label,
    Open,
    Problem,
    Reference,
    Statements,
    event_type,
    value,
)
from tests.unit.schemas.events import accepted, told

CLASSES = {event_type(cls).name: cls for cls in EVENTS.values()}
SEALABLE = [name for name, cls in CLASSES.items() if sealed_form(cls) is not None]
# What only ever stands on a party's own queue.
ON_QUEUES = {
    "Receipt",
    "Refusal",
    "MatchesRanked",
    "IntakeListed",
    "SupplierIntroduced",
    "IntroductionReceived",
}
IN_MARKETS = [name for name in CLASSES if name not in {*SEALABLE, *ON_QUEUES}]

# Everything that a partner says of a person, of which not a word may stand in clear.
OF_A_PERSON = {
    "reference",
    "birth_date",
    "outcode",
    "max_travel_metres",
    "minutes_a_week",
    "earliest_start",
    "latest_end",
    "days",
    "available_from",
    "licences",
    "right_to_work",
    "summary",
    "skills",
    "experience",
    "barriers",
    "pay_floor_pence",
    "notes",
}
SEALED = {
    "ResidentRegistered": OF_A_PERSON,
    "ResidentUpdated": OF_A_PERSON,
    "FactGiven": {"fact", "status", "first_day", "last_day"},
    "InterestGiven": {"standing"},
    "DeclineExplained": {"reason"},
    "OpportunityPosted": {
        "title",
        "description",
        "duties",
        "skills",
        "role_mailbox",
        "role_telephone",
    },
    "OpportunityAmended": {
        "title",
        "description",
        "duties",
        "skills",
        "role_mailbox",
        "role_telephone",
    },
    "PartyRegistered": {"role_mailbox", "role_telephone"},
}
NAMES_AND_CONTACTS = re.compile(
    r"(^|_)(first|fore|sur|last|full|given|family|middle)_?name|^names?$|nickname"
    r"|email|e_mail|mailbox|phone|telephone|mobile|address|street|postcode|whatsapp"
    r"|national_insurance|nino|nhs|passport|photo|gender|ethnic|disab|religio|offence|convict"
)


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_of_an_event_and_of_what_stands_in_it_is_classified(name: str) -> None:
    for cls in value_classes(CLASSES[name]):
        assert set(classes_of(cls)) == {field.name for field in fields(cls)}
        assert set(classes_of(cls).values()) <= {"open", "coded", "sealed"}


def test_envelope_and_cause_are_classified_too() -> None:
    for cls in (*value_classes(Envelope), *value_classes(Cause)):
        assert classes_of(cls)
    assert classes_of(Envelope)["authid"] == "coded"


def test_a_field_that_is_not_classified_is_found() -> None:
    @value
    class Forgotten:
        kept: Open[str]
        forgotten: str

    with pytest.raises(LookupError, match=r"Forgotten\.forgotten is not classified"):
        classes_of(Forgotten)


@pytest.mark.parametrize("name", SEALED)
def test_just_what_describes_a_person_an_advert_or_a_contact_is_sealed(name: str) -> None:
    classes = classes_of(CLASSES[name])

    assert {field for field, kind in classes.items() if kind == "sealed"} == SEALED[name]


def test_no_other_event_seals_anything() -> None:
    seals = {name for name, cls in CLASSES.items() if "sealed" in classes_of(cls).values()}

    assert seals == SEALED.keys() == set(SEALABLE)


@pytest.mark.parametrize("name", IN_MARKETS)
def test_nothing_sealed_stands_anywhere_in_what_a_market_holds(name: str) -> None:
    for cls in value_classes(CLASSES[name]):
        assert "sealed" not in classes_of(cls).values(), cls


@pytest.mark.parametrize("name", SEALABLE)
def test_what_stands_in_a_sealed_field_is_sealed_as_a_whole(name: str) -> None:
    cls = CLASSES[name]
    outer = classes_of(cls)
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        for inner in classes_in(hints[field.name]):
            kinds = set(classes_of(inner).values())
            assert (kinds == {"sealed"}) == (outer[field.name] == "sealed"), (name, field.name)


def classes_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    for argument in get_args(hint):
        yield from classes_in(argument)


@pytest.mark.parametrize("name", CLASSES)
def test_a_person_has_no_name_and_no_address_in_any_event(name: str) -> None:
    of_offices = {
        "PartyRegistered",
        "OpportunityPosted",
        "OpportunityAmended",
        "SupplierIntroduced",
        "IntroductionReceived",
    }
    allowed = {"role_mailbox", "role_telephone"} if name in of_offices else set()
    own_name = {"PartyRegistered", "PartyRegisteredSealed", "MarketOpened", "RulesAdopted"}

    found = {
        field.name
        for cls in value_classes(CLASSES[name])
        for field in fields(cls)
        if NAMES_AND_CONTACTS.search(field.name)
    }

    # A firm, a market, a patch and a wage have names.
    assert found - allowed - ({"name"} if name in own_name else set()) == set()


@pytest.mark.parametrize("planted", ["name", "first_name", "contact_email", "home_address", "nino"])
def test_a_planted_contact_field_would_be_found(planted: str) -> None:
    assert NAMES_AND_CONTACTS.search(planted)


@pytest.mark.parametrize("name", IN_MARKETS)
def test_what_is_coded_about_a_person_is_no_text(name: str) -> None:
    for cls in value_classes(CLASSES[name]):
        hints = get_type_hints(cls, include_extras=True)
        texts = {
            field
            for field, kind in classes_of(cls).items()
            if kind == "coded" and may_be_text(hints[field])
        }
        assert texts <= OUR_WORDS.get(cls, {"resident"}), cls


# A party's own reference may stand in `resident` on the way in only: intake puts our id
# in its place. What a rule is called and its figure are words of ours.
OUR_WORDS: dict[type, set[str]] = {Problem: {"rule", "lawful_value"}}


def may_be_text(hint: Any) -> bool:
    """Whether a string of some words would be taken, or a list of one."""
    words = "Has been unwell since June"
    return any(takes(TypeAdapter(hint), each) for each in (words, [words]))


def takes(adapter: TypeAdapter[Any], told: Any) -> bool:
    try:
        adapter.validate_python(told)
    except ValidationError:
        return False
    return True


def test_text_in_a_coded_field_would_be_found() -> None:
    assert may_be_text(Label)
    assert may_be_text(Reference | None)
    assert may_be_text(Statements)
    assert not may_be_text(Code)
    assert not may_be_text(tuple[Code, ...])


# --- the two forms of an event --------------------------------------------------------------


def omissions(clear: type, sealed: type) -> set[str]:
    """What a sealed form lacks of what must stand in clear beside the blob, or has too much."""
    stays = {name for name, kind in classes_of(clear).items() if kind != "sealed"}
    return stays.symmetric_difference(set(classes_of(sealed)) - {"sealed", "fingerprint"})


@pytest.mark.parametrize("name", SEALABLE)
def test_a_sealed_form_has_what_stays_in_clear_a_blob_and_a_fingerprint(name: str) -> None:
    clear = CLASSES[name]
    sealed = sealed_form(clear)
    assert sealed is not None

    assert omissions(clear, sealed) == set()
    hints, ours = (get_type_hints(cls, include_extras=True) for cls in (clear, sealed))
    shared = set(ours) & set(hints)
    assert {name: ours[name] for name in shared} == {name: hints[name] for name in shared}
    assert {"sealed", "fingerprint"} <= set(classes_of(sealed))
    assert event_type(sealed).about == event_type(clear).about
    assert clear_form(sealed) is clear
    assert sealed_form(sealed) is None


def test_a_field_that_a_sealed_form_left_out_would_be_found() -> None:
    @value
    class Lacking:
        resident: Coded[str]
        sealed: Coded[str]
        fingerprint: Coded[str]

    assert omissions(CLASSES["InterestGiven"], Lacking) == {"yes", "ranked", "no", "until"}


@pytest.mark.parametrize("name", SEALABLE)
def test_an_event_is_parted_and_put_together_again(name: str) -> None:
    data = accepted(told(name))
    clear, hidden = split(data)
    form = sealed_form(type(data))
    assert form is not None

    told_on = codec.restore(form, {**clear, "sealed": "AAAA", "fingerprint": "0" * 64})

    assert set(hidden) <= SEALED[name]
    assert not set(clear) & SEALED[name]
    assert join(told_on, hidden) == data


def test_what_has_one_form_only_is_not_put_together() -> None:
    cls = CLASSES["DayBegan"]

    assert sealed_form(cls) is None
    assert clear_form(cls) is cls
