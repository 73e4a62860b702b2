"""What somebody has not read, kept the way it is meant: for each person the set of messages, not a number."""

from attrs import define, field


@define
class Said:
    """A message: who said it, whom it called, and the first message of the thread it stands in."""

    author: str
    called: set[str]
    root: int | None = None
    deleted: bool = False


@define
class Room:
    """A room. Everything is named by numbers of messages."""

    said: dict[int, Said] = field(factory=dict)
    unread: dict[str, set[int]] = field(factory=dict)
    threads: dict[str, dict[int, set[int] | None]] = field(factory=dict)
    """For each person the threads that they follow, with the replies they have not read; None: they do not want to."""

    @property
    def head(self) -> int:
        return len(self.said)

    def join(self, who: str) -> None:
        self.unread.setdefault(who, set())

    def leave(self, who: str) -> None:
        del self.unread[who]
        self.threads.pop(who, None)

    def say(self, message: Said) -> int:
        number = self.head + 1
        self.said[number] = message
        for unread in self.unread.values():
            unread.add(number)
        if message.root is not None:
            self._answer(message.author, message.root, number)
        return number

    def _answer(self, author: str, root: int, number: int) -> None:
        if self.threads.get(author, {}).get(root) is None:
            self.threads.setdefault(author, {})[root] = set()
        began = self.said[root].author
        if began in self.unread:
            self.threads.setdefault(began, {}).setdefault(root, set())
        for who, followed in self.threads.items():
            unread = followed.get(root)
            if unread is not None and who != author:
                unread.add(number)

    def delete(self, number: int) -> None:
        self.said[number].deleted = True
        for followed in self.threads.values():
            for unread in followed.values():
                if unread is not None:
                    unread.discard(number)

    def read(self, who: str, number: int) -> None:
        self.unread[who] = {u for u in self.unread[who] if u > number}

    def unread_from(self, who: str, number: int) -> None:
        self.unread[who] |= {n for n in self.said if n >= number}

    def follow(self, who: str, root: int) -> None:
        if self.threads.get(who, {}).get(root) is None:
            self.threads.setdefault(who, {})[root] = set()

    def unfollow(self, who: str, root: int) -> None:
        self.threads.setdefault(who, {})[root] = None

    def follows(self, who: str, root: int) -> bool:
        return self.threads.get(who, {}).get(root) is not None

    def read_thread(self, who: str, root: int, number: int) -> None:
        unread = self.threads[who][root]
        assert unread is not None
        self.threads[who][root] = {u for u in unread if u > number}

    def root_of(self, number: int) -> int:
        return self.said[number].root or number

    def mentions(self, who: str, blocked: set[str]) -> int:
        """How many messages that were not read call somebody: not those of whom they block."""
        there = [self.said[n] for n in self.unread[who] if not self.said[n].deleted]
        return sum(1 for m in there if who in m.called and m.author != who and m.author not in blocked)

    def replies(self, who: str) -> dict[int, int]:
        """How many replies somebody has not read in each thread that they follow."""
        return {root: len(unread) for root, unread in self.threads.get(who, {}).items() if unread is not None}

    def waits(self, who: str, blocked: set[str]) -> tuple[int, int, int]:
        replies = self.replies(who)
        return len(self.unread[who]), self.mentions(who, blocked), sum(1 for r in replies.values() if r)
