"""
A resident's list goes to the resident's own partner, when it changed and not otherwise.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from schemas.consents import ConsentGiven, ConsentWithdrawn
from schemas.fits import FitsAssessed
from schemas.opportunities import OpportunityWithdrawn
from schemas.residents import ResidentClosed, ResidentErased, ResidentPaused
from schemas.ticks import Tick
from schemas.vocabulary import Answer, Purpose
from services.notifier.handlers import MARKET as MARKET_ITSELF
from services.notifier.handlers import is_forbidden
from services.notifier.letters import letter
from services.notifier.owed import Owed
from services.sealing import Destroyed, Key
from services.storage.notifier_tables import PARTS
from tests.unit.services.notifier.scene import (
    FIRST,
    MARKET,
    OPERATOR,
    OTHER_PARTNER,
    PARTNER,
    SECOND,
    SUPPLIER,
    Scene,
    amended,
    open_scene,
    opportunity,
    pair,
    profile,
    updated,
)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """
    One opportunity and one resident, who consents to be matched.
    """
    made = open_scene(tmp_path)
    made.post()
    made.register()
    return made


def lists(owed: tuple[Owed, ...]) -> tuple[Owed, ...]:
    return tuple(each for each in owed if each.kind == "MatchesRanked")


def only(owed: tuple[Owed, ...]) -> Owed:
    (found,) = lists(owed)
    return found


def withdraw_consent(scene: Scene, *, resident: str = FIRST) -> tuple[Owed, ...]:
    data = ConsentWithdrawn(resident=resident, purpose=Purpose.MATCHING)
    return scene.say(data, party=PARTNER, subject=resident)


def begin_day(scene: Scene, day: str) -> tuple[Owed, ...]:
    return scene.say(Tick(market=MARKET, at=f"{day}T09:00:00.000Z"), party=OPERATOR, subject=MARKET)


def test_a_fit_is_told_to_the_residents_own_partner_with_both_sides_words(scene: Scene) -> None:
    owed = only(scene.assess(pair(), subject=FIRST))

    told = scene.read(owed)
    (match,) = told["matches"]
    assert owed.recipient == PARTNER
    assert told["reference"] == "case 17"
    assert (match["title"], match["rank"], match["score"]) == ("Kitchen assistant", 1, 7000)
    assert match["why"] == ["“I cooked for forty people a day” meets “Prepare vegetables”."]
    assert match["missing"] == ["Nothing said so far meets “Food hygiene”."]


def test_what_waits_to_be_sent_holds_no_word_of_either_side(scene: Scene) -> None:
    told = str(only(scene.assess(pair(), subject=FIRST)).payload)

    assert "case 17" not in told
    assert "cooked" not in told
    assert "Kitchen" not in told


def test_the_best_ten_are_ranked_by_score_and_then_by_id(scene: Scene) -> None:
    references = [f"R-{n}" for n in range(2, 14)]
    for reference in references:
        scene.post(reference)
    pairs = [pair(reference=reference, score=5000) for reference in references]

    told = scene.read(only(scene.assess(pair(score=9000), *pairs, subject=FIRST)))

    ranked = [match["opportunity"] for match in told["matches"]]
    assert ranked == [opportunity(), *sorted(map(opportunity, references))[:9]]
    assert [match["rank"] for match in told["matches"]] == list(range(1, 11))


def test_who_is_not_eligible_for_something_is_not_told_of_it(scene: Scene) -> None:
    ruled_out = pair(eligible=Answer.NO, codes=("pay_suits",))

    assert lists(scene.assess(ruled_out, subject=FIRST)) == ()


def test_an_unknown_fact_stands_in_the_match_and_is_asked_of_the_partner(scene: Scene) -> None:
    owed = scene.assess(
        pair(eligible=Answer.UNKNOWN, codes=("cscs_card",), unknown=("cscs_card",)), subject=FIRST
    )

    (asked,) = [each for each in owed if each.kind == "FactAsked"]
    (match,) = scene.read(only(owed))["matches"]
    assert (match["unknown"], match["asked"], match["eligible"]) == (["cscs_card"], True, "unknown")
    assert asked.recipient == PARTNER
    assert scene.read(asked)["fact"] == "cscs_card"


def test_an_unchanged_list_is_not_sent_again(scene: Scene) -> None:
    scene.assess(pair(), subject=FIRST)
    scene.post("R-2")

    assert lists(scene.assess(pair(), subject=FIRST)) == ()


def test_a_new_opportunity_changes_the_lists_of_those_whom_it_fits(scene: Scene) -> None:
    scene.register(SECOND, party=OTHER_PARTNER, reference="B 4")
    scene.assess(pair(), subject=FIRST)
    scene.post("R-2")

    fits = (pair(FIRST, "R-2", score=8000), pair(SECOND, "R-2", score=3000))
    owed = lists(scene.assess(*fits, subject=opportunity("R-2")))

    told = {each.recipient: scene.read(each) for each in owed}
    assert [match["score"] for match in told[PARTNER]["matches"]] == [8000, 7000]
    assert [match["score"] for match in told[OTHER_PARTNER]["matches"]] == [3000]
    assert told[OTHER_PARTNER]["reference"] == "B 4"


def test_two_residents_of_one_partner_are_two_rows_of_the_outbox(scene: Scene) -> None:
    scene.register(SECOND, reference="case 18")

    owed = lists(scene.assess(pair(FIRST), pair(SECOND), subject=opportunity()))

    assert {each.recipient for each in owed} == {PARTNER}
    assert len({scene.row(each).kind for each in owed}) == 2


def test_the_parts_of_an_assessment_act_together_with_the_last(scene: Scene) -> None:
    scene.post("R-2")
    as_of = scene.state.sequence
    first, second = (
        FitsAssessed(subject=FIRST, model="small", as_of=as_of, part=part, parts=2, pairs=(each,))
        for part, each in ((1, pair()), (2, pair(reference="R-2")))
    )

    assert lists(scene.say(second)) == ()
    assert len(scene.read(only(scene.say(first)))["matches"]) == 2


def parts_held(scene: Scene) -> int:
    with scene.engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(PARTS)).scalar_one())


def first_of_two(scene: Scene) -> FitsAssessed:
    as_of = scene.state.sequence
    return FitsAssessed(subject=FIRST, model="small", as_of=as_of, part=1, parts=2, pairs=(pair(),))


def test_parts_that_never_became_whole_go_with_a_later_assessment(scene: Scene) -> None:
    scene.say(first_of_two(scene))
    assert parts_held(scene) == 1

    scene.assess(pair(), subject=FIRST)

    assert parts_held(scene) == 0


def test_whoever_is_erased_leaves_no_part_of_an_assessment(scene: Scene) -> None:
    scene.say(first_of_two(scene))

    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)

    assert parts_held(scene) == 0


def test_a_resident_without_consent_has_no_list(tmp_path: Path) -> None:
    scene = open_scene(tmp_path)
    scene.post()
    scene.register(consent=None)

    assert lists(scene.assess(pair(), subject=FIRST)) == ()


def test_consent_given_later_opens_the_way_to_a_list(tmp_path: Path) -> None:
    scene = open_scene(tmp_path)
    scene.post()
    scene.register(consent=None)
    consent = profile().consent
    assert consent is not None
    given = ConsentGiven(
        resident=FIRST,
        purpose=consent.purpose,
        notice_version=1,
        given_on=consent.given_on,
    )
    scene.say(given, party=PARTNER, subject=FIRST)

    assert len(lists(scene.assess(pair(), subject=FIRST))) == 1


def test_a_withdrawn_consent_empties_the_list_in_its_own_record_and_once(scene: Scene) -> None:
    scene.assess(pair(), subject=FIRST)

    owed = only(withdraw_consent(scene))

    assert scene.read(owed)["matches"] == []
    paused = scene.say(ResidentPaused(reason="away", resident=FIRST), party=PARTNER, subject=FIRST)
    assert lists(paused) == ()


@pytest.mark.parametrize(
    "ends",
    [ResidentPaused(reason="away", resident=FIRST), ResidentClosed(reason="moved", resident=FIRST)],
    ids=["paused", "closed"],
)
def test_who_leaves_has_an_empty_list_at_once(
    scene: Scene, ends: ResidentPaused | ResidentClosed
) -> None:
    scene.assess(pair(), subject=FIRST)

    assert scene.read(only(scene.say(ends, party=PARTNER, subject=FIRST)))["matches"] == []


def test_an_opportunity_taken_back_leaves_every_list_in_its_own_record(scene: Scene) -> None:
    scene.post("R-2")
    scene.assess(pair(), pair(reference="R-2"), subject=FIRST)

    owed = only(
        scene.say(
            OpportunityWithdrawn(opportunity=opportunity(), reason="filled"),
            party=SUPPLIER,
            subject=opportunity(),
        )
    )

    ranked = [match["opportunity"] for match in scene.read(owed)["matches"]]
    assert ranked == [opportunity("R-2")]


def test_a_closing_date_that_passed_takes_the_opportunity_out(scene: Scene) -> None:
    scene.assess(pair(), subject=FIRST)

    assert lists(begin_day(scene, "2026-02-10")) == ()
    assert scene.read(only(begin_day(scene, "2026-02-11")))["matches"] == []


def test_a_consent_that_ended_empties_the_list_on_the_day_after(tmp_path: Path) -> None:
    scene = open_scene(tmp_path)
    scene.post()
    consent = profile().consent
    assert consent is not None
    ends_on = consent.given_on.replace(day=20)
    scene.register(consent=replace(consent, ends_on=ends_on))
    scene.assess(pair(), subject=FIRST)

    assert lists(begin_day(scene, "2026-01-20")) == ()
    assert scene.read(only(begin_day(scene, "2026-01-21")))["matches"] == []


def test_a_list_stands_after_an_update_until_the_resident_is_assessed_anew(scene: Scene) -> None:
    scene.post("R-2")
    scene.assess(pair(), pair(reference="R-2", score=6000), subject=FIRST)

    update = scene.say(scene.sealed(updated(), subject=FIRST), party=PARTNER, subject=FIRST)
    assessed = scene.assess(pair(resident_version=2), subject=FIRST)

    assert lists(update) == ()
    (match,) = scene.read(only(assessed))["matches"]
    assert match["why"] == ["“I baked bread” meets “Prepare vegetables”."]


def test_statements_of_another_version_are_not_quoted(scene: Scene) -> None:
    owed = only(scene.assess(pair(), subject=FIRST))
    scene.say(scene.sealed(updated(), subject=FIRST), party=PARTNER, subject=FIRST)

    (match,) = scene.read(owed)["matches"]
    assert match["why"] == ["What the resident says meets something that the work asks for."]


def test_an_amended_opportunity_is_told_anew_once_it_is_assessed(scene: Scene) -> None:
    scene.assess(pair(), subject=FIRST)
    amendment = scene.sealed(
        replace(amended(opportunity()), title="Cook's assistant"), subject=opportunity()
    )
    assert lists(scene.say(amendment, party=SUPPLIER, subject=opportunity())) == ()

    owed = only(scene.assess(pair(opportunity_version=2), subject=opportunity()))

    assert scene.read(owed)["matches"][0]["title"] == "Cook's assistant"


# --- what the log's end forbids -----------------------------------------------------------


def test_a_list_is_forbidden_once_the_consent_is_withdrawn(scene: Scene) -> None:
    owed = only(scene.assess(pair(), subject=FIRST))
    row = scene.row(owed)
    with scene.book() as book:
        assert not is_forbidden(row, book)

    emptied = only(withdraw_consent(scene))

    with scene.book() as book:
        assert is_forbidden(row, book)
        assert not is_forbidden(scene.row(emptied), book)


def test_a_list_with_an_opportunity_since_taken_back_is_forbidden(scene: Scene) -> None:
    row = scene.row(only(scene.assess(pair(), subject=FIRST)))
    scene.say(
        OpportunityWithdrawn(opportunity=opportunity(), reason="filled"),
        party=SUPPLIER,
        subject=opportunity(),
    )

    with scene.book() as book:
        assert is_forbidden(row, book)


def test_a_question_about_somebody_who_has_left_is_forbidden(scene: Scene) -> None:
    owed = scene.assess(
        pair(eligible=Answer.UNKNOWN, codes=("cscs_card",), unknown=("cscs_card",)), subject=FIRST
    )
    rows = [scene.row(each) for each in owed if each.kind == "FactAsked"]
    scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)

    with scene.book() as book:
        assert [is_forbidden(row, book) for row in rows] == [True]


# --- erasure ------------------------------------------------------------------------------


def test_an_erasure_destroys_the_key_and_says_so_to_the_market(scene: Scene) -> None:
    owed = scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)

    (destroyed,) = [each for each in owed if each.kind == "KeyDestroyed"]
    assert destroyed.recipient == MARKET_ITSELF
    assert scene.read(destroyed) == {"resident": FIRST, "reason": "erased"}
    assert isinstance(scene.keys.key_for(FIRST), Destroyed)


def test_a_key_destroyed_twice_is_the_same_message_and_no_error(scene: Scene) -> None:
    owed = scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)
    (destroyed,) = [each for each in owed if each.kind == "KeyDestroyed"]

    assert scene.read(destroyed) == scene.read(destroyed)
    assert scene.keys.key_for(FIRST) == Destroyed(scene.views[-1].cause.appended_at)


def test_an_erased_residents_list_is_emptied_without_the_reference(scene: Scene) -> None:
    scene.assess(pair(), subject=FIRST)

    told = scene.read(only(scene.say(ResidentErased(resident=FIRST), party=PARTNER, subject=FIRST)))

    assert (told["resident"], told.get("reference"), told["matches"]) == (FIRST, None, [])


def test_a_list_of_a_resident_whose_key_is_gone_is_not_sent(scene: Scene) -> None:
    owed = only(scene.assess(pair(), subject=FIRST))
    scene.keys.destroy(FIRST, at="2026-01-13T10:00:00.000Z")

    with scene.book() as book:
        assert letter(scene.row(owed), book, scene.keys) is None


def test_what_does_not_open_under_its_key_holds_up_no_other_letter(scene: Scene) -> None:
    owed = only(scene.assess(pair(), subject=FIRST))
    scene.keys.destroy(FIRST, at="2026-01-13T10:00:00.000Z")
    scene.keys.forget_destroyed("2026-01-14T10:00:00.000Z")
    scene.keys.create(FIRST, Key(b"another".ljust(32, b".")))

    with scene.book() as book, capture_logs() as logs:
        assert letter(scene.row(owed), book, scene.keys) is None
    assert [line["log_level"] for line in logs] == ["error"]
