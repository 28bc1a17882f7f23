/** The log: messages in their order, each replaced in place when it changes, and what the page itself has to say. */

import { available, render } from "./cards.js";
import { markdown } from "./markdown.js";

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export class Conversation {
  #shown = new Map();
  #spoken;
  #placed = 0; // where this put the log; anywhere else, the person did

  /** act(title, data, article): a card's button was pressed. */
  constructor({ log, live, typing, act }) {
    Object.assign(this, { log, live, typing, act, cursor: 0, loud: false, said: [] });
    new ResizeObserver(() => this.#follow()).observe(log.firstElementChild);
    log.addEventListener("scroll", () => { if (Math.abs(log.scrollTop - this.#placed) > 1) this.stuck = this.#near(); }, { passive: true });
    this.stuck = true;
  }

  get list() { return this.log.firstElementChild; }
  get empty() { return !this.list.querySelector(".message"); }

  /** Forget everything: another conversation begins. */
  clear() {
    this.#shown.clear();
    this.list.replaceChildren();
    Object.assign(this, { cursor: 0, loud: false, said: [], stuck: true });
    this.live.textContent = "";
  }

  /** Show a message, or its new content. True when it is a new one of the bot. */
  show(message) {
    this.cursor = Math.max(this.cursor, message.changed);
    let article = this.#shown.get(message.id);
    if (article && article.changed >= message.changed) return false;
    const fresh = !article;
    article ??= this.#place(this.#adopt(message) ?? bubble(message), message.order);
    this.#shown.set(message.id, article);
    Object.assign(article, { order: message.order, changed: message.changed });
    article.dataset.id = message.id;
    if (message.author === "person") {
      if (fresh) this.said.push(message.text);
    } else {
      this.#fill(article, message);
      if (this.loud) this.#say(message.text);
    }
    this.#follow();
    return fresh && message.author === "bot";
  }

  /** The person's words before the server has them. */
  expect(text) {
    const article = bubble({ author: "person", text, timestamp: new Date() });
    article.classList.add("pending");
    article.expected = text;
    this.stuck = true;
    return this.#place(article, Infinity);
  }

  /** Say what went wrong below `after`, what to do, and offer to do it again. */
  complain(trouble, { after, again }) {
    delete after.expected; // it never arrived; another try is another message
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.setAttribute("role", "alert");
    notice.append(paragraph("notice-what", trouble.message), paragraph("notice-next", trouble.details));
    if (again) notice.append(this.#retry(notice, trouble.retryAfter, again));
    after.after(notice);
    this.stuck = true;
    this.#follow();
    return notice;
  }

  #retry(notice, seconds, again) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    const until = Date.now() + (seconds ?? 0) * 1000;
    const count = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? `Try again in ${left} s` : "Try again";
      if (left > 0 && (notice.isConnected || left === seconds)) setTimeout(count, 250);
    };
    count();
    button.addEventListener("click", () => { notice.remove(); again(); });
    return button;
  }

  /** A message of the person that was waiting for this one to arrive. */
  #adopt({ author, text }) {
    const article = author === "person" && [...this.list.children].find((one) => one.expected === text);
    if (!article) return null;
    article.classList.remove("pending");
    delete article.expected;
    return article;
  }

  #place(article, order) {
    article.order = order;
    const later = [...this.list.children].find((one) => one !== article && one.order > order);
    if (!article.isConnected || article.nextElementSibling !== (later ?? null)) this.list.insertBefore(article, later ?? null);
    return article;
  }

  #fill(article, message) {
    const content = article.querySelector(".content");
    const focused = content.contains(document.activeElement) ? document.activeElement.textContent : null;
    content.replaceChildren(this.#content(article, message));
    article.classList.toggle("has-card", Boolean(content.querySelector(".card")));
    if (focused === null) return;
    // What was focused is gone: the button of the same name takes over, else the message itself.
    const same = [...content.querySelectorAll("button")].find((button) => button.textContent === focused);
    (same ?? article).focus({ preventScroll: true });
  }

  #content(article, message) {
    const cards = available ? message.attachments.map((attachment) => attachment.content) : [];
    const root = document.createDocumentFragment();
    try {
      for (const card of cards) {
        const holder = document.createElement("div");
        holder.className = card.msteams?.width === "Full" ? "card wide" : "card";
        holder.append(render(card, (title, data) => this.act(title, data, article)));
        root.append(holder);
      }
    } catch (error) {
      console.error("card_not_drawn", error);
      root.replaceChildren();
    }
    if (!root.childNodes.length) {
      const text = document.createElement("div");
      text.className = "text";
      text.innerHTML = markdown(message.text || "(empty message)");
      root.append(text);
    }
    return root;
  }

  /** Read aloud what changed; of several changes in a moment, the last. */
  #say(text) {
    clearTimeout(this.#spoken);
    this.#spoken = setTimeout(() => { this.live.textContent = text; }, 400);
  }

  #near() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80; }

  /** Keep the end in sight; of an answer longer than the window, its beginning. */
  #follow() {
    if (!this.stuck) return;
    const last = [...this.list.children].at(-1);
    const top = last ? last.offsetTop - this.log.offsetTop - 12 : 0;
    this.log.scrollTop = Math.min(top, this.log.scrollHeight - this.log.clientHeight);
    this.#placed = this.log.scrollTop;
  }
}

function bubble({ author, text, timestamp }) {
  const article = document.createElement("article");
  const when = time.format(new Date(timestamp));
  const who = author === "person" ? "You" : "Ops Copilot";
  article.className = `message ${author}`;
  article.tabIndex = -1;
  article.setAttribute("aria-label", `${who}, ${when}`);
  const name = document.createElement("div");
  name.className = "who";
  name.setAttribute("aria-hidden", "true");
  name.textContent = author === "person" ? when : `${who}  ${when}`;
  const content = document.createElement("div");
  content.className = "content";
  if (author === "person") content.append(paragraph("text", text));
  article.append(name, content);
  return article;
}

function paragraph(kind, text) {
  const element = document.createElement("p");
  element.className = kind;
  element.textContent = text;
  return element;
}
