"""What workers need is loaded once, before they are copied from the process that starts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extract.read import READERS, load_readers

ROOT = Path(__file__).resolve().parents[2]
INBOX = ROOT / "samples" / "inbox"
CODE = """
import sys
from pathlib import Path
from consolidate.mappings import open_catalogue, packaged_folder
from consolidate.reading import prepare, process
from extract.source import list_files, open_file
catalogue, kind = open_catalogue(packaged_folder()), sys.argv[2]
prepare([kind], catalogue)
before = set(sys.modules)
sources = [source for name, path in list_files(Path(sys.argv[1])) for source in open_file(path, name)]
read = [process(source, catalogue) for source in sources if source.format == kind]
for name in sorted(set(sys.modules) - before):
    if name.startswith(("extract.", "normalize.")) or name in ("numpy", "openpyxl", "pdfplumber", "playa", "fontTools"):
        print(name)
print(len(read), "read")
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["docx", "pdf", "xlsx"])
def test_after_preparing_for_a_format_reading_it_loads_nothing_that_counts(kind: str) -> None:
    command = [sys.executable, "-c", CODE, str(INBOX), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    *loaded, read = done.stdout.splitlines()
    assert [name for name in loaded if "ocr" not in name] == []  # pictures are read where a document has some
    assert read != "0 read"


def test_what_is_loaded_for_a_format_is_there() -> None:
    load_readers(READERS)
