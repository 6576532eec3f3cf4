"""Identities, encrypted field by field; their keys; and search over what cannot be read."""
