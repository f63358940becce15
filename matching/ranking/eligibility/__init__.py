"""
Stage 2: who may be offered this at all: yes, no or unknown, with what it turns on.

One side against many is answered in columns, a single pair as a column of one, so that
there is one rule and not two. What nobody has said is unknown and excludes nobody. What
an opportunity need not state and leaves open is not asked. Read `checks` first.
"""

from matching.ranking.eligibility.answers import Assessed
from matching.ranking.eligibility.checks import assess, judge
from matching.ranking.eligibility.distance import metres_between
from matching.ranking.eligibility.rows import GateRow, GateRows, Ground, row_of, rows_for

__all__ = [
    "Assessed",
    "GateRow",
    "GateRows",
    "Ground",
    "assess",
    "judge",
    "metres_between",
    "row_of",
    "rows_for",
]
