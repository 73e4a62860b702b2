"""What `import parlour` costs a program that embeds it, in an environment made by `pip install .` alone."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

FOREIGN = ["falcon", "uvicorn", "psycopg", "redis", "confluent_kafka", "nats", "dependency_injector", "bcrypt"]
MOST_MILLISECONDS = 150
MOST_MEGABYTES = 40
TRIES = 7

# The peak is read from the kernel's account of this very program: what getrusage tells begins with its parent's.
PROBE = """
import json, sys, time
started = time.perf_counter()
import parlour
took = time.perf_counter() - started
try:
    lines = open("/proc/self/status").read().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
print(json.dumps({"ms": took * 1000, "mb": peak, "from": parlour.__file__, "modules": sorted(sys.modules)}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment["UV_LINK_MODE"] = "copy"
    if not os.access(Path(os.environ.get("HOME", "/nonexistent")), os.W_OK):
        environment["UV_NO_CACHE"] = environment["PIP_NO_CACHE_DIR"] = "1"
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def install(into: Path) -> None:
    """An environment with parlour and its core dependencies in the locked versions, and nothing else."""
    lock = ROOT / "requirements" / "server.lock"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if uv:
        run(uv, "venv", "--quiet", "--python", sys.executable, into, cwd=ROOT)
        run(uv, "pip", "install", "--quiet", "--python", into / "bin/python", "--constraint", lock, ".", cwd=ROOT)
    else:
        run(sys.executable, "-m", "venv", into, cwd=ROOT)
        run(into / "bin/python", "-m", "pip", "install", "--quiet", "--constraint", lock, ".", cwd=ROOT)


@pytest.fixture(scope="session")
def bare_environment(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Python of the environment made by `pip install .` alone: once for each run, shared by its workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    environment, ready = shared / "bare", shared / "bare.ready"
    with (shared / "bare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            install(environment)
            ready.touch()
    return environment / "bin/python"


def probe(python: Path, cwd: Path, program: str = PROBE) -> Mapping:
    return json.loads(run(python, "-I", "-c", program, cwd=cwd))


def breaches(probes: list[Mapping]) -> list[str]:
    """What the import costs too much, the best of several tries counted: other programs run beside it."""
    roots = {name.partition(".")[0] for name in probes[0]["modules"]}
    found = [f"loads {package}" for package in FOREIGN if package in roots]
    if (ms := min(probe["ms"] for probe in probes)) >= MOST_MILLISECONDS:
        found.append(f"takes {ms:.0f} ms")
    if (mb := min(probe["mb"] for probe in probes)) >= MOST_MEGABYTES:
        found.append(f"needs {mb:.1f} MB")
    return found


def test_importing_parlour_costs_little(bare_environment: Path, tmp_path: Path):
    probes = [probe(bare_environment, tmp_path) for _ in range(TRIES)]
    assert not Path(probes[0]["from"]).is_relative_to(ROOT), "it is not the installed one that was imported"
    assert not breaches(probes)


@pytest.mark.parametrize(
    "planted,seen",
    [
        ("import dependency_injector.providers", "loads dependency_injector"),
        ("import sys; sys.modules['falcon.asgi'] = sys", "loads falcon"),
        ("import time; time.sleep(0.16)", "takes 1"),
        ("ballast = b'x' * 40_000_000", "needs "),
    ],
)
def test_a_planted_cost_turns_it_red(planted: str, seen: str, bare_environment: Path, tmp_path: Path):
    (tmp_path / "parlour").mkdir()
    (tmp_path / "parlour/__init__.py").write_text(planted)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{PROBE}"
    (found,) = breaches([probe(bare_environment, tmp_path, program) for _ in range(2)])
    assert found.startswith(seen)


def test_data_files_are_installed(bare_environment: Path, tmp_path: Path):
    """Without these the types are not seen, and the store has no statements."""
    program = "import parlour, pathlib; print(*pathlib.Path(parlour.__file__).parent.rglob('*'), sep='\\n')"
    installed = run(bare_environment, "-I", "-c", program, cwd=tmp_path)
    wanted = [path for path in (ROOT / "parlour").rglob("*") if path.suffix == ".sql" or path.name == "py.typed"]
    assert wanted, "no .sql file and no py.typed in the tree"
    for path in wanted:
        assert str(path.relative_to(ROOT)) in installed
