"""Printable documents: tagged PDF, made on this machine, nothing fetched and nothing kept."""

from naungan.access.printing.paper import pdf
from naungan.access.printing.statement import Seen, StatementAbout, statement_pdf

__all__ = ["Seen", "StatementAbout", "pdf", "statement_pdf"]
