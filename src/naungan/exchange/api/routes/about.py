"""What a program can know of its surroundings: itself, the fields, and the document of the API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from ninja import Router

from naungan.access.models import Team
from naungan.exchange.api import limits
from naungan.exchange.api.answers import answer, unchanged
from naungan.exchange.api.bearer import actor_with, caller_of
from naungan.exchange.api.queries import token_of
from naungan.exchange.api.reading import matches
from naungan.exchange.api.records import moment
from naungan.exchange.api.routes.answering import answers
from naungan.exchange.api.schemas.files import FieldList, Me
from naungan.protection.cases.actions.own_fields import is_live
from naungan.protection.cases.fields import DERIVED
from naungan.protection.cases.values import custom_fields, fields_of
from naungan.standards import htcds

router = Router(tags=["about"])


@router.get("/me", response=answers({200: Me}), operation_id="read_me", url_name="api_me")
def read_me(request: HttpRequest) -> HttpResponse:
    """What this token is, what it may do and until when."""
    by, token = actor_with(request), token_of(caller_of(request))
    teams = Team.objects.filter(organisation_id=by.organisation_id, ended_at__isnull=True).order_by("name")
    return answer(
        {
            "name": token.name,
            "ref": token.ref,
            "scopes": sorted(token.scopes),
            "expires_at": moment(token.expires_at),
            "organisation": {"ref": token.organisation.ref, "name": token.organisation.name},
            "teams": [{"ref": team.ref, "name": team.name} for team in teams],
            "requests_per_minute": limits.PER_MINUTE,
        }
    )


@router.get("/fields", response=answers({200: FieldList, 304: None}), operation_id="list_fields", url_name="api_fields")
def list_fields(request: HttpRequest) -> HttpResponse:
    """The 84 fields of HTCDS 2.0 and the organisation's own, with their pick-lists in Indonesian and English."""
    by = actor_with(request)
    fields = fields_of(by.organisation_id)
    ended = {f"x:{code}" for code, own in custom_fields(by.organisation_id).items() if not is_live(own.ends_on)}
    lists: dict[str, object] = {}
    for field in fields.values():
        if field.choices:
            lists.setdefault(_list_name(field), _words(field))
    response = answer({"fields": [_field(field, field.api_name in ended) for field in fields.values()], "lists": lists})
    etag = sha256(response.content).hexdigest()[:20]
    if matches(request, etag):
        return unchanged(etag)
    response.headers["ETag"] = f'"{etag}"'
    return response


def _field(field: htcds.Field, is_ended: bool) -> dict[str, object]:
    is_ours = field.api_name not in DERIVED and field.prefix != "org"
    return {
        "name": field.api_name,
        "object": field.object,
        "label": {"id": field.label_in("id"), "en": field.label_in("en")},
        "kind": field.kind,
        "data_class": field.data_class.value,
        "is_sealed": field.sealed,
        "is_identifying": field.data_class is htcds.DataClass.IDENTIFYING,
        "takes_several": field.several,
        "is_writable": is_ours and not is_ended,
        "is_deprecated": field.deprecated,
        "max_length": field.max_length,
        "list": _list_name(field) if field.choices else None,
    }


def _list_name(field: htcds.Field) -> str:
    if field.own_choices is not None:
        return field.api_name
    if field.kind == "country" or field.api_name == "prs_Citizenship":
        return "country"
    return "language" if field.kind == "language" else field.api_name


def _words(field: htcds.Field) -> list[dict[str, object]]:
    standard = htcds.FIELDS.get(field.api_name)
    if standard is not None and field is standard:
        return _standard_words(field.api_name)
    return _listed(field.choices)


@lru_cache(maxsize=128)
def _standard_words(api_name: str) -> list[dict[str, object]]:
    return _listed(htcds.FIELDS[api_name].choices)


def _listed(choices: Mapping[str, htcds.Choice]) -> list[dict[str, object]]:
    return [
        {
            "code": choice.code,
            "label": {"id": choice.label_in("id"), "en": choice.label_in("en")},
            "is_extension": choice.extension,
            "maps_to": choice.maps_to,
        }
        for choice in choices.values()
    ]
