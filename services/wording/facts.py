"""
Facts in plain English: as what a coordinator is asked, and as what a contract asks for.

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

# "People who ...": what a contract asks for by a fact.
CONDITIONS: Final = {
    "apprenticeship_first": "begin their first apprenticeship",
    "care_experienced": "have been in care",
    "care_leaver": "have left care",
    "council_tenant": "rent from the council",
    "disabled": "are disabled",
    "housing_association_tenant": "rent from a housing association",
    "in_care": "are in care",
    "lives_in_borough": "live in the borough",
    "lives_in_market": "live in the market's area",
    "long_term_unemployed": "have been out of work for twelve months or more",
    "neet": "are not in education, employment or training",
    "out_of_work": "are out of work",
    "right_to_work": "have the right to work in the UK",
    "social_housing_tenant": "live in social housing",
    "social_tenant": "live in social housing",
    "unemployed": "are out of work",
}
_FORMS: Final = (
    (
        re.compile(r"(?:out_of_work|unemployed)_([0-9]{1,3})_(weeks|months)"),
        "have been out of work for {} {} or more",
    ),
    (re.compile(r"outcode_([a-z0-9]+)"), "live in the postcode district {}"),
    (re.compile(r"age_([0-9]{1,3})_([0-9]{1,3})"), "are aged {} to {}"),
    (re.compile(r"lives_in_([a-z0-9_]+)"), "live in {}"),
    (re.compile(r"completed_([a-z0-9_]+)"), "have completed {}"),
    (re.compile(r"scheme_([a-z0-9_]+)"), "are eligible under the scheme {}"),
    (re.compile(r"tenant_of_([a-z0-9_]+)"), "rent from {}"),
)

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


def condition(code: str) -> str:
    """
    Say whom a contract asks for by a fact, to follow "people who".

    >>> condition("out_of_work_26_weeks"), condition("lives_in_north_quay")
    ('have been out of work for 26 weeks or more', 'live in north quay')
    >>> condition("kitchen_experience")
    'meet “kitchen experience”'
    """
    if code in CONDITIONS:
        return CONDITIONS[code]
    for form, words in _FORMS:
        if found := form.fullmatch(code):
            parts = (part.upper() if "postcode" in words else part for part in found.groups())
            return words.format(*(code_in_words(part) for part in parts))
    return f"meet “{code_in_words(code)}”"
