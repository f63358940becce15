"""
The release that runs, by the name that it writes into each record's cause.
"""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """
    Name the release that runs.
    """
    try:
        return version("foothold")
    except PackageNotFoundError:
        return "checkout"
