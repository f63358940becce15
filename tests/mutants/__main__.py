"""
Plants known bugs, one at a time, and tells which of them the tests notice.

    python -m tests.mutants [--only WORD]

Each is planted in a copy of the tree, where the test that should notice it is run. First
those tests run on a copy without a bug, and must pass. Ends with 1 if a bug escapes, if a
test fails on what is called equivalent, or if a bug can no longer be planted.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutants import allocation, clocks, lottery, replaying, slots
from tests.mutants.mutation import Mutant

ROOT = Path(__file__).resolve().parents[2]
TABLE = (
    *allocation.MUTANTS,
    *clocks.MUTANTS,
    *lottery.MUTANTS,
    *replaying.MUTANTS,
    *slots.MUTANTS,
)
OPTIONS = ("-p", "no:cacheprovider", "--hypothesis-profile", "mutants")
PASSED, FAILED = 0, 1  # of pytest; any other status says that nothing was tested


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--only", default="", help="those with this word in their name")
    only = parser.parse_args().only
    table = [mutant for mutant in TABLE if only in mutant.name]
    if status := status_of(sorted({mutant.test for mutant in table})):
        print(f"the tests do not pass without a bug (pytest ended with {status})")
        return 1
    verdicts = [told(mutant) for mutant in table]
    print(f"{len(verdicts)} planted, {verdicts.count(False)} not as expected")
    return 0 if all(verdicts) else 1


def told(mutant: Mutant) -> bool:
    """
    Plant one bug, print what became of it, and say whether that was expected.
    """
    if (ROOT / mutant.file).read_text().count(mutant.old) != 1:
        print(f"{'not planted':12} {mutant.name}: its old text does not stand there once")
        return False
    status = status_of([mutant.test], mutant=mutant)
    verdict = {PASSED: "escaped", FAILED: "caught"}.get(status, f"pytest: {status}")
    if mutant.equivalent and status == PASSED:
        verdict = "equivalent"
    why = mutant.equivalent or mutant.test.rpartition("::")[2]
    print(f"{verdict:12} {mutant.name} ({why})", flush=True)
    return status == (PASSED if mutant.equivalent else FAILED)


def status_of(tests: Sequence[str], *, mutant: Mutant | None = None) -> int:
    """
    Run tests in a fresh copy, so that no compiled file and no found example is left over.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for package in ("schemas", "matching", "services", "tests"):
            shutil.copytree(
                ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
            )
        for file_name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / file_name, copy)
        if mutant:
            file = copy / mutant.file
            file.write_text(file.read_text().replace(mutant.old, mutant.new))
        return run(copy, tests)


def run(folder: Path, tests: Sequence[str]) -> int:
    """
    Run pytest in a folder, up to the first failure, and return its status.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-x", *OPTIONS, *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
