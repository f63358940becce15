"""
Encoders: which there are, their files, and the model that ranks by one of them.

The files are downloaded once, from Maven Central, compared with checked-in hashes before
they enter the cache and again before a process first uses them. `load_model` is all that
most callers need.
"""

from services.encoders.description import (
    Description,
    EncoderUnknown,
    Member,
    describe,
    described,
)
from services.encoders.files import (
    EncoderDamaged,
    EncoderFiles,
    EncoderMissing,
    default_cache,
    placed,
    provide,
    verified,
)
from services.encoders.model import LoadedModel, load_model, model_digest

__all__ = [
    "Description",
    "EncoderDamaged",
    "EncoderFiles",
    "EncoderMissing",
    "EncoderUnknown",
    "LoadedModel",
    "Member",
    "default_cache",
    "describe",
    "described",
    "load_model",
    "model_digest",
    "placed",
    "provide",
    "verified",
]
