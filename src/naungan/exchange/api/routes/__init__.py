"""One module a kind of record; each route reads the request, calls an action or a query, and presents."""
