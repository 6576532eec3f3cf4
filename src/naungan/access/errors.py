"""What access refuses, and how a door answers."""


class AccessError(Exception):
    """Base of every refusal; the message never carries what was refused."""


class NotFound(AccessError):
    """The record is outside the scope of the one who asks: the door answers 404."""


class Forbidden(AccessError):
    """The record is in scope, but the role lacks this permission: 403."""


class SecondFactorNeeded(AccessError):
    """The permission asks for a second factor fresher than the one given."""


class LastOfItsKind(AccessError):
    """The change would leave an organisation without the role, or a case without an owner."""


class Refused(AccessError):
    """A rule of the organisation's administration is broken; the message says which."""
