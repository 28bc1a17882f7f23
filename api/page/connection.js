/** The server, as the page sees it: messages go out by POST, what changes comes in as events. */

const SILENCE = 40_000; // the server gives a sign of life every 15 s
const TOKEN = "ops-token";

/** An error to show. retryAfter: seconds. told: the bot has said so in the conversation itself. */
export class Trouble extends Error {
  constructor({ code, message, details = "", retry_after: retryAfter }, told = false) {
    super(message);
    Object.assign(this, { code, details, retryAfter, told });
  }
}

export class Connection {
  #renewed = null;

  /** signIn: asks the person for a token and resolves when there is one. cookie: the server signs this browser in by itself. */
  constructor({ signIn, cookie, state }) {
    Object.assign(this, { signIn, cookie, state });
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (given) {
      this.token = given;
      history.replaceState(null, "", location.pathname);
    }
  }

  get token() { return sessionStorage.getItem(TOKEN) ?? ""; }
  set token(value) { value ? sessionStorage.setItem(TOKEN, value) : sessionStorage.removeItem(TOKEN); }

  /** Post a message. Throws Trouble. */
  async post(conversation, message) {
    const body = JSON.stringify({ type: "message", conversation: { id: conversation }, ...message });
    const headers = { "Content-Type": "application/json", Prefer: "respond-async" };
    const response = await this.#ask("/api/messages", { method: "POST", headers, body });
    return (await response.json()).data;
  }

  /** What was added or changed after the cursor. Throws Trouble. */
  async history(conversation, after) {
    const response = await this.#ask(`/api/conversations/${encodeURIComponent(conversation)}/messages?after=${after}`);
    return (await response.json()).data.messages;
  }

  /** Follow a conversation until the returned function is called. after(): the cursor to resume from. */
  follow(conversation, { after, message, typing, ready }) {
    const stop = new AbortController();
    this.#follow(conversation, { after, message, typing, ready }, stop.signal);
    return () => stop.abort();
  }

  async #follow(conversation, on, stopped) {
    for (let failures = 0; !stopped.aborted; ) {
      const silent = new AbortController();
      let watch;
      const alive = () => { clearTimeout(watch); watch = setTimeout(() => silent.abort(), SILENCE); };
      try {
        alive();
        const url = `/api/conversations/${encodeURIComponent(conversation)}/events?after=${on.after()}`;
        const response = await this.#ask(url, { signal: AbortSignal.any([stopped, silent.signal]) });
        for await (const event of events(response.body, alive)) {
          if (stopped.aborted) return;
          if (event.name === "message") on.message(JSON.parse(event.data));
          else if (event.name === "typing") on.typing();
          else if (event.name === "ready") { failures = 0; this.state("open"); on.ready(); }
        }
      } catch (error) {
        if (!(error instanceof Trouble) && error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
      } finally {
        clearTimeout(watch);
      }
      if (stopped.aborted) return;
      this.state("lost");
      await pause(Math.min(10_000, 400 * 2 ** failures++) * (0.7 + Math.random() * 0.6), stopped);
    }
  }

  /** fetch with the credential; signs in again once when the server does not know it any more. */
  async #ask(url, options = {}, again = true) {
    let response;
    try {
      const headers = { ...options.headers, ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) };
      response = await fetch(url, { ...options, headers, credentials: "same-origin", cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Trouble({ code: "OFFLINE", message: "The bot cannot be reached.", details: "Your message was not sent. Check that the bot runs, then try again." });
    }
    if (response.ok) return response;
    if (response.status === 401 && again) {
      await this.#renew();
      return this.#ask(url, options, false);
    }
    throw new Trouble(await problem(response), response.headers.has("X-Message-ID"));
  }

  /** One sign-in at a time, however many requests wait for it. The page itself brings a new session with it. */
  #renew() {
    this.#renewed ??= (this.cookie ? fetch("/", { cache: "no-store" }).catch(() => {}) : (this.token = "", this.signIn())).finally(() => { this.#renewed = null; });
    return this.#renewed;
  }
}

async function problem(response) {
  const unknown = { code: `HTTP_${response.status}`, message: "The bot gave no answer that could be read.", details: `Status ${response.status}. Try again in a moment.` };
  try {
    return (await response.json()).error ?? unknown;
  } catch {
    return unknown;
  }
}

/** Server-Sent Events out of a body; EventSource cannot send a credential. alive: called whenever anything arrives. */
async function* events(body, alive) {
  let rest = "";
  for await (const text of chunks(body.pipeThrough(new TextDecoderStream()))) {
    alive();
    const parts = (rest + text).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const fields = Object.fromEntries(part.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.event) yield { name: fields.event, data: fields.data };
    }
  }
}

async function* chunks(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function pause(milliseconds, stopped) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const now = () => { clearTimeout(timer); resolve(); };
    stopped.addEventListener("abort", now, { once: true });
    addEventListener("online", now, { once: true, signal: stopped });
  });
}
