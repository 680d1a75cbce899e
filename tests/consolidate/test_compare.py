from __future__ import annotations

from pathlib import Path

import pytest

from consolidate.compare import diff
from consolidate.dataset import write_observations
from normalize.model import Outcome
from tests.consolidate.made import INDICATORS, observed, processed


def dataset(folder: Path, *outcomes: Outcome) -> Path:
    write_observations(folder, [processed("a.docx", *outcomes)], INDICATORS)
    return folder


def test_added_removed_and_changed_figures_are_told_apart(tmp_path: Path) -> None:
    old = dataset(tmp_path / "a", observed(1, "it.computers.total", 58), observed(2, "it.computers.share", 51.7))
    new = dataset(tmp_path / "b", observed(1, "it.computers.total", 60), observed(3, "web.address", None, "x.vn"))
    found = [(one.kind, one.indicator_id, one.before, one.after) for one in diff(old, new)]
    assert found == [
        ("removed", "it.computers.share", "51.7", ""),
        ("changed", "it.computers.total", "58", "60"),
        ("added", "web.address", "", "x.vn"),
    ]


def test_equal_datasets_have_no_changes_even_when_places_differ(tmp_path: Path) -> None:
    old = dataset(tmp_path / "a", observed(1, "it.computers.total", 58))
    new = dataset(tmp_path / "b", observed(7, "it.computers.total", 58))
    assert list(diff(old, new)) == []


def test_of_several_figures_under_one_key_only_the_different_one_is_told(tmp_path: Path) -> None:
    old = dataset(tmp_path / "a", *(observed(order, "it.computers.total", order) for order in (1, 2, 3)))
    new = dataset(tmp_path / "b", *(observed(order, "it.computers.total", order) for order in (3, 2, 9)))
    assert [(one.kind, one.before, one.after) for one in diff(old, new)] == [("changed", "1", "9")]


def test_a_folder_without_a_dataset_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        list(diff(tmp_path, tmp_path))
