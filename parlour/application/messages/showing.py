"""Messages as whoever asks sees them: with what they themselves reacted with."""

from attrs import evolve

from ...domain.kernel.ids import WorkspaceId
from ...domain.kernel.permissions import Permission
from ...domain.messages.message import Message
from ..kernel.actor import Actor
from ..kernel.page import Page
from .views import MessageView, ReactionReader


def said_again(view: MessageView, actor: Actor) -> MessageView:
    """A message of the actor's own, without the words of another that it quotes, where their token does not cover reading."""
    quote = view.quote
    if quote is None or actor.covered(Permission.ROOM_READ):
        return view
    return evolve(view, quote=evolve(quote, content=""))


async def shown(reader: ReactionReader, message: Message, actor: Actor) -> MessageView:
    """One message; of one without reactions nothing more is asked."""
    if not message.reactions:
        return MessageView.of(message)
    own = await reader.own(message.workspace_id, actor.known, [message.id])
    return MessageView.of(message, own.get(message.id, ()))


async def shown_page(
    reader: ReactionReader, workspace_id: WorkspaceId, page: Page[MessageView], actor: Actor
) -> Page[MessageView]:
    """A page of messages, by one more query at most, however many of them have reactions."""
    reacted = [message.id for message in page.items if message.reactions]
    if not reacted:
        return page
    own = await reader.own(workspace_id, actor.known, reacted)

    def seen(message: MessageView) -> MessageView:
        mine = own.get(message.id, ())
        return evolve(message, reactions=[evolve(r, mine=r.emoji in mine) for r in message.reactions])

    return evolve(page, items=[seen(message) if message.reactions else message for message in page.items])
