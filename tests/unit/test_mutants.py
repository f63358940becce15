"""
The table of planted bugs fits the text that it changes, so that none is quietly left out.
"""

import re

import pytest

from tests.mutants.__main__ import ROOT, TABLE
from tests.mutants.mutation import Mutant


@pytest.mark.parametrize("mutant", TABLE, ids=lambda mutant: mutant.name)
def test_each_planted_bug_has_its_text_once_and_a_test_that_there_is(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.new != mutant.old

    path, _, named = mutant.test.partition("::")
    written = (ROOT / path).read_text()
    for part in named.split("::") if named else ():
        name = re.escape(part.partition("[")[0])
        assert re.search(
            rf"^\s*(async def|def|class) {name}\b|^{name} = ", written, re.MULTILINE
        ), part


def test_no_two_planted_bugs_have_one_name() -> None:
    names = [mutant.name for mutant in TABLE]

    assert len(set(names)) == len(names)
