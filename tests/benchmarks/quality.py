"""
How well the product ranks, on judged development sets, by the very path that it runs.

    python tests/benchmarks/quality.py --eval FOLDER [--encoder NAME] [--task T1A ...]

FOLDER holds `manifest.json` and, for each task, queries (a resident's skills or experience),
documents (title, description, tasks) and judgements as JSON lines. Prints nDCG@10 and
recall@10 beside the floors and ends with 1 if a task lies below its floor. `--other-side`
ranks the residents for each vacancy as well.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from matching.model import OpportunityProfile, ResidentProfile, Side
from matching.ranking.engines.faiss_index import FaissIndex
from matching.ranking.evaluation import ndcg, recall
from matching.ranking.pipeline import (
    Ground,
    Pool,
    Prepared,
    prepare_opportunity,
    prepare_resident,
    rank_opportunities,
    rank_residents,
)
from services.encoders import LoadedModel, load_model

FLOORS = {"T1A": 0.48, "T1B": 0.51, "T1C": 0.22, "T1D": 0.36}
TOP = 10

Judgements = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    name: str
    residents: tuple[ResidentProfile, ...]
    opportunities: tuple[OpportunityProfile, ...]
    judged: Judgements


@dataclass(slots=True, kw_only=True)
class Encoding:
    """
    Prepares profiles, and encodes no statement twice.
    """

    model: LoadedModel
    known: dict[str, bytes] = field(default_factory=dict)
    opportunities: dict[str, Prepared] = field(default_factory=dict)

    def resident(self, profile: ResidentProfile) -> Prepared:
        return self._kept(
            prepare_resident(
                profile,
                encoder=self.model.encoder,
                constants=self.model.constants,
                known=self.known,
            )
        )

    def opportunity(self, profile: OpportunityProfile) -> Prepared:
        # Two tasks may share their documents.
        if profile.opportunity_id not in self.opportunities:
            self.opportunities[profile.opportunity_id] = self._kept(
                prepare_opportunity(
                    profile,
                    encoder=self.model.encoder,
                    constants=self.model.constants,
                    known=self.known,
                )
            )
        return self.opportunities[profile.opportunity_id]

    def _kept(self, prepared: Prepared) -> Prepared:
        vectors = (row.astype("<f2").tobytes() for row in prepared.phrases)
        self.known.update(zip(prepared.phrase_hashes, vectors, strict=True))
        return prepared


def read_task(folder: Path, name: str) -> Task:
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))[name]
    judged: dict[str, dict[str, int]] = {}
    for line in _lines(folder / files["qrels"]):
        judged.setdefault(line["query_id"], {})[line["doc_id"]] = line["rel"]
    return Task(
        name=name,
        residents=tuple(map(_resident, _lines(folder / files["queries"]))),
        opportunities=tuple(map(_opportunity, _lines(folder / files["docs"]))),
        judged=judged,
    )


def _resident(query: Mapping[str, Any]) -> ResidentProfile:
    return ResidentProfile(
        resident_id=query["query_id"],
        skills=tuple(each["skill"] for each in query.get("skills", ())),
        experience=tuple(each["text"] for each in query.get("experience", ())),
    )


def _opportunity(document: Mapping[str, Any]) -> OpportunityProfile:
    return OpportunityProfile(
        opportunity_id=document["doc_id"],
        title=document["title"],
        description=document.get("description"),
        duties=tuple(document["tasks"]),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, filter(str.strip, file))


def for_residents(task: Task, encoding: Encoding) -> tuple[float, float]:
    """
    Rank the task's opportunities for each resident: mean nDCG@10 and recall@10.
    """
    pool = _pool(Side.OPPORTUNITY, encoding)
    for profile in task.opportunities:
        pool.put(profile, prepared=encoding.opportunity(profile))
    found = {
        resident.resident_id: rank_opportunities(
            resident,
            prepared=encoding.resident(resident),
            pool=pool,
            constants=encoding.model.constants,
            top=TOP,
        )
        for resident in task.residents
    }
    return _measured(
        {one: tuple(each.id for each in ranked) for one, ranked in found.items()}, task.judged
    )


def for_opportunities(task: Task, encoding: Encoding) -> tuple[float, float]:
    """
    Rank the task's residents for each opportunity that suits anybody.
    """
    pool = _pool(Side.RESIDENT, encoding)
    for resident in task.residents:
        pool.put(resident, prepared=encoding.resident(resident))
    judged: dict[str, dict[str, int]] = {}
    for resident_id, grades in task.judged.items():
        for document, grade in grades.items():
            judged.setdefault(document, {})[resident_id] = grade
    found = {}
    for profile in task.opportunities:
        if profile.opportunity_id in judged:
            ranked = rank_residents(
                profile,
                prepared=encoding.opportunity(profile),
                pool=pool,
                constants=encoding.model.constants,
                top=TOP,
            )
            found[profile.opportunity_id] = tuple(each.id for each in ranked)
    return _measured(found, judged)


def _pool(side: Side, encoding: Encoding) -> Pool:
    return Pool(side=side, index=FaissIndex(dim=encoding.model.encoder.dim), ground=Ground())


def _measured(found: Mapping[str, tuple[str, ...]], judged: Judgements) -> tuple[float, float]:
    gains = [ndcg(ranked, judged=judged[one], depth=TOP) for one, ranked in found.items()]
    shares = [recall(ranked, judged=judged[one], depth=TOP) for one, ranked in found.items()]
    return fmean(gains), fmean(shares)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--eval", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--encoder", metavar="NAME")
    parser.add_argument("--task", nargs="*", default=list(FLOORS), choices=list(FLOORS))
    parser.add_argument("--other-side", action="store_true")
    asked = parser.parse_args()
    model = load_model(asked.encoder, on_progress=lambda said: print(said, file=sys.stderr))
    encoding, below = Encoding(model=model), 0
    print(f"encoder {model.description.name}, model {model.constants.model[:12]}")
    for name in asked.task:
        task = read_task(asked.eval, name)
        gain, share = for_residents(task, encoding)
        below += gain < FLOORS[name]
        verdict = "below the floor" if gain < FLOORS[name] else "met"
        told = (
            f"{name}  nDCG@10 {gain:.3f}  floor {FLOORS[name]:.2f} {verdict}  recall@10 {share:.3f}"
        )
        if asked.other_side:
            told += "  other side: nDCG@10 {:.3f}  recall@10 {:.3f}".format(
                *for_opportunities(task, encoding)
            )
        print(told, flush=True)
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
