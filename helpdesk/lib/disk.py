"""Files that are on the disk when they are said to be."""

import os
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_WRITERS = 16


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that after a power cut it is there with all its bytes, or not there."""
    write_all({path: content})


def write_all(files: Mapping[Path, bytes]) -> None:
    """`write_whole` for several files, which wait for the disk together: it takes hardly longer than for one.

    Raises OSError when one of them cannot be written; others may then be there, each of them whole.
    """
    temporaries = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}") for path in files}
    try:
        with ThreadPoolExecutor(min(len(files), _WRITERS) or 1) as pool:
            _all(pool.map(_write, temporaries.values(), files.values()))
            for path, temporary in temporaries.items():
                temporary.replace(path)
            _all(pool.map(_settle, {path.parent for path in files}))
    except OSError:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
        raise


def _all(done: Iterable[None]) -> None:
    """Waits for each, and lets out what one raised."""
    for _each in done:
        pass


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """The names in a folder are on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
