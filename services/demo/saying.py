"""
What a party says, as a CloudEvent at a time of the story.
"""

from collections.abc import Mapping
from typing import Any

# A party's own code for whoever sits at the desk; the system never knows more of them.
DESK = "desk-1"


def saying(
    kind: str, data: Mapping[str, Any], *, by: str, at: str, named: str, desk: str = DESK
) -> dict[str, Any]:
    """
    Return one event to send.

    Args:
        kind: the event's bare name.
        data: what is said.
        by: the party that speaks.
        at: the simulated time, an instant.
        named: the event's id, that party's own.
        desk: the party's code for the member of staff who says it.
    """
    return {
        "specversion": "1.0",
        "id": named,
        "source": f"/party/{by}",
        "type": f"foothold.{kind}.v1",
        "time": at,
        "authtype": "user",
        "authid": desk,
        "datacontenttype": "application/json",
        "data": dict(data),
    }
