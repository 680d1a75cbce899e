"""One file is explained as a run would take it."""

from __future__ import annotations

from pathlib import Path

from consolidate.explain import explain
from consolidate.mappings import packaged_folder
from normalize.catalogue import load_catalogue
from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of


def test_the_folders_around_a_file_tell_whose_and_of_when_it_is(tmp_path: Path) -> None:
    path = tmp_path / "2017-Q2" / "Sở Tài chính" / "phu luc.docx"
    path.parent.mkdir(parents=True)
    docx_of(load_form("f2017"), made_up("f2017", Head("", "department", "", "2017-Q2"), 1), path)
    told = "\n".join(explain(path, load_catalogue(packaged_folder()), "en"))
    assert "2017-Q2/Sở Tài chính/phu luc.docx" in told
    assert "agency: Sở Tài chính; period: 2017-Q2" in told
