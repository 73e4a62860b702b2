"""Contract suites: what each port guarantees, word by word, for adapters that anybody writes.

A suite is a class of tests; bind it by deriving from it where pytest finds it, and by giving the fixture it asks for:

    class TestMyStore(StoreContract): ...

    @pytest.fixture
    async def house() -> AsyncIterator[House]:
        yield House(store=MyStore(...), ...)

Suites of the store and of repositories ask for `house` (see `support.House`); the others name theirs in their docstring.
They need asyncio tests (`asyncio_mode = "auto"` of pytest-asyncio) and a server of their own to work on.
"""

from .access_tokens import AccessTokensContract
from .besides import MentionsContract, ThreadsContract
from .blocks import BlocksContract
from .cancelled import CancellationContract
from .codec import CodecContract, HostileInputContract
from .delivery import EventBusContract, RelayContract
from .due import DueTableContract
from .edits import EditsContract
from .expiry import ExpiryContract
from .extensions import ExtensionsContract
from .identity import PeopleContract, SessionsContract, TicketsContract, UsersContract
from .invitations import InvitationsContract
from .keys import KeysContract
from .local import CacheContract, RateLimitsContract, SignalsContract
from .mail import LettersContract, MailerContract
from .messages import HistoryContract, MessagesContract
from .moderation import ModerationContract
from .nested import NestedContract
from .own_rooms import OwnRoomsContract
from .pins import PinsContract
from .presence import PresencesContract, PresenceStoreContract
from .proofs import ProofsContract
from .races import RacesContract
from .reactions import ReactionsContract
from .rooms import RoomReaderContract, RoomsContract
from .schedule import ScheduleContract
from .security import PasswordsContract
from .store import StoreContract
from .streams import KeepingContract, StreamLogContract
from .support import House
from .tokens import TokensContract
from .waiting import WaitingContract
from .workspaces import WorkspacesContract
from .world import ClockContract, IdsContract
from .zones import ZonesContract

__all__ = [
    "AccessTokensContract",
    "BlocksContract",
    "CacheContract",
    "CancellationContract",
    "ClockContract",
    "CodecContract",
    "DueTableContract",
    "EditsContract",
    "EventBusContract",
    "ExpiryContract",
    "ExtensionsContract",
    "HistoryContract",
    "HostileInputContract",
    "House",
    "IdsContract",
    "InvitationsContract",
    "KeepingContract",
    "KeysContract",
    "LettersContract",
    "MailerContract",
    "MentionsContract",
    "MessagesContract",
    "ModerationContract",
    "NestedContract",
    "OwnRoomsContract",
    "PasswordsContract",
    "PeopleContract",
    "PinsContract",
    "PresenceStoreContract",
    "PresencesContract",
    "ProofsContract",
    "RacesContract",
    "RateLimitsContract",
    "ReactionsContract",
    "RelayContract",
    "RoomReaderContract",
    "RoomsContract",
    "ScheduleContract",
    "SessionsContract",
    "SignalsContract",
    "StoreContract",
    "StreamLogContract",
    "ThreadsContract",
    "TicketsContract",
    "TokensContract",
    "UsersContract",
    "WaitingContract",
    "WorkspacesContract",
    "ZonesContract",
]
