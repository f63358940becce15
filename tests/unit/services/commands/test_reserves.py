"""
The table of reserves as it is printed: whole, with its sources, for people and for machines.
"""

import json

import pytest
from click.testing import CliRunner

from schemas.reserves import BASES, CATEGORIES
from services.__main__ import main


def test_every_row_and_basis_is_told_with_its_source() -> None:
    outcome = CliRunner().invoke(main, ["reserves", "--json"])

    told = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [each["category"] for each in told if "category" in each] == [
        row.category for row in CATEGORIES
    ]
    assert [each["basis"] for each in told if "basis" in each] == [row.basis for row in BASES]
    assert all(each["source"]["section"] for each in told)


@pytest.mark.parametrize("columns", ["80", "200"])
def test_no_form_of_a_fact_is_cut_short_however_narrow_the_screen(columns: str) -> None:
    outcome = CliRunner().invoke(main, ["reserves"], env={"COLUMNS": columns})

    assert outcome.exit_code == 0
    assert all(form in outcome.stdout for row in CATEGORIES for form in row.forms)
    assert all(row.basis in outcome.stdout for row in BASES)
