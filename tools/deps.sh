#!/bin/sh
# The servers that the tests start, from Debian's packages: `make deps`. Done at once when they are there.
#
# As root, or where sudo asks for no password, they are installed. No service is started and no cluster is made by that:
# the tests start their own. Anybody else tests on the PostgreSQL that comes as a wheel with the environment for
# developing; pgbouncer, of which there is no wheel, is unpacked into that environment.
set -eu

VENV=${VENV:-.venv}

say() { echo "parlour: $*" >&2; }

missing=
for postgres in /usr/lib/postgresql/*/bin/postgres; do [ -x "$postgres" ] || missing="postgresql"; done
[ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null 2>&1 || exit 0

unpack() { # unpack PACKAGE...: what is in them into a folder of one's own, which find.py knows
    mkdir -p "$VENV/services/packages" && cd "$VENV/services/packages" || return
    apt-get download -qq "$@" >/dev/null 2>&1 || return
    for package in *.deb; do dpkg -x "$package" .. || return; done
}

if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then exec sudo -n sh "$0"; fi
    if [ -x /usr/sbin/pgbouncer ] || [ -x "$VENV/services/usr/sbin/pgbouncer" ]; then exit 0; fi
    # shellcheck disable=SC2046 # words, one a package
    unpack pgbouncer $(apt-cache depends pgbouncer | awk '/Depends: lib(event|c-?ares)/ { print $2 }') ||
        say "could not download pgbouncer"
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
CLUSTERS=/etc/postgresql-common/createcluster.conf # says whether the package makes a cluster
SERVICES=/usr/sbin/policy-rc.d                      # says whether packages may start services

tidy() { # leave the machine's own configuration as it was
    if [ -f "$CLUSTERS.parlour" ]; then mv "$CLUSTERS.parlour" "$CLUSTERS"; fi
    if [ -n "${made_policy:-}" ]; then rm -f "$SERVICES"; fi
}

install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

install_all() {
    apt-get update -qq || say "the lists of packages could not be renewed; trying with those that are there"
    { [ -f "$CLUSTERS" ] || install postgresql-common; } && cp -p "$CLUSTERS" "$CLUSTERS.parlour" || return
    echo "create_main_cluster = false" >>"$CLUSTERS"
    # shellcheck disable=SC2086 # words, one a package
    install $missing
}

say "installing for the tests: $missing"
trap tidy EXIT
if [ ! -e "$SERVICES" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$SERVICES"
    chmod 755 "$SERVICES"
fi
# Without them the tests still have the wheel; those that need more say so, each.
install_all || say "could not install: $missing"
