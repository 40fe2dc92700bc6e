// The inbox: one fact at a time, one key each. What is decided is shown and sent at once, also when the page is left; what
// the server refuses comes back. The next facts are there before they are needed.
import { trouble } from "./events.js";

const review = document.querySelector(".review");
const inbox = document.querySelector("#inbox");
const decide = document.querySelector(".decide");
const fix = document.querySelector("#fix");
const bar = review.querySelector("progress");
const count = document.querySelector("#count");
const last = document.querySelector("#last");
const announce = document.querySelector("#announce");
const done = document.querySelector("#done");
const AHEAD = 6;
const KEYS = { k: "confirm", f: "correct", x: "reject", p: "pin", j: "skip", ArrowRight: "skip", u: "undo" };
const SAID = { confirm: "Kept", correct: "Put right", reject: "Forgotten", pin: "Pinned", skip: "Skipped" };
const decisions = []; // what can be taken back: { card, act, sent }, where `sent` gives the change's id
let total = Number(review.dataset.total);
let more = true;
let asking = null;

const cards = () => [...inbox.children].filter((card) => !("decided" in card.dataset));
const current = () => cards()[0];

function show(focus) {
  const card = current();
  for (const other of inbox.children) other.hidden = other !== card;
  const decided = decisions.filter(({ act }) => act !== "skip").length;
  count.textContent = `${decided.toLocaleString()} of ${total.toLocaleString()} decided`;
  bar.max = Math.max(total, 1);
  bar.value = decided;
  for (const tab of document.querySelectorAll("[data-waiting]")) tab.textContent = Math.max(0, total - decided).toLocaleString();
  decide.querySelector("[data-act=undo]").disabled = decisions.length === 0;
  for (const button of decide.querySelectorAll("[data-act]:not([data-act=undo])")) button.disabled = !card;
  done.hidden = Boolean(card) || Boolean(asking);
  if (focus) (card?.querySelector("h2") ?? done.querySelector("a")).focus({ preventScroll: true });
  if (cards().length < AHEAD) fetchMore();
}

async function fetchMore() {
  const tail = inbox.lastElementChild;
  if (!more || asking || !tail) return;
  asking = fetch(`/review/more?score=${tail.dataset.score}&after=${tail.dataset.fact}`);
  try {
    const response = await asking;
    if (!response.ok) return;
    const html = await response.text();
    const before = inbox.children.length;
    inbox.insertAdjacentHTML("beforeend", html);
    more = inbox.children.length > before;
  } catch {
    more = false; // what is there can be decided still
  } finally {
    asking = null;
    show();
  }
}

function say(text, wrong) {
  last.textContent = text;
  last.classList.toggle("trouble", Boolean(wrong));
  announce.textContent = text;
}

async function send(path, body) {
  const response = await fetch(`/api/v1/facts/${path}`, {
    method: "POST",
    keepalive: true,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => { throw new Error("SoulPrint can’t be reached. Nothing was changed; decide it again."); });
  if (!response.ok) throw Object.assign(new Error(await trouble(response)), { gone: [404, 409].includes(response.status) });
  return response.json();
}

function take(act, body) {
  const card = current();
  if (!card) return;
  const decision = { card, act };
  card.dataset.decided = act;
  decisions.push(decision);
  say(`${SAID[act]}: ${body?.statement ?? card.dataset.statement}`);
  show(true);
  if (act === "skip") return;
  decision.sent = sent(decision, `${card.dataset.fact}/${act}`, body);
}

// Gives the change's id; null where it was refused.
async function sent(decision, path, body) {
  try {
    const made = await send(path, body);
    if (made.version && decisions.at(-1) === decision) say(`${last.textContent} Your profile follows: version ${made.version}.`);
    return made.change_id;
  } catch (error) {
    decisions.splice(decisions.indexOf(decision), 1);
    if (error.gone) total -= 1; // decided elsewhere
    else delete decision.card.dataset.decided;
    say(error.message, true);
    show();
    return null;
  }
}

async function undo() {
  const decision = decisions.pop();
  if (!decision) return;
  delete decision.card.dataset.decided;
  inbox.prepend(decision.card);
  say(`Taken back: ${decision.card.dataset.statement}`);
  show(true);
  const change = await decision.sent;
  if (change == null) return;
  await send(`changes/${change}/undo`).catch((error) => say(error.message, true));
}

function open() {
  if (!current()) return;
  fix.hidden = false;
  fix.statement.value = current().dataset.statement;
  fix.statement.focus();
  fix.statement.select();
}

function leave() {
  fix.hidden = true;
  current()?.querySelector("h2").focus({ preventScroll: true });
}

function act(name) {
  if (name === "undo") undo();
  else if (name === "correct") open();
  else { fix.hidden = true; take(name); }
}

if (decide) {
  decide.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) act(button.dataset.act);
  });
  inbox.addEventListener("click", (event) => {
    const button = event.target.closest("[data-holds]");
    if (!button) return;
    take("reject");
    send(`${button.dataset.holds}/confirm`).catch((error) => say(error.message, true));
  });
  fix.addEventListener("submit", (event) => {
    event.preventDefault();
    const statement = fix.statement.value.trim();
    if (!statement) return fix.statement.focus();
    fix.hidden = true;
    take("correct", { statement });
  });
  fix.querySelector("[data-leave]").addEventListener("click", leave);
  fix.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    if (!event.repeat) act(name);
  });
  show();
}
