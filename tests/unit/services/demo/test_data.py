"""The packaged data of the demo and of the law: valid, lawful, respectful, invented."""

import csv
import json
import math
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from matching.market.law import apprenticeship_problems, pay_problems
from schemas import codec
from schemas.contracts import ContractRegistered
from schemas.envelope import Message, contract_id
from schemas.opportunities import OpportunityPosted
from schemas.rules import RulesAdopted
from schemas.vocabulary import Nation, Problem
from services.demo import messages, people, standing

SERVICES = Path(people.__file__).parents[1]
DEMO, PACKED = SERVICES / "demo/data", SERVICES / "data"
PARTNERS = tuple(people.CASELOADS)
SEED = 2026

# Words of protected traits, health, offences and benefits, and scolding ones.
UNWANTED = re.compile(
    r"\b(muslim|christian|hindu|sikh|jewish|church|mosque|black|white|asian|ethnic\w*|disab\w+"
    r"|depress\w*|anxi\w*|diagnos\w*|addict\w*|prison|offen[cd]\w*|convict\w*|probation"
    r"|universal credit|benefits?|jobseeker'?s|refugee|asylum|pregnan\w*|mother|father|wife"
    r"|husband|gay|lesbian|trans|lazy|workshy|unemployable|failed)\b",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(r"\b(i|me|my|mine|i'm|i've)\b", re.IGNORECASE)


def packed(name: str) -> Any:
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


def law() -> RulesAdopted:
    rows = json.loads((PACKED / "law.json").read_text(encoding="utf-8"))
    adopted = said("RulesAdopted", rows)
    assert isinstance(adopted, RulesAdopted)
    return adopted


def read(kind: str, data: object, *, source: str = "/party/demo") -> Message | codec.Rejected:
    told = {"specversion": "1.0", "id": "1", "source": source, "type": f"foothold.{kind}.v1"}
    return codec.message_of({**told, "data": data})


def said(kind: str, data: object) -> object:
    found = read(kind, data)
    assert isinstance(found, Message), found
    return found.data


def under_our_id(told: dict[str, Any]) -> dict[str, Any]:
    """Put our contract id in the place of the owner's reference, as the demo does."""
    rest = {name: item for name, item in told.items() if name != "contract_reference"}
    if rest == told:
        return told
    owner = packed("owner.json")["slug"]
    return rest | {"contract": contract_id(owner=owner, reference=told["contract_reference"])}


def opportunities() -> list[tuple[str, dict[str, Any]]]:
    by_supplier = packed("opportunities.json")
    return [(supplier, each) for supplier, posted in by_supplier.items() for each in posted]


def contract() -> ContractRegistered:
    found = said("ContractRegistered", packed("contract.json")["contract"])
    assert isinstance(found, ContractRegistered)
    return found


def unlawful(told: OpportunityPosted) -> tuple[Problem, ...]:
    under = contract() if told.contract else None
    rules = law()
    return pay_problems(told, rules=rules, contract=under) + apprenticeship_problems(
        told, rules=rules, nation=Nation.ENGLAND
    )


def everyone() -> list[dict[str, Any]]:
    return [
        each
        for partner in PARTNERS
        for each in people.residents(partner, count=standing.whole_caseload(partner), seed=SEED)
    ]


def statements(resident: dict[str, Any]) -> list[str]:
    return [resident["summary"], *resident["skills"], *resident["experience"]]


# --- parties, market, contract ----------------------------------------------------------------


def parties() -> list[dict[str, Any]]:
    alone = [packed("owner.json"), packed("operator.json")]
    return [*packed("suppliers.json"), *packed("partners.json"), *alone]


@pytest.mark.parametrize("party", parties(), ids=lambda party: party["slug"])
def test_a_party_is_valid_and_plainly_invented(party: dict[str, Any]) -> None:
    said("PartyRegistered", party)
    assert party["role_mailbox"].endswith(".example")
    assert re.fullmatch(r"01632 960\d{3}|020 7946 0\d{3}", party["role_telephone"])
    assert party["org_id"]["id"].startswith("DEMO-")


def test_there_are_eight_suppliers_and_five_partners_and_no_slug_twice() -> None:
    assert len(packed("suppliers.json")) == 8
    assert [each["slug"] for each in packed("partners.json")] == list(PARTNERS)
    slugs = [each["slug"] for each in parties()]
    assert len(set(slugs)) == len(slugs)


def test_the_market_serves_the_invented_outcodes_and_no_others() -> None:
    market = packed("market.json")
    said("MarketOpened", market)
    assert market["clock"] == "simulated"
    assert market["outcodes"] == [row["out"] for row in outcode_rows()]


def test_the_contract_pledges_fourteen_starts_behind_a_ladder_of_three_rungs() -> None:
    told = packed("contract.json")
    said("PledgeMade", {**without_reference(told["pledge"]), "contract": "c-" + "a" * 16})
    clause = contract().clauses[0]
    assert told["pledge"]["quantity"] == 14
    assert clause.clause == told["pledge"]["clause"] == "4.2"
    assert clause.ring_fence is not None
    assert [rung.after_working_days for rung in clause.ring_fence.rungs] == [0, 5, 10]
    assert len(clause.ring_fence.rungs[0].routes) == 2
    assert clause.ring_fence.min_fit is None


def without_reference(told: dict[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in told.items() if name != "contract_reference"}


def test_the_contract_names_parties_that_are_registered() -> None:
    slugs = {each["slug"] for each in parties()}
    assert contract().supplier in slugs
    assert {share.party for share in contract().buyers} <= slugs


# --- opportunities ----------------------------------------------------------------------------


@pytest.mark.parametrize("posting", opportunities(), ids=lambda posting: posting[1]["reference"])
def test_an_opportunity_is_valid_and_lawful(posting: tuple[str, dict[str, Any]]) -> None:
    posted = said("OpportunityPosted", under_our_id(posting[1]))
    assert isinstance(posted, OpportunityPosted)
    assert unlawful(posted) == ()
    assert 4 <= len(posted.duties) <= 7
    assert 4 <= len(posted.skills) <= 8
    assert date(2026, 2, 1) <= posted.starts_on <= date(2026, 5, 31)
    assert date(2026, 1, 27) <= posted.closes_on <= date(2026, 2, 20) < posted.starts_on


def test_opportunities_are_many_and_lie_in_the_market_with_references_of_their_own() -> None:
    posted = opportunities()
    references = [each["reference"] for _, each in posted]
    outcodes = {row["out"] for row in outcode_rows()}
    assert len(posted) >= 64
    assert len(set(references)) == len(references)
    assert {each["place"]["outcode"] for _, each in posted} <= outcodes
    assert {supplier for supplier, _ in posted} == {p["slug"] for p in packed("suppliers.json")}
    assert {each["kind"] for _, each in posted} == {
        "job",
        "apprenticeship",
        "work_experience",
        "training_place",
    }


def test_twelve_positions_of_the_contract_s_supplier_are_reserved_under_its_clause() -> None:
    fenced = [(supplier, each) for supplier, each in opportunities() if "ring_fence" in each]
    reserved = [group for _, each in fenced for group in each["ring_fence"]]
    assert sum(group["positions"] for group in reserved) == 12
    assert {group["clause"] for group in reserved} == {"4.2"}
    assert {supplier for supplier, _ in fenced} == {contract().supplier}
    assert {each["contract_reference"] for _, each in fenced} == {contract().reference}


def test_an_advert_names_no_group_that_a_position_is_kept_for() -> None:
    words = json.dumps(packed("opportunities.json")).lower()
    assert not re.search(r"care.(leaver|experience)|out of work|unemployed", words)


# --- what is broken on purpose ----------------------------------------------------------------


@pytest.mark.parametrize(
    "broken", packed("broken_opportunities.json"), ids=lambda each: each["label"]
)
def test_a_broken_opportunity_is_wrong_just_where_its_label_says(broken: dict[str, Any]) -> None:
    found = read("OpportunityPosted", under_our_id(broken["data"]))
    expected = (broken["expected"]["code"], broken["expected"]["field"])
    if isinstance(found, codec.Rejected):
        assert broken["found_by"] == "wire"
        assert expected in [(problem.code, problem.field) for problem in found.problems]
        return
    assert broken["found_by"] in {"market", "intake"}
    assert isinstance(found.data, OpportunityPosted)
    if expected[0] not in {"clause_unknown", "no_market_here"}:
        assert expected in [(problem.code, problem.field) for problem in unlawful(found.data)]


def test_forty_messages_are_broken_each_in_its_own_way() -> None:
    labels = [each["label"] for each in packed("broken_messages.json")]
    assert len(set(labels)) == len(labels) == 40


@pytest.mark.parametrize("broken", packed("broken_messages.json"), ids=lambda each: each["label"])
def test_a_broken_message_is_rejected_for_the_reason_on_its_label(broken: dict[str, Any]) -> None:
    found = codec.read(messages.raw(broken))
    assert isinstance(found, codec.Rejected)
    expected = (broken["expected"]["code"], broken["expected"]["field"])
    assert expected in [(problem.code, problem.field) for problem in found.problems]


# --- people -----------------------------------------------------------------------------------


@pytest.mark.parametrize("partner", PARTNERS)
def test_every_resident_of_a_partner_is_valid_and_of_age(partner: str) -> None:
    told = people.residents(partner, count=standing.whole_caseload(partner), seed=SEED)
    for resident in told:
        said("ResidentRegistered", resident)
        assert "1964-01-01" <= resident["birth_date"] <= "2008-01-01"
    assert len({resident["reference"] for resident in told}) == len(told)


def test_four_hundred_residents_are_described_in_at_most_three_hundred_phrases() -> None:
    residents = everyone()
    assert len(residents) == 400
    assert len({phrase for each in residents for phrase in statements(each)}) <= 300


def test_phrases_are_respectful_distinct_and_not_in_the_first_person() -> None:
    kept = [p for sector in people.phrases().values() for kind in sector.values() for p in kind]
    written = [phrase for each in everyone() for phrase in statements(each)]
    narrated = [
        person["line"]
        for partner in packed("narration.json")["people"].values()
        for person in partner.values()
    ]
    assert len(set(kept)) == len(kept) <= 300
    for phrase in (*kept, *written, *narrated):
        assert not UNWANTED.search(phrase), phrase
        assert not FIRST_PERSON.search(phrase), phrase


def test_residents_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    once = people.residents("openway-youth", count=20, seed=SEED)
    assert people.residents("openway-youth", count=30, seed=SEED)[:20] == once
    assert people.residents("openway-youth", count=20, seed=SEED + 1) != once
    assert once[0]["birth_date"] == "2005-09-11"


def test_most_but_not_all_residents_consent_to_be_matched() -> None:
    without = [each for each in everyone() if "consent" not in each]
    assert 5 <= len(without) <= 50


def test_the_story_follows_residents_who_exist_and_tells_names_nowhere_else() -> None:
    told = packed("narration.json")["people"]
    names = [person["name"] for partner in told.values() for person in partner.values()]
    written = (DEMO / "story_people.json").read_text(encoding="utf-8")
    for partner, persons in told.items():
        references = {each["reference"] for each in people.story_residents(partner)}
        assert set(persons) == references
    assert not [name for name in names if re.search(rf"\b{name}\b", written)]


def test_of_one_of_the_story_s_people_a_single_essential_fact_is_unknown() -> None:
    resident = people.story_residents("northgate-homes")[1]
    posting = next(each for _, each in opportunities() if each["reference"] == "OAK-102")
    held = {*resident["licences"], *(["right_to_work"] if "right_to_work" in resident else [])}
    needed = {each["fact"] for each in posting["requirements"] if each["essential"]}
    assert needed - held == {"right_to_work"}


@pytest.mark.parametrize("partner", PARTNERS)
def test_facts_and_readiness_are_valid_and_rest_on_routes_of_the_contract(partner: str) -> None:
    facts = standing.facts_given(partner, count=40, seed=SEED)
    for fact in facts:
        said("FactGiven", fact)
    for change in standing.readiness_changes(partner, count=40, seed=SEED):
        said("ReadinessChanged", change)
    fence = contract().clauses[0].ring_fence
    assert fence is not None
    assert {fact["fact"] for fact in facts} <= {f for route in fence.routes for f in route.all_of}


# --- places -----------------------------------------------------------------------------------


def outcode_rows() -> list[dict[str, str]]:
    with (PACKED / "outcodes_invented.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def kilometres(one: dict[str, str], other: dict[str, str]) -> float:
    """Measure along the ground, well enough within a borough."""
    north = (float(one["lat"]) - float(other["lat"])) * 111.2
    narrow = math.cos(math.radians(float(one["lat"])))
    east = (float(one["lon"]) - float(other["lon"])) * 111.2 * narrow
    return math.hypot(north, east)


def test_the_invented_borough_is_compact_and_marked_as_invented() -> None:
    rows = outcode_rows()
    assert [row["out"] for row in rows] == [f"ZZ{n}" for n in range(1, 10)]
    assert {row["invented"] for row in rows} == {"true"}
    for row in rows:
        distances = [kilometres(row, other) for other in rows if other is not row]
        assert 1.5 <= min(distances) <= 6
        assert max(distances) <= 10


# --- law --------------------------------------------------------------------------------------


def test_the_wages_are_those_of_april_2025_and_april_2026() -> None:
    figures = {(wage.valid_from.year, wage.name): wage.hourly_pence for wage in law().wages}
    assert figures == {
        (2025, "national_living_wage"): 1221,
        (2025, "national_minimum_wage_18_to_20"): 1000,
        (2025, "national_minimum_wage_under_18"): 755,
        (2025, "apprentice_rate"): 755,
        (2026, "national_living_wage"): 1271,
        (2026, "national_minimum_wage_18_to_20"): 1085,
        (2026, "national_minimum_wage_under_18"): 800,
        (2026, "apprentice_rate"): 800,
    }


def test_a_real_living_wage_is_owed_from_the_first_of_may_after_it_is_announced() -> None:
    for wage in law().living_wages:
        assert wage.announced_on is not None
        assert wage.valid_from == date(wage.announced_on.year + 1, 5, 1)
    figures = {
        (wage.valid_from.year, str(wage.name)): wage.hourly_pence for wage in law().living_wages
    }
    assert figures == {
        (2025, "real_living_wage"): 1260,
        (2025, "london_living_wage"): 1385,
        (2026, "real_living_wage"): 1345,
        (2026, "london_living_wage"): 1480,
    }


def test_an_apprenticeship_lasts_eight_months_with_187_hours_off_the_job() -> None:
    (rule,) = law().apprenticeships
    assert rule.valid_from == date(2025, 8, 1)
    assert (rule.least_months, rule.least_off_the_job_hours) == (8, 187)


def test_each_nation_has_its_bank_holidays_once_and_on_weekdays() -> None:
    days = [(str(each.nation), each.date) for each in law().bank_holidays]
    assert len(set(days)) == len(days)
    assert all(day.weekday() < 5 for _, day in days)
    a_year = Counter((nation, day.year) for nation, day in days)
    for year in (2025, 2026, 2027):
        assert a_year["england", year] == a_year["wales", year] == 8
        assert a_year["northern_ireland", year] == 10
    assert ("england", date(2026, 4, 6)) in days
    assert ("scotland", date(2026, 4, 6)) not in days
    assert {nation for nation, day in days if day == date(2026, 4, 3)} == {
        "england",
        "wales",
        "scotland",
        "northern_ireland",
    }


def test_clocks_change_on_the_last_sundays_of_march_and_october() -> None:
    for change in law().clock_changes:
        day = date.fromisoformat(change.at[:10])
        assert day.weekday() == 6
        assert (day + timedelta(days=7)).month != day.month
        assert (day.month, change.offset_minutes) in {(3, 60), (10, 0)}
        assert change.at.endswith("T01:00:00.000Z")
    a_nation = Counter(str(change.nation) for change in law().clock_changes)
    assert set(a_nation.values()) == {8}


def test_every_figure_of_the_law_says_where_it_comes_from() -> None:
    rules = law()
    sources = [row.source for row in rules.wages] + [row.source for row in rules.living_wages]
    sources += [row.source for row in rules.apprenticeships]
    assert all(len(source) > 30 for source in sources)
