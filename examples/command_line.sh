#!/bin/sh
# A conversation from the command line: curl asks, and the command of the package `websockets` shows what happens.
# Needs a running server (`make run`; PARLOUR is its address), curl 7.82 or newer, and a python3 with `websockets`.
#
# By hand it is two terminals: `python3 -m websockets "ws://127.0.0.1:8000/ws?ticket=<ticket>"` and frames typed into it.
set -eu

PARLOUR=${PARLOUR:-http://127.0.0.1:8000}

pick() { # pick FIELD: one field of the JSON that comes in
    python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

as() { # as TOKEN METHOD PATH [BODY]: a request with somebody's token
    curl -sS --fail-with-body -X "$2" "$PARLOUR$3" -H "Authorization: Bearer $1" ${4:+--json "$4"}
}

sign_up() {
    name="$1-$$"
    curl -sS --fail-with-body "$PARLOUR/api/signup" \
        --json "{\"username\": \"$name\", \"email\": \"$name@example.org\", \"password\": \"correct horse\"}" | pick access_token
}

ada=$(sign_up ada)
room=$(as "$ada" POST /api/rooms '{"kind": "private_channel", "name": "notes"}' | pick id)

# A ticket opens one socket within 30 seconds, so that no token stands in an address.
ticket=$(as "$ada" POST /api/ws-ticket | pick ticket)
folder=$(mktemp -d)
mkfifo "$folder/frames" "$folder/shown"
python3 -m websockets "ws${PARLOUR#http}/ws?ticket=$ticket" <"$folder/frames" >"$folder/shown" &
exec 3>"$folder/frames" 4<"$folder/shown"
rm -r "$folder"

heard() { # heard TYPE: read on until a frame of this type comes, and keep it in $frame
    while IFS= read -r line <&4; do
        frame=${line#*< }
        case $frame in "{\"type\":\"$1\""*) return ;; esac
    done
    echo "the connection ended without '$1': $line" >&2
    exit 1
}

heard welcome
echo '{"type": "subscribe", "id": "1", "topic": "room:'"$room"'"}' >&3
heard subscribed
as "$ada" POST "/api/rooms/$room/messages" '{"content": "Said with curl."}' >/dev/null
heard text
echo "$frame" | pick data | grep -o 'Said with [a-z]*'
echo '{"type": "text", "id": "2", "room_id": "'"$room"'", "content": "Said with a frame."}' >&3
heard text
echo "$frame" | pick data | grep -o 'Said with a [a-z]*'
exec 3>&- # the end of the input closes the socket
wait
as "$ada" GET "/api/rooms/$room/messages" | python3 -c 'import json, sys
for message in json.load(sys.stdin)["items"]:
    print(message["number"], message["content"])'
