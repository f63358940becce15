"""
How a test says that a process leaves with a code.
"""

import pytest

from services.transport.exit_codes import ExitCode, Leave


def leaves_with(code: ExitCode) -> "pytest.RaisesExc[Leave]":
    return pytest.raises(Leave, check=lambda left: left.code is code)
