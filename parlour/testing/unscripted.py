"""The commands that scripts do not say, and why: every other one has a strategy."""

from collections.abc import Mapping

NOT_GENERATED: Mapping[str, str] = {
    "send_scheduled": "the scheduler's own: scripts have a step for what is due",
    "keep_within_bounds": "the scheduler's own: it takes nothing, and scripts have a step for it",
    "expire_messages": "the scheduler's own: it takes nothing, and scripts have a step for what follows",
    "watch_rooms": "the scheduler's own: it concerns nobody's topics",
    "cut_room": "the scheduler's own: scripts have a step for it",
    "end_mute": "the scheduler's own: what has ended counts no more even before it comes",
    "end_ban": "the scheduler's own: what has ended counts no more even before it comes",
    "end_presence": "the scheduler's own: what somebody chose to be seen as has ended",
    "end_status": "the scheduler's own: a status has ended",
    "note_last_seen": "the system's own: it concerns nobody's topics",
    "create_token": "its secret is shown once, and no topic covers tokens; they have tests of their own",
    "revoke_token": "what create_token made",
    "request_password_reset": "it asks for a letter, and its effect comes with what the letter says",
    "reset_password": "what a letter says",
    "request_email_proof": "it asks for a letter, and its effect comes with what the letter says",
    "prove_email": "what a letter says",
    "resend_invitation": "it asks for a letter once more",
    "send_frame": "it changes nothing that is kept",
    "broadcast_frame": "it changes nothing that is kept",
    "clean_up_sockets": "it changes nothing that is kept",
    "write_reset_letter": "the post's own",
    "write_email_letter": "the post's own",
    "write_invitation_letter": "the post's own",
    "forget_sessions": "the scheduler's own: it takes nothing and concerns nobody's topics",
}
