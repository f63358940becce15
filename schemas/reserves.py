"""
Who a position may be reserved for: one table of kinds of fact, and one of legal bases.

A contract's route names facts by code, and each code must fall into a row of `CATEGORIES`.
What no row covers is refused, so a new way of writing a refused trait opens nothing.

Two kinds of form are open, and a trait must not travel in them. A name (`lives_in_*`,
`tenant_of_*`) may hold no word of a row that is refused or asks for more than the name's own
row, unless the word is part of a place's known name (White City). A code (`<code>`) has no two
letters together, so it spells no word, and it may not read as one with digits for letters. A
programme is written as a code, or as one of a few names listed here; a code counts as
sensitive, for whoever issued it knows what it stands for.

What no software sees: what a code was given to mean; a place or landlord whose people are
mostly of one trait (a proxy, however neutral its name); a word that no list here has, another
language's, one misspelt, or one run together with others; and whether a listed programme's
entry was fair. The basis, with its aim, source and review date, answers for these, and people
read it. Sections are cited for design; a solicitor checks them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final


class Standing(StrEnum):
    """
    What a fact may open: a position, a guaranteed interview outside the positions, or nothing.
    """

    RESERVABLE = "reservable"
    INTERVIEW_ONLY = "interview_only"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Where a row rests: the document, its section and its year.
    """

    document: str
    section: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """
    One kind of fact.

    Attributes:
        forms: how its codes are written: `*` is a name, `<n>` a number, `<outcode>` the first
            half of a postcode, `<code>` digits with at most single letters between them.
        words: words that put a code here wherever they stand; `*` is anything before or after
            a stem, `<n>` a number.
        vague: words that also stand in names of places, so that a listed form or a place's
            known name may hold them, and nothing else.
        demands: what else the route must state: `justification`.
        sensitive: to name it tells the supplier something of whoever comes by it.
        instead: what may be reserved for in its place, or how it may be written.
        source: why.
    """

    category: str
    standing: Standing
    forms: tuple[str, ...] = ()
    words: str = ""
    vague: str = ""
    demands: tuple[str, ...] = ()
    sensitive: bool = False
    instead: str = ""
    source: Source

    @property
    def named(self) -> bool:
        """
        Tell whether its codes may hold a name that somebody else gave: a place, a landlord.
        """
        return any("*" in form for form in self.forms)

    @property
    def coded(self) -> bool:
        """
        Tell whether its codes mean what whoever issued them says.
        """
        return any("<code>" in form for form in self.forms)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """
    Why a route is lawful; it carries a route that names a fact of these categories.
    """

    basis: str
    carries: tuple[str, ...]
    meaning: str
    source: Source


def _equality(section: str) -> Source:
    return Source(document="Equality Act 2010", section=section, year=2010)


_MINIMISE: Final = Source(document="UK GDPR", section="Article 5(1)(c)", year=2016)
_OUTREACH: Final = "outreach into the readiness pathway (Equality Act 2010, section 158)"
_REFUSED, _RESERVABLE = Standing.REFUSED, Standing.RESERVABLE

# The first row that covers a code decides, so what is refused stands first.
CATEGORIES: Final = (
    Category(
        category="gender_reassignment",
        standing=_REFUSED,
        words="gender_reassignment gender_identity transgender* transsexual* transwom* transman"
        " transmen nonbinary non_binary genderqueer*",
        vague="trans",
        instead=_OUTREACH,
        source=_equality("section 7"),
    ),
    Category(
        category="sexual_orientation",
        standing=_REFUSED,
        words="sexual* sexuality lgb* gay gays lesbian* bisexual* homosexual* heterosexual* queer*",
        vague="straight bi",
        instead=_OUTREACH,
        source=_equality("section 12"),
    ),
    Category(
        category="pregnancy_and_maternity",
        standing=_REFUSED,
        words="pregnan* maternity maternal expectant expecting new_mother* new_mum* breastfe*",
        instead=_OUTREACH,
        source=_equality("section 18"),
    ),
    Category(
        category="sex",
        standing=_REFUSED,
        words="sex sexes gender* female* woman* women* girl* male males men mens boys ladies lads"
        " sisterhood* brotherhood*",
        vague="man boy lady",
        instead=_OUTREACH,
        source=_equality("section 11"),
    ),
    Category(
        category="race",
        standing=_REFUSED,
        words="race races racial* ethnic* bame bme caste skin_colour mixed_race global_majority"
        " minority_background people_of_colour person_of_colour non_white nonwhite"
        " white_british white_working* white_people black_people black_and* black_asian*"
        " black_british black_young* black_minority* asian_british african_caribbean"
        " afro* roma romani romany traveller* showpeople caravan_site* halting_site* bipoc"
        " windrush* diaspora*",
        vague="black white brown asian* african* caribbean* arab arabs gypsy gypsies colour",
        instead=_OUTREACH,
        source=_equality("section 9"),
    ),
    Category(
        category="nationality",
        standing=_REFUSED,
        words="nationality nationalities nationals eu_citizen* uk_citizen* british_citizen*"
        " foreign* migrant* immigra* refugee* asylum* settled_status pre_settled* visa"
        " country_of_birth born_in born_abroad first_language mother_tongue native_speaker* esol"
        " removal_centre*",
        vague="national citizen* british english scottish welsh irish european* polish romanian*"
        " ukrainian* syrian* afghan* somali* indian* pakistani* bangladeshi* chinese nigerian*"
        " eritrean* sudanese iraqi* iranian* kurdish turkish bulgarian* lithuanian* albanian*"
        " jamaican* ghanaian* native*",
        instead=_OUTREACH,
        source=_equality("section 9(1)(b)"),
    ),
    Category(
        category="religion_or_belief",
        standing=_REFUSED,
        words="religio* faith* belief* believer* christian* muslim* moslem* islam* jew jews jewish"
        " hindu* sikh* buddhis* catholic* protestant* atheis* humanist* quaker* pagan*"
        " evangelical* methodis* anglican* presbyterian* hijab* niqab* turban* halal kosher"
        " madras* yeshiva* gurdwara* mandir* community_background",
        vague="church mosque* synagogue* temple baptist* orthodox convent seminary monastery",
        instead=_OUTREACH,
        source=_equality("section 10"),
    ),
    Category(
        category="marriage_and_civil_partnership",
        standing=_REFUSED,
        words="marriage married unmarried marital* civil_partner* spouse* divorce* widow* wife"
        " wives husband*",
        vague="single",
        instead=_OUTREACH,
        source=_equality("section 8"),
    ),
    Category(
        category="family_status",
        standing=_REFUSED,
        words="parent* mother mothers father fathers mum mums dad dads childless has_children"
        " family_status dependants",
        vague="carer* caring_responsibilities",
        instead="out_of_work_<n>_weeks, or completed_<code>",
        source=_MINIMISE,
    ),
    Category(
        category="offences",
        standing=_REFUSED,
        words="offen* exoffen* convict* *prison* hmp* yoi inmate* probation* criminal* custod*"
        " jail* bail bailed *bailhostel* parole* dbs gang gangs youth_justice justice_involved"
        " approved_premises unspent* payback unpaid_work community_order* curfew* tagged"
        " secure_unit* secure_training* detention* through_the_gate halfway_house* borstal*",
        instead="scheme_<code> (a referring scheme's opaque code)",
        source=Source(
            document="UK GDPR and Data Protection Act 2018",
            section="Article 10; section 10",
            year=2018,
        ),
    ),
    Category(
        category="benefits",
        standing=_REFUSED,
        words="benefit* claimant* claims_* claiming universal_credit jsa esa pip dla income_support"
        " jobseekers_allowance employment_and_support* pension_credit carers_allowance"
        " attendance_allowance tax_credit* free_school_meals",
        vague="uc workhouse",
        instead="out_of_work_<n>_weeks, or scheme_<code> (a referring scheme's opaque code)",
        source=_MINIMISE,
    ),
    Category(
        category="tenancy_conduct",
        standing=_REFUSED,
        words="arrears evict* antisocial* anti_social* in_debt debts",
        instead="social_housing_tenant, or tenant_of_*",
        source=_MINIMISE,
    ),
    Category(
        category="where_somebody_had_to_go",
        standing=_REFUSED,
        words="*hostel* refuge refuges *shelter shelters homeless* rough_sleep* safe_house*"
        " temporary_accommodation temporary_housing emergency_housing domestic_abuse*"
        " domestic_violence victim* survivor* traffick*",
        instead="scheme_<code> (a referring scheme's opaque code)",
        source=_MINIMISE,
    ),
    Category(
        category="health",
        standing=_REFUSED,
        words="*rehab* addict* substance* alcohol* drug* sober* recovery psychiatric*"
        " care_home* nursing_home* nursing_care hospice* inpatient* outpatient* detox*",
        vague="hospital* clinic patient* sanatorium",
        instead="scheme_<code> (a referring scheme's opaque code)",
        source=Source(document="UK GDPR", section="Article 9", year=2016),
    ),
    Category(
        category="disability",
        standing=Standing.INTERVIEW_ONLY,
        words="disab* deaf* autis* neurodiver* wheelchair* dyslex* adhd epilep* hiv impair* ehcp"
        " ehc_plan special_needs special_educational* learning_difficult* long_term_condition*"
        " health_condition* mental_health_condition* mental_illness long_term_sick* illness*"
        " sight_loss hearing_loss partially_sighted supported_living supported_housing",
        vague="blind mental_health sen send",
        instead="a guaranteed interview outside the positions",
        source=_equality("section 13(3)"),
    ),
    Category(
        category="age",
        standing=_RESERVABLE,
        forms=("age_<n>_<n>",),
        vague="age aged ages under over under<n>s over<n>s <n>s <n>_plus <n>plus <n>to<n>"
        " fifties sixties young* youth* older elder* senior* retire* pension* sheltered* almshouse*"
        " born teen* school_leaver*",
        demands=("justification",),
        source=_equality("section 13(2)"),
    ),
    Category(
        category="care",
        standing=_RESERVABLE,
        forms=("care_leaver", "care_experienced", "in_care", "lives_in_care"),
        vague="care *foster* looked_after* childrens_home* children_home* kinship*",
        sensitive=True,
        source=Source(
            document="Children and Social Work Act 2017", section="sections 1 and 2", year=2017
        ),
    ),
    Category(
        category="scheme",
        standing=_RESERVABLE,
        forms=("scheme_<code>",),
        vague="scheme*",
        sensitive=True,
        source=_MINIMISE,
    ),
    Category(
        category="time_out_of_work",
        standing=_RESERVABLE,
        forms=(
            "out_of_work_<n>_weeks",
            "out_of_work_<n>_months",
            "unemployed_<n>_weeks",
            "unemployed_<n>_months",
            "out_of_work",
            "unemployed",
            "long_term_unemployed",
        ),
        vague="unemploy* out_of_work* workless* jobless* without_work*",
        source=_equality("section 4"),
    ),
    Category(
        category="neet",
        standing=_RESERVABLE,
        forms=("neet",),
        vague="neet* not_in_education* not_in_training",
        source=_equality("section 4"),
    ),
    Category(
        category="tenure",
        standing=_RESERVABLE,
        forms=(
            "social_housing_tenant",
            "social_tenant",
            "council_tenant",
            "housing_association_tenant",
            "tenant_of_*",
        ),
        vague="tenant* renter* rents* social_hous*",
        source=_equality("section 19(2)(d)"),
    ),
    Category(
        category="programme_by_code",
        standing=_RESERVABLE,
        forms=("completed_<code>",),
        vague="completed* programme* graduate* course* pathway*",
        sensitive=True,
        source=_MINIMISE,
    ),
    # Each stands here because anybody may begin it and the name says only what was learnt.
    Category(
        category="programme",
        standing=_RESERVABLE,
        forms=(
            "completed_site_ready",
            "completed_care_certificate",
            "completed_english_level_1",
            "completed_english_level_2",
            "completed_maths_level_1",
            "completed_maths_level_2",
            "completed_digital_skills",
            "completed_food_hygiene",
            "completed_first_aid",
            "completed_welsh_baccalaureate",
        ),
        source=_equality("section 4"),
    ),
    Category(
        category="place",
        standing=_RESERVABLE,
        forms=("lives_in_*", "outcode_<outcode>"),
        vague="resident* local* lives* postcode* ward* lsoa* borough*",
        source=_equality("section 19(2)(d)"),
    ),
)

_ANY: Final = tuple(row.category for row in CATEGORIES if row.standing is Standing.RESERVABLE)

BASES: Final = (
    LegalBasis(
        basis="social_policy_aim",
        carries=_ANY,
        meaning="a legitimate aim of social policy, pursued by proportionate means",
        source=_equality("sections 13(2) and 19(2)(d)"),
    ),
    LegalBasis(
        basis="funding_condition",
        carries=("age", "programme", "programme_by_code"),
        meaning="public money for the training is given for these people alone",
        source=_equality("section 13(2)"),
    ),
    LegalBasis(
        basis="place",
        carries=("place",),
        meaning="work for those who live where it is done or paid for, by proportionate means",
        source=_equality("section 19(2)(d)"),
    ),
    LegalBasis(
        basis="tenure",
        carries=("tenure",),
        meaning="work for the tenants of the landlord who pays for it, by proportionate means",
        source=_equality("section 19(2)(d)"),
    ),
    LegalBasis(
        basis="time_out_of_work",
        carries=("time_out_of_work", "neet"),
        meaning="time without work or learning is no protected characteristic",
        source=_equality("section 4"),
    ),
    LegalBasis(
        basis="programme",
        carries=("programme", "programme_by_code"),
        meaning="completing a programme whose own entry is fair is no protected characteristic",
        source=_equality("section 4"),
    ),
    LegalBasis(
        basis="corporate_parent",
        carries=("care",),
        meaning="what a local authority owes to those who were in its care",
        source=Source(
            document="Children and Social Work Act 2017", section="sections 1 and 2", year=2017
        ),
    ),
    LegalBasis(
        basis="scheme",
        carries=("scheme",),
        meaning="a scheme whose referring partner holds the reason, and tells only a yes or no",
        source=_MINIMISE,
    ),
)

_PLACEHOLDERS: Final = {
    "*": "[a-z0-9_]+",
    "<n>": "[0-9]{1,3}",
    "<outcode>": "[a-z]{1,2}[0-9][0-9a-z]?",
    "<code>": "(?=[a-z]?[0-9])(?:[a-z](?![a-z])|[0-9]){1,16}",
}
# Names of places that hold a vague word, and what a street may be called after anything.
_PLACES: Final = (
    "white_city white_horse white_hart white_notley white_roding white_waltham black_country"
    " black_isle black_notley black_torrington isle_of_man calf_of_man indian_queens"
    " scottish_borders welsh_newton english_bicknor over_wallop temple_meads temple_newsam"
    " temple_quay temple_cloud church_stretton church_gresley church_crookham"
    " [a-z]+_under_(?:lyne|lyme|edge|needwood|lizard|wychwood|bardon|brailes)"
    " [a-z]+_(?:street|road|lane|avenue|hill|bridge|wood|moor|heath|bay)"
)
_WHOLE_PLACES: Final = "send over"
_DIGITS_READ: Final = str.maketrans("013457", "oieast")
_AGES: Final = re.compile(r"age_([0-9]{1,3})_([0-9]{1,3})")


def category_of(code: str) -> Category | None:
    """
    Return the row that covers a fact code, or none: then nothing may be reserved by it.

    >>> category_of("lives_in_borough").category, category_of("completed_womens_course").category
    ('place', 'sex')
    >>> category_of("lives_in_white_city").category, category_of("lives_in_white_homes").category
    ('place', 'race')
    >>> category_of("left_handed") is None
    True
    """
    read = _as_read(code)
    told = next((row for row in CATEGORIES if _stands(row, code, read)), None)
    return told or next(
        (
            row
            for row in CATEGORIES
            if row.standing is not Standing.RESERVABLE and _says(row.vague, read)
        ),
        None,
    )


def form_meant(code: str) -> str | None:
    """
    Return the form that a code which no row covers was probably meant to have.

    >>> form_meant("aged_18_to_24"), form_meant("left_handed")
    ('age_<n>_<n>', None)
    """
    return next(
        (row.forms[0] for row in CATEGORIES if row.forms and _has_word(row.vague, code)), None
    )


def sensitive_traits(codes: Iterable[str]) -> frozenset[str]:
    """
    Return what a route tells of whoever comes by it, to somebody who knows the route.

    Every way of writing care tells the same; two codes tell different things.
    """
    rows = {code: category_of(code) for code in codes}
    return frozenset(
        code if row.coded else row.category
        for code, row in rows.items()
        if row is not None and row.sensitive
    )


def age_band(code: str) -> tuple[int, int] | None:
    """
    Return the first and last age of an age code.

    >>> age_band("age_18_24"), age_band("neet")
    ((18, 24), None)
    """
    ages = _AGES.fullmatch(code)
    return None if ages is None else (int(ages[1]), int(ages[2]))


def bases_for(codes: Iterable[str]) -> tuple[str, ...]:
    """
    Return the legal bases that carry a route of these facts.

    A basis carries the whole route through one of its facts, but age needs one that
    carries age: no aim about a place justifies an age.
    """
    named = {row.category for row in map(category_of, codes) if row is not None}
    wanted = named & {"age"} or named
    return tuple(row.basis for row in BASES if wanted & set(row.carries))


def _stands(row: Category, code: str, read: str) -> bool:
    if _has_word(row.words, read):
        return True
    if not _form_pattern(row.forms).fullmatch(code):
        return False
    # A listed form says all that it says; a name or a code could say anything.
    others = (each for each in CATEGORIES if each is not row and not each.named)
    return not (row.named or row.coded) or not any(_says(each.vague, read) for each in others)


def _as_read(code: str) -> str:
    """
    Read digits between letters as the letters that they look like.

    >>> _as_read("scheme_m4n"), _as_read("scheme_b1"), _as_read("age_18_24")
    ('scheme_man', 'scheme_b1', 'age_18_24')
    """
    return re.sub("(?<=[a-z])[0-9](?=[a-z])", lambda found: found[0].translate(_DIGITS_READ), code)


def _says(vague: str, code: str) -> bool:
    """
    Tell whether a vague word stands in a code outside the known names of places.
    """
    return _has_word(vague, _place_pattern().sub("_", code))


def _has_word(words: str, code: str) -> bool:
    return bool(words) and _word_pattern(words).search(code) is not None


@cache
def _place_pattern() -> re.Pattern[str]:
    inside = "|".join(_PLACES.split())
    whole = "|".join(_WHOLE_PLACES.split())
    return re.compile(f"_(?:{inside})(?=_|$)|(?<=^lives_in)_(?:{whole})$")


@cache
def _form_pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    parted = [re.split(r"(\*|<[a-z]+>)", form) for form in forms]
    written = ["".join(_PLACEHOLDERS.get(part, part) for part in parts) for parts in parted]
    return re.compile("|".join(written) or r"(?!)")


@cache
def _word_pattern(words: str) -> re.Pattern[str]:
    stems = words.replace("*", "[a-z]*").replace("<n>", "[0-9]{1,3}")
    return re.compile(f"(?:^|_)[0-9]*(?:{'|'.join(stems.split())})[0-9]*(?:_|$)")
