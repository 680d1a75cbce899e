"""A PDF opened by the parser: its fonts do not fail over tables of letters, its objects do not run in a circle."""

from __future__ import annotations

from typing import Any

import playa
from playa.exceptions import PDFSyntaxError
from playa.parser import LIT
from playa.xref import XRefFallback

_NO_MAP = LIT("Identity-H")


class OpenPdf(playa.Document):  # type: ignore[misc]  # the parser is not followed by the checker
    """A document in screen space. A font that cannot be read with its letters is read without them.

    The parser makes up letters from the program of a composite font without a map, and gives up at tables of newer
    formats, as whole fonts have them; those letters are asked for elsewhere anyway.
    """

    def __init__(self, data: bytes) -> None:
        self._under_way: set[int] = set()
        super().__init__(data, space="screen")

    def __getitem__(self, objid: int) -> Any:
        """An object by its number; KeyError for one that is needed to read itself."""
        if objid in self._under_way:
            raise KeyError(f"object {objid} holds itself")
        self._under_way.add(objid)
        try:
            return super().__getitem__(objid)
        finally:
            self._under_way.discard(objid)

    def _getobj_parse(self, pos: int, objid: int) -> Any:
        try:
            return super()._getobj_parse(pos, objid)
        except PDFSyntaxError as error:
            if self._xrefs and isinstance(self._xrefs[0], XRefFallback):  # all objects were looked for once already
                raise KeyError(f"there is no object {objid}") from error
            raise

    def get_font(self, objid: int = 0, spec: dict[str, Any] | None = None) -> Any:
        """The font of a dictionary; raises what the parser raises where it fails without letters too."""
        try:
            return super().get_font(objid, spec)
        except Exception:  # whatever it stumbled over, the codes, widths and the program may be sound
            return super().get_font(objid, {**spec, "ToUnicode": _NO_MAP} if spec else None)
