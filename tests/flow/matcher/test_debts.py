"""
What the matcher owes, as its log makes it and its results strike it off.
"""

from datetime import date
from pathlib import Path

import pytest

from schemas.fits import RuleCode, RulesAssessed
from schemas.interests import StandingYes
from services.storage import matcher_tables as tables
from tests.builders import CONTRACT, fits, pair, tick
from tests.flow.matcher.rehearsal import Rehearsal, begun


@pytest.fixture
def zedford(tmp_path: Path) -> Rehearsal:
    return begun(tmp_path)


def assessed(zedford: Rehearsal, subject: str, *pairs: object, as_of: int | None = None) -> None:
    of = zedford.applied if as_of is None else as_of
    zedford.market.say(fits(subject, *pairs, as_of=of), worker="matcher", subject=subject)  # type: ignore[arg-type]


def rules_assessed(zedford: Rehearsal, amal: str, *codes: RuleCode, version: int = 1) -> None:
    told = RulesAssessed(
        resident=amal, resident_version=version, as_of=zedford.applied, codes=codes
    )
    zedford.market.say(told, worker="matcher", subject=amal)


def test_somebody_put_forward_with_consent_is_owed_matches_and_rule_codes(
    zedford: Rehearsal,
) -> None:
    amal = zedford.put_forward("amal")

    zedford.read_log()

    assert zedford.owed() == {("fits", amal), ("rules", amal)}


def test_without_consent_nothing_is_owed_until_it_is_given(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", consent=False)
    zedford.read_log()
    assert zedford.owed() == set()

    zedford.consent("amal")
    zedford.read_log()

    assert zedford.owed() == {("fits", amal), ("rules", amal)}


def test_a_posting_is_owed_its_best_residents(zedford: Rehearsal) -> None:
    care = zedford.post()

    zedford.read_log()

    assert zedford.owed() == {("fits", care)}


def test_a_result_on_the_log_strikes_its_debt_off(zedford: Rehearsal) -> None:
    care = zedford.post()
    zedford.read_log()

    assessed(zedford, care)
    zedford.read_log()

    assert zedford.owed() == set()


def test_pairs_with_an_outdated_fit_version_stay_owed(zedford: Rehearsal) -> None:
    care, amal = zedford.post(), zedford.put_forward("amal")
    zedford.read_log()
    before = zedford.applied
    zedford.update("amal", of_version=1, summary="I have begun to cook.")

    assessed(zedford, care, pair("amal", care), as_of=before)
    assessed(zedford, amal, pair("amal", care), as_of=before)
    zedford.read_log()

    assert ("fits", amal) in zedford.owed()
    assert ("fits", care) not in zedford.owed()
    assert zedford.rows(tables.FITS) == 0


def test_an_assessment_older_than_the_debt_does_not_pay_it(zedford: Rehearsal) -> None:
    care = zedford.post()
    zedford.read_log()
    before = zedford.applied
    zedford.amend("R-1", of_version=1, title="Cook")

    assessed(zedford, care, as_of=before)
    zedford.read_log()

    assert zedford.owed() == {("fits", care)}


def test_the_parts_of_an_assessment_pay_with_the_last(zedford: Rehearsal) -> None:
    care, _ = zedford.post(), zedford.put_forward("amal")
    zedford.read_log()
    of = zedford.applied

    first = fits(care, pair("amal", care), as_of=of, part=1, parts=2)
    zedford.market.say(first, worker="matcher", subject=care)
    zedford.read_log()
    assert ("fits", care) in zedford.owed()
    assert zedford.rows(tables.FITS) == 0

    second = fits(care, as_of=of, part=2, parts=2)
    zedford.market.say(second, worker="matcher", subject=care)
    zedford.read_log()
    assert ("fits", care) not in zedford.owed()
    assert zedford.rows(tables.FITS) == 1
    assert zedford.rows(tables.PARTS) == 0


def test_a_yes_on_a_pair_without_a_score_is_owed_one(zedford: Rehearsal) -> None:
    care, amal = zedford.post(), zedford.put_forward("amal")
    zedford.read_log()
    assessed(zedford, amal)
    zedford.read_log()
    assert ("fits", amal) not in zedford.owed()

    zedford.say_yes("amal", care)
    zedford.read_log()

    assert ("fits", amal) in zedford.owed()


def test_a_yes_on_a_pair_with_a_score_owes_nothing(zedford: Rehearsal) -> None:
    care, amal = zedford.post(), zedford.put_forward("amal")
    zedford.read_log()
    assessed(zedford, amal, pair("amal", care))
    zedford.read_log()

    zedford.say_yes("amal", care)
    zedford.read_log()

    assert ("fits", amal) not in zedford.owed()


def test_a_standing_yes_is_owed_an_assessment_of_what_it_covers(zedford: Rehearsal) -> None:
    care, amal = zedford.post(), zedford.put_forward("amal")
    zedford.read_log()
    assessed(zedford, amal, pair("amal", care))
    zedford.read_log()

    zedford.say_yes("amal", standing=StandingYes(), until=date(2026, 6, 30))
    zedford.read_log()

    assert ("fits", amal) in zedford.owed()


def test_a_fact_given_owes_matches_and_rule_codes(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.read_log()
    assessed(zedford, amal)
    rules_assessed(zedford, amal)
    zedford.read_log()
    assert zedford.owed() == set()

    zedford.give_fact("amal", "care_experienced")
    zedford.read_log()

    assert zedford.owed() == {("fits", amal), ("rules", amal)}


def test_a_new_assessment_is_owed_on_the_day_a_rule_code_flips(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.read_log()
    ends = RuleCode(contract=CONTRACT, clause="4.2", rung=0, last_day=date(2026, 6, 9))
    assessed(zedford, amal)
    rules_assessed(zedford, amal, ends)
    tick(zedford.market, "2026-06-08T12:00:00.000Z")
    zedford.read_log()
    assert zedford.owed() == set()

    tick(zedford.market, "2026-06-10T00:05:00.000Z")
    zedford.read_log()

    assert ("rules", amal) in zedford.owed()


def test_consent_withdrawn_leaves_the_index_in_its_own_record(zedford: Rehearsal) -> None:
    care, amal = zedford.post(), zedford.put_forward("amal")
    zedford.read_log()
    assessed(zedford, care, pair("amal", care))
    zedford.read_log()
    assert zedford.rows(tables.FITS, resident=amal) == 1

    zedford.withdraw_consent("amal")
    zedford.read_log()

    assert zedford.rows(tables.FITS) == 0
    assert zedford.owed() == set()


def test_a_consent_is_over_on_the_day_after_its_last(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal", consent=False)
    zedford.consent("amal", ends_on=date(2026, 1, 20))
    tick(zedford.market, "2026-01-20T12:00:00.000Z")
    zedford.read_log()
    assert ("fits", amal) in zedford.owed()

    tick(zedford.market, "2026-01-21T12:00:00.000Z")
    zedford.read_log()

    assert zedford.owed() == set()


def test_who_is_paused_is_owed_nothing_and_all_of_it_on_coming_back(zedford: Rehearsal) -> None:
    amal = zedford.put_forward("amal")
    zedford.pause("amal")
    zedford.read_log()
    assert zedford.owed() == set()

    zedford.resume("amal")
    zedford.read_log()

    assert zedford.owed() == {("fits", amal), ("rules", amal)}


def test_of_an_erased_resident_only_the_id_stays(zedford: Rehearsal) -> None:
    zedford.put_forward("amal")
    zedford.give_fact("amal", "care_experienced")
    zedford.say_yes("amal", standing=StandingYes(), until=date(2026, 6, 30))
    zedford.read_log()

    zedford.erase("amal")
    zedford.read_log()

    assert zedford.rows(tables.FACTS) == 0
    assert zedford.rows(tables.RESIDENTS, sealed=None, standing=None) == 1
    assert zedford.owed() == set()


def test_a_closed_opportunity_is_owed_nothing(zedford: Rehearsal) -> None:
    care = zedford.post(closes_on=date(2026, 1, 20))
    zedford.read_log()
    assert zedford.owed() == {("fits", care)}

    tick(zedford.market, "2026-01-21T12:00:00.000Z")
    zedford.read_log()

    assert zedford.owed() == set()
