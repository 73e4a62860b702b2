"""What people type: ordinary words, other scripts, look-alikes, and what no name may hold."""

from hypothesis import strategies as st

from ..domain.identity.user import EVERYBODY
from ..domain.kernel.text import blank, unprintable

ORDINARY = ("alice", "bob", "Zoë", "O'Neil", "general", "a", "x" * 64, "team-1", "café")
OTHER_SCRIPTS = ("Ольга", "山田太郎", "محمد", "שלום", "ไทย", "한국어", "हिन्दी", "Straße", "İstanbul", "ΑΣ")
COMPOSED = ("e\u0301", "\ufb01n", "\uff21\uff22", "\u212b", "\u1e9e", "1\u20442")
EMOJI = ("👍", "👩‍👩‍👧‍👦", "🏳️‍🌈", "e\u0301\u0301\u0301")
RIGHT_TO_LEFT = ("\u200fabc", "abc\u05d0", "\u0627\u0644")

CONTROLS = ("\x00", "\x07", "\x1b", "\x7f", "\x85")
HALF_PAIRS = ("\ud800", "\udfff")
DIRECTIONS = ("\u202a", "\u202b", "\u202d", "\u202e", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069")
LINE_BREAKS = ("\n", "\r", "\t", "\u2028", "\u2029")

LOOK_ALIKES = (
    ("paypal", "раураl"),  # Cyrillic letters
    ("scope", "ѕсоре"),
    ("alice", "аlice"),
    ("bob", "b0b"),
    ("bill", "bi1l"),
    ("modern", "modem"),
    ("vvolf", "wolf"),
    ("cafe", "café"),
    ("zoe", "Zoë"),
    ("kilo", "κιlo"),  # Greek letters
)


def printable(low: int = 1, high: int = 40, *, lines: bool = False) -> st.SearchStrategy[str]:
    """Text that a name or a message may hold, not blank."""
    known = st.sampled_from([w for w in (*ORDINARY, *OTHER_SCRIPTS, *COMPOSED, *EMOJI) if low <= len(w) <= high])
    free = st.text(min_size=low, max_size=high).filter(lambda t: unprintable(t, lines=lines) is None and not blank(t))
    return st.sampled_from("abc").filter(lambda t: low <= 1) | known | free


def names() -> st.SearchStrategy[str]:
    """Names of rooms, workspaces and people."""
    return printable(high=255)


def unfit(*, lines: bool = False) -> st.SearchStrategy[str]:
    """Text with a character in it that must be refused."""
    wrong = [*CONTROLS, *HALF_PAIRS, *(() if lines else (*DIRECTIONS, *LINE_BREAKS))]
    return st.builds(lambda a, c, b: a + c + b, st.sampled_from(ORDINARY), st.sampled_from(wrong), st.just("z"))


def contents() -> st.SearchStrategy[str]:
    """What is said: words, several lines of them, code, markup, any script."""
    said = st.sampled_from(
        ["hi", "two\nlines", "```py\nx = 1\n```", "<script>alert(1)</script>", "'; drop table x; --"]
    )
    return printable(high=200, lines=True) | said


def usernames() -> st.SearchStrategy[str]:
    """Usernames that may be taken."""
    plain = st.from_regex(r"[a-z0-9][a-z0-9._\-]{0,62}[a-z0-9]", fullmatch=True)
    plain = plain.filter(lambda name: name not in EVERYBODY)
    return plain | st.sampled_from(["alice", "Ольга", "山田太郎", "Zoë", "team-1", "a.b_c-d"])


def emoji() -> st.SearchStrategy[str]:
    """What one may react with; a few come often, so that people agree."""
    return st.sampled_from(["👍", "👍", "❤️", "❤", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "#️⃣"])


def room_passwords() -> st.SearchStrategy[str]:
    """Passwords of channels: few, so that one is tried where it opens."""
    return st.sampled_from(["sesame", "swordfish"])


def passwords() -> st.SearchStrategy[str]:
    """Passwords within their bounds."""
    return st.just("correct horse") | st.text(min_size=8, max_size=32).filter(_fits)


def _fits(password: str) -> bool:
    try:
        return 8 <= len(password.encode()) <= 128
    except UnicodeEncodeError:
        return False
