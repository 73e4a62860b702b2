#!/bin/sh
# Makes .venv and keeps it as the locks say. Called by the Makefile; each part leaves a stamp that make compares.
#
#   bootstrap   the environment with uv and the build backend, by pip, hashes required
#   server      what `make run` needs, and parlour itself (editable)
#   dev         what developing needs, which includes the server's
#   lock        the locks anew from pyproject.toml
set -eu

PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

say() { echo "parlour: $*" >&2; }
die() { say "$@"; exit 1; }

# A home that cannot be written to (a service account, a container) must not stand in the way.
cache=${UV_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/uv}
if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
    export UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1
fi
# Whoever sets pip to an index of their own means uv too.
if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$PIP_INDEX_URL"; fi
# The cache may lie on another file system, where links cannot reach: copying is not worth a warning.
export UV_LINK_MODE="${UV_LINK_MODE:-copy}"

uv() { "$VENV/bin/uv" --quiet "$@"; }
install() { uv pip install --python "$VENV/bin/python" "$@"; }

need_python() {
    command -v "$PYTHON" >/dev/null 2>&1 ||
        die "$PYTHON is not there. Install Python 3.11 or newer, or say which one: make PYTHON=/path/to/python3"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$PYTHON is $("$PYTHON" -V 2>&1); 3.11 or newer is needed. Say which one: make PYTHON=python3.12"
    "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
        die "$PYTHON has no venv module. On Debian and Ubuntu: apt-get install python3-venv"
}

bootstrap() {
    need_python
    say "making $VENV with $("$PYTHON" -V 2>&1)"
    "$PYTHON" -m venv --clear "$VENV" || die "could not make $VENV with $PYTHON -m venv"
    "$VENV/bin/python" -m pip install --quiet --require-hashes --requirement requirements/bootstrap.lock ||
        die "could not install from requirements/bootstrap.lock (is the package index reachable?)"
    touch "$VENV/.bootstrap"
}

packages() {
    say "installing from requirements/$1.lock"
    install --require-hashes --requirement "requirements/$1.lock" || die "could not install from requirements/$1.lock"
    install --no-deps --no-build-isolation --editable . || die "could not install parlour itself"
    touch "$VENV/.$1"
}

compile() { # compile NAME ARGUMENTS...: without a host, a path or an index in what is written
    name=$1
    shift
    say "resolving requirements/$name.lock"
    uv pip compile --python "$VENV/bin/python" --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        ${UPGRADE---upgrade} --output-file "requirements/$name.lock" "$@" >/dev/null
}

lock() {
    compile dev pyproject.toml --all-extras --group dev
    compile server pyproject.toml --extra server --extra postgres --extra smtp --constraint requirements/dev.lock
    compile bootstrap requirements/bootstrap.in --constraint requirements/dev.lock
}

case "${1:-}" in
bootstrap) bootstrap ;;
server | dev) packages "$1" ;;
lock) lock ;;
*) die "usage: tools/environment.sh bootstrap | server | dev | lock" ;;
esac
