import base64
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec
from schemas.facts import FactGiven
from schemas.residents import Consent, ResidentRegistered, ResidentRegisteredSealed
from schemas.ticks import Tick
from schemas.vocabulary import FactStatus, Purpose
from services.sealing import (
    CannotOpen,
    Destroyed,
    Key,
    derive,
    fingerprint,
    open_event,
    open_sealed,
    seal,
    seal_event,
)

KEY, OTHER_KEY = Key(b"k" * 32), Key(b"o" * 32)
AMAL, BERYL = "tees-r-amalamalamalamal", "tees-r-berylberylberylb"
KIND, OTHER_KIND = "foothold.ResidentRegisteredSealed.v1", "foothold.ResidentUpdatedSealed.v1"
ORIGIN = "topic-a/0/17"

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
HIDDEN = st.dictionaries(st.text(), PLAIN, max_size=6)
KEYS = st.binary(min_size=32, max_size=32).map(Key)

TICK = Tick(market="tees", at="2026-01-13T12:00:00.000Z")
PROFILE = ResidentRegistered(
    reference="T-17",
    birth_date=date(1999, 5, 4),
    outcode="ZZ1",
    summary="CANARY words about a person",
    consent=Consent(purpose=Purpose.MATCHING, notice_version=1, given_on=date(2026, 1, 5)),
)


def sealed(hidden: dict[str, Any], *, key: Key = KEY, origin: str = ORIGIN) -> str:
    mark = fingerprint(hidden, key=key)
    return seal(hidden, key=key, subject=AMAL, kind=KIND, fingerprint=mark, origin=origin)


@given(hidden=HIDDEN, key=KEYS)
def test_what_was_sealed_opens_again(hidden: dict[str, Any], key: Key) -> None:
    assert open_sealed(sealed(hidden, key=key), key=key, subject=AMAL, kind=KIND) == hidden


@given(hidden=HIDDEN)
def test_two_lives_seal_alike(hidden: dict[str, Any]) -> None:
    assert sealed(hidden) == sealed(dict(reversed(hidden.items())))


@pytest.mark.parametrize(
    ("key", "subject", "kind"),
    [(OTHER_KEY, AMAL, KIND), (KEY, BERYL, KIND), (KEY, AMAL, OTHER_KIND)],
)
def test_sealed_forms_cannot_be_opened_under_another_key_subject_or_kind(
    key: Key, subject: str, kind: str
) -> None:
    with pytest.raises(CannotOpen):
        open_sealed(sealed({"summary": "words"}), key=key, subject=subject, kind=kind)


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_changed_byte_does_not_open(at: int) -> None:
    raw = bytearray(base64.b64decode(sealed({"summary": "words"})))
    raw[at] ^= 1

    with pytest.raises(CannotOpen):
        open_sealed(base64.b64encode(raw).decode(), key=KEY, subject=AMAL, kind=KIND)


@given(sent=st.text(max_size=80))
def test_what_is_no_sealed_form_does_not_open_and_is_not_shown(sent: str) -> None:
    with pytest.raises(CannotOpen) as told:
        open_sealed(sent, key=KEY, subject=AMAL, kind=KIND)

    assert str(told.value) == f"a {KIND} does not open under this key and subject"


def test_no_two_contents_and_no_two_origins_share_a_nonce() -> None:
    blobs = {
        base64.b64decode(sealed({"n": n}, origin=origin))[:12]
        for n in range(50)
        for origin in ("topic-a/0/1", "topic-a/0/2")
    }

    assert len(blobs) == 100


def test_the_length_of_a_sealed_fact_does_not_tell_it() -> None:
    lengths = {
        len(sealed({"fact": fact, "status": status}))
        for fact in ("neet", "care_leaver", "left_a_long_prison_sentence")
        for status in ("true", "false", "declined")
    }

    assert len(lengths) == 1


def test_an_event_about_a_person_keeps_in_clear_only_what_is_coded() -> None:
    form = seal_event(PROFILE, key=KEY, subject=AMAL, origin=ORIGIN)

    assert isinstance(form, ResidentRegisteredSealed)
    assert form.consent == PROFILE.consent
    assert set(codec.plain(form)) == {"consent", "sealed", "fingerprint"}
    assert open_event(form, key=KEY, subject=AMAL) == PROFILE


def test_an_event_opens_under_its_own_subject_only() -> None:
    form = seal_event(PROFILE, key=KEY, subject=AMAL, origin=ORIGIN)

    with pytest.raises(CannotOpen):
        open_event(form, key=KEY, subject=BERYL)


def test_the_fingerprint_covers_the_clear_fields_too() -> None:
    def given(evidence: str) -> FactGiven:
        return FactGiven(
            resident=AMAL,
            evidence=evidence,
            assessor_role="coordinator",
            assessed_on=date(2026, 1, 5),
            fact="neet",
            status=FactStatus.TRUE,
        )

    marks = {
        seal_event(given(evidence), key=KEY, subject=AMAL, origin=ORIGIN).fingerprint
        for evidence in ("letter_seen", "said_by_resident")
    }

    assert len(marks) == 2


def test_the_same_said_twice_has_one_fingerprint_and_under_another_key_another() -> None:
    def mark(key: Key, origin: str) -> str:
        form: ResidentRegisteredSealed = seal_event(PROFILE, key=key, subject=AMAL, origin=origin)
        return form.fingerprint

    assert mark(KEY, ORIGIN) == mark(KEY, "topic-a/0/18")
    assert mark(KEY, ORIGIN) != mark(OTHER_KEY, ORIGIN)


def test_an_event_without_a_sealed_form_is_not_sealed() -> None:
    with pytest.raises(LookupError):
        seal_event(TICK, key=KEY, subject=AMAL, origin=ORIGIN)


def test_a_key_does_not_show_itself_and_has_32_bytes() -> None:
    assert "k" not in repr(KEY).replace("Key", "")

    with pytest.raises(ValueError, match="32 bytes"):
        Key(b"short")


def test_keys_derived_for_two_purposes_differ() -> None:
    purposes = (("wrap", "a"), ("wrap", "b"), ("wrap",), ("reference",))

    assert len({derive(KEY.secret, *purpose) for purpose in purposes}) == 4


def test_a_person_may_return_when_the_fourteen_days_are_over() -> None:
    assert Destroyed("2026-01-13T12:00:00.000Z").returns_on == "2026-01-28"
