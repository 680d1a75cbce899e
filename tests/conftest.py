"""Property tests draw the same examples each time and are not judged by the clock of a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")
