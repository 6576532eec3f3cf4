"""Asks for consents, records the answers, and starts the clock when one is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import NotFound
from naungan.access.models import Organisation
from naungan.access.policy import Permission
from naungan.access.rules import require
from naungan.protection.cases import actions as cases
from naungan.protection.cases.models import Case, Deadline
from naungan.protection.consent import rules
from naungan.protection.consent.errors import AnswerRefused, MomentRefused, NotAskable, StepNotAllowed
from naungan.protection.consent.models import Confirmation, Consent
from naungan.protection.consent.purposes import FIELDS, PURPOSES
from naungan.protection.consent.rules import Answer, Conversation
from naungan.protection.consent.states import State
from naungan.vault import actions as vault

# Processing must stop within three times 24 hours of a withdrawal (UU 27/2022, articles 9 and 40).
TO_STOP = timedelta(hours=72)
HTCDS_PURPOSE = "case_work"


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """
    What somebody is to be asked.

    Args:
        purpose: One of `PURPOSES`.
        recipient: To whom something goes, where that is an organisation known here.
        outside: The same in words, where it is not; sealed.
        fields: What may go, of `FIELDS`.
    """

    purpose: str
    recipient: Organisation | None = None
    outside: str = ""
    fields: Sequence[str] = ()


@transaction.atomic
def ask(*, by: Actor, case: Case, questions: Sequence[Question]) -> list[Consent]:
    """
    Note what a person is to be asked, each purpose a record of its own; all or none.

    Raises:
        NotAskable: nothing is asked, or a question lacks its recipient or what is passed on.
    """
    require(by, Permission.CASE_WRITE, case)
    locked = cases.lock(case)
    missing = [] if questions else ["purpose"]
    for one in questions:
        named = one.recipient is not None or bool(one.outside.strip())
        missing += rules.missing_of_question(one.purpose, one.fields, has_recipient=named)
    if missing:
        raise NotAskable(list(dict.fromkeys(missing)))
    made = []
    for one in questions:
        consent = Consent.objects.create(
            case=locked,
            purpose=one.purpose,
            recipient=one.recipient,
            fields=[field for field in FIELDS if field in one.fields],
            asked_at=clock.now(),
            asked_by_id=by.user_id,
        )
        outside = one.outside.strip()[: rules.MOST_WORDS]
        if outside and one.recipient is None:
            vault.seal(locked.person.subject, {item_name(consent, "recipient"): outside})
        _note(by, locked, consent, "asked")
        made.append(consent)
    return made


@transaction.atomic
def answer(*, by: Actor, case: Case, said: Conversation, answers: Mapping[str, Answer]) -> list[Consent]:
    """
    Record what a person answered in one conversation; all or none. A no to one purpose touches no other.

    Args:
        by: Who asked.
        case: Whose file it is.
        said: How it was asked; for a no, only the day counts.
        answers: By the reference of the consent asked for; what is not there stays open.

    Raises:
        AnswerRefused: what an agreement needs is missing.
        StepNotAllowed: one of them was answered already.
        NotFound: a reference is not of this case.
    """
    require(by, Permission.CASE_WRITE, case)
    locked, today = cases.lock(case), clock.today()
    held = Consent.objects.select_for_update(of=("self",))
    asked = {one.ref: one for one in held.filter(case=locked, ref__in=answers)}
    if len(asked) != len(answers):
        raise NotFound("There is no such consent.")
    if any(one.state != State.REQUESTED.value for one in asked.values()):
        raise StepNotAllowed("answered already")
    _require_whole(locked, said, answers, asked, today)
    for ref, one in answers.items():
        _settle(by, locked, asked[ref], said, one)
    return list(asked.values())


def _require_whole(
    case: Case, said: Conversation, answers: Mapping[str, Answer], asked: Mapping[str, Consent], today: date
) -> None:
    agreed = {ref: one for ref, one in answers.items() if one.yes}
    if agreed:
        shared = rules.missing_of_talk(case, said, today)
    else:
        shared = [] if rules.given_on_fits(case, said, today) else ["given_on"]
    if not answers:
        shared.append("answers")
    found = {
        ref: rules.missing_of_answer(case, asked[ref].purpose, asked[ref].fields, said, one, today)
        for ref, one in agreed.items()
    }
    missing = {ref: guards for ref, guards in found.items() if guards}
    if shared or missing:
        raise AnswerRefused(shared, missing)


def _settle(by: Actor, case: Case, consent: Consent, said: Conversation, one: Answer) -> None:
    consent.given_on, consent.answered_at, consent.answered_by_id = said.given_on, clock.now(), by.user_id
    if not one.yes:
        consent.state = State.REFUSED.value
        consent.save()
        _note(by, case, consent, "refused")
        return
    child = rules.is_child(case, said, clock.today())
    consent.state, consent.until = State.GIVEN.value, one.until
    consent.fields = [field for field in FIELDS if field in one.fields and field in consent.fields]
    consent.language, consent.how, consent.told, consent.given_by = said.language, said.how, [*said.told], said.given_by
    consent.is_child = child
    consent.assent = said.assent if child else None
    consent.guardian_suspected = said.guardian_suspected if said.given_by == "guardian" else None
    assert one.until is not None  # asked by the rules
    consent.deadline = _due(by, case, "consent", datetime.combine(one.until, time(17)))
    consent.save()
    names = {"guardian": said.guardian, "witness": said.witness, "interpreter": said.interpreter}
    items = {item_name(consent, part): text.strip()[: rules.MOST_WORDS] for part, text in names.items() if text.strip()}
    if items:
        vault.seal(case.person.subject, dict(items))
    _note(by, case, consent, "given")


@transaction.atomic
def withdraw(*, by: Actor, case: Case, ref: str, at: datetime | None = None) -> Consent:
    """
    Record that a person takes a consent back; within 72 hours everybody who worked under it must have stopped.

    Args:
        by: Who was told.
        case: Whose file it is.
        ref: The consent.
        at: When the person said so, if not now; the clock counts from there, nights and Sundays included.

    Raises:
        StepNotAllowed: it is not given, or has run out.
        MomentRefused: `at` lies in the future or before the consent.
    """
    require(by, Permission.CASE_WRITE, case)
    locked, moment = cases.lock(case), at or clock.now()
    consent = _of_case(locked, ref)
    if effective_state(consent, clock.today()) is not State.GIVEN:
        raise StepNotAllowed("not given, or not any more")
    assert consent.given_on is not None  # every consent that was given has its day
    if moment > clock.now() or timezone.localtime(moment).date() < consent.given_on:
        raise MomentRefused("in the future or before the consent")
    if consent.deadline is not None:
        Deadline.objects.filter(pk=consent.deadline.pk, done_at__isnull=True).update(done_at=clock.now())
    consent.state, consent.withdrawn_at, consent.withdrawn_by_id = State.WITHDRAWN.value, moment, by.user_id
    consent.deadline = _due(by, locked, "consent_withdrawn", moment + TO_STOP)
    consent.save()
    who: list[int | None] = [locked.organisation_id]  # none: the receiver outside
    if PURPOSES[consent.purpose].names_recipient and consent.recipient_id != locked.organisation_id:
        who.append(consent.recipient_id)
    Confirmation.objects.bulk_create([Confirmation(consent=consent, organisation_id=one) for one in who])
    _note(by, locked, consent, "withdrawn")
    return consent


@transaction.atomic
def confirm(*, by: Actor, case: Case, ref: str, answer: str, ground: str = "") -> Confirmation:
    """
    Note that one of those concerned has stopped and deleted, or keeps by a law that is named; the last ends the clock.

    Args:
        by: Who notes it.
        case: Whose file it is.
        ref: The confirmation that is waited for.
        answer: `stopped` or `kept`.
        ground: The article by which it is kept; sealed.

    Raises:
        NotFound: the case waits for no such confirmation.
        AnswerRefused: the answer is not one of the two, or keeping names no ground.
    """
    require(by, Permission.CASE_WRITE, case)
    locked = cases.lock(case)
    waited = Confirmation.objects.select_related("consent__deadline").filter(
        consent__case=locked, ref=ref, answer=""
    ).first()  # fmt: skip
    if waited is None:
        raise NotFound("Nothing is waited for here.")
    words = ground.strip()[: rules.MOST_WORDS]
    if answer not in Confirmation.ANSWERS:
        raise AnswerRefused(["answer"], {})
    if answer == "kept" and not words:
        raise AnswerRefused(["ground"], {})
    waited.answer, waited.confirmed_at, waited.confirmed_by_id = answer, clock.now(), by.user_id
    waited.save()
    if answer == "kept":
        vault.seal(locked.person.subject, {f"confirmation:{waited.ref}:ground": words})
    consent = waited.consent
    is_last = not consent.confirmations.filter(answer="").exists()
    if is_last and consent.deadline is not None:
        due = Deadline.objects.filter(pk=consent.deadline.pk, done_at__isnull=True)
        due.update(done_at=clock.now(), done_by_id=by.user_id)
    details: dict[str, str | int] = {"purpose": consent.purpose, "consent": consent.ref, "answer": answer}
    cases.add_line(by=by, case=locked, kind="consent", action="consent.confirmed", details=details)
    return waited


@transaction.atomic
def note_printed(*, by: Actor, case: Case, language: str) -> None:
    """Put on the chain that a form was printed for a person to sign."""
    require(by, Permission.CASE_WRITE, case)
    audit.append(
        by=by, organisation_id=case.organisation_id, action="consent.printed", ref=case.code,
        details={"language": language},
    )  # fmt: skip


def effective_state(consent: Consent, on: date) -> State:
    """The state on a day: what was given is expired once its term has passed."""
    state = State(consent.state)
    if state is State.GIVEN and consent.until is not None and on > consent.until:
        return State.EXPIRED
    return state


def item_name(consent: Consent, part: str) -> str:
    """Where one of the names of a consent lies in the vault."""
    return f"consent:{consent.ref}:{part}"


def _of_case(case: Case, ref: str) -> Consent:
    held = Consent.objects.select_for_update(of=("self",)).select_related("deadline")
    found = held.filter(case=case, ref=ref).first()
    if found is None:
        raise NotFound("There is no such consent.")
    return found


def _due(by: Actor, case: Case, kind: str, at: datetime) -> Deadline:
    moment = at if timezone.is_aware(at) else timezone.make_aware(at)
    return cases.set_deadline(by=by, case=case, kind=kind, due_at=moment)


def _note(by: Actor, case: Case, consent: Consent, what: str) -> None:
    """Write the step on timeline and chain; the answer about the file itself is also the standard's `con_Consent`."""
    also = []
    if consent.purpose == HTCDS_PURPOSE and what != "asked":
        case.consent_given = what == "given"
        also = ["consent_given"]
    details = {"purpose": consent.purpose, "consent": consent.ref, "to": what}
    cases.add_line(by=by, case=case, kind="consent", action=f"consent.{what}", details=details, also=also)
