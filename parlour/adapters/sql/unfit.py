"""Why a database server cannot be worked with. Known to those who start parlour, whatever the engine's driver is."""


class DatabaseUnreachable(RuntimeError):
    """There is no server, or it does not let this role in; the message says what was tried, and never the password."""


class DatabaseUnfit(RuntimeError):
    """The server is there, and its database cannot be used; the message says why and what would help."""
