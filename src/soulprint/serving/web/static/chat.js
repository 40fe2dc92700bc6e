// A chat: sends a question and shows the answer as it comes. The server writes it whether or not a page reads it, so a
// page that is loaded again, or stands in another tab, goes on reading.
import "./copying.js";
import { events, trouble } from "./events.js";
import "./facts.js";
import * as threads from "./threads.js";
import * as turns from "./turns.js";

const chat = document.querySelector(".chat");
const form = document.querySelector("#composer");
const field = document.querySelector("#question");
const send = form.querySelector(".send");
const stop = form.querySelector(".stop");
const wrong = document.querySelector("#trouble");
const wide = matchMedia("(min-width: 62rem)");
const tabs = new BroadcastChannel("soulprint-chat");
const OUT_OF_REACH = "SoulPrint can’t be reached. Is it still running?";
const PATIENCE = 8000;
let reading = null; // the answer that is being read: {id, wanted}
let sought = ""; // the source that was asked for before it was there

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, innerHeight * 0.4)}px`;
}

function busy(on) {
  const focused = form.contains(document.activeElement) && document.activeElement !== field;
  send.hidden = on;
  stop.hidden = !on;
  if (focused) (on ? stop : field).focus({ preventScroll: true });
}

function tell(reason) {
  wrong.textContent = reason;
  wrong.hidden = !reason;
}

const post = (path, body) => fetch(`/api/v1/threads${path}`, {
  method: "POST",
  ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
});

async function opened() {
  if (turns.thread()) return;
  const response = await post("");
  if (!response.ok) throw new Error(await trouble(response));
  chat.dataset.thread = (await response.json()).id;
  history.replaceState(null, "", `/chat/${turns.thread()}`);
}

// Shows an answer from the request that begins it, or from where it stands, to its end. `undone` puts back what was
// typed where it wasn't taken.
async function answered(article, begin, undone = () => {}) {
  reading = { id: Number(article.dataset.message) || null, wanted: true };
  busy(true);
  tell("");
  try {
    if (!reading.id) await named(article, await begin());
    await follow(article);
    await turns.refresh();
    if (sought) open(sought);
  } catch (error) {
    tell(error instanceof TypeError ? OUT_OF_REACH : error.message);
    if (!reading.id) undone();
    if (turns.thread()) await turns.refresh().catch(() => {});
  } finally {
    reading = null;
    busy(false);
    turns.say(ended());
    tabs.postMessage(turns.thread());
    threads.refresh().catch(() => {});
  }
}

function ended() {
  const last = [...document.querySelectorAll(".turn.assistant")].at(-1);
  return last?.querySelector(".trouble")?.firstChild.textContent.trim() ?? "The answer is there.";
}

// What begins an answer names it; it is then read as the page shows it, for as long as it is written.
async function named(article, response) {
  if (!response.ok) throw new Error(await trouble(response));
  for await (const { name, data } of events(response)) {
    if (name !== "asked") continue;
    const { question_id: question, answer_id: answer } = data;
    article.id = `t${answer}`;
    article.dataset.message = answer;
    if (article.previousElementSibling && !article.previousElementSibling.id) article.previousElementSibling.id = `t${question}`;
    reading.id = answer;
    tabs.postMessage(turns.thread());
    threads.refresh().catch(() => {});
    if (!reading.wanted) end();
    break;
  }
  if (!reading.id) throw new TypeError();
}

// Reads an answer from its beginning to its end, also where the connection is lost for a while.
async function follow(article) {
  for (let wait = 250; wait <= PATIENCE; wait *= 2) {
    const response = await fetch(`/chat/${turns.thread()}/messages/${reading.id}/written`).catch(() => null);
    if (response && !response.ok) throw new Error(await trouble(response));
    if (response && (await read(article, response).catch(() => false))) return;
    await new Promise((resolve) => { setTimeout(resolve, wait); });
  }
  throw new TypeError();
}

async function read(article, response) {
  const show = turns.writing(article);
  for await (const { name, data } of events(response)) {
    if (name === "written") show(data);
    if (name === "ended") return true;
  }
  return false;
}

async function ask(text) {
  if (reading || !text.trim()) return;
  field.value = "";
  grow();
  const question = turns.begin("user", text);
  const article = turns.begin("assistant");
  turns.toQuestion();
  turns.say("Looking through your history.");
  const begin = async () => {
    await opened();
    return post(`/${turns.thread()}/messages`, { text });
  };
  await answered(article, begin, () => {
    question.remove();
    article.remove();
    field.value ||= text;
    grow();
  });
}

async function askInstead(question, text) {
  if (reading) return;
  const edits = Number(question.dataset.message);
  turns.endAt(question);
  question.querySelector(".body").textContent = text;
  question.querySelector(".tools").replaceChildren();
  question.removeAttribute("id");
  const article = turns.begin("assistant");
  turns.toQuestion();
  turns.say("Looking through your history.");
  await unfocused(article, () => post(`/${turns.thread()}/messages`, { text, edits }));
}

async function askAgain(button) {
  if (reading) return;
  const former = turns.turnOf(button);
  const id = former.dataset.message;
  const before = former.previousElementSibling;
  turns.endAt(before);
  const article = turns.begin("assistant");
  turns.say("Looking through your history.");
  await unfocused(article, () => post(`/${turns.thread()}/messages/${id}/retry`));
}

// Answers where what was pressed is gone: the focus waits on Stop, and is then on what is like it.
async function unfocused(article, begin) {
  const ending = answered(article, begin);
  stop.focus({ preventScroll: true });
  await ending;
  [...document.querySelectorAll(".turn [data-retry]")].at(-1)?.focus({ preventScroll: true });
}

async function end() {
  if (!reading) return;
  reading.wanted = false;
  if (!reading.id) return;
  const response = await post(`/${turns.thread()}/messages/${reading.id}/stop`).catch(() => null);
  if (!response?.ok) tell("It could not be stopped. Try again.");
}

// Goes on reading an answer that somebody else began: this page before it was loaded again, or another tab.
async function goOn() {
  const article = turns.running();
  if (!article || reading) return;
  await answered(article);
}

async function look() {
  if (reading || !turns.thread()) return;
  await turns.refresh().catch(() => {});
  await goOn();
}

// Sources stand below an answer once it is whole.
function open(hash) {
  const source = document.querySelector(hash);
  sought = source ? "" : hash;
  turns.reveal(source);
  if (source && location.hash === hash) source.scrollIntoView({ block: "nearest" });
}

function moved(way) {
  return async (button) => {
    if (reading) return;
    if (await turns.show(button)) await goOn();
    else turns.say(`The ${way} version could not be shown. Try again.`);
  };
}

const ACTS = {
  ask: (button) => ask(button.dataset.ask),
  retry: askAgain,
  edit: (button) => { if (!reading) turns.edit(button, askInstead); },
  why: turns.why,
  show: (button) => moved(button.dataset.way)(button),
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(field.value);
});

field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask(field.value);
});

stop.addEventListener("click", end);
const shortcuts = document.querySelector("#shortcuts");
const SHORTCUTS = { Escape: end, "/": () => field.focus(), "?": () => shortcuts.showModal() };
addEventListener("keydown", (event) => {
  const isTyped = event.key !== "Escape" && (event.target.matches("input, textarea") || event.ctrlKey || event.metaKey);
  if (isTyped || event.defaultPrevented || document.querySelector(".threads:popover-open, dialog[open]")) return;
  if (!(event.key in SHORTCUTS)) return;
  if (event.key !== "Escape") event.preventDefault();
  SHORTCUTS[event.key]();
});
document.querySelector("#keys").addEventListener("click", () => shortcuts.showModal());

document.addEventListener("click", (event) => {
  const button = event.target.closest(Object.keys(ACTS).map((name) => `[data-${name}]`).join());
  if (button) return ACTS[Object.keys(ACTS).find((name) => name in button.dataset)](button);
  const cite = event.target.closest("a.cite");
  if (cite) open(cite.hash);
});

document.addEventListener("soulprint:undone", look);
tabs.addEventListener("message", (event) => {
  threads.refresh().catch(() => {});
  if (event.data === turns.thread()) look();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

grow();
send.disabled = false; // until now a press would have loaded the page again, without what was typed
field.setSelectionRange(field.value.length, field.value.length);
if (location.hash) turns.reveal(document.querySelector(location.hash));
else turns.toQuestion();
if (wide.matches) field.focus({ preventScroll: true });
goOn();
