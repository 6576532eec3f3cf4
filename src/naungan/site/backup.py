"""
Backups: everything that an installation keeps, in one encrypted file, proven by restoring it.

The file holds the database, the (already encrypted) files and a manifest. It holds no key: not the vault's, not the
audit chain's, not the secret of sessions; and not the erasure list, which must outlive it outside.
Layout: a line that names the format; a JSON line that says how the key is found; then the segments of
`vault.crypto.encrypt_stream` over a compressed tar.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast
from urllib.parse import quote

from argon2.low_level import Type, hash_secret_raw
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from naungan.access import audit, clock
from naungan.access.models import Organisation
from naungan.site import env
from naungan.vault import actions as vault
from naungan.vault import keys, queries
from naungan.vault.crypto import decrypt_stream, encrypt_stream, subkey
from naungan.vault.errors import Tampered, UnknownKeyVersion, VaultError

MAGIC = b"NAUNGAN BACKUP 1\n"
CHUNK_BYTES = 1 << 20
SQLITE_NAME, POSTGRES_NAME = "database.sqlite3", "database.pgdump"
MANIFEST, SUMS = "manifest.json", "sums.json"
RECORD = "last_backup.json"
# Cost of guessing a passphrase: as for the key file (RFC 9106's second choice, with more memory).
_PASSES, _MEMORY_KIB, _LANES = 3, 256 * 1024, 4
_MOST_HEADER_BYTES = 4096


class BackupError(Exception):
    """A backup cannot be written, read or restored; the message says why and the fix."""


class WrongKey(BackupError):
    """The key or the passphrase does not open this backup."""


class Damaged(BackupError):
    """The file was changed, cut off or is not a backup."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is in a backup, and whether a restore of it was proven."""

    file: str
    made_at: str
    bytes: int
    engine: str
    rows: int
    files: int
    verified: bool = False
    checks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Member:
    """One entry of the tar: its name, size and bytes."""

    name: str
    size: int
    chunks: Iterable[bytes]


def write_backup(target: Path, *, passphrase: str | None = None, verify: bool = True) -> Report:
    """
    Write everything into one encrypted file, then prove that it restores.

    Args:
        target: A file that does not exist yet; it appears only when it is complete.
        passphrase: Seals the file instead of the key ring, for a backup that is opened elsewhere.
        verify: Whether to restore it into a scratch place and look at it.

    Raises:
        BackupError: nothing is left behind.
    """

    if target.exists():
        raise BackupError(_("There is already a file of that name; choose another, so that no backup is lost."))
    vault.list_erasures()
    part = target.with_name(f".{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _scratch(settings.HOME) as folder:
            manifest, database = _snapshot(folder)
            _write(part, _header(passphrase), passphrase, _members(manifest, database))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    report = _report(target, manifest)
    if verify:
        report = verify_backup(target, passphrase=passphrase)
    kept = {**asdict(report), "kept_at": clock.now().isoformat()}
    (settings.HOME / RECORD).write_text(json.dumps(kept), encoding="utf-8")
    return report


def verify_backup(source: Path, *, passphrase: str | None = None) -> Report:
    """
    Restore a backup into a scratch place and look at it there: integrity, rows, one sealed item, the audit chain.

    Raises:
        BackupError: it does not restore, or what was restored is not whole.
    """

    with _scratch(settings.HOME) as folder:
        manifest = unpack(source, folder, passphrase=passphrase)
        with _restored_database(folder, manifest) as url:
            checks = _ask_restored(folder, url, "check")
    if checks["rows"] != str(_all_rows(manifest)):
        raise Damaged(_("The restored database holds another number of rows than the backup's manifest says."))
    return _report(source, manifest, checks)


def restore_backup(source: Path, into: Path, *, passphrase: str | None = None, database_url: str = "") -> Report:
    """
    Bring a backup back into an empty folder, and erase again whoever was erased since.

    Args:
        source: The backup.
        into: The new home folder; it must be empty or not there.
        passphrase: When the backup was sealed by one.
        database_url: An empty PostgreSQL database; needed for a backup of one, and where a backup of SQLite moves
            to PostgreSQL.

    Raises:
        BackupError: the folder is left as it was.
    """
    if into.exists() and any(into.iterdir()):
        raise BackupError(_("The folder is not empty; choose another, so that nothing is written over."))
    made = into.with_name(f".{into.name}.restoring")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True, mode=0o700)
    try:
        manifest = unpack(source, made, passphrase=passphrase)
        url = _place_database(made, manifest, database_url)
        checks = _ask_restored(made, url, "settle")
        _keep_demo_secrets(made)
        if into.exists():
            into.rmdir()
        made.replace(into)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return _report(source, manifest, checks)


def read_header(source: Path) -> dict[str, object]:
    """How a backup's key is found: by the key ring or by a passphrase."""
    with source.open("rb") as file:
        return _read_header(file)[0]


def unpack(source: Path, folder: Path, *, passphrase: str | None = None) -> dict[str, object]:
    """
    Decrypt a backup into a folder and compare every file with its sum; returns the manifest.

    Raises:
        WrongKey: the key or the passphrase does not fit.
        Damaged: the file was changed or cut off.
    """

    with source.open("rb") as file:
        header, raw = _read_header(file)
        key = _key(header, passphrase)
        try:
            sums = _extract(_Reader(_inflated(_decrypted(key, raw, file))), folder)
        except Tampered as error:
            raise Damaged(_("The backup was changed or cut off; use another copy.")) from error
        except (zlib.error, tarfile.TarError, EOFError, ValueError) as error:
            raise Damaged(_("The backup cannot be read to its end; use another copy.")) from error
    told = json.loads((folder / SUMS).read_text(encoding="utf-8")) if (folder / SUMS).exists() else None
    if told is None or {name: digest for name, digest in sums.items() if name != SUMS} != told:
        raise Damaged(_("The backup is not complete; use another copy."))
    manifest: dict[str, object] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"] = len([name for name in sums if name.startswith("files/")])
    for name in (MANIFEST, SUMS):
        (folder / name).unlink()
    return manifest


def look_at_restored(task: str) -> dict[str, str]:
    """
    Look at a restored database; runs in a process of its own whose settings point at it.

    Args:
        task: `check` looks only; `settle` erases again whoever the erasure list names.
    """

    found = {"integrity": _integrity(), "rows": str(sum(_rows(connection.cursor()).values()))}
    if task == "settle":
        found["erased_again"] = str(vault.apply_erasures().erased)
    found["sealed_item"] = _open_one(apps.get_model("vault", "SealedItem"))
    verdicts = [audit.verify(pk) for pk in Organisation.objects.values_list("pk", flat=True)]
    broken = [verdict for verdict in verdicts if verdict.broken_at]
    found["audit"] = f"broken in {len(broken)} organisations" if broken else "sound"
    return found


def _integrity() -> str:

    if connection.vendor != "sqlite":
        return "ok"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        found = str(cursor.fetchone()[0])
        cursor.execute("PRAGMA foreign_key_check")
        return found if cursor.fetchone() is None else "a row points nowhere"


def _open_one(model: type) -> str:

    first = model.objects.order_by("pk").values_list("subject_id", flat=True).first()  # type: ignore[attr-defined]  # a model
    if first is None:
        return "none kept"
    try:
        queries.read([first], None)
    except VaultError:
        return "cannot be opened"
    return "opened"


def _snapshot(folder: Path) -> tuple[dict[str, object], Path]:
    """Copy the database as it is at one moment; returns the manifest and the copy."""

    if connection.vendor == "sqlite":
        path = folder / SQLITE_NAME
        rows = _copy_sqlite(Path(str(connection.settings_dict["NAME"])), path)
    else:
        path = folder / POSTGRES_NAME
        rows = _dump_postgres(path)
    return _manifest(path.name, rows), path


def _copy_sqlite(source: Path, target: Path) -> dict[str, int]:
    """SQLite's online copy: writers go on meanwhile, the copy is of one moment."""
    target.touch(mode=0o600)
    origin, copy = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        return _rows(copy.cursor())
    finally:
        copy.close()
        origin.close()


def _dump_postgres(target: Path) -> dict[str, int]:
    """`pg_dump` and the count of rows under the same snapshot."""

    environment, words = _postgres_words(dict(connection.settings_dict))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = str(cursor.fetchone()[0])
        rows = _rows(cursor)
        target.touch(mode=0o600)
        command = [
            _tool("pg_dump"),
            *words,
            "--format=custom",
            "--no-owner",
            f"--snapshot={snapshot}",
            "-f",
            str(target),
        ]
        _run(command, environment, "pg_dump")
    return rows


def _rows(cursor: object) -> dict[str, int]:
    """How many rows each of our tables holds."""

    there = set(connection.introspection.table_names())
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} & there)
    counts = {}
    for table in tables:
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # type: ignore[attr-defined]  # noqa: S608 - our own table names
        counts[table] = int(cursor.fetchone()[0])  # type: ignore[attr-defined]  # a database cursor
    return counts


def _manifest(database: str, rows: dict[str, int]) -> dict[str, object]:

    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    return {
        "format": 1,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "naungan": _version(),
        "database": database,
        "engine": connection.vendor,
        "migrations": applied,
        "rows": rows,
        "fictional": bool(settings.DEMO),
    }


def _members(manifest: dict[str, object], database: Path) -> Iterator[_Member]:
    """What goes into the file, in order; the last member says the sums of the others."""

    sums: dict[str, str] = {}

    def summed(name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            yield chunk
        sums[name] = digest.hexdigest()

    text = json.dumps(manifest, indent=1).encode()
    yield _Member(MANIFEST, len(text), summed(MANIFEST, [text]))
    yield _Member(database.name, database.stat().st_size, summed(database.name, _read(database)))
    root = settings.HOME / "files"
    for path in sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else ():
        name = f"files/{path.relative_to(root).as_posix()}"
        try:
            size = path.stat().st_size
        except FileNotFoundError:  # taken off its case meanwhile
            continue
        yield _Member(name, size, summed(name, _read(path)))
    text = json.dumps(sums).encode()
    yield _Member(SUMS, len(text), [text])


def _write(path: Path, header: bytes, passphrase: str | None, members: Iterable[_Member]) -> None:

    key = _key(json.loads(header), passphrase)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(MAGIC + header + b"\n")
        for piece in encrypt_stream(key, MAGIC + header, _deflated(_tar(members))):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _header(passphrase: str | None) -> bytes:
    salt = base64.b64encode(os.urandom(16)).decode()
    if passphrase is not None:
        cost = {"passes": _PASSES, "memory_kib": _MEMORY_KIB, "lanes": _LANES}
        return json.dumps({"sealed_by": "passphrase", "argon2id": cost, "salt": salt}).encode()

    ring = keys.ring()
    fingerprint = ring.fingerprint(ring.current)
    return json.dumps({"sealed_by": "keys", "version": ring.current, "fingerprint": fingerprint, "salt": salt}).encode()


def _read_header(file: BinaryIO) -> tuple[dict[str, object], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise Damaged(_("This is not a backup of Naungan."))
    raw = file.readline(_MOST_HEADER_BYTES).rstrip(b"\n")
    try:
        return dict(json.loads(raw)), raw
    except (ValueError, TypeError) as error:
        raise Damaged(_("The beginning of the backup is damaged; use another copy.")) from error


def _key(header: Mapping[str, object], passphrase: str | None) -> bytes:

    salt = base64.b64decode(str(header.get("salt", "")))
    if header.get("sealed_by") == "passphrase":
        if passphrase is None:
            raise WrongKey(_("This backup is sealed by a passphrase; give it with --passphrase-file or type it."))
        return subkey(_from_passphrase(header, passphrase, salt), "backup", salt=salt)
    number = int(str(header.get("version", 0)))
    try:
        ring = keys.ring()
        if ring.fingerprint(number) != header.get("fingerprint"):
            raise WrongKey(_("This backup belongs to another installation's keys; give that key file."))
        return subkey(ring.subkey("backup", version=number), "backup file", salt=salt)
    except UnknownKeyVersion as error:
        raise WrongKey(
            _("The key that sealed this backup is not in the key file; give the newest key file.")
        ) from error


def _from_passphrase(header: Mapping[str, object], passphrase: str, salt: bytes) -> bytes:

    cost = cast(Mapping[str, int], header["argon2id"])
    passes, memory, lanes = min(cost["passes"], 20), min(cost["memory_kib"], 1 << 21), min(cost["lanes"], 16)
    return hash_secret_raw(passphrase.encode(), salt, passes, memory, lanes, 32, Type.ID)


def _decrypted(key: bytes, header: bytes, file: BinaryIO) -> Iterator[bytes]:

    pieces = decrypt_stream(key, MAGIC + header, iter(lambda: file.read(CHUNK_BYTES), b""))
    try:
        yield next(pieces)
    except Tampered as error:
        raise WrongKey(
            _("The key or the passphrase does not open this backup, or its beginning was changed.")
        ) from error
    yield from pieces


def _deflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1)
    for chunk in chunks:
        if piece := packer.compress(chunk):
            yield piece
    yield packer.flush()


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for chunk in chunks:
        rest = chunk
        while rest:
            yield unpacker.decompress(rest, CHUNK_BYTES)
            rest = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise EOFError


def _tar(members: Iterable[_Member]) -> Iterator[bytes]:
    for member in members:
        entry = tarfile.TarInfo(member.name)
        entry.size, entry.mode = member.size, 0o600
        yield entry.tobuf(tarfile.PAX_FORMAT)
        written = 0
        for chunk in member.chunks:
            written += len(chunk)
            yield chunk
        if written != member.size:
            raise BackupError(_("A file changed while it was copied; run the backup again."))
        yield bytes(-written % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _extract(reader: _Reader, folder: Path) -> dict[str, str]:
    sums: dict[str, str] = {}
    with tarfile.open(mode="r|", fileobj=cast(BinaryIO, reader)) as archive:
        for entry in archive:
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is None or not _is_ours(entry.name):
                raise ValueError("an entry that no backup has")
            path = folder / entry.name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest = hashlib.sha256()
            with path.open("wb") as file:
                while chunk := content.read(CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
            path.chmod(0o600)
            sums[entry.name] = digest.hexdigest()
    reader.drain()
    return sums


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    return name in (MANIFEST, SUMS, SQLITE_NAME, POSTGRES_NAME) or path.parts[0] == "files"


class _Reader:
    """Pieces of any size as a file that tar can read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = bytearray()

    def read(self, count: int) -> bytes:
        while len(self._left) < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._left += chunk
        taken = bytes(self._left[:count])
        del self._left[:count]
        return taken

    def drain(self) -> None:
        """Read to the end, where a cut is noticed."""
        for _chunk in self._chunks:
            pass


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """A folder beside the data, since the copy must be as well guarded as the data, taken away again."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _restored_database(folder: Path, manifest: Mapping[str, object]) -> Iterator[str]:
    """A database with the backup's content; a PostgreSQL one is taken away again."""
    if manifest["engine"] == "sqlite":
        (folder / SQLITE_NAME).rename(folder / "naungan.sqlite3")
        yield f"sqlite:///{folder / 'naungan.sqlite3'}"
        return

    name = f"naungan_check_{os.urandom(4).hex()}"
    place = dict(connection.settings_dict)
    environment, words = _postgres_words(place)
    _run([_tool("createdb"), *words[:-1], name], environment, "createdb (the role needs CREATEDB)")
    try:
        _run(
            [_tool("pg_restore"), *words[:-1], "--no-owner", "-d", name, str(folder / POSTGRES_NAME)],
            environment,
            "pg_restore",
        )
        yield _postgres_url({**place, "NAME": name})
    finally:
        _run([_tool("dropdb"), *words[:-1], name], environment, "dropdb")


def _place_database(folder: Path, manifest: Mapping[str, object], url: str) -> str:
    if manifest["engine"] == "sqlite" and url:
        return _carry_over(folder, url)
    if manifest["engine"] == "sqlite":
        (folder / SQLITE_NAME).rename(folder / "naungan.sqlite3")
        return f"sqlite:///{folder / 'naungan.sqlite3'}"
    if not url:
        raise BackupError(_("This is a backup of a PostgreSQL database; name an empty one with --database-url."))

    place = env.database(url, folder)
    environment, words = _postgres_words(place)
    command = [_tool("pg_restore"), *words, "--no-owner", "--exit-on-error", "--single-transaction"]
    _run([*command, str(folder / POSTGRES_NAME)], environment, "pg_restore (is the database empty?)")
    return url


def _carry_over(folder: Path, url: str) -> str:
    """Bring the rows of a SQLite backup into an empty PostgreSQL database."""
    if not str(env.database(url, folder)["ENGINE"]).endswith("postgresql"):
        raise BackupError(_("--database-url must name a PostgreSQL database; leave it out to restore into SQLite."))
    source = folder / SQLITE_NAME
    program = "import django, pathlib, sys; django.setup(); from naungan.site.carrying import carry, CannotCarry\n"
    program += "try: carry(pathlib.Path(sys.argv[1]))\nexcept CannotCarry as error: sys.exit(f'naungan: {error}')"
    command = [sys.executable, "-c", program, str(source)]
    done = subprocess.run(command, env=_pointing_at(folder, url), capture_output=True, text=True, check=False)
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.startswith("naungan: ")]
        why = told[0].removeprefix("naungan: ") if told else "The rows could not be carried over to PostgreSQL."
        raise BackupError(why)
    source.unlink()
    return url


def _ask_restored(folder: Path, url: str, task: str) -> dict[str, str]:
    """Look at a restored database from a process whose settings point at it."""
    program = "import django, json, sys; django.setup(); from naungan.site.backup import look_at_restored as look; "
    command = [sys.executable, "-c", program + "print(json.dumps(look(sys.argv[1])))", task]
    done = subprocess.run(command, env=_pointing_at(folder, url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Damaged(_("The restored database cannot be opened; use another copy."))
    found: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    if found["integrity"] != "ok" or found["audit"] != "sound" or found["sealed_item"] == "cannot be opened":
        said = ", ".join(f"{name}: {value}" for name, value in found.items())
        raise Damaged(_("What was restored is not whole (%(said)s); use another copy.") % {"said": said})
    return found


def _pointing_at(folder: Path, url: str) -> dict[str, str]:
    """The environment of a process whose settings point at a restored database."""
    given = {
        "NAUNGAN_HOME": str(folder),
        "NAUNGAN_DATABASE_URL": url,
        "NAUNGAN_SECRET_KEY": settings.SECRET_KEY,
        "NAUNGAN_AUDIT_KEY": settings.AUDIT_KEY,
        "NAUNGAN_VAULT_KEY_PATH": settings.VAULT_KEY_FILE,
        "NAUNGAN_ERASURE_LIST": settings.ERASURE_LIST,
        # Newer anchors must not accuse an older copy: its chain is walked for itself.
        "NAUNGAN_AUDIT_ANCHORS": str(folder / "no_anchors"),
        "NAUNGAN_DEMO": "1" if settings.DEMO else "0",
    }
    for name in ("VAULT_KEY", "VAULT_PASSPHRASE"):
        if value := getattr(settings, name):
            given[f"NAUNGAN_{name}"] = value
    return {**os.environ, **given}


def _keep_demo_secrets(into: Path) -> None:
    """The demonstration keeps its secrets in its home folder, so its restored copy needs them there."""

    if not settings.DEMO:
        return
    for name in ("secret_key", "audit_key", "vault_key.json", "demo.json"):
        if (settings.HOME / name).exists():
            shutil.copy2(settings.HOME / name, into / name)


def _postgres_words(place: Mapping[str, object]) -> tuple[dict[str, str], list[str]]:
    """The environment and the words that lead PostgreSQL's tools to a database; the password stays off the list."""
    environment = {**os.environ, "PGPASSWORD": str(place.get("PASSWORD") or "")}
    words: list[str] = []
    for flag, name in (("-h", "HOST"), ("-p", "PORT"), ("-U", "USER")):
        if place.get(name):
            words += [flag, str(place[name])]
    return environment, [*words, f"--dbname={place['NAME']}"]


def _postgres_url(place: Mapping[str, object]) -> str:

    user, password = quote(str(place.get("USER") or ""), safe=""), quote(str(place.get("PASSWORD") or ""), safe="")
    host, port = str(place.get("HOST") or ""), str(place.get("PORT") or "")
    signed = f"{user}:{password}" if password else user
    return f"postgresql://{signed}@{host}{':' + port if port else ''}/{quote(str(place['NAME']), safe='')}"


def _tool(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if found is None:
        raise BackupError(
            _("PostgreSQL's %(name)s is not on this machine; install its client programs.") % {"name": name}
        )
    return found


def _run(command: list[str], environment: dict[str, str], what: str) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise BackupError(_("%(what)s failed with code %(code)d.") % {"what": what, "code": done.returncode})


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _report(path: Path, manifest: Mapping[str, object], checks: Mapping[str, str] | None = None) -> Report:
    return Report(
        file=str(path),
        made_at=str(manifest["made_at"]),
        bytes=path.stat().st_size,
        engine=str(manifest["engine"]),
        rows=_all_rows(manifest),
        files=int(str(manifest.get("files", 0))),
        verified=checks is not None,
        checks=dict(checks or {}),
    )


def _all_rows(manifest: Mapping[str, object]) -> int:
    return sum(cast(Mapping[str, int], manifest["rows"]).values())


def _version() -> str:
    try:
        return version("naungan")
    except PackageNotFoundError:
        return "from source"
