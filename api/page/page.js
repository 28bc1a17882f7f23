/** The chat page: puts the composer, the log and the connection together. */

import { available } from "./cards.js";
import { Connection, Trouble } from "./connection.js";
import { Conversation } from "./conversation.js";

const KEY = "ops-conversation";
const AWAY = 60_000; // a page nobody looks at gives its connection back after so long

const $ = (id) => document.getElementById(id);
const { kind, prompts, signedIn } = document.body.dataset;
const text = $("text");

const connection = new Connection({ cookie: signedIn === "yes", signIn, state: connected });
const conversation = new Conversation({ log: $("log"), live: $("live"), act });
let id = localStorage.getItem(KEY) || begin();
let leave = () => {};
let open = false;
let waiting = 0;
let typingUntil = 0;
let recalled = 0;

function begin() {
  const fresh = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(KEY, fresh);
  return fresh;
}

function follow() {
  leave();
  leave = connection.follow(id, {
    after: () => conversation.cursor,
    message: arrived,
    typing: () => { typingUntil = Date.now() + 6000; busy(); },
    ready: () => { conversation.loud = true; welcome(); },
  });
}

function arrived(message) {
  if (conversation.show(message)) typingUntil = 0;
  welcome();
  busy();
}

/** Say something. On failure the words stay where they are, with what to do and a button that tries again. */
async function send(words, value) {
  const article = conversation.expect(words);
  recalled = 0;
  welcome();
  const again = () => {
    if (article.classList.contains("failed")) article.remove();
    send(words, value);
  };
  await deliver({ text: words, value }, { after: article, again }, () => article.classList.replace("pending", "failed"));
  article.classList.remove("pending");
}

/** A card's button: a decision changes its card in place, anything else is a message of its own. */
async function act(title, data, article) {
  const buttons = [...article.querySelectorAll("button")];
  const pressed = buttons.find((button) => button === document.activeElement);
  if (article.classList.contains("deciding")) return;
  if (data.run) {
    await send(title, { run: data.run });
  } else if (data.action) {
    article.classList.add("deciding");
    pressed?.setAttribute("aria-busy", "true");
    await deliver({ value: { action: data.action } }, { after: article, again: () => act(title, data, article) });
    article.classList.remove("deciding");
    pressed?.removeAttribute("aria-busy");
  }
}

async function deliver(message, complaint, failed = () => {}) {
  waiting += 1;
  busy();
  try {
    await connection.post(id, message);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (!error.told) {
      failed();
      conversation.complain(error, complaint);
    }
  } finally {
    waiting -= 1;
    if (!open) await catchUp();
    busy();
  }
}

/** What the events would have brought, while they are interrupted. */
async function catchUp() {
  try {
    for (const message of await connection.history(id, conversation.cursor)) arrived(message);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error; // the notice at the top says it already
  }
}

function busy() {
  const working = waiting > 0 || Date.now() < typingUntil;
  $("typing").hidden = !working;
  $("log").setAttribute("aria-busy", String(working));
  if (!waiting && working) setTimeout(busy, typingUntil - Date.now() + 50);
}

function welcome() {
  $("welcome").hidden = !conversation.empty;
}

function connected(state) {
  open = state === "open";
  $("state").dataset.state = state;
  $("state").textContent = open ? "Connected" : "Reconnecting";
  clearTimeout(connected.timer);
  // A blink is not worth a notice.
  if (open) $("offline").hidden = true;
  else connected.timer = setTimeout(() => { $("offline").hidden = open; }, 1200);
}

function signIn() {
  const dialog = $("signin");
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { connection.token = $("token").value.trim(); $("token").value = ""; resolve(); text.focus(); }, { once: true });
  });
}

function submit() {
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  grow();
  send(words);
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 180)}px`;
  $("send").disabled = !text.value.trim();
}

/** Up and down walk through what was said before, once the composer is empty or showing such a thing. */
function recall(step) {
  const said = conversation.said;
  const next = Math.max(0, Math.min(said.length, recalled + step));
  if (next === recalled) return;
  recalled = next;
  text.value = recalled ? said.at(-recalled) : "";
  grow();
}

function keys(event) {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); submit(); }
  else if (event.key === "ArrowUp" && (recalled || !text.value)) { event.preventDefault(); recall(1); }
  else if (event.key === "ArrowDown" && recalled) { event.preventDefault(); recall(-1); }
  else if (event.key === "Escape") { text.value = ""; recalled = 0; grow(); }
}

function suggest() {
  for (const prompt of JSON.parse(prompts)) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip";
    chip.textContent = prompt;
    chip.addEventListener("click", () => { send(prompt); text.focus(); });
    $("prompts").append(chip);
  }
}

function another() {
  id = begin();
  conversation.clear();
  typingUntil = 0;
  follow();
  welcome();
  text.focus();
}

function watchAway() {
  let timer;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => { leave(); open = false; }, AWAY);
    else if (!open) follow();
  });
}

$("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
$("new").addEventListener("click", another);
$("signin").addEventListener("cancel", (event) => event.preventDefault());
text.addEventListener("keydown", keys);
text.addEventListener("input", () => { recalled = 0; grow(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target !== text && !$("signin").open) text.focus();
});
$("banner").hidden = kind !== "demo";
$("norenderer").hidden = available;
suggest();
grow();
follow();
watchAway();
text.focus();
