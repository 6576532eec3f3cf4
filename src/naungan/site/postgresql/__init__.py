"""Django's backend for PostgreSQL; `base` is the name under which Django looks for it."""
