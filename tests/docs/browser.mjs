// Two people with the client of examples/browser, in Node. The test kills the server at the line "cut" and answers
// when it is back.

import { createInterface } from "node:readline";
import { Parlour } from "../../examples/browser/parlour.js";

const [base] = process.argv.slice(2);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ada = new Parlour(base), bob = new Parlour(base);
await ada.signUp("ada", "ada@example.org", "correct horse");
const { id: bobs } = await bob.signUp("bob", "bob@example.org", "battery staple");

const team = await ada.command("create_workspace", { name: "Team" });
await ada.command("add_workspace_member", { workspace_id: team.id, user_id: bobs });
const room = await ada.command("create_room", { kind: "direct", member_ids: [bobs], workspace_id: team.id });

const seen = [];
let enough;
const all = new Promise((resolve) => (enough = resolve));
await bob.follow(`room:${room.id}`, { epoch: room.epoch, offset: room.offset }, ({ type, data }) => {
  if (type === "text") seen.push(data.content);
  if (seen.length === 4) enough();
});
await ada.send(room.id, "one");
console.log("cut");
const sending = ada.send(room.id, "two");
await input.next();
await sending;
await ada.send(room.id, "three");
await ada.send(room.id, "four");
await all;
try {
  await bob.command("delete_room", { room_id: room.id });
} catch (error) {
  console.log(error.code);
}
console.log(seen.join(", "));
ada.close();
bob.close();
process.exit(0);
