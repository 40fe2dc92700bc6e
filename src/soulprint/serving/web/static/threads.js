// The list of chats: search, rename, delete. The server renders what stands in it.
import { trouble } from "./events.js";

const PAUSE = 200; // milliseconds after the last key before a search
const list = document.querySelector("#list");
const older = document.querySelector("#older");
const query = document.querySelector("#query");
const deleting = document.querySelector("#deleting");
const announce = document.querySelector("#announce");
const here = () => document.querySelector(".chat").dataset.thread;
let timer = 0;
let asked = 0;

const said = (text) => { announce.textContent = text; };

// Asks for the list as it is now; what comes after a later question is dropped.
export async function refresh() {
  const mine = ++asked;
  const html = await fetched("");
  if (html === null || mine !== asked || list.querySelector("form")) return;
  const focused = list.contains(document.activeElement) && document.activeElement.closest("li")?.dataset.thread;
  list.innerHTML = html;
  if (focused) list.querySelector(`[data-thread="${focused}"] a`)?.focus({ preventScroll: true });
  older.hidden = !list.firstElementChild.dataset.more;
}

async function fetched(before) {
  const asking = new URLSearchParams({ q: query.value.trim() });
  if (here()) asking.set("here", here());
  if (before) asking.set("before", before);
  const response = await fetch(`/chat/list?${asking}`);
  return response.ok ? response.text() : null;
}

async function more() {
  const last = [...list.querySelectorAll("li[data-thread]")].at(-1);
  const html = await fetched(last.dataset.thread);
  if (html === null) return said("They could not be read. Try again.");
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("ul");
  older.hidden = !next.dataset.more;
  list.firstElementChild.append(...next.children);
  last.nextElementSibling?.querySelector("a")?.focus();
}

async function search() {
  await refresh();
  const found = list.querySelectorAll("li[data-thread]").length;
  if (query.value.trim()) said(found ? `${found}${older.hidden ? "" : " or more"} found.` : "No chat holds all of these words.");
}

function rename(button) {
  const row = button.closest("li");
  const link = row.querySelector("a");
  const title = link.querySelector(".title");
  const form = document.createElement("form");
  const field = document.createElement("input");
  let over = false;
  field.value = title.textContent;
  field.maxLength = 200;
  field.required = true;
  field.setAttribute("aria-label", "Title");
  form.append(field);
  link.hidden = true;
  row.prepend(form);
  field.select();
  const leave = () => {
    over = true;
    form.remove();
    link.hidden = false;
  };
  const keep = async () => {
    if (over) return;
    const text = field.value.trim();
    leave();
    if (!text || text === title.textContent) return;
    title.textContent = text;
    said(await sent(row, "PATCH", { title: text }) ?? "Renamed.");
    if (row.dataset.thread === here()) document.querySelector(".bar .now").textContent = text;
    await refresh();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await keep();
    list.querySelector(`[data-thread="${row.dataset.thread}"] [data-rename]`)?.focus();
  });
  field.addEventListener("blur", keep);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave();
    button.focus();
  });
}

// Does something with the chat of a row; gives what went wrong, or null.
async function sent(row, method, body) {
  const response = await fetch(`/api/v1/threads/${row.dataset.thread}`, {
    method,
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => null);
  if (!response) return "SoulPrint can’t be reached. Nothing was changed.";
  return response.ok ? null : trouble(response);
}

function forget(button) {
  const row = button.closest("li");
  deleting.querySelector("[data-title]").textContent = row.querySelector(".title").textContent;
  deleting.returnValue = "keep";
  deleting.addEventListener("close", () => { if (deleting.returnValue === "delete") gone(row); }, { once: true });
  deleting.showModal();
}

async function gone(row) {
  const wrong = await sent(row, "DELETE");
  if (wrong) return said(wrong);
  if (row.dataset.thread === here()) return location.assign("/chat");
  await refresh();
  said("The chat is deleted.");
  query.focus();
}

query.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => search().catch(() => said("The search did not work. Try again.")), PAUSE);
});
document.querySelector("#search").addEventListener("submit", (event) => event.preventDefault());
older.addEventListener("click", more);
list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rename], [data-forget]");
  if (button) ("rename" in button.dataset ? rename : forget)(button);
});
