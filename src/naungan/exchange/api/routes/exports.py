"""Exports: cases leave as CSV or JSON by API names, streamed, against a reason."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from naungan.exchange.actions import download, start_export
from naungan.exchange.api.bearer import actor_with, caller_of, require_scope
from naungan.exchange.api.routes.answering import answers, described
from naungan.exchange.api.schemas.files import ExportChoice, NewExport
from naungan.exchange.api.scopes import Scope
from naungan.exchange.states import Form

router = Router(tags=["exports"])
_STREAMED = {
    "description": "The file, streamed; each case is audited before its line leaves.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["standard", "records"],
                "properties": {
                    "standard": {"type": "string"},
                    "records": {"type": "array", "items": {"type": "object"}},
                },
            }
        },
        "text/csv": {"schema": {"type": "string"}},
    },
}


@router.post(
    "/exports",
    response=answers({200: None}, 413, 415),
    operation_id="export_cases",
    url_name="api_exports",
    openapi_extra={
        **described(Scope.EXPORTS, also="identity:read when identity is asked for"),
        "responses": {200: _STREAMED},
    },
)
def export_cases(request: HttpRequest, body: NewExport) -> StreamingHttpResponse:
    """Export cases in scope. It needs no Idempotency-Key: nothing is changed, and every export is audited."""
    by = actor_with(request, Scope.EXPORTS)
    if body.identity:
        require_scope(caller_of(request), Scope.IDENTITY_READ)
    form, choice = Form(body.form), _choice(body.choice)
    export = start_export(by=by, form=form, choice=choice, reason=body.reason, with_identity=body.identity)
    file = download(by=by, export=export)
    response = StreamingHttpResponse(file.chunks, content_type=file.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


def _choice(chosen: ExportChoice | None) -> dict[str, object]:
    if chosen is None:
        return {"state": ""}
    if chosen.codes is not None:
        return {"codes": chosen.codes}
    days = {"opened_from": chosen.opened_from, "opened_until": chosen.opened_until}
    state = "" if chosen.state == "live" else chosen.state
    return {"state": state, **{name: day.isoformat() for name, day in days.items() if day}}
