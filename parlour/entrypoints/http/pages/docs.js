// The page of both interfaces, made from their descriptions. Nothing is loaded from elsewhere; texts are never read as HTML.

const byId = (id) => document.getElementById(id);
let token = "";
let socket = null;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const shown = (value) => JSON.stringify(value, null, 2);

// An example of a schema: what a form begins with.
function example(schema, whole, depth = 0) {
  if (schema === undefined || depth > 6) return null;
  if (schema.$ref) return example(resolve(schema.$ref, whole), whole, depth + 1);
  if ("const" in schema) return schema.const;
  if ("default" in schema) return schema.default;
  if (schema.enum) return schema.enum[0];
  const some = (schema.anyOf ?? schema.oneOf)?.find((one) => one.type !== "null");
  if (some) return example(some, whole, depth + 1);
  switch (schema.type) {
    case "object": {
      const required = schema.required ?? [];
      const fields = Object.entries(schema.properties ?? {}).filter(([name]) => required.includes(name));
      return Object.fromEntries(fields.map(([name, field]) => [name, example(field, whole, depth + 1)]));
    }
    case "array":
      return schema.minItems ? [example(schema.items, whole, depth + 1)] : [];
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    case "string":
      return schema.format === "uuid" ? "00000000-0000-0000-0000-000000000000" : "";
    default:
      return null;
  }
}

function resolve(ref, whole) {
  return ref.slice(2).split("/").reduce((place, name) => place[name.replaceAll("~1", "/").replaceAll("~0", "~")], whole);
}

function operation(method, path, said, whole) {
  const parameters = (said.parameters ?? []).map((one) => (one.$ref ? resolve(one.$ref, whole) : one));
  const fields = parameters.map((one) => {
    const input = element("input", { name: one.name, required: one.required, placeholder: one.in });
    return { ...one, input, label: element("label", {}, one.name, input) };
  });
  const schema = said.requestBody?.content["application/json"].schema;
  const body = schema && element("textarea", { value: shown(example(schema, whole)), spellcheck: false });
  const answer = element("pre");
  const form = element("form", { className: "wide" }, ...fields.map((one) => one.label));
  if (body) form.append(element("label", { className: "wide" }, "body", body));
  form.append(element("button", {}, "Send"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(method, path, fields, body, answer);
  });
  const details = [element("p", { textContent: said.description ?? "" }), form, answer];
  if (schema) details.push(element("details", {}, element("summary", {}, "Schema"), element("pre", { textContent: shown(schema) })));
  return foldable(`${method.toUpperCase()} ${path}`, said.operationId, said.summary, details);
}

function foldable(title, id, text, children) {
  const name = element("summary", {}, element("code", { textContent: title }), element("span", { textContent: ` ${text ?? ""}` }));
  const made = element("details", {}, name, ...children);
  made.dataset.words = `${title} ${id} ${text ?? ""}`.toLowerCase();
  return made;
}

async function send(method, path, fields, body, answer) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: where, input } of fields) {
    if (input.value === "") continue;
    if (where === "path") address = address.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (where === "header") headers[name] = input.value;
    else for (const value of input.value.split(",")) query.append(name, value.trim());
  }
  const options = { method: method.toUpperCase(), headers };
  if (body) {
    headers["Content-Type"] = "application/json";
    options.body = body.value;
  }
  answer.textContent = "…";
  try {
    const response = await fetch(query.size ? `${address}?${query}` : address, options);
    const text = await response.text();
    answer.textContent = `${response.status} ${response.statusText}\n${pretty(text)}`;
  } catch (error) {
    answer.textContent = `${error}`;
  }
}

function pretty(text) {
  try {
    return shown(JSON.parse(text));
  } catch {
    return text;
  }
}

function showHttp(whole) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(whole.paths)) {
    for (const [method, said] of Object.entries(methods)) {
      const tag = said.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(method, path, said, whole)]);
    }
  }
  byId("http").replaceChildren(...[...groups].flatMap(([tag, all]) => [element("h3", { textContent: tag }), ...all]));
}

function frame(name, message, whole) {
  const value = { ...example(message.payload, whole) };
  if (message.payload.properties.id && value.type !== "ping") value.id = "1";
  const text = element("textarea", { value: shown(value), spellcheck: false });
  const button = element("button", { type: "button", textContent: "Send" });
  button.addEventListener("click", () => {
    if (socket?.readyState !== WebSocket.OPEN) return note("! open a socket first");
    try {
      const said = JSON.stringify(JSON.parse(text.value));
      note(`> ${said}`);
      socket.send(said);
    } catch (error) {
      note(`! ${error}`);
    }
  });
  return foldable(name, name, message.summary, [text, button]);
}

function showLive(whole) {
  const all = Object.entries(whole.operations);
  const message = (one) => resolve(resolve(one.messages[0].$ref, whole).$ref, whole);
  const received = all.filter(([, one]) => one.action === "receive").map(([name, one]) => frame(name, message(one), whole));
  const sent = Object.entries(whole.components.messages)
    .filter(([name]) => whole.operations.show_on_socket.messages.some((one) => one.$ref.endsWith(`/${name}`)))
    .map(([name, one]) => foldable(one.title, name, one.summary, [element("pre", { textContent: shown(one.payload) })]));
  const titles = ["What a client sends", "What a client sees"].map((textContent) => element("h3", { textContent }));
  byId("live").replaceChildren(titles[0], ...received, titles[1], ...sent);
}

function note(line) {
  const frames = byId("frames");
  frames.textContent = `${frames.textContent}${line}\n`.slice(-50_000);
  frames.scrollTop = frames.scrollHeight;
}

function connect() {
  if (socket) return socket.close();
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  socket = new WebSocket(address, token ? ["parlour.v1", `bearer.${token}`] : ["parlour.v1"]);
  socket.addEventListener("open", () => state("open", "Close the socket"));
  socket.addEventListener("message", ({ data }) => {
    note(`< ${data}`);
    if (JSON.parse(data).type === "ping") socket.send('{"type":"pong"}');
  });
  socket.addEventListener("close", ({ code, reason }) => {
    state(`closed ${code} ${reason}`, "Open a socket");
    socket = null;
  });
}

function state(text, button) {
  byId("state").textContent = text;
  byId("connect").textContent = button;
}

async function signIn(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const response = await fetch("/api/signin", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ login: form.elements.login.value, password: form.elements.password.value }),
  });
  const said = await response.json();
  if (response.ok) {
    token = byId("token").value = said.access_token;
    form.elements.password.value = "";
  }
  byId("who").textContent = response.ok ? `Signed in as ${said.user.username}.` : said.detail;
}

function find() {
  const words = byId("find").value.toLowerCase();
  for (const one of document.querySelectorAll("details[data-words]")) one.hidden = !one.dataset.words.includes(words);
}

async function load(address, show, place) {
  try {
    show(await (await fetch(address)).json());
  } catch (error) {
    byId(place).textContent = `${address} could not be shown: ${error}`;
  }
}

byId("sign-in").addEventListener("submit", signIn);
byId("token").addEventListener("input", (event) => (token = event.target.value.trim()));
byId("find").addEventListener("input", find);
byId("connect").addEventListener("click", connect);
await Promise.all([load("/openapi.json", showHttp, "http"), load("/asyncapi.json", showLive, "live")]);
