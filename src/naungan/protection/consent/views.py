"""The pages of consents: what stands, asking, answering, withdrawing, confirming, and the form to sign."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from naungan.access.errors import NotFound
from naungan.access.policy import Permission
from naungan.access.requests import actor_of
from naungan.protection.cases.views.reading import case_to_write, is_revealed, standing_of
from naungan.protection.consent import actions, pages, queries
from naungan.protection.consent.errors import AnswerRefused, MomentRefused, NotAskable, StepNotAllowed
from naungan.protection.consent.forms import AnswerForm, AskForm, TalkForm, WithdrawForm, say_missing
from naungan.protection.consent.models import Consent
from naungan.protection.consent.purposes import PURPOSES
from naungan.protection.consent.states import State

ALREADY = gettext_lazy("This consent was answered or withdrawn in the meantime. Nothing was saved.")


@require_GET
def consents(request: HttpRequest, code: str) -> HttpResponse:
    """All consents of a case, and who must still confirm a withdrawal."""
    found = standing_of(request, code)
    revealed = is_revealed(request, found.record) and found.may(Permission.IDENTITY_REVEAL)
    lines = pages.lines_of(queries.consents_of(found, revealed=revealed))
    context = {
        "case": found.record,
        "lines": lines,
        "asked": [line for line in lines if line.shown.state is State.REQUESTED],
        "may_write": found.may(Permission.CASE_WRITE),
        "may_reveal": found.may(Permission.IDENTITY_REVEAL),
        "revealed": revealed,
    }
    return render(request, "consent/consents.html", context)


@require_http_methods(["GET", "POST"])
def consent_ask(request: HttpRequest, code: str) -> HttpResponse:
    """Choose what the person is asked."""
    case = case_to_write(request, code)
    form = AskForm(case, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(by=actor_of(request), case=case, questions=form.questions())
        except NotAskable as refused:
            places = {"fields": "fields_asked", "recipient": "outside", "purpose": "purposes"}
            words = {"fields": _("Choose what may be passed on."), "recipient": _("Say to whom it goes.")}
            for missing in refused.missing:
                form.add_error(places[missing], words.get(missing, _("Choose what is asked for.")))
        else:
            return redirect("consent_answer", code=case.code)
    return render(request, "consent/ask.html", {"case": case, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def consent_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Record what the person answered in one talk, to all that was asked."""
    case = case_to_write(request, code)
    waiting = list(Consent.objects.filter(case=case, state=State.REQUESTED.value).order_by("pk"))
    if not waiting:
        messages.info(request, _("Nothing is waiting for an answer."))
        return redirect("consents", code=case.code)
    sent = request.POST if request.method == "POST" else None
    talk = TalkForm(case, sent)
    rows = [AnswerForm(consent, sent) for consent in waiting]
    if request.method == "POST" and all([talk.is_valid(), *(row.is_valid() for row in rows)]):
        answers = {row.consent.ref: one for row in rows if (one := row.answered()) is not None}
        try:
            actions.answer(by=actor_of(request), case=case, said=talk.conversation(), answers=answers)
        except AnswerRefused as refused:
            say_missing(talk, refused.shared)
            for row in rows:
                say_missing(row, refused.missing.get(row.consent.ref, ()))
        except StepNotAllowed:
            messages.error(request, ALREADY)
            return redirect("consents", code=case.code)
        else:
            messages.success(request, _("The answers are recorded."))
            return redirect("consents", code=case.code)
    is_wrong = bool(talk.errors or any(row.errors for row in rows))
    drawn = [(PURPOSES[row.consent.purpose].words, row.consent.recipient, row) for row in rows]
    context = {"case": case, "talk": talk, "rows": drawn, "is_wrong": is_wrong}
    return render(request, "consent/answer.html", context, status=422 if is_wrong else 200)


@require_http_methods(["GET", "POST"])
def consent_withdraw(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """Record that the person takes a consent back; the clock starts."""
    case = case_to_write(request, code)
    consent = Consent.objects.filter(case=case, ref=ref).first()
    if consent is None:
        raise NotFound("There is no such consent.")
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at = form.cleaned_data["at"]
        try:
            actions.withdraw(by=actor_of(request), case=case, ref=ref, at=at)
        except MomentRefused:
            form.add_error("at", _("Give a moment that is past, and not before the consent was given."))
        except StepNotAllowed:
            messages.error(request, ALREADY)
            return redirect("consents", code=case.code)
        else:
            ends = timezone.localtime(at + actions.TO_STOP)
            said = _("Withdrawn. Everybody below must have stopped by %(moment)s.")
            messages.success(request, said % {"moment": pages.moment_words(ends)})
            return redirect("consents", code=case.code)
    context = {"case": case, "consent": consent, "purpose": PURPOSES[consent.purpose].words, "form": form}
    return render(request, "consent/withdraw.html", context, status=422 if form.errors else 200)


@require_POST
def consent_confirm(request: HttpRequest, code: str, ref: str) -> HttpResponse:
    """Note what one of those concerned does after a withdrawal."""
    case = case_to_write(request, code)
    sent = request.POST
    try:
        actions.confirm(
            by=actor_of(request), case=case, ref=ref, answer=sent.get("answer", ""), ground=sent.get("ground", "")
        )
    except AnswerRefused as refused:
        words = {
            "answer": _("Choose whether they stopped or keep. Nothing was saved."),
            "ground": _("Whoever keeps must name the article of the law. Nothing was saved."),
        }
        messages.error(request, words[refused.shared[0]])
    else:
        messages.success(request, _("Noted."))
    return redirect("consents", code=case.code)


@require_GET
def consent_form(request: HttpRequest, code: str) -> HttpResponse:
    """The form to sign, for all that is asked and not answered; in Indonesian or English."""
    case = case_to_write(request, code)
    language = request.GET.get("language", "")
    if language not in ("id", "en"):
        language = "id" if get_language() == "id" else "en"
    asked = Consent.objects.filter(case=case, state=State.REQUESTED.value).select_related("recipient").order_by("pk")
    if not asked:
        messages.info(request, _("Nothing is waiting for an answer. Choose first what is asked."))
        return redirect("consents", code=case.code)
    from naungan.protection.consent.printing import consent_pdf  # noqa: PLC0415 - loads the typesetter

    found = standing_of(request, code)
    revealed = is_revealed(request, case) and found.may(Permission.IDENTITY_REVEAL)
    names = {one.consent.ref: one.names for one in queries.consents_of(found, revealed=revealed)}
    content = consent_pdf(case, [(one, names[one.ref].get("recipient", "")) for one in asked], language)
    actions.note_printed(by=actor_of(request), case=case, language=language)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{case.code}-{language}.pdf"'
    return response
