"""LibreOffice as the last resort: turns a file that no reader of ours could read into one that they can."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

SECONDS = 40
MAX_RESULT = 300_000_000

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""Macros, active content and links to elsewhere are off."""


class OfficeError(Exception):
    """LibreOffice is not installed, took too long, or gave nothing."""


def office_program() -> str:
    """Path of LibreOffice's program, "" where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice") or ""


def convert(data: bytes, kind: str, target: str, seconds: float = SECONDS) -> bytes:
    """Turn the bytes of a file of one kind ("doc") into those of another ("docx"). OfficeError when that fails.

    It runs with a profile of its own in a scratch folder that is removed; all its processes end with the call.
    """
    program = office_program()
    if not program:
        raise OfficeError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="office", ignore_cleanup_errors=True) as folder:
        source, profile = Path(folder) / f"source.{kind}", Path(folder) / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        source.write_bytes(data)
        options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
        where = ["--convert-to", target, "--outdir", str(Path(folder) / "out"), str(source)]
        _run([program, f"-env:UserInstallation={profile.as_uri()}", *options, *where], Path(folder), seconds)
        return _result(Path(folder) / "out" / f"source.{target}")


def _result(path: Path) -> bytes:
    if not path.is_file() or not 0 < path.stat().st_size <= MAX_RESULT:
        raise OfficeError("LibreOffice could not convert the file")
    return path.read_bytes()


def _run(command: list[str], folder: Path, seconds: float) -> None:
    environment = os.environ | {"HOME": str(folder), "TMPDIR": str(folder)}
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=nothing, stdout=nothing, stderr=nothing, cwd=folder, env=environment, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise OfficeError("LibreOffice took too long") from None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with all it started: the first process is only a starter."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        process.kill()
