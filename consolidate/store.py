"""The store of an output folder: documents as they were read, reports as they were matched, runs, and their mappings.

One SQLite file, which one run at a time may use. A report is kept in versions: a version belongs to the runs from
``first_run`` up to, and without, ``ended_run``; one that no run has published yet has no ``first_run``. A run that
breaks off leaves its work in such versions, for the next one to go on with.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER, NAME = ".store", "tonghop.sqlite"

MIGRATIONS = (
    """
    CREATE TABLE files (sha256 TEXT PRIMARY KEY, version TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE documents (
        sha256 TEXT NOT NULL, format TEXT NOT NULL, reader TEXT NOT NULL, texts TEXT NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (sha256, format)
    );
    CREATE TABLE reports (
        report_id INTEGER PRIMARY KEY, source_path TEXT NOT NULL, sha256 TEXT NOT NULL, rank INTEGER NOT NULL,
        evidence TEXT NOT NULL, mappings TEXT NOT NULL, program TEXT NOT NULL, reader TEXT NOT NULL,
        status TEXT NOT NULL, form_id TEXT NOT NULL, agency_id TEXT NOT NULL, period TEXT NOT NULL,
        modified REAL NOT NULL, seconds REAL NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL, contacts BLOB NOT NULL,
        mentions BLOB NOT NULL, first_run INTEGER, ended_run INTEGER
    );
    CREATE INDEX reports_by_source ON reports (source_path, sha256, rank);
    CREATE INDEX reports_by_run ON reports (ended_run, first_run);
    CREATE TABLE mapping_files (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE mappings (
        fingerprint TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (fingerprint, name)
    ) WITHOUT ROWID;
    CREATE TABLE runs (
        run INTEGER PRIMARY KEY, finished TEXT NOT NULL, fingerprint TEXT NOT NULL, program TEXT NOT NULL,
        matching TEXT NOT NULL, options TEXT NOT NULL, record TEXT NOT NULL, outputs TEXT NOT NULL
    );
    """,
    "CREATE TABLE unlike (name BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;",
    "CREATE TABLE lines (report_id INTEGER PRIMARY KEY, made TEXT NOT NULL, body BLOB NOT NULL);",
)
"""The steps from an empty file to the schema of this program; ``user_version`` counts those that were taken."""


class StoreError(OSError):
    """The store at ``filename`` cannot be used; ``code`` is the message that says why."""

    def __init__(self, code: str, path: Path) -> None:
        super().__init__(None, code, str(path))
        self.code = code

    def __reduce__(self) -> tuple[type[StoreError], tuple[str, Path]]:
        return StoreError, (self.code, Path(self.filename))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one report: what it was made from, what it is about, and where its body is.

    ``rank`` tells sources of the same path and content apart; ``mappings``, ``program`` and ``reader`` name what made
    it, ``evidence`` what was known from outside the document; ``seconds`` is how long that took.
    """

    source_path: str
    sha256: str
    rank: int
    evidence: str
    mappings: str
    program: str
    reader: str
    status: str
    form_id: str
    agency_id: str
    period: str
    modified: float
    seconds: float
    digest: str
    report_id: int = 0
    first_run: int | None = None
    ended_run: int | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """What names the source in one run."""
        return self.source_path, self.sha256, self.rank


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: when, by which mappings and program, its options, ``run.json`` and the hashes of its files.

    ``matching`` is the version of what matches, a part of the program.
    """

    run: int
    finished: str
    fingerprint: str
    program: str
    matching: str
    options: str
    record: str
    outputs: str


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; ``path`` is its file."""

    connection: sqlite3.Connection
    path: Path


_DYING = 3.0
"""Seconds to wait for a store that is locked: what a killed run had started may still be ending."""
_FIELDS = tuple(name for name in Version.__dataclass_fields__)
_MADE = tuple(name for name in _FIELDS if name not in ("report_id", "first_run", "ended_run"))
_ALIKE = ("mappings", "program", "reader", "status", "form_id", "agency_id", "period")
"""What is the same in many versions, and is held once."""
_RUN = tuple(Run.__dataclass_fields__)


def has_store(out: Path) -> bool:
    """Whether an output folder has a store."""
    return (out / FOLDER / NAME).is_file()


@contextmanager
def open_store(out: Path) -> Iterator[Store]:
    """The store of an output folder, made where there is none, for this process alone until the block ends.

    Raises StoreError with ``store_locked`` when another run uses it, ``store_newer`` when a later program made it,
    ``store_unreadable`` when the file is damaged; OSError when the folder cannot be written.
    """
    path = out / FOLDER / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, timeout=_DYING, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise OSError(None, str(error), str(path)) from error
    try:
        _prepare(connection, path)
        yield Store(connection, path)
    except sqlite3.DatabaseError as error:
        raise _trouble(error, path) from error
    finally:
        connection.close()


def _trouble(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError("store_locked", path)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError("store_unreadable", path)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return OSError(None, str(error), str(path))
    return error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Take the lock, which the system gives back when the process ends however it ends, and bring the schema up."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # without shared memory, so it works on a network drive too
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")
    known = connection.execute("PRAGMA user_version").fetchone()[0]
    if known > len(MIGRATIONS):
        raise StoreError("store_newer", path)
    for step, script in enumerate(MIGRATIONS[known:], start=known + 1):
        connection.executescript(f"BEGIN; {script}; PRAGMA user_version = {step}; COMMIT;")


@contextmanager
def transaction(store: Store) -> Iterator[None]:
    """All that is written in the block, or, when it breaks off, nothing of it."""
    store.connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        store.connection.execute("ROLLBACK")
        raise
    store.connection.execute("COMMIT")


# Files and documents


def known_file(store: Store, sha256: str, version: str) -> bytes | None:
    """What a file with this content was found to hold by this version of the readers of containers."""
    found = store.connection.execute("SELECT body FROM files WHERE sha256 = ? AND version = ?", (sha256, version))
    row = found.fetchone()
    return row[0] if row else None


def put_file(store: Store, sha256: str, version: str, body: bytes) -> None:
    """Keep what a file holds."""
    store.connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (sha256, version, body))


def has_document(store: Store, sha256: str, kind: str, reader: str, texts: str) -> bool:
    """Whether there is a ``known_document``."""
    query = "SELECT 1 FROM documents WHERE sha256 = ? AND format = ? AND reader = ? AND texts IN ('', ?)"
    return store.connection.execute(query, (sha256, kind, reader, texts)).fetchone() is not None


def known_document(store: Store, sha256: str, kind: str, reader: str, texts: str) -> bytes | None:
    """The document of that content as that reader read it, where it does not depend on other known texts."""
    found = store.connection.execute(
        "SELECT body FROM documents WHERE sha256 = ? AND format = ? AND reader = ? AND texts IN ('', ?)",
        (sha256, kind, reader, texts),
    ).fetchone()
    return found[0] if found else None


def put_document(store: Store, sha256: str, kind: str, reader: str, texts: str, body: bytes) -> None:
    """Keep a document in place of an earlier reading of it."""
    values = (sha256, kind, reader, texts, body)
    store.connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", values)


# Reports


def put_version(store: Store, made: Version, body: bytes, contacts: bytes, mentions: bytes = b"") -> int:
    """Keep a version of a report, in place of the one before it that says the same; give its number.

    ``mentions`` is what its match rests on.
    """
    for known in _versions(store, "source_path = ? AND sha256 = ? AND rank = ? AND ended_run IS NULL", made.key):
        if (known.digest, known.modified, known.status) == (made.digest, made.modified, made.status):
            store.connection.execute(
                "UPDATE reports SET evidence = ?, mappings = ?, program = ?, reader = ?, mentions = ?"
                " WHERE report_id = ?",
                (made.evidence, made.mappings, made.program, made.reader, mentions, known.report_id),
            )
            _forget_other_pending(store, made, known.report_id)
            return known.report_id
    _forget_other_pending(store, made, 0)
    values = [getattr(made, name) for name in _MADE]
    marks = ", ".join("?" * (len(_MADE) + 3))
    cursor = store.connection.execute(
        f"INSERT INTO reports ({', '.join(_MADE)}, body, contacts, mentions) VALUES ({marks})",
        (*values, body, contacts, mentions),
    )
    return int(cursor.lastrowid or 0)


def _forget_other_pending(store: Store, made: Version, kept: int) -> None:
    store.connection.execute(
        "DELETE FROM reports WHERE source_path = ? AND sha256 = ? AND rank = ? AND first_run IS NULL"
        " AND report_id != ?",
        (*made.key, kept),
    )


def open_versions(store: Store) -> tuple[Version, ...]:
    """The versions that are published now, and those that no run has published yet, in the order they were made."""
    return tuple(_versions(store, "ended_run IS NULL", ()))


def all_versions(store: Store) -> tuple[Version, ...]:
    """Every version that the store holds, in the order they were made."""
    return tuple(_versions(store, "1", ()))


def versions_of_run(store: Store, run: int) -> tuple[Version, ...]:
    """The versions that a run published."""
    return tuple(_versions(store, "first_run <= ? AND (ended_run IS NULL OR ended_run > ?)", (run, run)))


def _versions(store: Store, condition: str, values: Iterable[object]) -> Iterator[Version]:
    query = f"SELECT {', '.join(_FIELDS)} FROM reports WHERE {condition} ORDER BY report_id"
    for row in store.connection.execute(query, tuple(values)):
        told = dict(zip(_FIELDS, row, strict=True))
        yield Version(**told | {name: sys.intern(told[name]) for name in _ALIKE})


def body_of(store: Store, report_id: int) -> bytes:
    """What a version says."""
    found = store.connection.execute("SELECT body FROM reports WHERE report_id = ?", (report_id,)).fetchone()
    return bytes(found[0])


def contacts_of(store: Store, report_id: int) -> bytes:
    """The contact details that were taken out of a version."""
    found = store.connection.execute("SELECT contacts FROM reports WHERE report_id = ?", (report_id,)).fetchone()
    return bytes(found[0])


def mentions_in(store: Store, report_id: int) -> bytes:
    """What the match of a version rests on."""
    found = store.connection.execute("SELECT mentions FROM reports WHERE report_id = ?", (report_id,)).fetchone()
    return bytes(found[0])


def put_unlike(store: Store, rows: Mapping[bytes, bytes]) -> None:
    """Keep rows that resemble no indicator, by the names under which reports mention them."""
    store.connection.executemany("INSERT OR IGNORE INTO unlike VALUES (?, ?)", rows.items())


def all_unlike(store: Store) -> dict[bytes, bytes]:
    """Every row that was kept because it resembled no indicator."""
    return dict(store.connection.execute("SELECT name, body FROM unlike"))


def hold_for(store: Store, report_ids: Iterable[int], mappings: str) -> None:
    """Record that versions would come out the same by other mappings."""
    with transaction(store):
        store.connection.executemany(
            "UPDATE reports SET mappings = ? WHERE report_id = ?", ((mappings, one) for one in report_ids)
        )


# What is published of a report


def lines_of(store: Store, report_id: int, made: str) -> bytes | None:
    """The lines of a version's observations, where they were kept and ``made`` in this way."""
    found = store.connection.execute("SELECT body FROM lines WHERE report_id = ? AND made = ?", (report_id, made))
    row = found.fetchone()
    return row[0] if row else None


def put_lines(store: Store, made: str, lines: Mapping[int, bytes]) -> None:
    """Keep the lines of versions, in place of those that were made in another way."""
    values = ((one, made, body) for one, body in lines.items())
    store.connection.executemany("INSERT OR REPLACE INTO lines VALUES (?, ?, ?)", values)


# Runs


def runs(store: Store) -> tuple[Run, ...]:
    """All finished runs, the first one first."""
    found = store.connection.execute(f"SELECT {', '.join(_RUN)} FROM runs ORDER BY run").fetchall()
    return tuple(Run(*row) for row in found)


def finish_run(store: Store, run: Run, published: Iterable[int]) -> None:
    """Record a run and the versions that it published, in one transaction.

    Versions of the run before that are not among them end here. What waits to be published and is not goes on waiting.
    """
    connection = store.connection
    with transaction(store):
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (report_id INTEGER PRIMARY KEY)")
        connection.execute("DELETE FROM chosen")
        connection.executemany("INSERT OR IGNORE INTO chosen VALUES (?)", ((one,) for one in published))
        connection.execute(
            "UPDATE reports SET ended_run = ? WHERE ended_run IS NULL AND first_run IS NOT NULL"
            " AND report_id NOT IN (SELECT report_id FROM chosen)",
            (run.run,),
        )
        connection.execute(
            "UPDATE reports SET first_run = ? WHERE first_run IS NULL AND report_id IN (SELECT report_id FROM chosen)",
            (run.run,),
        )
        connection.execute("DELETE FROM lines WHERE report_id NOT IN (SELECT report_id FROM chosen)")
        values = [getattr(run, name) for name in _RUN]
        connection.execute(f"INSERT INTO runs ({', '.join(_RUN)}) VALUES ({', '.join('?' * len(_RUN))})", values)


# Mappings


def put_mappings(store: Store, fingerprint: str, files: Mapping[str, tuple[str, bytes]]) -> None:
    """Keep the files of a mappings folder by their names: the hash of each, and its bytes as they are to be stored."""
    with transaction(store):
        for name, (sha256, body) in files.items():
            store.connection.execute("INSERT OR IGNORE INTO mapping_files VALUES (?, ?)", (sha256, body))
            store.connection.execute("INSERT OR IGNORE INTO mappings VALUES (?, ?, ?)", (fingerprint, name, sha256))


def has_mappings(store: Store, fingerprint: str) -> bool:
    """Whether the mappings with this fingerprint are kept."""
    found = store.connection.execute("SELECT 1 FROM mappings WHERE fingerprint = ? LIMIT 1", (fingerprint,))
    return found.fetchone() is not None


def mappings_of(store: Store, fingerprint: str) -> Iterator[tuple[str, bytes]]:
    """The files of the mappings with this fingerprint: name and bytes as they were stored."""
    query = "SELECT name, body FROM mappings JOIN mapping_files USING (sha256) WHERE fingerprint = ? ORDER BY name"
    yield from store.connection.execute(query, (fingerprint,)).fetchall()
