// Forgets conversations, one or those that are chosen, once the person has agreed.
import { trouble } from "./events.js";

const dialog = document.querySelector("#forgetting");
const wrong = dialog.querySelector(".trouble");
const bar = document.querySelector(".chosen");
const announce = document.querySelector("#announce");
const boxes = () => [...document.querySelectorAll(".talk input")];
const chosen = () => boxes().filter((box) => box.checked).map((box) => box.closest(".talk"));
let ids = [];

function ask(what, which) {
  ids = which;
  dialog.querySelector("[data-what]").textContent = what;
  wrong.hidden = true;
  dialog.showModal();
}

function count() {
  const number = chosen().length;
  bar.hidden = number === 0;
  bar.querySelector("[data-number]").textContent = number.toLocaleString();
}

async function forget() {
  const response = await fetch("/api/v1/conversations/forget", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ids }),
  }).catch(() => null);
  if (!response?.ok) throw new Error(response ? await trouble(response) : "SoulPrint can’t be reached. Nothing was forgotten.");
  return response.json();
}

dialog.querySelector("form").addEventListener("submit", async (event) => {
  if (event.submitter?.value !== "forget") return;
  event.preventDefault();
  event.submitter.disabled = true;
  try {
    const gone = await forget();
    if (!bar) return location.assign("/conversations");
    for (const talk of chosen()) talk.remove();
    for (const month of document.querySelectorAll(".month:not(:has(.talk))")) month.remove();
    dialog.close();
    count();
    announce.textContent = `${gone.conversations} forgotten, with ${gone.facts} facts.`;
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
  } finally {
    event.submitter.disabled = false;
  }
});

document.addEventListener("click", (event) => {
  const one = event.target.closest("[data-forget]");
  if (one) return ask(`“${one.dataset.name}”`, [one.dataset.forget]);
  if (event.target.closest("[data-forget-chosen]")) {
    const talks = chosen();
    ask(talks.length === 1 ? "this conversation" : `${talks.length} conversations`, talks.map((talk) => talk.dataset.talk));
  }
  if (event.target.closest("[data-none]")) {
    for (const box of boxes()) box.checked = false;
    count();
  }
});

if (bar) document.addEventListener("change", count);
