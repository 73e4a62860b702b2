"""`parlour ws`: the open sockets of a running server."""

import json
from typing import Any

import click

from .program import Program, Refused


@click.group()
def ws() -> None:
    """Look at the open sockets of the server that has the SQLite file, and send to them. On PostgreSQL ask a server by
    HTTP, `/ws/…`."""


@ws.command()
@click.pass_obj
def online(program: Program) -> None:
    """List who is connected: id, username, sockets, since when."""
    for one in program.run("list_online", {}):
        click.echo(f"{one['user_id']}  {one['username']}  {one['connections']}  {one['connected_at']}")


@ws.command()
@click.pass_obj
def stats(program: Program) -> None:
    """Show what the server does, a line each."""
    for name, value in program.run("get_socket_stats", {}).items():
        click.echo(f"{name}  {value}")


@ws.command()
@click.argument("login")
@click.argument("type_", metavar="TYPE")
@click.argument("data", default="{}")
@click.pass_obj
def send(program: Program, login: str, type_: str, data: str) -> None:
    """Show a frame of a TYPE, with DATA (a JSON object), to all sockets of a user."""
    user = program.run("find_user", {"login": login})
    told = program.run("send_frame", {"user_id": user["id"], "type": type_, "data": _object(data)})
    click.echo(f"shown to {told['delivered']} sockets")


@ws.command()
@click.argument("type_", metavar="TYPE")
@click.argument("data", default="{}")
@click.option("--workspace", metavar="ID", help="Only to the members of this workspace.")
@click.pass_obj
def broadcast(program: Program, type_: str, data: str, workspace: str | None) -> None:
    """Show a frame of a TYPE, with DATA (a JSON object), to everybody who is connected."""
    asked = {"type": type_, "data": _object(data), **({"workspace_id": workspace} if workspace else {})}
    click.echo(f"shown to {program.run('broadcast_frame', asked)['delivered']} sockets")


@ws.command()
@click.pass_obj
def cleanup(program: Program) -> None:
    """Close the sockets whose session or token is over."""
    click.echo(f"closed {program.run('clean_up_sockets', {})['closed']} sockets")


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise Refused(f"DATA is no JSON: {error}", 64) from error
    if not isinstance(data, dict):
        raise Refused("DATA is no JSON object", 64)
    return data
