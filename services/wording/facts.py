"""
Facts as questions: what a coordinator is asked about a resident, in plain English.

Contracts name facts by codes of their own, so a code without a question of its own is
asked in a general form. Nothing here is asked that the law forbids to weigh.
"""

import re
from typing import Final

from services.wording.figures import code_in_words

QUESTIONS: Final = {
    "apprenticeship_first": "Is this the resident's first apprenticeship?",
    "care_leaver": "Is the resident a care leaver?",
    "council_tenant": "Does the resident rent from the council?",
    "cscs_card": "Does the resident hold a CSCS card that is in date?",
    "dbs_check": "Has the resident had the DBS check that this work needs?",
    "driving_licence": "Does the resident hold a full driving licence?",
    "housing_association_tenant": "Does the resident rent from a housing association?",
    "long_term_unemployed": "Has the resident been out of work for twelve months or more?",
    "neet": "Is the resident not in education, employment or training?",
    "right_to_work": "Has the resident's right to work in the UK been checked?",
    "social_housing_tenant": "Does the resident live in social housing?",
    "unemployed": "Is the resident out of work?",
}

_QUALIFICATION = re.compile(r"(gcse|level|nvq|a_level|functional)_[a-z0-9_]+")


def question(code: str) -> str:
    """
    Ask for a fact by its code.

    >>> question("care_leaver")
    'Is the resident a care leaver?'
    >>> question("level_2_catering")
    'Does the resident hold this qualification: level 2 catering?'
    >>> question("kitchen_experience")
    'Does this hold for the resident: kitchen experience?'
    """
    if code in QUESTIONS:
        return QUESTIONS[code]
    words = code_in_words(code)
    if code.endswith(("_licence", "_card", "_certificate")):
        return f"Does the resident hold this, in date: {words}?"
    if _QUALIFICATION.fullmatch(code):
        return f"Does the resident hold this qualification: {words}?"
    return f"Does this hold for the resident: {words}?"
