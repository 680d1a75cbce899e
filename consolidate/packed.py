"""Documents and what was made of them as bytes for the store: compact, typed, and safe to open."""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any, TypeVar

from consolidate.csvfile import writable

Kind = TypeVar("Kind")

_LEVEL = 1  # three times faster than the default and a tenth larger


def pack(value: object) -> bytes:
    """A dataclass, or plain lists and mappings, as bytes; the same value gives the same bytes.

    Half of a surrogate pair, which no such file can hold, becomes U+FFFD.
    """
    import msgspec

    try:
        data = msgspec.msgpack.encode(value)
    except UnicodeEncodeError:
        data = msgspec.msgpack.encode(_writable(value))
    return zlib.compress(data, _LEVEL)


def unpack(data: bytes, kind: type[Kind]) -> Kind:
    """The value that ``pack`` was given. Raises ValueError where the bytes hold no value of that kind."""
    import msgspec

    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=kind)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise ValueError(str(error)) from error


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, tuple | list):
        return [_writable(one) for one in value]
    if isinstance(value, dict):
        return {_writable(name): _writable(one) for name, one in value.items()}
    if dataclasses.is_dataclass(value):
        return {field.name: _writable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value
