"""
Where outcodes lie: real ones by their centroids, and the invented ones of demo and tests.

Distances are as the crow flies between centroids; a full postcode is never known here.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

REAL: Final = "outcodes.csv.gz"
INVENTED: Final = "outcodes_invented.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Centroid:
    """
    The middle of an outcode, in degrees; `invented` if no such place exists.
    """

    latitude: float
    longitude: float
    invented: bool = False


def is_outcode(outcode: str) -> bool:
    """
    Tell whether there is such an outcode, or an invented one.
    """
    return outcode in centroids()


def is_invented(outcode: str) -> bool:
    """
    Tell whether an outcode exists in stories only.
    """
    centroid = centroids().get(outcode)
    return centroid is not None and centroid.invented


@cache
def coordinates() -> Mapping[str, tuple[float, float]]:
    """
    Return latitude and longitude of every outcode, in degrees.
    """
    found = {outcode: (each.latitude, each.longitude) for outcode, each in centroids().items()}
    return MappingProxyType(found)


@cache
def centroids() -> Mapping[str, Centroid]:
    """
    Return every outcode with its centroid, read once.
    """
    return MappingProxyType({**dict(_rows(REAL)), **dict(_rows(INVENTED))})


def _rows(name: str) -> Iterator[tuple[str, Centroid]]:
    raw = (files("services") / "data" / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    for row in csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#")):
        centroid = Centroid(
            latitude=float(row["lat"]), longitude=float(row["lon"]), invented=name == INVENTED
        )
        yield row["out"], centroid
