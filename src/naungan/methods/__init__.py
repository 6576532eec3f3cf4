"""The science, usable alone: tables and values in, results out, without Django or a database."""
