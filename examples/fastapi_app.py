"""parlour inside a FastAPI program, which keeps its own users and decides itself who somebody is.

Run it with `uvicorn examples.fastapi_app:app`. The header `X-User` stands for whatever the program signs people in by.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, StreamingResponse

import parlour


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The chat lives as long as the program: it opens in its event loop, and closes with it."""
    async with parlour.open("chat.db") as chat:
        app.state.chat = chat
        yield


app = FastAPI(lifespan=lifespan)


def chat_of(request: Request) -> parlour.Chat:
    chat: parlour.Chat = request.app.state.chat
    return chat


def somebody(request: Request, x_user: Annotated[str, Header()]) -> parlour.Actor:
    """Whom the program has made sure of, by its own key of them."""
    return chat_of(request).actor(parlour.host_id(x_user))


Chat = Annotated[parlour.Chat, Depends(chat_of)]
Me = Annotated[parlour.Actor, Depends(somebody)]


@app.exception_handler(parlour.DomainError)
async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, parlour.DomainError)
    status = {"not_found": 404, "forbidden": 403, "conflict": 409, "unavailable": 503}
    return JSONResponse({"code": error.code, "detail": error.message}, status.get(error.category, 400))


@app.post("/rooms")
async def open_room(name: str, chat: Chat, me: Me) -> dict[str, UUID]:
    team = await chat.execute(parlour.CreateWorkspace(name), me)
    room = await chat.execute(parlour.CreateRoom(parlour.RoomKind.PUBLIC_CHANNEL, name, workspace_id=team.id), me)
    return {"id": room.id}


@app.post("/rooms/{room_id}/messages")
async def say(room_id: UUID, content: str, chat: Chat, me: Me) -> dict[str, int | None]:
    sent = await chat.execute(parlour.SendMessage(parlour.RoomId(room_id), content), me)
    return {"number": sent.number}


@app.get("/rooms/{room_id}/live")
async def live(room_id: UUID, chat: Chat, me: Me) -> StreamingResponse:
    """Every message of the room from its first one on, and then as they come; server-sent events."""
    page = await chat.execute(parlour.ListMessages(parlour.RoomId(room_id)), me)
    assert page.position is not None

    async def lines() -> AsyncIterator[str]:
        for message in page.items:
            yield f"data: {message.content}\n\n"
        async for live in chat.events(f"room:{room_id}", after=page.position, actor=me):
            if isinstance(live.event, parlour.MessageSent):
                yield f"data: {live.event.content}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")
