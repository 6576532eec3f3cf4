"""People, by reference: what is not identifying, the codes of their cases, and the identity against a reason."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from naungan.access.actor import Actor
from naungan.access.errors import Forbidden, NotFound
from naungan.access.policy import Permission
from naungan.access.rules import visible
from naungan.exchange.api.answers import answer, unchanged
from naungan.exchange.api.bearer import actor_with, caller_of, require_scope
from naungan.exchange.api.reading import REF_FORM, matches
from naungan.exchange.api.records import person_fields, values_body
from naungan.exchange.api.routes.answering import answers, described
from naungan.exchange.api.schemas.cases import PersonBody, PersonQuery
from naungan.exchange.api.schemas.common import Ref
from naungan.exchange.api.scopes import Scope
from naungan.protection.cases import queries
from naungan.protection.cases.models import Case

router = Router(tags=["people"])


@router.get(
    "/people/{ref}",
    response=answers({200: PersonBody, 304: None}, 404, 410),
    operation_id="read_person",
    url_name="api_person",
    openapi_extra=described(Scope.CASES_READ, also="identity:read with a reason"),
)
def read_person(request: HttpRequest, ref: Ref, query: Query[PersonQuery]) -> HttpResponse:
    """A person by reference. With a reason, and the scope for it, the identity is shown; each reading is audited."""
    by = actor_with(request, Scope.CASES_READ, query=("reason",))
    if query.reason:
        require_scope(caller_of(request), Scope.IDENTITY_READ)
    cases = _cases(by, ref)
    etag = sha256("".join(f"{case.code}:{case.version};" for case in cases).encode()).hexdigest()[:20]
    if not query.reason and matches(request, etag):
        return unchanged(etag)
    newest = cases[0]
    record = queries.case_record(by, newest)
    body: dict[str, object] = {
        "ref": newest.person.ref,
        "cases": [{"code": case.code, "state": case.state} for case in cases],
        "fields": person_fields(record),
        "masked": sorted(name for name in record.masked if name.startswith("prs_")),
    }
    if query.reason:
        shown = queries.reveal_identity(by=by, case=newest, reason=query.reason)
        body |= {"identity": values_body(shown), "masked": []}
    return answer(body, etag=etag)


def _cases(by: Actor, ref: str) -> list[Case]:
    """The cases of a person that may be read, newest first; NotFound where none is in scope."""
    wanted = {"person__ref": ref if REF_FORM.match(ref) else "-"}
    found = visible(by, Permission.CASE_READ, Case).filter(**wanted).select_related("person__subject", "organisation")
    cases = list(found.order_by("-opened_on", "-pk"))
    if cases:
        return cases
    if visible(by, Permission.CASE_LIST, Case).filter(**wanted).exists():
        raise Forbidden(Permission.CASE_READ.value)
    raise NotFound("There is no such person.")
