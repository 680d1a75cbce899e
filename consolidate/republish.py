"""A dataset written again from its store alone: as the last run published it, or as it stood on a day."""

from __future__ import annotations

import json
from pathlib import Path

from consolidate.contacts import write_contacts
from consolidate.documents import write_run_record
from consolidate.history import changes_of_runs, kept_catalogue, load, run_of_day, write_changes
from consolidate.publishing import contacts_in, new_folder, settled, take_places, write_tables
from consolidate.row_pictures import FOLDER as PICTURES
from consolidate.row_pictures import pictures_of
from consolidate.store import FOLDER, open_store, runs, versions_of_run


def publish_again(out: Path, target: Path, day: str = "") -> str:
    """Write what the last run published, or the last one by the end of a day (ISO form), into a folder.

    Gives the time at which that run had finished, "" when there was none. The files have the bytes that they had.
    Raises StoreError, and OSError when a file cannot be written.
    """
    with open_store(out) as store:
        run = run_of_day(store, day) if day else next(iter(runs(store)[-1:]), None)
        if run is None:
            return ""
        options, versions = json.loads(run.options), versions_of_run(store, run.run)
        before = next((one for one in runs(store) if one.run == run.run - 1), None)
        changed = changes_of_runs(store, before, run) if before else []
        target.mkdir(parents=True, exist_ok=True)
        with kept_catalogue(store, run.fingerprint) as catalogue, new_folder(target) as folder:
            items = settled(load(store, versions), options["as_of"], catalogue)
            made = [write_contacts(folder, contacts_in(store, versions))] if options["keep_contacts"] else []
            pictures = pictures_of(out / FOLDER / PICTURES)
            made += write_tables(folder, items, catalogue, [write_changes(folder, changed)], pictures)
            take_places(made, folder, target)
        write_run_record(target, json.loads(run.record))
        return run.finished
