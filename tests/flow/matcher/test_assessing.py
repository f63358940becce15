"""
What the matcher says to the market, and that it says it until the log holds it.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.contracts import ContractAgreed
from schemas.envelope import contract_id
from schemas.fits import FitsAssessed, RulesAssessed
from schemas.interests import StandingYes
from schemas.opportunities import Requirement
from schemas.vocabulary import Answer, FactStatus
from services.sealing import Key
from services.storage import matcher_tables as tables
from tests.builders import (
    CONTRACT,
    OWNER,
    SUPPLIER,
    contract,
    register_market,
    resident,
    tell_facts,
    tick,
    with_contract,
)
from tests.flow.matcher.rehearsal import Rehearsal, begun, hashing_model

COOK: dict[str, Any] = {"skills": ("cooking meals", "keeping kitchens clean"), "summary": "I cook."}
PAINTER: dict[str, Any] = {"skills": ("painting walls", "mixing paint"), "summary": "I paint."}


@pytest.fixture
def zedford(tmp_path: Path) -> Rehearsal:
    return begun(tmp_path)


def fits_of(heard: list[object], subject: str) -> list[FitsAssessed]:
    return [each for each in heard if isinstance(each, FitsAssessed) and each.subject == subject]


def rules_of(heard: list[object], amal: str) -> list[RulesAssessed]:
    return [each for each in heard if isinstance(each, RulesAssessed) and each.resident == amal]


def test_a_posting_is_answered_with_the_nearest_residents_first(zedford: Rehearsal) -> None:
    zedford.put_forward("pia", **PAINTER)
    amal = zedford.put_forward("amal", **COOK)
    kitchen = zedford.post(title="Kitchen assistant", skills=["cooking meals"])

    heard = zedford.settle(zedford.new_process())

    (assessed,) = fits_of(heard, kitchen)
    assert [pair.resident for pair in assessed.pairs] == [amal, resident("pia")]
    assert assessed.pairs[0].score > assessed.pairs[1].score
    assert zedford.owed() == set()
    assert set(zedford.market.state.fits) == {amal, resident("pia")}


def test_both_sides_find_the_same_of_a_pair(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", **COOK)
    kitchen = zedford.post(title="Kitchen assistant", skills=["cooking meals"])

    heard = zedford.settle(zedford.new_process())

    (of_kitchen,), (of_amal,) = fits_of(heard, kitchen), fits_of(heard, amal)
    assert of_kitchen.pairs == of_amal.pairs


def test_a_killed_matcher_forgets_nothing(zedford: Rehearsal) -> None:
    amal, kitchen = zedford.put_forward("amal", **COOK), zedford.post()
    zedford.read_log()
    owed = zedford.owed()

    zedford.work_off(zedford.new_process(), deliver=False)

    assert zedford.owed() == owed == {("fits", amal), ("rules", amal), ("fits", kitchen)}
    heard = zedford.settle(zedford.new_process())
    assert {type(each) for each in heard} == {FitsAssessed, RulesAssessed}
    assert zedford.owed() == set()


def test_what_was_said_is_not_said_again_while_the_log_is_silent(zedford: Rehearsal) -> None:
    zedford.put_forward("amal")
    zedford.post()
    zedford.read_log()
    assessor = zedford.new_process()
    zedford.work_off(assessor)

    assert zedford.work_off(assessor) == []


def test_said_twice_by_a_killed_process_changes_nothing(zedford: Rehearsal) -> None:
    zedford.put_forward("amal")
    zedford.post()
    zedford.read_log()
    zedford.work_off(zedford.new_process())
    records = len(zedford.market.log)

    zedford.work_off(zedford.new_process())

    assert len(zedford.market.log) == records
    zedford.read_log()
    assert zedford.owed() == set()


def test_a_new_process_ranks_alike_and_encodes_nothing_again(zedford: Rehearsal) -> None:
    amal, _ = zedford.put_forward("amal", **COOK), zedford.post()
    zedford.settle(zedford.new_process())
    kept = zedford.rows(tables.VECTORS), zedford.rows(tables.PHRASES)
    before = dict(zedford.market.state.fits[amal])
    zedford.give_fact("amal", "driving_licence", status=FactStatus.DECLINED)

    zedford.settle(zedford.new_process())

    assert (zedford.rows(tables.VECTORS), zedford.rows(tables.PHRASES)) == kept
    after = zedford.market.state.fits[amal]
    assert {name: fit.score for name, fit in after.items()} == {
        name: fit.score for name, fit in before.items()
    }


def test_erased_residents_leave_no_vector(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", **COOK)
    zedford.put_forward("pia", **PAINTER)
    assessor = zedford.new_process()
    zedford.settle(assessor)
    assert zedford.rows(tables.VECTORS, subject=amal) == 1
    others = zedford.rows(tables.PHRASE_USES, subject=resident("pia"))

    zedford.erase("amal")
    zedford.settle(assessor)
    assessor.leave_no_trace()

    assert zedford.rows(tables.VECTORS, subject=amal) == 0
    assert zedford.rows(tables.PHRASE_USES, subject=amal) == 0
    assert zedford.rows(tables.PHRASES) == others
    assert zedford.rows(tables.FITS, resident=amal) == 0


def test_who_leaves_while_being_prepared_leaves_no_vector_either(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", **COOK)
    zedford.read_log()
    slow = zedford.new_process()
    slow.work()  # rule codes first: the profile is open in memory now
    zedford.erase("amal")
    zedford.read_log()

    slow.work()
    slow.work()

    assert zedford.rows(tables.VECTORS, subject=amal) == 0
    assert zedford.rows(tables.PHRASES) == 0


def test_who_withdraws_consent_is_not_assessed_with_anybody(zedford: Rehearsal) -> None:
    zedford.put_forward("amal", **COOK)
    pia = zedford.put_forward("pia", **COOK)
    assessor = zedford.new_process()
    zedford.settle(assessor)
    zedford.withdraw_consent("amal")
    kitchen = zedford.post()

    heard = zedford.settle(assessor)

    (assessed,) = fits_of(heard, kitchen)
    assert [pair.resident for pair in assessed.pairs] == [pia]
    assert zedford.rows(tables.VECTORS) == 2


def test_what_is_ruled_out_is_carried_only_where_somebody_said_yes(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", pay_floor_pence=2_000)
    low, lower = zedford.post("R-1"), zedford.post("R-2")
    zedford.say_yes("amal", low)

    heard = zedford.settle(zedford.new_process())

    (assessed,) = fits_of(heard, amal)
    (pair,) = assessed.pairs
    assert (pair.opportunity, pair.eligible) == (low, Answer.NO)
    assert pair.codes == ("pay_suits",)
    assert fits_of(heard, lower)[0].pairs == ()


def test_a_standing_yes_is_met_pair_by_pair(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", **COOK)
    near = zedford.post("R-1")
    zedford.post("R-2", minutes_a_week=600)
    until = date(2026, 6, 30)
    zedford.say_yes("amal", standing=StandingYes(least_minutes_a_week=1_000), until=until)

    heard = zedford.settle(zedford.new_process())

    pairs = fits_of(heard, amal)[-1].pairs
    assert {pair.opportunity for pair in pairs if pair.standing} == {near}


def test_a_pair_says_when_too_little_is_known_of_the_resident(zedford: Rehearsal) -> None:
    told = zedford.put_forward("amal", skills=("cooking", "serving"), experience=("a cafe",))
    little = zedford.put_forward("bea", skills=("cooking",))
    kitchen = zedford.post("R-1")

    heard = zedford.settle(zedford.new_process())

    found = {each.resident: each.thin for each in fits_of(heard, kitchen)[-1].pairs}
    assert found == {told: False, little: True}


def test_an_opportunity_is_carried_for_everybody_among_whose_ten_best_it_stands(
    zedford: Rehearsal,
) -> None:
    for n in range(60):
        zedford.put_forward(f"person {n}", **(COOK if n < 55 else PAINTER))
    kitchen = zedford.post()

    heard = zedford.settle(zedford.new_process())

    assert len(fits_of(heard, kitchen)[-1].pairs) == 60


def test_beyond_ten_a_resident_is_carried_their_best(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", **COOK)
    for n in range(12):
        zedford.post(f"R-{n}", title=f"Painter {n}", skills=["painting walls"], duties=[])
    assessor = zedford.new_process()
    zedford.settle(assessor)
    kitchen = zedford.post("K-1", title="Cook", skills=["cooking meals"], duties=[])
    zedford.settle(assessor)
    zedford.update("amal", of_version=1, **COOK | {"pay_floor_pence": 100})

    zedford.settle(assessor)

    carried = zedford.market.state.fits[amal]
    assert max(carried, key=lambda each: carried[each].score) == kitchen


def test_when_one_of_the_ten_best_closes_the_next_best_takes_its_place(
    zedford: Rehearsal,
) -> None:
    amal = zedford.put_forward("amal", **COOK)
    for n in range(12):
        closes = date(2026, 1, 20) if n == 0 else date(2026, 2, 10)
        skills = ["cooking meals"] if n == 0 else ["painting walls"]
        zedford.post(f"R-{n}", closes_on=closes, skills=skills)
    assessor = zedford.new_process()
    zedford.settle(assessor)

    tick(zedford.market, "2026-01-21T12:00:00.000Z")
    zedford.settle(assessor)

    assert len(zedford.market.state.fits[amal]) >= 10


def test_rule_codes_say_the_rung_and_what_is_unknown(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")

    heard = zedford.settle(zedford.new_process())

    (code,) = rules_of(heard, amal)[-1].codes
    assert (code.contract, code.clause, code.rung) == (CONTRACT, "4.2", 1)
    assert code.unknown == ("unemployed_26_weeks", "care_experienced")
    zedford.give_fact("amal", "care_experienced")
    (given,) = rules_of(zedford.settle(zedford.new_process()), amal)[-1].codes
    assert (given.rung, len(given.rests_on)) == (0, 1)
    assert zedford.market.state.residents[amal].rule_codes == (given,)


def test_rule_codes_need_no_model(zedford: Rehearsal) -> None:
    zedford.put_forward("amal")
    zedford.read_log()

    worked = zedford.new_process().work()

    assert len(worked.messages) == 1
    assert zedford.loads == 0


def test_a_fact_that_ends_is_assessed_anew_on_the_day_after(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.give_fact("amal", "care_experienced", last_day=date(2026, 1, 20))
    assessor = zedford.new_process()
    zedford.settle(assessor)
    assert zedford.market.state.residents[amal].rule_codes[0].rung == 0

    tick(zedford.market, "2026-01-21T00:05:00.000Z")
    zedford.settle(assessor)

    assert zedford.market.state.residents[amal].rule_codes[0].rung == 1


def test_a_contract_agreed_later_is_assessed_for_everybody(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    assessor = zedford.new_process()
    zedford.settle(assessor)
    register = with_contract(register_market())
    later = contract_id(owner=OWNER, reference="CO-2")
    told = len(register.log)
    register.say(contract("CO-2"), by=OWNER, subject=later)
    register.say(ContractAgreed(contract_id=later, version=1), by=SUPPLIER, subject=later)
    for n, (_, _, facts) in enumerate(register.log[told:], start=told + 1):
        tell_facts(zedford.market, facts, sequence=n)

    zedford.settle(assessor)

    codes = zedford.market.state.residents[amal].rule_codes
    assert {code.contract for code in codes} == {CONTRACT, later}


def test_another_model_assesses_everything_anew(zedford: Rehearsal) -> None:
    amal, kitchen = zedford.put_forward("amal", **COOK), zedford.post()
    zedford.settle(zedford.new_process())
    zedford.give_fact("amal", "driving_licence")

    heard = zedford.settle(zedford.new_process(model=hashing_model("hashing-2")))

    assert {each.model for each in (*fits_of(heard, amal), *fits_of(heard, kitchen))} == {
        "hashing-2"
    }
    assert fits_of(heard, kitchen)


def test_nothing_that_somebody_said_stands_in_what_is_sent_or_kept(zedford: Rehearsal) -> None:
    zedford.put_forward("amal", summary="Quillwort is my word", skills=("quillwort gathering",))
    zedford.post()
    assessor = zedford.new_process()
    zedford.read_log()
    sent = b""
    while (worked := assessor.work()).more:
        sent += b"".join(each.entry.value for each in worked.messages)
        assessor.said(worked)

    assessor.leave_no_trace()

    kept = b"".join(path.read_bytes() for path in zedford.folder.iterdir() if path.is_file())
    assert b"quillwort" not in (sent + kept).lower()
    assert sent


def test_one_who_cannot_be_read_keeps_nobody_else_waiting(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", **COOK)
    pia = zedford.put_forward("pia", **COOK)
    kitchen = zedford.post()
    zedford.keys.keys[amal] = Key(bytes(32))

    heard = zedford.settle(zedford.new_process())

    (assessed,) = fits_of(heard, kitchen)
    assert [pair.resident for pair in assessed.pairs] == [pia]
    assert zedford.owed() == {("fits", amal), ("rules", amal)}


def test_what_was_said_and_lost_is_said_again_on_another_day(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.read_log()
    assessor = zedford.new_process()
    while (worked := assessor.work()).more:
        assessor.said(worked)
    assert assessor.work().messages == ()

    tick(zedford.market, "2026-01-14T00:05:00.000Z")
    zedford.read_log()
    assessor.work()

    assert {type(each) for each in zedford.work_off(assessor)} == {FitsAssessed, RulesAssessed}
    assert zedford.market.state.residents[amal].rule_codes


def test_a_licence_given_until_a_day_no_longer_opens_the_gate_on_the_day_after(
    zedford: Rehearsal,
) -> None:
    amal = zedford.put_forward("amal", licences=None)
    drive = zedford.post(requirements=(Requirement(fact="driving_licence", essential=True),))
    zedford.give_fact("amal", "driving_licence", last_day=date(2026, 1, 20))
    assessor = zedford.new_process()
    (before,) = fits_of(zedford.settle(assessor), amal)[-1].pairs
    assert "driving_licence" not in before.codes

    tick(zedford.market, "2026-01-21T00:05:00.000Z")
    (after,) = fits_of(zedford.settle(assessor), amal)[-1].pairs

    assert (after.opportunity, "driving_licence" in after.codes) == (drive, True)


def test_the_right_to_work_may_be_given_as_a_fact(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", right_to_work=None)
    zedford.post()
    assessor = zedford.new_process()
    (before,) = fits_of(zedford.settle(assessor), amal)[-1].pairs
    assert "right_to_work" in before.codes

    zedford.give_fact("amal", "right_to_work")
    (after,) = fits_of(zedford.settle(assessor), amal)[-1].pairs

    assert "right_to_work" not in after.codes
