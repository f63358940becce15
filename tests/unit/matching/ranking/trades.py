"""People, work and a model for the tests of ranking: invented, small and without a download."""

from collections.abc import Iterable

from hypothesis import strategies as st

from matching.model import OpportunityProfile, ResidentProfile, Side
from matching.ranking.engines.hashing_encoder import HashingEncoder
from matching.ranking.lexical import TermTable
from matching.ranking.pipeline import (
    Constants,
    Ground,
    Pool,
    Prepared,
    prepare_opportunity,
    prepare_resident,
)
from matching.ranking.ports import VectorIndex
from matching.ranking.profile_text import Profile
from matching.ranking.retrieval import ExactIndex
from matching.ranking.scoring import Scale

ENCODER = HashingEncoder(dim=256)

BACKGROUND = (
    "repair bicycles for a school",
    "write reports on houses and vans",
    "teach people to drive a van",
    "sell cut flowers and clean vases",
    "translate letters for people at a school",
    "lay tables and mix drinks",
    "tune pianos and paint floors",
    "empty the letter box and count votes",
)

CONSTANTS = Constants(
    model="hashing-for-tests",
    background=ENCODER.encode(BACKGROUND, side=Side.RESIDENT).astype("f2"),
    terms=TermTable(texts=100, frequencies={"clean": 30, "work": 80}, mean_length=12),
    dense=Scale(mean=0.5, deviation=1.0),
    cover=Scale(mean=1.0, deviation=0.8),
    lexical=Scale(mean=0.2, deviation=0.1),
)

CLEANER = OpportunityProfile(
    opportunity_id="school-cleaner",
    title="School cleaner",
    duties=("clean classrooms", "empty bins"),
    skills=("cleaning", "driving a van"),
)
BRICKLAYER = OpportunityProfile(
    opportunity_id="bricklayer",
    title="Bricklayer",
    duties=("lay bricks", "mix mortar"),
    skills=("bricklaying",),
)
AMAL = ResidentProfile(
    resident_id="amal",
    skills=("clean houses", "iron shirts"),
    experience=("cleaned classrooms for years",),
)
TOMASZ = ResidentProfile(
    resident_id="tomasz", skills=("lay bricks",), experience=("mixed mortar for a builder",)
)
GRACE = ResidentProfile(resident_id="grace")

_WORDS = st.sampled_from(
    ["clean", "bricks", "mortar", "bins", "vans", "gardens", "people", "meals", "floors", "paint"]
)
_STATEMENTS = st.lists(st.lists(_WORDS, min_size=1, max_size=4).map(" ".join), max_size=4)

residents = st.builds(
    ResidentProfile,
    resident_id=st.sampled_from([f"resident-{letter}" for letter in "abcdefghijklmnop"]),
    summary=st.none() | st.just("I like work that keeps me moving. I am never late."),
    skills=_STATEMENTS.map(tuple),
    experience=_STATEMENTS.map(tuple),
)
opportunities = st.builds(
    OpportunityProfile,
    opportunity_id=st.sampled_from([f"post-{letter}" for letter in "abcdefghijklmnop"]),
    title=st.lists(_WORDS, min_size=1, max_size=2).map(" ".join),
    duties=_STATEMENTS.map(tuple),
    skills=_STATEMENTS.map(tuple),
)


def ready(profile: Profile) -> Prepared:
    if isinstance(profile, OpportunityProfile):
        return prepare_opportunity(profile, encoder=ENCODER, constants=CONSTANTS)
    return prepare_resident(profile, encoder=ENCODER, constants=CONSTANTS)


def pool_of(
    profiles: Iterable[Profile],
    *,
    side: Side,
    index: VectorIndex | None = None,
    ground: Ground | None = None,
) -> Pool:
    pool = Pool(side=side, index=index or ExactIndex(dim=ENCODER.dim), ground=ground or Ground())
    for profile in profiles:
        pool.put(profile, prepared=ready(profile))
    return pool
