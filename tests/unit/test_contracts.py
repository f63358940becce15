"""Each import contract in pyproject.toml catches what is planted against it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract -> (module that is planted or added to, the import that must be caught)
PLANTED = {
    "roots": ("schemas/facts.py", "matching.ranking.routes"),
    "wire": ("schemas/parties.py", "schemas.pledges"),
    "rooms": ("matching/market/state.py", "matching.ranking.routes"),
    "ranking": ("matching/ranking/ports.py", "matching.ranking.routes"),
    "market": ("matching/market/fits.py", "matching.market.rights"),
    "workers": ("services/intake/planted.py", "services.matcher"),
    "pure": ("matching/market/law.py", "time"),
    "validator": ("schemas/ticks.py", "pydantic"),
    "advice": ("matching/ranking/retrieval.py", "schemas.residents"),
    "values": ("matching/market/working_time.py", "schemas.contracts"),
    "handlers": ("services/ticker/handlers.py", "services.transport"),
    "kafka": ("services/wording/planted.py", "kafka"),
    "streams": ("services/intake/planted.py", "faust"),
    "mail": ("services/notifier/planted.py", "smtplib"),
    "engines": ("matching/ranking/planted.py", "faiss"),
    "database": ("services/commands/planted.py", "sqlalchemy"),
    "sealing": ("services/intake/planted.py", "cryptography"),
    "java": ("services/wording/planted.py", "jgo"),
    "logging": ("services/topology.py", "logging"),
}
DRAWER = "matching/utils.py"


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the product with all of it planted."""
    copy = tmp_path_factory.mktemp("planted")
    for package in ("services", "matching", "schemas"):
        shutil.copytree(ROOT / package, copy / package, ignore=only_modules)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for module, imported in PLANTED.values():
        plant(copy / module, f"import {imported}\n")
    plant(copy / DRAWER, "")
    return lint(copy)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_is_caught_and_named(contract: str, verdict: str) -> None:
    module, imported = PLANTED[contract]
    importer = module.removesuffix(".py").replace("/", ".")

    # The linter wraps long names.
    assert f"{contracts()[contract]} BROKEN" in " ".join(verdict.split())
    assert any(importer in line and imported in line for line in verdict.splitlines())


def test_a_drawer_for_leftovers_is_caught(verdict: str) -> None:
    assert "- matching.utils" in verdict


def test_every_contract_has_something_planted_against_it() -> None:
    assert contracts().keys() == PLANTED.keys()


def contracts() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {contract["id"]: contract["name"] for contract in settings["contracts"]}


def only_modules(folder: str, names: list[str]) -> set[str]:
    return {
        name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())
    } | {"__pycache__"}


def plant(module: Path, line: str) -> None:
    module.parent.mkdir(exist_ok=True)
    (module.parent / "__init__.py").touch()
    with module.open("a") as source:
        source.write(line)


def lint(folder: Path) -> str:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    answer = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert answer.returncode == 1, answer.stderr
    return answer.stdout
