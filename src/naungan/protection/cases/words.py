"""Words for the codes that people choose on screen."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

KIND_WORDS: Mapping[str, object] = {
    "text": _("Short text"),
    "long_text": _("Long text"),
    "picklist": _("One word of a list"),
    "multi_picklist": _("Several words of a list"),
    "date": _("Date"),
    "boolean": _("Yes or no"),
    "number": _("Whole number"),
}
CLASS_WORDS: Mapping[str, object] = {
    "identifying": _("Identifying: tells who somebody is; sealed, masked until revealed; cannot be filtered"),
    "sensitive": _("Sensitive: health, violence, free text; sealed; cannot be filtered"),
    "operational": _("Operational: needed for the work; can be filtered"),
    "open": _("Open: harms nobody; can be filtered"),
}
CLASS_NAMES: Mapping[str, object] = {
    "identifying": _("Identifying"),
    "sensitive": _("Sensitive"),
    "operational": _("Operational"),
    "open": _("Open"),
}
ACTION_WORDS: Mapping[str, object] = {
    "case.read": _("Read the case"),
    "identity.reveal": _("Saw who the person is"),
    "identity.found": _("Found the person in a search"),
    "file.read": _("Opened a file"),
    "export.case": _("Took the case into an export"),
    "case.emergency": _("Opened the case in an emergency"),
}
REASON_WORDS: Mapping[str, object] = {
    "case_work": _("Accompanying the person"),
    "contact": _("Contacting the person safely"),
    "referral": _("Preparing a referral"),
    "correction": _("Correcting the record"),
    "legal": _("Legal or court matter"),
    "request": _("The person asks for their data"),
    "review": _("Supervision or review"),
}
ERASE_WORDS: Mapping[str, object] = {
    "request": _("The person asks for it"),
    "consent_withdrawn": _("The person withdrew their consent"),
    "retention": _("The retention term has ended"),
    "mistake": _("The record was made by mistake"),
    "order": _("A court or authority orders it"),
}
HOLD_WORDS: Mapping[str, object] = {
    "legal": _("A law requires keeping"),
    "court_order": _("A court orders keeping"),
    "investigation": _("An investigation needs it"),
    "restitution": _("A restitution claim needs it"),
    "complaint": _("A complaint is open"),
}

DEADLINE_WORDS: Mapping[str, object] = {
    "review": _("Case review"),
    "contact": _("Contact the person"),
    "emergency_review": _("Review an emergency access"),
    "consent": _("Ask for consent again"),
    "document": _("Obtain a document"),
    "plan": _("Support plan ends"),
    "follow_up": _("Follow-up visit"),
    "consent_withdrawn": _("Act on a withdrawn consent"),
    "safety_review": _("Review the safety plan"),
}
# Where what is due is settled by something else than a tick: the page of the case that does it.
SETTLED_AT: Mapping[str, str] = {"consent_withdrawn": "consents", "safety_review": "safety"}
SET_BY_HAND = frozenset(DEADLINE_WORDS) - {"emergency_review"} - frozenset(SETTLED_AT)
