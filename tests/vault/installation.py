"""
A small installation with a database file of its own, run as a program by `test_on_disk`.

Commands: `fill` seals one invented person and leaves the file open to inspection, `erase` erases them, `read` says
what can be read, `forget` applies the erasure list.
"""

import json
import os
import sys
from pathlib import Path


def main(home: str, command: str) -> None:
    os.environ["NAUNGAN_DATABASE_URL"] = f"sqlite:///{home}/db.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.vault.installation_settings"

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ERASURE_LIST = f"{home}/erasures.jsonl"
    settings.VAULT_KEY_FILE = f"{home}/vault_key.json"
    from naungan.access.models import Organisation
    from naungan.vault import actions, queries
    from naungan.vault.index.profile import Facets
    from naungan.vault.models import Subject
    from tests.vault.test_on_disk import CANARIES

    if command == "fill":
        call_command("migrate", verbosity=0)
        organisation = Organisation.objects.create(name="Contoh")
        subject = actions.open_subject(organisation_id=organisation.pk)
        actions.seal(subject, CANARIES, facets=Facets("Female", "32"))
        actions.seal(subject, {"note:2": CANARIES["note:1"], "prs_FirstName": CANARIES["prs_FirstName"] + " lagi"})
    subject = Subject.objects.get()
    if command == "erase":
        Path(f"{home}/wrapped").write_bytes(bytes(subject.wrapped_key or b""))
        Path(f"{home}/profile").write_bytes(bytes(subject.profile or b""))
        actions.erase(by=None, subject=subject, reason="request")
    if command == "forget":
        actions.apply_erasures()
    sys.stdout.write(json.dumps(queries.read([subject.pk], None)[subject.pk]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
