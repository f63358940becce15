"""
Sealing what describes a person, and opening it again: takes a key and fetches none.

The sealed form of an event keeps its open and coded fields, one sealed blob and one
fingerprint. Both follow from key, content and origin alone, so a record that is sent
again has equal bytes.

Sources:
    NIST SP 800-38D for AES-GCM (nonce of 96 bits, tag of 128); RFC 2104 for HMAC.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas import codec
from schemas.envelope import canonical
from schemas.vocabulary import event_type, later

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
# Lengths tell: without padding, "true" and "false" could be told apart by size alone.
PADDED_TO: Final = 256
# Until no inbox holds the old bytes any more; then the person may return as a stranger.
DAYS_KEPT: Final = 14


class CannotOpen(ValueError):
    """
    A blob was sealed under another key, for another subject or as another kind of event.
    """


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key of 32 bytes. It never shows itself.

    Raises:
        ValueError: there are not 32 bytes.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Destroyed:
    """
    A key that is gone, and the instant at which that was asked.
    """

    at: str

    @property
    def returns_on(self) -> str:
        """
        Return the first day, in UTC, on which the row of the key is gone too.
        """
        return later(self.at, timedelta(days=DAYS_KEPT + 1))[:10]


def derive(key: bytes, *purpose: str) -> bytes:
    """
    Derive a key for one purpose, so that no key serves two.

    Args:
        key: the key that others are derived from.
        purpose: what the derived key is for, most general first.

    Returns:
        32 bytes that tell nothing of the key or of its other derivations.
    """
    return hmac.new(key, canonical(list(purpose)), hashlib.sha256).digest()


def fingerprint(told: Mapping[str, Any], *, key: Key) -> str:
    """
    Return the keyed digest of an event's whole clear data, by which duplicates are judged.
    """
    secret = derive(key.secret, "fingerprint")
    return hmac.new(secret, canonical(dict(told)), hashlib.sha256).hexdigest()


def seal(
    hidden: Mapping[str, Any], *, key: Key, subject: str, kind: str, fingerprint: str, origin: str
) -> str:
    """
    Seal plain JSON values.

    Args:
        hidden: what nobody without the key may read.
        key: the subject's own key.
        subject: our id of whom or what it is about; it opens under no other.
        kind: wire name of the sealed form; it opens as no other.
        fingerprint: that of the event's whole clear data.
        origin: the position of the record that said it. Origin, kind and fingerprint fix
            the nonce: the same record gives equal bytes, and no two contents share one.

    Returns:
        Nonce, ciphertext and tag in base64.
    """
    text = canonical(dict(hidden))
    padded = text.ljust(-(-len(text) // PADDED_TO) * PADDED_TO)
    nonce = derive(derive(key.secret, "nonce"), kind, fingerprint, origin)[:NONCE_BYTES]
    cipher = AESGCM(derive(key.secret, "seal"))
    return base64.b64encode(nonce + cipher.encrypt(nonce, padded, _bound(subject, kind))).decode()


def open_sealed(sealed: str, *, key: Key, subject: str, kind: str) -> dict[str, Any]:
    """
    Open what `seal` sealed.

    Raises:
        CannotOpen: key, subject or kind is another, or the bytes were changed.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
        cipher = AESGCM(derive(key.secret, "seal"))
        nonce, rest = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        told: dict[str, Any] = json.loads(cipher.decrypt(nonce, rest, _bound(subject, kind)))
    except (InvalidTag, binascii.Error, ValueError):
        # What was tried to open is no part of the message: it may be about a person.
        raise CannotOpen(f"a {kind} does not open under this key and subject") from None
    return told


def seal_event(data: object, *, key: Key, subject: str, origin: str) -> Any:
    """
    Turn an event into its sealed form.

    Args:
        data: an event that has one (`codec.sealed_form`).
        key: the subject's own key.
        subject: our id of whom or what it is about.
        origin: the position of the record that said it.

    Raises:
        LookupError: the event has no sealed form.
    """
    form = codec.sealed_form(type(data))
    if form is None:
        raise LookupError(f"{type(data).__name__} has no sealed form")
    clear, hidden = codec.split(data)
    mark = fingerprint(codec.plain(data), key=key)
    blob = seal(
        hidden,
        key=key,
        subject=subject,
        kind=event_type(form).wire_name,
        fingerprint=mark,
        origin=origin,
    )
    return codec.restore(form, {**clear, "sealed": blob, "fingerprint": mark})


def open_event(data: Any, *, key: Key, subject: str) -> Any:
    """
    Turn a sealed form back into the event that it was made of.

    Raises:
        CannotOpen: key or subject is another, or the bytes were changed.
    """
    kind = event_type(type(data)).wire_name
    hidden = open_sealed(data.sealed, key=key, subject=subject, kind=kind)
    return codec.join(data, hidden)


def _bound(subject: str, kind: str) -> bytes:
    return f"{subject}\n{kind}".encode()
