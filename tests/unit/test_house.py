"""The house itself: whose packages are loaded, and that the rules over them hold."""

import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
PACKAGES = ("services", "schemas", "matching")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_is_the_one_in_this_repository(name: str) -> None:
    package = importlib.import_module(name)

    assert package.__file__ is not None
    assert Path(package.__file__).resolve() == ROOT / name / "__init__.py"


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_claims_the_name_of_a_package(name: str) -> None:
    claimants = set(packages_distributions().get(name, ()))

    assert claimants <= {"foothold"}


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_ships_its_types(name: str) -> None:
    assert (ROOT / name / "py.typed").exists()


def test_no_index_would_take_the_project() -> None:
    assert "Private :: Do Not Upload" in project()["project"]["classifiers"]


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"]
)
def test_a_lock_names_no_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_what_runs_needs_no_torch() -> None:
    lean = locked("requirements.txt")

    assert not lean.keys() & {"torch", "sentence-transformers", "transformers", "scipy"}


def test_tests_run_on_the_very_versions_that_run() -> None:
    lean, full = locked("requirements.txt"), locked("requirements-dev.txt")

    assert {name: full.get(name) for name in lean} == lean


def test_every_dependency_is_locked() -> None:
    named = {requirement_name(line) for line in project()["project"]["dependencies"]}

    assert named <= locked("requirements.txt").keys()


def test_importing_the_core_loads_no_heavy_library() -> None:
    heavy = {"faust", "faiss", "onnxruntime", "torch", "sqlalchemy", "aiokafka"}
    program = (
        "import sys, matching.ranking, matching.market, schemas.vocabulary; "
        f"sys.exit(bool({heavy!r} & sys.modules.keys()))"
    )

    assert run_python(program) == 0


def run_python(program: str) -> int:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode


def locked(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if line[:1].isalnum():
            package, _, rest = line.partition("==")
            pins.setdefault(package, set()).add(rest.rstrip(" \\"))
    return pins


def requirement_name(line: str) -> str:
    return re.split(r"[^a-zA-Z0-9-]", line, maxsplit=1)[0]
