"""The suites of the repositories and readers, in SQL on SQLite."""

from parlour.testing import contracts


class TestSqlUsers(contracts.UsersContract):
    """`Users` and `UserReader`."""


class TestSqlPeople(contracts.PeopleContract):
    """`People`."""


class TestSqlSessions(contracts.SessionsContract):
    """`Sessions`."""


class TestSqlBlocks(contracts.BlocksContract):
    """`Blocks`, and what rooms know of blocks."""


class TestSqlTickets(contracts.TicketsContract):
    """`Tickets`."""


class TestSqlAccessTokens(contracts.AccessTokensContract):
    """`AccessTokens`."""


class TestSqlExtensions(contracts.ExtensionsContract):
    """`Extensions`."""


class TestSqlProofs(contracts.ProofsContract):
    """`Proofs`."""


class TestSqlLetters(contracts.LettersContract):
    """`Letters`."""


class TestSqlWorkspaces(contracts.WorkspacesContract):
    """`Workspaces`, `WorkspaceStandings`, `WorkspaceReader`."""


class TestSqlInvitations(contracts.InvitationsContract):
    """`Invitations`."""


class TestSqlRooms(contracts.RoomsContract):
    """`Rooms` and `RoomStandings`."""


class TestSqlRoomReader(contracts.RoomReaderContract):
    """`RoomReader`."""


class TestSqlModeration(contracts.ModerationContract):
    """`Bans`, and what rooms know of mutes and bans."""


class TestSqlOwnRooms(contracts.OwnRoomsContract):
    """`OwnRooms` and `OwnReader`."""


class TestSqlWaiting(contracts.WaitingContract):
    """`OwnReader`, `ThreadFollowers` and `MessageReader`, as far as they know what waits."""


class TestSqlMessages(contracts.MessagesContract):
    """`Messages` and `MessageLog`."""


class TestSqlHistory(contracts.HistoryContract):
    """`MessageReader`."""


class TestSqlThreads(contracts.ThreadsContract):
    """`ThreadFollowers`, and messages with threads."""


class TestSqlMentions(contracts.MentionsContract):
    """`Names`, and messages with mentions."""


class TestSqlReactions(contracts.ReactionsContract):
    """`Reactions` and `ReactionReader`."""


class TestSqlPins(contracts.PinsContract):
    """`Messages.pins` and `MessageReader.pinned`."""


class TestSqlEdits(contracts.EditsContract):
    """`Edits` and `EditReader`."""


class TestSqlZones(contracts.ZonesContract):
    """Times told with an offset."""


class TestSqlSchedule(contracts.ScheduleContract):
    """`Schedule` and `ScheduleReader`."""


class TestSqlExpiry(contracts.ExpiryContract):
    """`Expiry`."""


class TestSqlRaces(contracts.RacesContract):
    """What all of them hold until a unit has ended."""


class TestSqlPresences(contracts.PresencesContract):
    """`Presences`."""
