"""Asks a database of known vulnerabilities about what the locks name: `python tools/audit.py LOCK...`.

A vulnerability found fails. Where no database can be reached, that is said in one line and nothing fails: a machine
without network must be able to run the other checks. IGNORED names what was looked at and does not concern parlour.
"""

import json
import subprocess
import sys
from typing import Any

IGNORED: dict[str, str] = {}
"""The id of a vulnerability, with why it does not concern parlour."""

SECONDS = 120
SERVICES = ("pypi", "osv")


def ask(service: str, locks: list[str]) -> tuple[int | None, str]:
    """What pip-audit makes of the locks: the number of vulnerable packages, or None if the database said nothing."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off"]
    command += ["--format=json", f"--vulnerability-service={service}", "--timeout=10"]
    for lock in locks:
        command += ["--requirement", lock]
    for known in IGNORED:
        command += ["--ignore-vuln", known]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None, "could not be reached"
    return judge(packages)


def judge(packages: list[dict[str, Any]]) -> tuple[int | None, str]:
    """What the answer means: how many are vulnerable, and in words."""
    known = [package for package in packages if "skip_reason" not in package]
    if not known:
        return None, "knows none of the packages"
    vulnerable = [package for package in known if package["vulns"]]
    for package in vulnerable:
        for found in package["vulns"]:
            mended = ", ".join(found["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {found['id']}, mended in {mended}", file=sys.stderr)
    return len(vulnerable), f"{len(known)} of {len(packages)} packages known"


def main(locks: list[str]) -> int:
    reasons = []
    for service in SERVICES:
        count, said = ask(service, locks)
        if count is not None:
            print(f"audit: {said}, {count} with a known vulnerability")
            return 1 if count else 0
        reasons.append(f"{service}: {said}")
    print(f"audit: not done, no database of vulnerabilities could be asked ({'; '.join(reasons)})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
