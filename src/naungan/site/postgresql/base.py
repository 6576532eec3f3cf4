"""Django's backend for PostgreSQL, which learns that a connection is broken without asking the server."""

from __future__ import annotations

from select import POLLIN, poll

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend that every thread of the server keeps."""

    def is_usable(self) -> bool:
        """
        Whether the connection still holds; asked once a request.

        A server that goes away closes its end, and that can be read here; while nothing can be read, all is well, and
        the statement that Django would send is spared.
        """
        if self.connection is None or self.connection.closed:
            return False
        watch = poll()
        watch.register(self.connection.fileno(), POLLIN)
        return super().is_usable() if watch.poll(0) else True
