"""The pages of access: each one asks an action or a query, and shows what it said."""
