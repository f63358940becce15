"""
Every code in use has its sentences, and a sentence is whole with and without its figures.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matching.model import FitCode, GateCode
from schemas.answers import NoticeGiven
from schemas.codec import ERROR_CODES
from schemas.vocabulary import Problem
from services.wording.codes import REFUSALS
from services.wording.facts import question
from services.wording.fits import (
    NOT_MET,
    OPEN_QUESTIONS,
    QUOTED,
    UNQUOTED,
    missing,
    not_met,
    open_question,
    opportunity_statements,
    resident_statements,
    why,
)
from services.wording.forms import FORMS
from services.wording.notices import NOTICES, notice
from services.wording.refusals import NotWorded, codes_page, explain, field_in_words, filled

ROOT = Path(__file__).parents[3]
SPEAKERS = ("schemas", "matching/market", "services/intake")
# Which argument of a call is a refusal code, beside the keyword `code` of any call.
SAID_BY_CALL = {"refused": 0, "_rejected": 0, "_pay_problem": 2}


def codes_in_use() -> set[str]:
    """
    Collect every refusal code that the code base says, by reading its syntax.
    """
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for place in SPEAKERS
        for path in (ROOT / place).rglob("*.py")
    ]
    constants = {
        target.id: node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    said = [expression for tree in trees for expression in _code_expressions(tree)]
    found = {code for expression in said for code in _literals(expression, constants)}
    return found | set(ERROR_CODES.values()) | {"wrong_form", "wrong_type"}


def _code_expressions(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            yield node.value
        if isinstance(node, ast.Call):
            yield from (word.value for word in node.keywords if word.arg == "code")
            at = SAID_BY_CALL.get(ast.unparse(node.func).split(".")[-1])
            if at is not None and len(node.args) > at:
                yield node.args[at]


def _literals(expression: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, ast.IfExp):
        yield from _literals(expression.body, constants)
        yield from _literals(expression.orelse, constants)
    elif isinstance(expression, ast.Name) and expression.id.isupper():
        yield from _literals(constants[expression.id], constants)
    elif isinstance(expression, ast.Subscript):
        yield from _literals(expression.value, constants)
    elif isinstance(expression, ast.Dict):
        for value in expression.values:
            yield from _literals(value, constants)


def notices_in_use() -> set[str]:
    form = re.compile(
        r'"(pay_(?:below_later_rate|in_second_year))"|notice="([a-z0-9_]+)"'
        r'|(?:SHUT_OUT|WORSE|UNANSWERED_TWICE) = "([a-z_]+)"'
    )
    texts = [path.read_text() for path in (ROOT / "matching/market").rglob("*.py")]
    return {code for text in texts for pair in form.findall(text) for code in pair if code}


def test_every_refusal_code_in_use_has_its_sentences() -> None:
    assert codes_in_use() - REFUSALS.keys() == set()


def test_no_sentence_is_kept_for_a_refusal_that_is_never_said() -> None:
    assert REFUSALS.keys() - codes_in_use() == set()


def test_the_codes_in_use_are_found_wherever_they_are_said() -> None:
    found = codes_in_use()

    assert {"said_twice", "pay_below_contract_floor", "erased_since", "internal"} <= found
    assert {"offer_answered", "offer_lapsed", "proposal_held"} <= found
    assert len(found) > 70


def test_every_notice_in_use_has_its_sentence() -> None:
    assert notices_in_use() == NOTICES.keys()


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_reads_as_whole_sentences_without_any_figure(code: str) -> None:
    told = explain(Problem(code=code, field="/data/anything"))

    for sentence in (told.why, told.mend):
        assert sentence[0].isupper() or sentence[0] == "`"
        assert sentence[-1] in ".?"
        assert not re.search(r"[\[\]{}]|  |,\.|:\.| \.|,,|what you sent", sentence), sentence


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_reads_as_whole_sentences_with_every_figure(code: str) -> None:
    problem = Problem(
        code=code,
        field="/data/pay/pence",
        rule="real_living_wage from 2026-05-01",
        lawful_value="1345",
    )
    told = explain(problem, value=1200)

    for sentence in (told.why, told.mend):
        assert not re.search(r"[\[\]{}]|  |,\.|:\.| \.|,,", sentence), sentence


def test_pay_below_the_minimum_is_told_with_the_pay_the_lawful_figure_and_the_day() -> None:
    problem = Problem(
        code="pay_below_minimum",
        field="/data/pay/pence",
        rule="national_living_wage from 2026-04-01",
        lawful_value="1271",
    )

    told = explain(problem, value=1100)

    assert told.why == (
        "The pay, £11.00, is below the lawful minimum on the start date: £12.71,"
        " by the National Living Wage from 1 April 2026."
    )
    assert told.mend == "Pay at least £12.71, the lawful rate."
    assert (told.value, told.lawful_value) == (1100, "1271")


def test_a_misspelt_field_is_told_with_the_field_that_was_meant() -> None:
    told = explain(Problem(code="field_unknown", field="/data/positons", lawful_value="positions"))

    assert told.why == "There is no such field: `positons`."
    assert told.mend == "Did you mean `positions`? Correct the name, or take the field out."


def test_a_past_closing_date_is_told_with_both_days_written_out() -> None:
    problem = Problem(code="closing_date_past", field="/data/closes_on", lawful_value="2026-01-13")

    told = explain(problem, value="2026-01-09")

    assert told.why == "The closing date 9 January 2026 is past."
    assert told.mend == "Give a day from today, 13 January 2026, on."


def test_a_value_with_braces_and_brackets_is_shown_and_never_filled() -> None:
    told = explain(Problem(code="not_in_list", field="/data/kind"), value="{lawful} [job]")

    assert "“{lawful} [job]”" in told.why


def test_a_long_value_is_cut_to_what_a_sentence_can_hold() -> None:
    told = explain(Problem(code="wrong_form", field="/data/reference"), value="x" * 5_000)

    assert len(told.why) <= 600


def patterns_in(schema: Any) -> Iterator[str]:
    """
    Walk over the patterns of a JSON Schema.
    """
    parts = schema.values() if isinstance(schema, dict) else schema
    if isinstance(schema, dict) and isinstance(schema.get("pattern"), str):
        yield schema["pattern"]
    for part in parts:
        if isinstance(part, (dict, list)):
            yield from patterns_in(part)


def test_every_form_that_a_field_needs_is_told_in_words() -> None:
    schemas = (ROOT / "schemas" / "published").glob("*.json")

    asked = {pattern for path in schemas for pattern in patterns_in(json.loads(path.read_bytes()))}

    assert len(asked) > 20
    assert not asked - FORMS.keys()


def test_a_figure_that_is_not_whole_is_told_without_a_programmers_words() -> None:
    told = explain(Problem(code="wrong_type", field="/data/pay/pence", rule="int_type"))

    assert told.rule == "int_type"
    assert told.mend == (
        "Send the kind of value that the field takes (a whole number: digits alone, without a"
        " point, a comma or a unit)."
    )


def test_a_code_without_sentences_is_an_error_and_no_silence() -> None:
    with pytest.raises(NotWorded, match="no_such_code"):
        explain(Problem(code="no_such_code", field=""))


def test_a_pointer_is_written_as_a_reader_of_the_data_would() -> None:
    assert field_in_words("/data/clauses/0/ring_fence/rungs/1") == (
        "`clauses` number 1, `ring_fence.rungs` number 2"
    )


def test_a_notice_names_the_day_and_the_lawful_figure() -> None:
    given = NoticeGiven(
        party="oakline-homes",
        notice="pay_below_later_rate",
        about="tees-o-aaaaaaaaaaaaaaaa",
        lawful_value="1271",
        on="2026-04-01",
    )

    assert notice(given) == (
        "From 1 April 2026 the pay of tees-o-aaaaaaaaaaaaaaaa will be below the lawful minimum,"
        " which is then £12.71. Raise it by then."
    )


def test_a_notice_of_a_minimum_fit_names_the_opportunity_the_figure_and_the_command() -> None:
    given = NoticeGiven(
        party="northgate-homes",
        notice="below_minimum_fit",
        about="tees-r-aaaaaaaaaaaaaaaa",
        lawful_value="5550",
        opportunity="tees-o-aaaaaaaaaaaaaaaa",
    )

    told = notice(given)

    assert "the contract sets, 55.5%, for reserved positions of tees-o-aaaaaaaaaaaaaaaa" in told
    assert (
        "`foothold override northgate-homes tees-r-aaaaaaaaaaaaaaaa tees-o-aaaaaaaaaaaaaaaa"
        " --reason ...`" in told
    )


def test_a_notice_of_worse_terms_says_what_got_worse_and_at_what() -> None:
    given = NoticeGiven(
        party="northgate-homes",
        notice="terms_got_worse",
        about="tees-r-aaaaaaaaaaaaaaaa",
        lawful_value="pay, hours, start",
        opportunity="tees-o-aaaaaaaaaaaaaaaa",
    )

    assert "changed the pay, the hours and the start of tees-o-aaaaaaaaaaaaaaaa" in notice(given)


def test_a_notice_of_unanswered_offers_asks_for_contact_and_names_what_resumes() -> None:
    given = NoticeGiven(
        party="northgate-homes", notice="offers_unanswered", about="tees-r-aaaaaaaaaaaaaaaa"
    )

    told = notice(given)

    assert "make contact" in told
    assert "`foothold send northgate-homes resumption.json --as resumption`" in told


def test_whoever_is_not_on_duty_hears_who_is_and_how_that_is_changed() -> None:
    told = explain(
        Problem(code="off_duty", field="/authid", lawful_value="jo-1, ada-2"), value="sam-3"
    )

    assert told.why == (
        "Who says this, “sam-3”, is not on duty for proposals now; on duty: jo-1, ada-2."
    )
    assert "`foothold duty`" in told.mend


def test_a_notice_of_doubtful_time_tells_the_operator_the_one_command() -> None:
    given = NoticeGiven(party="tees-foothold", notice="clock_doubted", about="tees")

    assert "`foothold market confirm-clock tees-foothold tees --by STAFF`" in notice(given)


def test_an_answer_that_comes_too_late_says_what_ended_the_offer_in_words() -> None:
    problem = Problem(code="offer_withdrawn", field="/data/offer", lawful_value="accepted_another")

    assert explain(problem).why == (
        "This was withdrawn, and takes no answer any more: accepted another."
    )


def test_a_fact_that_a_contract_names_in_its_own_words_is_still_asked_as_a_question() -> None:
    assert question("kitchen_porter_trial").endswith("?")


def test_a_bracketed_part_without_its_figure_is_left_out() -> None:
    assert filled("Pay more[: at least {lawful}].", {"lawful": None}) == "Pay more."


def test_the_page_of_codes_has_a_row_for_each_code() -> None:
    page = codes_page()

    assert all(f"| `{code}` |" in page for code in REFUSALS)
    assert "[" not in page


def test_every_reason_for_a_fit_has_its_sentence_quoted_and_unquoted() -> None:
    assert QUOTED.keys() == UNQUOTED.keys() == set(FitCode)


def test_everything_that_eligibility_turns_on_can_be_asked_and_said() -> None:
    assert OPEN_QUESTIONS.keys() == NOT_MET.keys() == set(GateCode)
    assert open_question("cscs_card") == "Does the resident hold a CSCS card that is in date?"
    assert not_met("travel_suits") == "The place is farther than the resident can travel."


def test_a_reason_quotes_the_statements_that_it_joins() -> None:
    own = resident_statements({"skills": ["I cooked for forty"], "experience": ["A canteen."]})
    asked = opportunity_statements({"title": "Cook", "duties": ["Prepare food"], "skills": []})
    reasons = (
        {"code": "meets", "resident_statement": 0, "opportunity_statement": 1},
        {"code": "partly_meets", "resident_statement": 1, "opportunity_statement": 0},
        {"code": "missing", "opportunity_statement": 1},
    )

    assert why(reasons, own=own, asked=asked) == (
        "“I cooked for forty” meets “Prepare food”.",
        "“A canteen” comes close to “Cook”.",
    )
    assert missing(reasons, asked=asked) == ("Nothing said so far meets “Prepare food”.",)


def test_a_quotation_of_any_length_fits_into_a_statement() -> None:
    long = ("x" * 500,)
    reason = {"code": "meets", "resident_statement": 0, "opportunity_statement": 0}

    (sentence,) = why((reason,), own=long, asked=long)

    assert len(sentence) <= 500


def test_a_statement_number_that_is_not_there_is_said_without_a_quotation() -> None:
    reason = {"code": "meets", "resident_statement": 9, "opportunity_statement": 0}

    assert why((reason,), own=("I cook",), asked=("Cook",)) == (UNQUOTED["meets"],)


def test_a_reason_without_a_sentence_is_an_error_and_no_silence() -> None:
    with pytest.raises(NotWorded, match="by_magic"):
        why(({"code": "by_magic"},), own=(), asked=())


@pytest.mark.parametrize("status", ["accepted", "filled", "declined", "rejected"])
def test_of_an_answer_in_other_words_it_is_told_what_was_answered(status: str) -> None:
    told = explain(Problem(code="offer_answered", field="/data/offer", lawful_value=status))

    assert f"it is {status}." in told.why
    assert "the first answer stands" in told.mend
    assert "`foothold interest PARTNER RESIDENT no OPPORTUNITY --by STAFF`" in told.mend
    assert "data_wrong" not in told.mend


@pytest.mark.parametrize("code", ["already_registered", "agreed_already"])
def test_a_contract_that_stands_is_sent_again_as_a_new_version(code: str) -> None:
    assert "`of_version`" in explain(Problem(code=code, field="/data/contract")).mend
