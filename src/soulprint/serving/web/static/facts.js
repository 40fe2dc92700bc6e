// What the person says of a fact: that it is wrong, or right for good. Each is done at once and can be undone.
import { trouble } from "./events.js";

const announce = document.querySelector("#announce");

async function sent(path, body) {
  const response = await fetch(`/api/v1/facts/${path}`, {
    method: "POST",
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => null);
  if (!response) throw new Error("SoulPrint can’t be reached. Nothing was changed.");
  if (!response.ok) throw new Error(await trouble(response));
  return response.json();
}

function ask(button) {
  const fact = button.closest(".fact");
  const open = fact.querySelector(".amend");
  if (open) return leave(open);
  const form = document.querySelector("#amend").content.firstElementChild.cloneNode(true);
  button.setAttribute("aria-expanded", "true");
  fact.append(form);
  form.statement.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const statement = form.statement.value.trim();
    if (statement) change(fact, "correct", { statement });
    else form.statement.focus();
  });
  form.querySelector("[data-reject]").addEventListener("click", () => change(fact, "reject"));
  form.querySelector("[data-leave]").addEventListener("click", () => leave(form));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    leave(form);
  });
}

function leave(form) {
  const button = form.closest(".fact").querySelector("[data-wrong]");
  button.setAttribute("aria-expanded", "false");
  form.remove();
  button.focus();
}

const DONE = {
  correct: (was) => `Corrected. It said: “${was}”`,
  reject: () => "Taken as wrong: no answer uses it any more.",
  pin: () => "Pinned: no later reading changes it.",
};

async function change(fact, act, body) {
  const was = fact.dataset.fact;
  const before = fact.querySelector(".statement").textContent.trim();
  try {
    const made = await sent(`${was}/${act}`, body);
    const shown = await replaced(fact, was, made.fact.id);
    const version = made.version ? ` Your profile is at version ${made.version} now.` : "";
    note(shown, `${DONE[act](before)}${version}`, made.change_id, was);
  } catch (error) {
    complain(fact, error.message);
  }
}

function complain(place, reason) {
  place.querySelector(":scope > .trouble")?.remove();
  const line = document.createElement("p");
  line.className = "trouble";
  line.textContent = reason;
  place.append(line);
  announce.textContent = reason;
}

// Shows fact `id` wherever `was` stands on the page; gives the one that stands where `fact` stood.
async function replaced(fact, was, id) {
  const response = await fetch(`/facts/${id}`);
  if (!response.ok) throw new Error(await trouble(response));
  const html = await response.text();
  let shown = fact;
  for (const old of document.querySelectorAll(`[data-fact="${was}"]`)) {
    const made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    entitle(old, made);
    old.replaceWith(made);
    if (old === fact) shown = made;
  }
  return shown;
}

// The line under which a source is folded says the same as the fact in it.
function entitle(old, made) {
  const line = old.closest("details")?.querySelector("summary:has([data-statement])");
  if (!line) return;
  line.querySelector("[data-statement]").textContent = made.querySelector(".statement").textContent.trim();
  line.querySelector(".kind").textContent = made.querySelector(".state")?.textContent ?? "Fact";
}

function note(fact, text, change, was) {
  const line = document.createElement("p");
  const undo = document.createElement("button");
  line.className = "change";
  undo.className = "button small";
  undo.type = "button";
  undo.textContent = "Undo";
  undo.dataset.undo = change;
  undo.dataset.was = was;
  line.append(Object.assign(document.createElement("span"), { textContent: text }), " ", undo);
  fact.append(line);
  announce.textContent = text;
  undo.focus({ preventScroll: true });
}

async function undo(button) {
  const fact = button.closest(".fact");
  button.disabled = true;
  try {
    await sent(`changes/${button.dataset.undo}/undo`);
    announce.textContent = "Undone.";
    if (!fact) return document.dispatchEvent(new Event("soulprint:undone"));
    const shown = await replaced(fact, fact.dataset.fact, button.dataset.was);
    shown.querySelector(".acts button")?.focus({ preventScroll: true });
  } catch (error) {
    button.disabled = false;
    complain(fact ?? button.parentElement, error.message);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-wrong], [data-pin], [data-undo]");
  if (!button) return;
  if ("wrong" in button.dataset) ask(button);
  else if ("pin" in button.dataset) change(button.closest(".fact"), "pin");
  else undo(button);
});

if (document.querySelector(".entries")) document.addEventListener("soulprint:undone", () => location.reload());
