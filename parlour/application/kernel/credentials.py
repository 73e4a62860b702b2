"""What an actor acts by, looked at again."""

from typing import Protocol

from .actor import Actor


class Credentials(Protocol):
    """What actors act by: sessions and tokens."""

    async def again(self, actor: Actor) -> Actor:
        """The actor as they are in this moment; `Unauthenticated` when the session or the token that they act by is over.
        Somebody whom a host vouches for is left alone."""
