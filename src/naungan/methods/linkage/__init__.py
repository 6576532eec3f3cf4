"""Who is the same person: names brought to comparable forms, and how alike two names are."""
