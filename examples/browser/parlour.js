// A client for browsers, with nothing to build: it signs in, sends, follows rooms, and comes back after a lost connection
// where it left off. The page beside it uses it, and so do the tests, in Node.

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Parlour {
  #base; #tokens; #socket; #opened; #code; #returning = false;
  #answers = new Map(); #topics = new Map(); #last = 0;

  constructor(base) {
    this.#base = base;
  }

  async signUp(username, email, password) {
    return this.#signedIn(await this.#post("/api/signup", { username, email, password }));
  }

  async signIn(login, password) {
    return this.#signedIn(await this.#post("/api/signin", { login, password }));
  }

  command(name, data, key) {
    return this.#ask({ type: "command", name, data, ...(key && { key }) });
  }

  query(name, data) {
    return this.#ask({ type: "query", name, data });
  }

  // With a key of its own, a message is there once, however often the connection is lost while it is sent.
  async send(roomId, content, key = crypto.randomUUID()) {
    for (;;) {
      try {
        return await this.#ask({ type: "text", room_id: roomId, content, key });
      } catch (error) {
        if (!error.lost || !this.#tokens) throw error;
        await later(200);
      }
    }
  }

  // Every event from `position` on, each once and in order. `lost` is called when the position is gone: load anew.
  follow(topic, position, show, lost = () => {}) {
    this.#topics.set(topic, { position, show, lost });
    return this.#subscribe(topic);
  }

  close() {
    this.#tokens = null;
    this.#socket?.close();
  }

  #signedIn(answer) {
    this.#tokens = answer;
    return answer.user;
  }

  async #post(path, body) {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(this.#base + path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.detail), answer);
    return answer;
  }

  async #ask(frame) {
    await this.#connected();
    const id = String(++this.#last);
    const answer = new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ ...frame, id }));
    return answer;
  }

  // Resolves when there is a socket that the server has welcomed.
  #connected() {
    this.#opened ??= new Promise((resolve, reject) => {
      const protocols = ["parlour.v1", `bearer.${this.#tokens.access_token}`];
      const socket = (this.#socket = new WebSocket(this.#base.replace(/^http/, "ws") + "/ws", protocols));
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.type === "welcome") resolve();
        else this.#heard(frame);
      };
      socket.onclose = ({ code }) => {
        this.#opened = null;
        this.#code = code;
        const error = Object.assign(new Error("The connection is lost."), { lost: true });
        for (const answer of [{ reject }, ...this.#answers.values()]) answer.reject(error);
        this.#answers.clear();
        this.#comeBack();
      };
    });
    return this.#opened;
  }

  #heard(frame) {
    const followed = this.#topics.get(frame.topic);
    if (frame.type === "ping") {
      this.#socket.send('{"type":"pong"}');
    } else if (frame.type === "subscribed") {
      if (followed.position && !frame.recovered) followed.lost();
      if (!frame.recovered) followed.position = { epoch: frame.epoch, offset: frame.offset, last_id: frame.last_id };
      this.#answered(frame, frame);
    } else if (frame.type === "unsubscribed") {
      this.#topics.delete(frame.topic);
    } else if (frame.id && this.#answers.has(frame.id)) {
      this.#answered(frame, frame.data);
    } else if (followed && frame.offset) {
      followed.position = { ...followed.position, offset: frame.offset, last_id: frame.id };
      followed.show(frame);
    }
  }

  #answered(frame, data) {
    const { resolve, reject } = this.#answers.get(frame.id) ?? {};
    this.#answers.delete(frame.id);
    if (frame.type === "error") reject?.(Object.assign(new Error(frame.error.detail), frame.error));
    else resolve?.(data);
  }

  // All that is followed goes on when the server is back.
  async #comeBack() {
    if (this.#returning) return;
    this.#returning = true;
    for (let wait = 100; this.#tokens; wait = Math.min(2 * wait, 5000)) {
      await later(wait * (1 + Math.random()));
      try {
        if (this.#code === 4401) await this.#renew();
        for (const topic of this.#topics.keys()) await this.#subscribe(topic).catch((error) => this.#gone(topic, error));
        break;
      } catch {
        // the server is not back yet
      }
    }
    this.#returning = false;
  }

  async #renew() {
    try {
      this.#signedIn(await this.#post("/api/refresh", { refresh_token: this.#tokens.refresh_token }));
    } catch (error) {
      if (error.code && !error.retryable) this.#tokens = null; // signed out meanwhile: nothing to come back to
      throw error;
    }
  }

  #gone(topic, error) {
    if (error.lost) throw error;
    this.#topics.delete(topic); // the right to it was lost meanwhile
  }

  #subscribe(topic) {
    return this.#ask({ type: "subscribe", topic, ...this.#topics.get(topic).position });
  }
}
