#!/bin/sh
# Two people, a team, an invitation, a room, a message and its history, with curl (7.82 or newer) and python3 alone.
# Needs a running server: `make run`. PARLOUR is its address.
set -eu

PARLOUR=${PARLOUR:-http://127.0.0.1:8000}

pick() { # pick FIELD[.FIELD...]: one field of the JSON that comes in
    python3 -c 'import functools, json, sys
print(functools.reduce(lambda value, name: value[name], sys.argv[1].split("."), json.load(sys.stdin)))' "$1"
}

as() { # as TOKEN METHOD PATH [BODY]: a request with somebody's token
    curl -sS --fail-with-body -X "$2" "$PARLOUR$3" -H "Authorization: Bearer $1" ${4:+--json "$4"}
}

sign_up() {
    name="$1-$$" # so that the walk can be gone twice
    curl -sS --fail-with-body "$PARLOUR/api/signup" \
        --json "{\"username\": \"$name\", \"email\": \"$name@example.org\", \"password\": \"correct horse\"}"
}

ada=$(sign_up ada | pick access_token)
bob=$(sign_up bob | pick access_token)

team=$(as "$ada" POST /api/workspaces '{"name": "Team"}' | pick id)
invitation=$(as "$ada" POST "/api/workspaces/$team/invitations" '{"max_uses": 1}' | pick token)
as "$bob" POST "/api/invites/$invitation/accept" | pick role

room=$(as "$ada" POST /api/rooms "{\"kind\": \"public_channel\", \"name\": \"general\", \"workspace_id\": \"$team\"}" | pick id)
as "$bob" POST "/api/rooms/$room/join" | pick role
as "$ada" POST "/api/rooms/$room/messages" '{"content": "Hello, Bob."}' | pick number
as "$bob" POST "/api/rooms/$room/messages" '{"content": "Hello, Ada."}' | pick number
as "$bob" GET "/api/rooms/$room/messages" | python3 -c 'import json, sys
for message in json.load(sys.stdin)["items"]:
    print(message["number"], message["content"])'
