"""Reads the environment: the only module that does. Each value is typed, and a bad one stops the start."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "NAUNGAN_"


class BadSetting(Exception):
    """A setting is missing or has a value that cannot be used."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{PREFIX}{name}: {rule}")


def text(name: str, default: str | None = None) -> str | None:
    """Read a setting; secrets may lie in the file that NAME_FILE points to."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE", f"cannot be read ({error.strerror}); check path and owner") from error
    value = os.environ.get(PREFIX + name)
    return default if value is None or value == "" else value


def flag(name: str, *, default: bool = False) -> bool:
    """Read a yes-or-no setting."""
    value = (text(name) or "").lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return value in ("1", "true", "yes", "on") if value else default
    raise BadSetting(name, "must be yes or no")


def whole(name: str, *, default: int, least: int = 0, most: int = 2**31) -> int:
    """Read a whole number within its bounds."""
    value = text(name)
    if value is None:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise BadSetting(name, f"must be a whole number from {least} to {most}")
    return int(value)


def listed(name: str, default: str = "") -> list[str]:
    """Read a list, parted by commas."""
    return [part.strip() for part in (text(name, default) or "").split(",") if part.strip()]


def home() -> Path:
    """The folder of everything an installation keeps: database, files, logs (not the keys)."""
    return Path(text("HOME") or "var").expanduser().resolve()


def database(url: str | None, folder: Path) -> dict[str, object]:
    """Turn a database address into Django's settings; SQLite in the home folder when there is none."""
    parts = urlsplit(url or f"sqlite:///{folder / 'naungan.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) if parts.path.startswith("//") else unquote(parts.path),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
                    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;"
                    "PRAGMA mmap_size=0"
                ),
            },
        }
    if parts.scheme in ("postgresql", "postgres"):
        return {
            "ENGINE": "naungan.site.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or "") or dict(parse_qsl(parts.query)).get("host", ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": _postgres_options({k: v for k, v in parse_qsl(parts.query) if k != "host"}),
        }
    raise BadSetting("DATABASE_URL", "must begin with sqlite:// or postgresql://")


def _postgres_options(given: dict[str, str]) -> dict[str, object]:
    """
    What the driver is told: what stands in the address, and that statements are prepared.

    The same statements come again all day, and planning one costs as much as answering it. A pooler that gives each
    transaction another connection, and does not know prepared statements, needs `?prepare_threshold=off`.
    """
    asked = given.pop("prepare_threshold", "3")
    if asked != "off" and not asked.isdecimal():
        raise BadSetting("DATABASE_URL", "takes prepare_threshold=off or a whole number")
    return {"server_side_binding": True, "prepare_threshold": None if asked == "off" else int(asked), **given}
