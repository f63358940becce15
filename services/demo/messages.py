"""
The broken messages of the story, as the bytes that stand in an inbox.
"""

import base64
from collections.abc import Mapping
from typing import Any


def raw(told: Mapping[str, Any]) -> bytes:
    """
    Return the bytes of one packaged broken message.

    Args:
        told: an entry of `broken_messages.json`; its content is `text`, or `base64`, or
            `repeat` {before, unit, times, after} where it is too long to be packed.

    Raises:
        LookupError: the entry has no content.
    """
    if "text" in told:
        return str(told["text"]).encode()
    if "base64" in told:
        return base64.b64decode(told["base64"])
    if "repeat" in told:
        part = told["repeat"]
        return f"{part['before']}{part['unit'] * part['times']}{part['after']}".encode()
    raise LookupError(f"no content: {told.get('label')}")
