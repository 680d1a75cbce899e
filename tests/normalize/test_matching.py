"""The matcher on a small share of the benchmark: known forms damaged and edited, other wordings, unknown indicators."""

from __future__ import annotations

from functools import lru_cache

import pytest

from benchmarks.matching import Judged, figures, judge, ours
from benchmarks.reports import Case, damaged_cases, new_form_cases, reworded_cases
from extract.model import Cell, Place
from normalize.catalogue import default_folder, load_catalogue
from normalize.match import match_rows
from normalize.model import Match, Row
from normalize.text import fold

CATALOGUE = load_catalogue(default_folder())


def _judged(cases: list[Case]) -> list[Judged]:
    return judge(cases, CATALOGUE, ours(CATALOGUE))


@lru_cache
def _reworded() -> tuple[Judged, ...]:
    return tuple(_judged(reworded_cases(CATALOGUE, "tune")))


@pytest.mark.parametrize(
    "kind",
    ["as printed", "letters lost, blank", "no diacritics", "abbreviated", "numbers lost", "sections moved"],
)
def test_known_forms_are_matched_whatever_the_damage(kind: str):
    found = figures(_judged(damaged_cases(CATALOGUE, (11,), [kind])))
    assert found.wrong == 0
    assert found.recall() >= 0.99


@pytest.mark.parametrize("kind", ["OCR noise", "reordered and thinned"])
def test_noise_and_cuts_cost_rows_but_give_next_to_no_wrong_ones(kind: str):
    found = figures(_judged(damaged_cases(CATALOGUE, (11,), [kind])))
    assert found.recall() >= 0.94
    assert found.precision() >= 0.98


def test_a_heading_that_carries_a_figure_is_no_indicator():
    found = figures(_judged(damaged_cases(CATALOGUE, (11,), ["headings filled"])))
    assert found.unknown > 20
    assert found.false == 0


def test_other_wordings_are_matched_for_most_and_next_to_never_wrong():
    found = figures(_reworded())
    assert found.known > 250
    assert found.recall() >= 0.75
    assert found.precision() >= 0.98
    assert found.among / found.known >= 0.92


def test_unknown_indicators_stay_unmatched():
    found = figures(row for row in _reworded() if row.truth == "unknown")
    assert found.unknown > 100
    assert found.false / found.unknown <= 0.02


def test_whole_forms_of_another_province_are_read():
    found = figures(_judged(new_form_cases()))
    assert found.recall() >= 0.75
    assert found.precision() >= 0.97


def test_the_score_of_a_match_is_the_share_of_right_ones():
    matched = [row for row in _reworded() if row.got]
    right = sum(row.got == row.truth for row in matched) / len(matched)
    assert abs(right - sum(row.score for row in matched) / len(matched)) <= 0.05


def test_the_same_rows_are_matched_alike_in_every_run():
    cases = damaged_cases(CATALOGUE, (11,), ["OCR noise"])[:1]
    assert _judged(cases) == judge(cases, load_catalogue(default_folder()), ours(load_catalogue(default_folder())))


def test_writing_abbreviations_out_twice_changes_nothing():
    texts = [fold(text) for text, _ in CATALOGUE.thesaurus.entries] + [fold(row.label) for row in CATALOGUE.form_rows]
    once = [CATALOGUE.thesaurus.expand(text) for text in texts]
    assert [CATALOGUE.thesaurus.expand(text) for text in once] == once


def test_misread_letters_do_not_hide_a_decisive_word():
    meanings = CATALOGUE.decisive.meanings
    assert meanings("Tổng số DVCTT mứe độ 4")["level"] == {"4"}
    assert meanings("UBND eấp xã")["tier"] == {"commune"}


def _matched(label: str, unit: str, *path: str, span: str = "") -> Match:
    place = Place(table=1, row=2, column=1)
    row = Row(place, 0, "1", label, label, unit, path, Cell(place, "17"))
    return match_rows([row], CATALOGUE, span).matches[0]


def test_each_unmatched_row_names_three_candidates_with_what_speaks_for_and_against():
    match = _matched("Số máy tính bị nhiễm mã độc trong quý", "máy", "Hạ tầng")
    assert match.target == ""
    assert len(match.candidates) == 3
    codes = {reason.partition(" ")[0] for one in match.candidates for reason in one.evidence}
    assert codes <= set(CATALOGUE.messages)
    assert "evidence_label" in codes
    assert codes & {"evidence_row_adds", "evidence_excluded", "evidence_decisive_differs"}


def test_a_row_that_names_no_span_of_time_means_that_of_its_report():
    path = ("Dịch vụ công trực tuyến", "Mức độ 3")
    label = "Tổng số hồ sơ đã được tiếp nhận, giải quyết trực tuyến"
    month = _matched(label, "hồ sơ", *path, span="month")
    assert "filings.online.level3.year_to_date" not in {one.indicator_id for one in month.candidates if one.score > 0}
    named = _matched(f"{label} từ đầu năm", "hồ sơ", *path, span="month")
    assert named.target == "filings.online.level3.year_to_date"
    assert named.flags == ()
    if month.target:
        assert month.flags == ("window_assumed",)


def test_a_lost_letter_does_not_turn_a_phrase_into_its_opposite():
    meanings = CATALOGUE.decisive.meanings
    assert meanings("Số lượng CBCC (không ính lãnh đạo trên)")["leaders"] == {"others"}
    assert meanings("văn bản đi không eó phiên bản chỉnh sửa")["revision"] == {"without"}
    assert meanings("văn bản đi có phiên bản chỉnh sửa")["revision"] == {"with"}
