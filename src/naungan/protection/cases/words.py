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
    "identifying": _("Identifying: tells who somebody is; sealed, masked until revealed"),
    "sensitive": _("Sensitive: health, violence, free text; sealed"),
    "operational": _("Operational: needed for the work; can be filtered"),
    "open": _("Open: harms nobody"),
}
