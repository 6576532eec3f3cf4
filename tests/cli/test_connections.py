"""Connections to PostgreSQL are kept, and replaced when the server has ended them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import beside_postgres, installation

ASKED = """
$PY - <<'END'
import django
django.setup()
from django.db import close_old_connections, connection, connections

def backend():
    close_old_connections()  # as at the beginning of every request
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]

first, second = backend(), backend()
with connections.create_connection("default").cursor() as other:
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
third = backend()
print(first == second, first == third)
END
"""


def test_a_connection_is_kept_until_the_server_ends_it(tmp_path: Path) -> None:
    place = installation(tmp_path / "var", NAUNGAN_DEMO="1", DJANGO_SETTINGS_MODULE="naungan.site.settings")
    done = beside_postgres(ASKED, place)

    assert done.stdout == "True False\n", done.stderr
