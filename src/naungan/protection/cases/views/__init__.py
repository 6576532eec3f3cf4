"""Pages of cases: each asks a query or an action, and draws the answer."""
