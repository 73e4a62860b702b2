"""The commands of `parlour`."""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import click

from .program import Program, Refused
from .sockets import ws


class _Group(click.Group):
    """Shows errors in one line, with the exit code that belongs to them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as error:
            click.echo(f"parlour: {error}", err=True)
            sys.exit(error.exit)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="parlour", message="parlour %(version)s")
def cli() -> None:
    """Team chat: a server, and the tools to run it. Settings come from parlour.toml and the environment."""


cli.add_command(ws)


@cli.command()
@click.option("--reload", is_flag=True, help="Start again whenever the program's files change.")
@click.option("--debug", is_flag=True, help="Log everything, and watch for slow steps of the event loop.")
@click.pass_obj
def serve(program: Program, reload: bool, debug: bool) -> None:
    """Serve HTTP and sockets until told to stop."""
    program.serve(reload=reload, debug=debug)


@cli.command()
@click.option(
    "--roles", is_flag=True, help="On PostgreSQL: make the roles that keep tenants apart, and grant them their rights."
)
@click.pass_obj
def migrate(program: Program, roles: bool) -> None:
    """Bring the store up to date."""
    for line in program.migrate(roles=roles):
        click.echo(line)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def config(program: Program, as_json: bool) -> None:
    """Show all settings, where each came from, and what it is for. Secrets are hidden."""
    shown = program.settings()
    if as_json:
        click.echo(json.dumps({s.name: {"value": s.value, "source": s.source} for s in shown}, indent=2))
        return
    width = max(len(s.name) + len(s.value) for s in shown) + 1
    for setting in shown:
        click.echo(f"{f'{setting.name}={setting.value}':{width}}  # {setting.source}: {setting.help}")


@cli.command()
@click.pass_obj
def doctor(program: Program) -> None:
    """Work out again what is derived (heads, numbers, counts) and report what differs. Changes nothing."""
    found = program.run("check_derived", {})
    for sentence in found["unguarded"]:
        click.echo(f"note: {sentence}")
    drift = found["drift"]
    for one in drift:
        click.echo(f"{one['check']}: {one['of']} is {one['kept']}, but should be {one['right']}")
    if drift:
        raise Refused(f"{len(drift)} of what is derived differ", 1)
    click.echo("all is well: heads, numbers and counts are what they should be")


FILE = click.argument("file", type=click.Path(path_type=Path))
FORCE = click.option("--force", is_flag=True, help="Overwrite the file if there is one.")


@cli.command()
@FILE
@FORCE
@click.pass_obj
def export(program: Program, file: Path, force: bool) -> None:
    """Write the whole system into one file, as of one moment, for moving it to another store. Works beside a running
    server."""
    _written(program, file, force=force)


@cli.command("import")
@FILE
@click.pass_obj
def import_(program: Program, file: Path) -> None:
    """Read what `export` wrote into an empty store. Positions stay good: clients go on where they were."""
    click.echo(f"read in {program.read_in(str(file), new_epochs=False)} rows from {file}")


@cli.command()
@FILE
@FORCE
@click.pass_obj
def backup(program: Program, file: Path, force: bool) -> None:
    """Write a consistent copy of the whole system into one file. Works beside a running server."""
    _written(program, file, force=force)


@cli.command()
@FILE
@click.pass_obj
def restore(program: Program, file: Path) -> None:
    """Read what `backup` wrote into an empty store. Streams begin anew: clients that have seen more load again."""
    click.echo(f"restored {program.read_in(str(file), new_epochs=True)} rows from {file}")


def _written(program: Program, file: Path, *, force: bool) -> None:
    """The server may work in another folder, and takes as long as it takes."""
    asked = {"path": str(file.absolute()), "force": force}
    done = program.run("export_bundle", asked, patience=None)
    click.echo(f"wrote {done['rows']} rows, {done['size']} bytes, to {file}")


@cli.group()
def admin() -> None:
    """Look after accounts: add, grant, revoke, users, suspend, reactivate, sessions."""


@admin.command()
@click.argument("username")
@click.argument("email")
@click.pass_obj
def add(program: Program, username: str, email: str) -> None:
    """Make an account, also where strangers may not; its password is shown this once, to be changed by whoever gets it."""
    password = secrets.token_urlsafe(15)
    made = program.run("sign_up", {"username": username, "email": email, "password": password})
    program.run("end_user_session", {"session_id": made["session_id"]})
    click.echo(f"{username} may sign in with the password {password}")


@admin.command()
@click.argument("login")
@click.pass_obj
def grant(program: Program, login: str) -> None:
    """Make a user (by username, e-mail address or id) an administrator of the instance."""
    user = program.run("set_admin", {"login": login, "is_admin": True})
    click.echo(f"{user['username']} administers this instance")


@admin.command()
@click.argument("login")
@click.pass_obj
def revoke(program: Program, login: str) -> None:
    """Let an administrator be one no longer."""
    user = program.run("set_admin", {"login": login, "is_admin": False})
    click.echo(f"{user['username']} does not administer this instance")


@admin.command()
@click.pass_obj
def users(program: Program) -> None:
    """List all accounts: id, username, e-mail address, state."""
    for user in _all(program, "list_all_users"):
        click.echo(f"{user['id']}  {user['username']}  {user['email']}  {user['state']}")


@admin.command()
@click.argument("login")
@click.pass_obj
def suspend(program: Program, login: str) -> None:
    """Suspend an account: it is refused everywhere and its sockets are closed."""
    program.run("suspend_user", {"user_id": _id_of(program, login)})
    click.echo(f"{login} is suspended")


@admin.command()
@click.argument("login")
@click.pass_obj
def reactivate(program: Program, login: str) -> None:
    """Let a suspended account in again."""
    program.run("reactivate_user", {"user_id": _id_of(program, login)})
    click.echo(f"{login} may come in again")


@admin.command()
@click.argument("login")
@click.option("--end", metavar="ID", help="End this session; `all` ends every one.")
@click.pass_obj
def sessions(program: Program, login: str, end: str | None) -> None:
    """List the open sessions of an account, or end them."""
    found = program.run("list_user_sessions", {"user_id": _id_of(program, login)})
    for session in found:
        ended = end in {"all", session["id"]}
        if ended:
            program.run("end_user_session", {"session_id": session["id"]})
        seen = f"{session['last_seen_at']}  {session['address'] or '-'}  {session['agent'] or '-'}"
        click.echo(f"{session['id']}  {seen}{'  ended' if ended else ''}")


def _id_of(program: Program, login: str) -> str:
    return str(program.run("find_user", {"login": login})["id"])


def _all(program: Program, name: str) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        page = program.run(name, {"limit": 200, **({"cursor": cursor} if cursor else {})})
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found
