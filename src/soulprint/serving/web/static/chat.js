// A chat: sends a question, shows the answer as it comes, and puts the server's own rendering in place at its end.
import { events, trouble } from "./events.js";

const chat = document.querySelector(".chat");
const turns = document.querySelector("#turns");
const form = document.querySelector("#composer");
const field = document.querySelector("#question");
const send = form.querySelector(".send");
const stop = form.querySelector(".stop");
const announce = document.querySelector("#announce");
let thread = chat.dataset.thread;
let running = null;

function turn(kind, text = "") {
  const article = document.querySelector(`#turn-${kind}`).content.firstElementChild.cloneNode(true);
  article.querySelector(".body").textContent = text;
  turns.append(article);
  return article;
}

// The question stands at the top, and the answer grows under it: it is read from its beginning.
function toQuestion() {
  [...turns.querySelectorAll(".turn.user")].at(-1)?.scrollIntoView({ block: "start" });
}

function busy(on) {
  send.hidden = on;
  stop.hidden = !on;
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, innerHeight * 0.4)}px`;
}

async function open() {
  if (thread) return;
  const response = await fetch("/api/v1/threads", { method: "POST" });
  if (!response.ok) throw new Error(await trouble(response));
  thread = (await response.json()).id;
  chat.dataset.thread = thread;
  history.replaceState(null, "", `/chat/${thread}`);
}

async function ask(text) {
  if (running || !text.trim()) return;
  running = new AbortController();
  busy(true);
  document.querySelector("[data-empty]")?.remove();
  field.value = "";
  grow();
  turn("user", text).dataset.text = text;
  const article = turn("assistant");
  toQuestion();
  announce.textContent = "Looking through your history.";
  try {
    await open();
    await answer(text, article);
  } catch (error) {
    if (error.name === "AbortError") broken(article, "Stopped; what had come is kept.", text);
    else broken(article, error instanceof TypeError ? "SoulPrint can't be reached. Is it still running?" : error.message, text);
  } finally {
    running = null;
    busy(false);
    article.removeAttribute("aria-busy");
    await list();
  }
}

async function answer(text, article) {
  const response = await fetch(`/api/v1/threads/${thread}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
    signal: running.signal,
  });
  if (!response.ok) throw new Error(await trouble(response));
  const body = article.querySelector(".body");
  let ended = false;
  for await (const { name, data } of events(response)) {
    if (name === "delta") body.append(data.text);
    if (name === "done") await settle(article, data.message_id);
    if (name === "failed") broken(article, data.message, text);
    ended ||= name === "done" || name === "failed";
  }
  if (!ended) broken(article, "The answer broke off; what had come is kept.", text);
}

async function settle(article, id) {
  const response = await fetch(`/chat/${thread}/messages/${id}`);
  if (!response.ok) throw new Error("The answer is kept; load the page again to see it.");
  article.insertAdjacentHTML("afterend", await response.text());
  article.remove();
  announce.textContent = "The answer is there.";
}

function broken(article, reason, text) {
  article.querySelector(".body").classList.remove("streaming");
  const said = document.createElement("p");
  const again = document.createElement("button");
  said.className = "trouble";
  again.className = "link";
  again.type = "button";
  again.textContent = "Ask again";
  again.dataset.retry = text;
  said.append(`${reason} `, again);
  article.append(said);
  announce.textContent = reason;
}

async function list() {
  const response = thread && (await fetch(`/chat/${thread}`));
  if (!response || !response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const open = document.querySelector(".past")?.open ?? wide.matches;
  document.querySelector(".threads").replaceWith(page.querySelector(".threads"));
  document.querySelector(".past")?.toggleAttribute("open", open);
  document.title = page.title;
}

async function forget(button) {
  if (!confirm("Delete this chat? It can't be brought back.")) return;
  const id = button.dataset.forget;
  const response = await fetch(`/api/v1/threads/${id}`, { method: "DELETE" });
  if (!response.ok) announce.textContent = await trouble(response);
  else if (id === thread) location.assign("/chat");
  else button.closest("li").remove();
}

function reveal(source) {
  for (let part = source; part; part = part.parentElement?.closest("details")) part.open = true;
}

function asked(button) {
  if (button.dataset.retry) return button.dataset.retry;
  let before = button.closest(".turn").previousElementSibling;
  while (before && !before.classList.contains("user")) before = before.previousElementSibling;
  return before?.querySelector(".body").textContent ?? "";
}

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

stop.addEventListener("click", () => running?.abort());
addEventListener("keydown", (event) => { if (event.key === "Escape") running?.abort(); });

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-ask], [data-forget], [data-retry], a.cite");
  if (!target) return;
  if (target.dataset.ask) ask(target.dataset.ask);
  else if (target.dataset.forget) forget(target);
  else if ("retry" in target.dataset) ask(asked(target));
  else if (target.hash) reveal(document.querySelector(target.hash));
});

const wide = matchMedia("(min-width: 62rem)");
document.querySelector(".past")?.toggleAttribute("open", wide.matches);
grow();
field.setSelectionRange(field.value.length, field.value.length);
toQuestion();
if (wide.matches) field.focus({ preventScroll: true });
