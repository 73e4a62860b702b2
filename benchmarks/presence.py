"""Many people come online within a second while others watch them: a server, and real sockets of another process."""

import asyncio
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from attrs import frozen
from typed_settings import SecretStr

import parlour
from parlour.application.kernel.actor import Actor, Call, Way
from parlour.application.kernel.ports import Passwords
from parlour.config.features import CORE
from parlour.config.instance import Instance, Plan
from parlour.config.plan import values_of
from parlour.config.settings import Settings
from parlour.domain.kernel.ids import UserId

from .live import ROOT, serving
from .measure import Result
from .postgres import QuickPasswords

COMING, WATCHERS, EACH, WITHIN, AT_ONCE = 1_000, 100, 100, 1.0, 20
OWNER = Actor(UserId(parlour.host_id("owner")))
SECRET = "bench " * 8
STRANGER = Call(Actor(), Way.LIBRARY)


@frozen
class Somebody:
    """Who has an account."""

    id: str
    token: str


async def presence() -> Result:
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        return await _presence(Path(folder))


async def _presence(folder: Path) -> Result:
    url = f"sqlite:///{folder / 'bench.db'}"
    watchers, coming = await _people(url)
    ids = [somebody.id for somebody in coming]
    asked = {
        "watchers": [
            (w.token, [ids[(n * COMING // WATCHERS + k) % COMING] for k in range(EACH)]) for n, w in enumerate(watchers)
        ],
        "tokens": [somebody.token for somebody in coming],
        "within": WITHIN,
    }
    return await asyncio.to_thread(_watched, folder, url, asked)


async def _people(url: str) -> tuple[list[Somebody], list[Somebody]]:
    """All in one workspace, made before there is a server, and without the cost of their passwords."""
    settings = Settings(database_url=url, feature_flags="", jwt_secret=SecretStr(SECRET))
    instance = Instance(Plan(values_of(settings), CORE, given={Passwords: QuickPasswords()}))
    await instance.start()
    try:
        team = await instance.chat.execute(parlour.CreateWorkspace("Team"), OWNER)
        people: list[Somebody] = []
        for start in range(0, WATCHERS + COMING, AT_ONCE):
            some = (_member(instance, str(team.id), n) for n in range(start, start + AT_ONCE))
            people += await asyncio.gather(*some)
    finally:
        await instance.stop()
    return people[:WATCHERS], people[WATCHERS:]


async def _member(instance: Instance, workspace_id: str, n: int) -> Somebody:
    said = {"username": f"person{n}", "email": f"p{n}@example.org", "password": "correct horse battery"}
    tokens = (await instance.bus.call("sign_up", said, STRANGER)).value
    asked = {"workspace_id": workspace_id, "user_id": str(tokens.user.id)}
    await instance.bus.call("add_workspace_member", asked, Call(OWNER, Way.LIBRARY))
    return Somebody(str(tokens.user.id), tokens.access_token)


def _watched(folder: Path, url: str, asked: dict[str, object]) -> Result:
    with serving(folder, DATABASE_URL=url, JWT_SECRET=SECRET) as live:
        before = live.cpu()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.watchers"], input=json.dumps({"port": live.port, **asked}), text=True,
            stdout=subprocess.PIPE, check=True, cwd=ROOT, timeout=180,
        )  # fmt: skip
        spent = live.cpu() - before
    found = json.loads(done.stdout)
    seconds = math.ceil(found["lasted"])
    told = f"{found['frames']:.0f} frames tell of {WATCHERS * EACH:,} changes"
    when = f"all had come after {found['came_in']:.1f} s and were told of after {found['lasted']:.1f} s"
    what = (
        f"frames to the watcher who got most, in a second: {COMING:,} people come online in {WITHIN:g} s, "
        f"{WATCHERS} watch {EACH} each; without gathering {EACH}"
    )
    rate = found["most"] / seconds
    return Result(
        "presence",
        what,
        f"{rate:.2f} a second ({told}; {when}; server {spent:.1f} s of CPU)",
        "<= 1 a second",
        rate <= 1,
    )
