"""parlour inside a Django site, in one file: the site's users chat, and the site's views ask parlour.

Run it with `uvicorn examples.django_site:application`. Django under ASGI calls asynchronous views in the server's event
loop, which is where parlour lives. The header `X-User` stands for the user of the site's own session.
"""

from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

import parlour

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="an example has nothing to sign",
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["examples.django_site.refusals"],
)
django.setup()
chats: list[parlour.Chat] = []


def chat_and_me(request: HttpRequest) -> tuple[parlour.Chat, parlour.Actor]:
    (chat,) = chats
    return chat, chat.actor(parlour.host_id(request.headers["X-User"]))


@require_POST
async def open_room(request: HttpRequest) -> JsonResponse:
    chat, me = chat_and_me(request)
    name = request.GET["name"]
    team = await chat.execute(parlour.CreateWorkspace(name), me)
    channel = parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, name, workspace_id=team.id)
    return JsonResponse({"id": (await chat.execute(channel, me)).id})


async def messages(request: HttpRequest, room_id: UUID) -> JsonResponse:
    """Say something, or read what was said."""
    chat, me = chat_and_me(request)
    if request.method == "POST":
        sent = await chat.execute(parlour.SendMessage(parlour.RoomId(room_id), request.GET["content"]), me)
        return JsonResponse({"number": sent.number})
    page = await chat.execute(parlour.ListMessages(parlour.RoomId(room_id)), me)
    return JsonResponse({"messages": [message.content for message in page.items]})


def refusals(get_response: Any) -> Any:
    """Middleware: what parlour refuses, as the site answers it."""

    async def answer(request: HttpRequest) -> Any:
        return await get_response(request)

    async def process_exception(request: HttpRequest, error: Exception) -> JsonResponse | None:
        if not isinstance(error, parlour.DomainError):
            return None
        return JsonResponse({"code": error.code}, status=404 if error.category == "not_found" else 400)

    answer.process_exception = process_exception  # type: ignore[attr-defined]
    return answer


refusals.async_capable, refusals.sync_capable = True, False  # type: ignore[attr-defined]
urlpatterns = [path("rooms", open_room), path("rooms/<uuid:room_id>/messages", messages)]
site = get_asgi_application()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The site, with the chat open for as long as the server runs: Django itself is not told when that begins and ends."""
    if scope["type"] != "lifespan":
        await site(scope, receive, send)
        return
    async with AsyncExitStack() as stack:
        await receive()
        chats.append(await stack.enter_async_context(parlour.open("chat.db")))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        chats.clear()
    await send({"type": "lifespan.shutdown.complete"})
