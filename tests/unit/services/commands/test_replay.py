"""
The command `replay` on files that are no export: one sentence, and no more.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.commands.replay import command


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"[" * 200_000,
        b'{"format":1}\n',
        b'{"format":1,"market":5,"head":3}\n',
        b'{"format":1,"market":"x","head":{"digest":null}}\nnot a record\n',
    ],
)
def test_a_file_that_is_no_export_is_told_so_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(content)

    outcome = CliRunner().invoke(command, [str(path)])

    assert outcome.exit_code == 1
    assert isinstance(outcome.exception, SystemExit)
    assert outcome.stderr.startswith(f"Error: {path}")
