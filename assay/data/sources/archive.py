"""Zip files of class folders: looked through before a byte is unpacked, unpacked all or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from assay.data.reading.images import SUFFIXES
from assay.data.sources.places import cache_folder
from assay.data.sources.printable import printable
from assay.errors import InputError

HARMLESS_BYTES = 100_000_000
MOST_EXPANSION = 200
"""Pictures are packed already and hardly shrink in a zip file; only blank ones do, and those are small."""


def unpack_zip(path: Path) -> Path:
    """The folder that holds the images of `path`, unpacked into the cache unless it is there already.

    Raises:
        InputError: not a zip file, encrypted, too large for the disk, or a member that would land
            outside its folder (absolute, `..`, a link). Nothing is unpacked then.
    """
    folder = home_of(path)
    if folder.is_dir():
        return folder
    try:
        with zipfile.ZipFile(path) as archive:
            members = [_checked(path, member) for member in archive.infolist()]
            _unpack(path, archive, [member for member in members if _is_image(member)], folder)
    except UnicodeDecodeError as error:
        name = printable(error.object.decode("utf-8", "surrogateescape"))
        raise InputError(
            f"{path}: member {name!r} is not UTF-8, which the zip file says it is; make it anew"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"{path}: not a readable zip file ({error}); make or fetch it again") from error
    return folder


def home_of(path: Path) -> Path:
    """Where a zip file as it is now is unpacked to, or was."""
    status = path.stat()
    key = hashlib.blake2b(f"{path.resolve()} {status.st_size} {status.st_mtime_ns}".encode(), digest_size=8)
    return cache_folder() / "unpacked" / f"{path.stem}-{key.hexdigest()}"


@contextmanager
def removed_after_errors(source: object) -> Iterator[None]:
    """Whatever is unpacked from `source` inside is removed if an error ends it; an older copy stays."""
    path = Path(source).expanduser() if isinstance(source, str | Path) else None
    if path is None or path.suffix.lower() != ".zip" or not path.is_file() or home_of(path).is_dir():
        yield
        return
    folder = home_of(path)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _checked(path: Path, member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The member, or a refusal."""
    # orig_filename is what the file says; zipfile has already cleaned `filename`.
    name = member.orig_filename.replace("\\", "/")
    outside = name.startswith("/") or ".." in name.split("/") or name[1:2] == ":" or "\x00" in name
    if outside:
        raise InputError(f"{path}: refused, member {name!r} points outside the archive; make the zip file anew")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise InputError(f"{path}: refused, member {name!r} is a link; put the files themselves into the zip file")
    if member.flag_bits & 1:
        raise InputError(f"{path}: member {name!r} is encrypted; make the zip file without a password")
    return member


def _is_image(member: zipfile.ZipInfo) -> bool:
    inner = PurePosixPath(member.filename)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in inner.parts)
    return not member.is_dir() and not hidden and inner.suffix.lower() in SUFFIXES


def _unpack(path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path) -> None:
    if not members:
        raise InputError(f"{path}: holds no images ({', '.join(sorted(SUFFIXES))}); give a zip file of class folders")
    size, packed = sum(member.file_size for member in members), path.stat().st_size
    if size > HARMLESS_BYTES and size > MOST_EXPANSION * packed:
        raise InputError(
            f"{path}: refused, its {packed:,} bytes unpack to {size:,}, more than {MOST_EXPANSION} times as many, as "
            "no pictures do; if you trust it, unpack it yourself and give the folder"
        )
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(folder.parent).free
    if size > free:
        raise InputError(f"{path}: unpacks to {size} bytes, {folder.parent} has {free} left; unpack it elsewhere")
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        for member in members:
            archive.extract(member, partial)
        os.rename(partial, folder)
    except OSError:
        # Another process may have put the same folder in place meanwhile.
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
