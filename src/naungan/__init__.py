"""Naungan: the open working system of a national response to human trafficking."""

__version__ = "0.1.0"
