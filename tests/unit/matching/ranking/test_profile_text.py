from dataclasses import replace

import pytest

from matching.model import OpportunityProfile, ResidentProfile, Side
from matching.ranking.profile_text import (
    phrase_hash,
    sentences,
    sought,
    statements,
    text_hash,
    whole_text,
)
from tests.unit.matching.ranking.trades import AMAL, CLEANER, GRACE


def test_an_opportunity_states_its_title_then_its_duties_then_its_skills() -> None:
    assert statements(CLEANER) == (
        "School cleaner",
        "clean classrooms",
        "empty bins",
        "cleaning",
        "driving a van",
    )


def test_a_resident_states_their_skills_then_their_experience() -> None:
    assert statements(AMAL) == ("clean houses", "iron shirts", "cleaned classrooms for years")


def test_where_nothing_is_listed_the_sentences_stand_in() -> None:
    told = OpportunityProfile(
        opportunity_id="gardener",
        title="Gardener",
        description="You mow lawns. You plant; you dig!",
    )
    said = ResidentProfile(resident_id="ife", summary="I keep an allotment.\nI fix bicycles")

    assert statements(told) == ("Gardener", "You mow lawns.", "You plant", "you dig!")
    assert statements(said) == ("I keep an allotment.", "I fix bicycles")


def test_what_is_sought_are_the_skills_or_else_the_duties() -> None:
    assert sought(CLEANER) == range(3, 5)
    assert sought(replace(CLEANER, skills=())) == range(1, 3)
    assert sought(AMAL) == range(0)


def test_a_whole_text_says_the_most_telling_first() -> None:
    assert whole_text(CLEANER) == (
        "School cleaner. clean classrooms; empty bins. cleaning; driving a van."
    )
    assert whole_text(GRACE) == ""


@pytest.mark.parametrize("blank", [None, "", "  \n "])
def test_nothing_said_has_no_sentences(blank: str | None) -> None:
    assert sentences(blank) == ()


def test_a_hash_tells_words_sides_and_models_apart_and_not_spaces() -> None:
    first = phrase_hash("mix mortar", side=Side.RESIDENT, model="a")

    assert first == phrase_hash(" mix\tmortar ", side=Side.RESIDENT, model="a")
    assert first != phrase_hash("mix mortars", side=Side.RESIDENT, model="a")
    assert first != phrase_hash("mix mortar", side=Side.OPPORTUNITY, model="a")
    assert first != phrase_hash("mix mortar", side=Side.RESIDENT, model="b")


def test_a_statement_moved_from_duties_to_skills_is_another_text() -> None:
    moved = replace(CLEANER, duties=("clean classrooms",), skills=("empty bins", *CLEANER.skills))

    assert text_hash(moved, model="a") != text_hash(CLEANER, model="a")
    assert text_hash(replace(CLEANER, outcode="M1"), model="a") == text_hash(CLEANER, model="a")
