"""The audit chain: whatever is done to it outside the house is found, and where."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naungan.access import audit
from naungan.access.models import AuditChain, AuditEntry, Organisation
from naungan.access.references import new_ref
from tests.personas import Persona, make_organisation

pytestmark = pytest.mark.usefixtures("anchors")


def write(organisation: Organisation, count: int) -> None:
    for number in range(count):
        audit.append(by=None, organisation_id=organisation.pk, action=f"act.{number}", details={"n": number})


def recompute(organisation: Organisation) -> None:
    """What a thief with the database and the code, but not the key, would do."""
    head = audit.GENESIS
    for entry in AuditEntry.objects.filter(organisation=organisation).order_by("number"):
        entry.mac = head = audit._mac(entry, head)
        entry.save(update_fields=["mac"])
    AuditChain.objects.filter(pk=organisation.pk).update(head=head, length=entry.number)


def test_new_chain_is_sound(org_a: Organisation) -> None:
    assert audit.verify(org_a.pk) == audit.Verdict(org_a.pk, 0, 0)


def test_untouched_chain_is_sound(org_a: Organisation) -> None:
    write(org_a, 5)

    assert audit.verify(org_a.pk) == audit.Verdict(org_a.pk, 5, 0)


def test_entries_hold_who_what_and_how(amara: Persona, org_a: Organisation) -> None:
    entry = audit.append(by=amara.actor(), organisation_id=org_a.pk, action="case.read", ref="C")

    assert (entry.actor, entry.role, entry.via, entry.number) == (amara.user.ref, "caseworker", "web", 1)


def test_append_many_continues_the_chain(org_a: Organisation, amara: Persona) -> None:
    write(org_a, 1)

    count = audit.append_many(
        by=amara.actor(), organisation_id=org_a.pk, lines=[audit.Line("a", "1", {}), audit.Line("b", "2", {"n": 1})]
    )

    assert count == 2
    assert audit.append_many(by=None, organisation_id=org_a.pk, lines=[]) == 0
    assert audit.verify(org_a.pk).broken_at is None
    assert audit.verify(org_a.pk).length == 3


@pytest.mark.parametrize(
    "field", ["at", "actor", "role", "via", "action", "ref", "details", "reason", "mac", "organisation_id"]
)
def test_changed_entry_is_found(org_a: Organisation, org_b: Organisation, amara: Persona, field: str) -> None:
    write(org_a, 4)
    entry = AuditEntry.objects.get(organisation=org_a, number=3)
    changed = {"at": entry.at.replace(year=1999), "details": {"n": 9}, "reason": b"x", "mac": b"0" * 32}
    value = org_b.pk if field == "organisation_id" else changed.get(field, "changed")
    AuditEntry.objects.filter(pk=entry.pk).update(**{field: value})

    assert audit.verify(org_a.pk).broken_at == 3


@pytest.mark.parametrize("number", [1, 2])
def test_removed_entry_is_found(org_a: Organisation, number: int) -> None:
    write(org_a, 3)
    AuditEntry.objects.filter(number=number).delete()

    verdict = audit.verify(org_a.pk)

    assert (verdict.broken_at, verdict.length) == (number, number - 1)


def test_removed_entry_with_the_rest_renumbered_is_found(org_a: Organisation) -> None:
    write(org_a, 3)
    AuditEntry.objects.filter(number=2).delete()
    AuditEntry.objects.filter(number=3).update(number=2)

    assert audit.verify(org_a.pk).broken_at == 2


def test_inserted_entry_is_found(org_a: Organisation) -> None:
    write(org_a, 3)
    AuditEntry.objects.filter(number=3).update(number=4)
    last = AuditEntry.objects.get(number=2)
    last.pk, last.number = None, 3
    last.save()

    assert audit.verify(org_a.pk).broken_at == 3


@pytest.mark.parametrize("kept", [0, 2])
def test_cut_tail_is_found(org_a: Organisation, kept: int) -> None:
    write(org_a, 4)
    AuditEntry.objects.filter(number__gt=kept).delete()

    assert audit.verify(org_a.pk).broken_at == kept + 1


def test_cut_tail_with_the_head_set_back_is_found_by_an_anchor(org_a: Organisation) -> None:
    write(org_a, 4)
    audit.anchor()
    AuditEntry.objects.filter(number__gt=2).delete()
    head = AuditEntry.objects.get(number=2).mac
    AuditChain.objects.filter(pk=org_a.pk).update(length=2, head=head)

    assert audit.verify(org_a.pk).broken_at == 3


def test_chain_removed_whole_is_found_by_an_anchor(org_a: Organisation) -> None:
    write(org_a, 2)
    audit.anchor()
    AuditEntry.objects.all().delete()
    AuditChain.objects.all().delete()

    assert audit.verify(org_a.pk).broken_at == 1


def test_chain_computed_without_the_key_is_found(org_a: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    write(org_a, 3)
    with monkeypatch.context() as thief:
        thief.setattr(audit, "_key", lambda purpose: b"a guess")
        recompute(org_a)

    assert audit.verify(org_a.pk).broken_at == 1


def test_chain_computed_with_the_key_is_found_by_an_anchor(org_a: Organisation) -> None:
    write(org_a, 4)
    audit.anchor()
    AuditEntry.objects.filter(number=2).update(action="rewritten")
    recompute(org_a)

    verdict = audit.verify(org_a.pk)

    assert (verdict.broken_at, verdict.fault) == (4, "the chain was computed anew")


def test_anchor_proves_up_to_its_length(org_a: Organisation) -> None:
    write(org_a, 3)
    audit.anchor()
    write(org_a, 2)

    assert audit.verify(org_a.pk) == audit.Verdict(org_a.pk, 5, 3)


def test_forged_anchor_is_ignored(org_a: Organisation, anchors: Path) -> None:
    write(org_a, 2)
    audit.anchor()
    line = json.loads(anchors.read_text())
    line["head"] = "00" * 32
    anchors.write_text(json.dumps(line) + "\n")

    assert audit.verify(org_a.pk) == audit.Verdict(org_a.pk, 2, 0)


def test_anchor_is_added_to_never_written_over(org_a: Organisation, org_b: Organisation, anchors: Path) -> None:
    write(org_a, 1)
    write(org_b, 1)

    assert audit.anchor() == 2
    audit.anchor()

    assert len(anchors.read_text().splitlines()) == 4


def test_daily_root_changes_with_any_chain(org_a: Organisation, org_b: Organisation) -> None:
    write(org_a, 1)
    before = audit.daily_root()
    write(org_b, 1)

    assert audit.daily_root() != before


def test_reasons_are_encrypted_and_bound_to_their_organisation(org_a: Organisation, org_b: Organisation) -> None:
    entry = audit.append(by=None, organisation_id=org_a.pk, action="x", reason="a court order")

    assert b"court" not in bytes(entry.reason or b"")
    assert audit.read_reason(entry) == "a court order"
    entry.organisation_id = org_b.pk
    assert audit.read_reason(entry) is None


def test_reason_sealed_by_the_caller_stays_sealed(org_a: Organisation) -> None:
    entry = audit.append(by=None, organisation_id=org_a.pk, action="x", reason=audit.Sealed(b"s" * 40))

    assert audit.read_reason(entry) is None
    assert audit.verify(org_a.pk).broken_at is None


def test_chains_of_organisations_do_not_touch(org_a: Organisation, org_b: Organisation) -> None:
    write(org_a, 2)
    write(org_b, 3)
    AuditEntry.objects.filter(organisation=org_a, number=1).delete()

    assert audit.verify(org_b.pk) == audit.Verdict(org_b.pk, 3, 0)


def test_first_entry_of_two_at_once_starts_one_chain(org_a: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    write(org_a, 1)
    looks = iter([None])  # what the second of two writers saw before the first had finished
    real = audit._read_locked
    monkeypatch.setattr(audit, "_read_locked", lambda organisation_id: next(looks, real(organisation_id)))
    write(org_a, 1)

    assert audit.verify(org_a.pk).length == 2


Act = tuple[str, object, dict[str, str | int]]

details: st.SearchStrategy[dict[str, str | int]] = st.dictionaries(st.text(max_size=5), st.integers(-5, 2**40))
acts: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("one"), st.text(max_size=20), details),
    st.tuples(st.just("many"), st.integers(0, 4), details),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(acts, min_size=1, max_size=6), st.data())
def test_any_history_is_sound_and_any_change_is_found(db: None, history: list[Act], data: st.DataObject) -> None:
    organisation = make_organisation(f"Rumah {new_ref()}")  # every example shares one transaction
    for kind, said, details in history:
        if kind == "one":
            clean = str(said).replace("\x00", "")
            audit.append(
                by=None,
                organisation_id=organisation.pk,
                action="act",
                ref=clean,
                reason=clean,
                details={key.replace("\x00", ""): value for key, value in details.items()},
            )
        else:
            lines = [audit.Line("act", str(number), {}) for number in range(int(str(said)))]
            audit.append_many(by=None, organisation_id=organisation.pk, lines=lines)
    length = AuditEntry.objects.filter(organisation=organisation).count()

    assert audit.verify(organisation.pk) == audit.Verdict(organisation.pk, length, 0)
    if length:
        victim = data.draw(st.integers(1, length))
        AuditEntry.objects.filter(organisation=organisation, number=victim).update(action="other")
        assert audit.verify(organisation.pk).broken_at == victim


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_one_sound_chain() -> None:
    organisation = make_organisation("Rumah Ramai")
    start, failures = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            write(organisation, 10)
        except Exception as error:  # the thread's failure is the test's
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert audit.verify(organisation.pk) == audit.Verdict(organisation.pk, 40, 0)
    assert connection.is_usable()
