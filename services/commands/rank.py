"""
`foothold rank`: rank offline, from files, by the very pipeline that the matcher runs.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, TypeVar

import click
from rich.console import Console
from rich.progress import track

from matching.model import OpportunityProfile, Ranked, ResidentProfile, Side
from matching.ranking.engines.faiss_index import FaissIndex
from matching.ranking.pipeline import (
    Ground,
    Pool,
    Prepared,
    prepare_opportunity,
    prepare_resident,
    rank_opportunities,
    rank_residents,
)
from matching.ranking.profile_text import Profile, subject_of
from services.commands.profile_files import ProfileFile, read_opportunities, read_residents
from services.encoders import (
    EncoderDamaged,
    EncoderMissing,
    EncoderUnknown,
    LoadedModel,
    load_model,
)
from services.places import coordinates

P = TypeVar("P", OpportunityProfile, ResidentProfile)

PROFILES = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command(
    "rank",
    epilog="""\b
Example: foothold rank --opportunities O.jsonl --residents R.jsonl --for residents --out RUN.jsonl
Exit codes: 0 done, 2 wrong use, a line that cannot be read, or no encoder.
""",
)
@click.option("--opportunities", type=PROFILES, required=True, help="One object a line.")
@click.option("--residents", type=PROFILES, required=True, help="One object a line.")
@click.option(
    "--for",
    "asking",
    type=click.Choice(["residents", "opportunities"]),
    required=True,
    help="Who is given a ranking: each resident of opportunities, or the other way about.",
)
@click.option("--top", type=click.IntRange(1, 400), default=10, show_default=True, help="Places.")
@click.option("--out", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.option("--encoder", envvar="FOOTHOLD_ENCODER", help="Another encoder, by name or file.")
def command(
    opportunities: Path,
    residents: Path,
    asking: str,
    top: int,
    out: IO[str],
    encoder: str | None,
) -> None:
    """
    Rank opportunities for residents, or residents for opportunities, from files.

    An opportunity is the data of an OpportunityPosted, of which opportunity_id and title
    are enough; a resident the data of a ResidentRegistered, of which resident_id is enough.
    What is absent is unknown and excludes nobody. Each line of the output has query_id,
    ranked (ids, best first), scores (0 to 10,000) with their parts, whether each is
    eligible and what is unknown of it, and reasons: which statement of the resident (skills,
    then experience, from 0) meets which of the opportunity (title, duties, skills).
    """
    progress = Console(stderr=True)
    # Read first: a line that cannot be read is told before an encoder is downloaded.
    offered, people = _read(read_opportunities, opportunities), _read(read_residents, residents)
    model = _model(encoder, progress)
    queries: tuple[Profile, ...] = people if asking == "residents" else offered
    others: tuple[Profile, ...] = offered if asking == "residents" else people
    pool = _pool(others, _side(asking), model, progress)
    for profile in _tracked(queries, f"ranking for {len(queries)} {asking}", progress):
        ranked = _ranked(profile, model=model, pool=pool, top=top)
        out.write(json.dumps(_line(profile, ranked), ensure_ascii=False) + "\n")


rank = command


def _read(read: Callable[[Path], tuple[P, ...]], path: Path) -> tuple[P, ...]:
    try:
        return read(path)
    except ProfileFile as wrong:
        raise click.UsageError(str(wrong)) from wrong


def _model(encoder: str | None, progress: Console) -> LoadedModel:
    try:
        return load_model(encoder, on_progress=progress.print)
    except (EncoderUnknown, EncoderMissing, EncoderDamaged, ImportError) as wrong:
        raise click.UsageError(str(wrong)) from wrong


def _side(asking: str) -> Side:
    return Side.OPPORTUNITY if asking == "residents" else Side.RESIDENT


def _pool(profiles: tuple[Profile, ...], side: Side, model: LoadedModel, progress: Console) -> Pool:
    pool = Pool(
        side=side,
        index=FaissIndex(dim=model.encoder.dim),
        ground=Ground(places=coordinates()),
    )
    for profile in _tracked(profiles, f"reading {len(profiles)} profiles", progress):
        pool.put(profile, prepared=_prepared(profile, model))
    return pool


def _prepared(profile: Profile, model: LoadedModel) -> Prepared:
    if isinstance(profile, OpportunityProfile):
        return prepare_opportunity(profile, encoder=model.encoder, constants=model.constants)
    return prepare_resident(profile, encoder=model.encoder, constants=model.constants)


def _ranked(profile: Profile, *, model: LoadedModel, pool: Pool, top: int) -> tuple[Ranked, ...]:
    prepared, constants = _prepared(profile, model), model.constants
    if isinstance(profile, OpportunityProfile):
        return rank_residents(profile, prepared=prepared, pool=pool, constants=constants, top=top)
    return rank_opportunities(profile, prepared=prepared, pool=pool, constants=constants, top=top)


def _line(profile: Profile, ranked: tuple[Ranked, ...]) -> dict[str, Any]:
    return {
        "query_id": subject_of(profile),
        "ranked": [each.id for each in ranked],
        "scores": [each.fit.score for each in ranked],
        "parts": [asdict(each.fit.parts) for each in ranked],
        "eligible": [each.eligibility.answer for each in ranked],
        "unknown": [list(each.eligibility.codes) for each in ranked],
        "reasons": [[asdict(reason) for reason in each.fit.reasons] for each in ranked],
    }


def _tracked(profiles: tuple[Profile, ...], doing: str, progress: Console) -> Iterator[Profile]:
    yield from track(profiles, description=doing, console=progress, transient=True)
