"""Keeps a person's data out of the log: no arguments, no exception texts, no query strings."""

from __future__ import annotations

import logging


class BareRequest(logging.Filter):
    """Strips a record of what a request carried; the type and place of an error stay."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.") and record.args:
            record.msg, record.args = _said(record), None
        if record.exc_info and record.exc_info[0] is not None:
            record.msg = f"{record.msg} [{record.exc_info[0].__name__}] {_where(record.exc_info[2])}"
            record.exc_info = None
            record.exc_text = None
        return True


def _said(record: logging.LogRecord) -> str:
    """What is left of a line of Django's: of a request the status and the name of the page, never its address."""
    status = getattr(record, "status_code", None)
    if status is None:
        return str(record.msg).split("%", 1)[0].strip()
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return f"{status} {match.view_name if match else 'no such page'}"


def _where(trace: object) -> str:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code  # type: ignore[attr-defined]  # a traceback, typed loosely by logging
        places.append(f"{code.co_name}:{trace.tb_lineno}")  # type: ignore[attr-defined]  # as above
        trace = trace.tb_next  # type: ignore[attr-defined]  # as above
    return " > ".join(places[-6:])
