"""A PDF opened by the parser, whose fonts do not fail over a table of letters that it does not know."""

from __future__ import annotations

from typing import Any

import playa
from playa.parser import LIT

_NO_MAP = LIT("Identity-H")


class OpenPdf(playa.Document):  # type: ignore[misc]  # the parser is not followed by the checker
    """A document in screen space. A font that cannot be read with its letters is read without them.

    The parser makes up letters from the program of a composite font without a map, and gives up at tables of newer
    formats, as whole fonts have them; those letters are asked for elsewhere anyway.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data, space="screen")

    def get_font(self, objid: int = 0, spec: dict[str, Any] | None = None) -> Any:
        """The font of a dictionary; raises what the parser raises where it fails without letters too."""
        try:
            return super().get_font(objid, spec)
        except Exception:  # whatever it stumbled over, the codes, widths and the program may be sound
            return super().get_font(objid, {**spec, "ToUnicode": _NO_MAP} if spec else None)
