"""The words that the readers of rows, values and agencies understand, by use: data, folded once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from normalize.text import fold, survive


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words by use (``header``, ``blank``, ``yes`` ...) with their meaning, as the file gives them.

    Each is equal to itself alone, so that answers about texts can be kept by text and vocabulary.
    """

    entries: tuple[tuple[str, str, str], ...] = field(default=())

    @cached_property
    def _printed(self) -> dict[str, dict[str, str]]:
        return self._by(lambda text: text.strip().lower())

    @cached_property
    def _folded(self) -> dict[str, dict[str, str]]:
        return self._by(fold)

    @cached_property
    def _survived(self) -> dict[str, dict[str, str]]:
        return self._by(survive)

    def _by(self, form: Callable[[str], str]) -> dict[str, dict[str, str]]:
        result: dict[str, dict[str, str]] = {}
        for use, text, meaning in self.entries:
            key = form(text)
            if key:
                result.setdefault(use, {}).setdefault(key, meaning)
        return result

    def printed(self, use: str) -> dict[str, str]:
        """Meaning by the word in lower case, with its signs and tone marks."""
        return self._printed.get(use, {})

    @cached_property
    def _any_printed(self) -> dict[str, tuple[str, ...]]:
        return {use: tuple(words) for use, words in self._printed.items()}

    def any_printed(self, use: str) -> tuple[str, ...]:
        """Each word in lower case, as ``str.startswith`` takes them: whether a text begins with any is told at once."""
        return self._any_printed.get(use, ())

    def folded(self, use: str) -> dict[str, str]:
        """Meaning by the folded word."""
        return self._folded.get(use, {})

    @cached_property
    def _longest_first(self) -> dict[str, tuple[tuple[str, str], ...]]:
        return {
            use: tuple(sorted(words.items(), key=lambda item: -len(item[0]))) for use, words in self._printed.items()
        }

    def longest_first(self, use: str) -> tuple[tuple[str, str], ...]:
        """Each word in lower case with its meaning, longer words first."""
        return self._longest_first.get(use, ())

    def survived(self, use: str) -> dict[str, str]:
        """Meaning by the letters of the word that a Latin-1 font leaves."""
        return self._survived.get(use, {})
