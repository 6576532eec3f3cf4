"""The REST API: the third door, for programs that hold a token."""
