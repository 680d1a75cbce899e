"""Write small compound files, the containers of .msg mails, out of a tree of streams."""

from __future__ import annotations

import struct

Tree = dict[str, "bytes | Tree"]

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, MINI, CUTOFF = 512, 64, 4096


def compound_file(tree: Tree) -> bytes:
    """The bytes of a compound file whose root holds this tree; a dict is a storage."""
    entries: list[list] = []  # name, kind, child, right, start, size, data
    _add(entries, "Root Entry", tree, root=True)
    mini, mini_fat, large = bytearray(), [], []
    for entry in entries:
        data = entry[6]
        if data is None or not data:
            continue
        if len(data) < CUTOFF:
            entry[4] = len(mini) // MINI
            count = -(-len(data) // MINI)
            mini_fat += [len(mini_fat) + i + 1 for i in range(count - 1)] + [END]
            mini += data.ljust(count * MINI, b"\0")
        else:
            large.append((entry, data))
    sectors: list[bytes] = []
    fat: list[int] = []

    def place(data: bytes) -> int:
        if not data:
            return END
        start, count = len(sectors), -(-len(data) // SECTOR)
        for i in range(count):
            sectors.append(data[i * SECTOR : (i + 1) * SECTOR].ljust(SECTOR, b"\0"))
            fat.append(start + i + 1 if i < count - 1 else END)
        return start

    for entry, data in large:
        entry[4] = place(data)
    entries[0][4], entries[0][5] = place(bytes(mini)), len(mini)
    mini_at = place(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-len(mini_fat) // 128) * SECTOR, b"\xff"))
    directory = b"".join(_entry(entry) for entry in entries)
    directory_at = place(directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0"))
    count = 1
    while (len(fat) + count) > count * 128:
        count += 1
    fat_at = list(range(len(sectors), len(sectors) + count))
    fat += [FAT] * count
    packed = struct.pack(f"<{len(fat)}I", *fat).ljust(count * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIII", 0, count, directory_at, 0, CUTOFF)
    header += struct.pack("<IIII", mini_at, -(-len(mini_fat) // 128), END, 0)
    header += struct.pack("<109I", *fat_at, *[FREE] * (109 - count))
    return header + b"".join(sectors) + packed


def _add(entries: list[list], name: str, value: bytes | Tree, root: bool = False) -> int:
    index = len(entries)
    if isinstance(value, bytes):
        entries.append([name, 2, FREE, FREE, END, len(value), value])
        return index
    entries.append([name, 5 if root else 1, FREE, FREE, END if root else 0, 0, None])
    before = -1
    for child, inner in sorted(value.items(), key=lambda item: (len(item[0]), item[0].upper())):
        here = _add(entries, child, inner)
        if before < 0:
            entries[index][2] = here
        else:
            entries[before][3] = here
        before = here
    return index


def _entry(entry: list) -> bytes:
    name, kind, child, right, start, size, _ = entry
    wide = name.encode("utf-16-le")
    head = wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide) + 2, kind, 1, FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def message(text: dict[str, str], fixed: dict[int, int] | None = None, header: int = 32, **parts: bytes | Tree) -> Tree:
    """The tree of one mail: its text properties by tag, those of fixed length, and its attachments."""
    tree: Tree = {f"__substg1.0_{tag}001F": value.encode("utf-16-le") for tag, value in text.items()}
    values = b"".join(struct.pack("<IIQ", tag, 6, value) for tag, value in (fixed or {}).items())
    tree["__properties_version1.0"] = bytes(header) + values
    return tree | {name.replace("__at_", "__attach_version1.0_#0000000"): part for name, part in parts.items()}


def attachment(name: str, data: bytes | Tree, fixed: dict[int, int] | None = None, **text: str) -> Tree:
    """The tree of one attachment: a file, or a mail when ``data`` is the tree of one."""
    inner: Tree = {"__substg1.0_3701000D": data} if isinstance(data, dict) else {"__substg1.0_37010102": data}
    fixed = {0x37050003: 5 if isinstance(data, dict) else 1, **(fixed or {})}
    texts = {"3707": name, **{tag.lstrip("t"): value for tag, value in text.items()}}
    return message(texts, fixed, header=8) | inner
