// Keeps the progress panel true: asks for it again at each change that the server tells of. Stops what is at work, and
// shows what reading every conversation would come to before it begins.
import { trouble } from "./events.js";

const panel = document.querySelector("#progress");
const form = document.querySelector("#upload");
const announce = document.querySelector("#announce");
const shown = () => panel.firstElementChild?.dataset ?? {};
let html = null;
let asking = false;
let again = false;

async function show() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const response = await fetch("/progress");
    if (response.ok) await put(await response.text());
  } finally {
    asking = false;
  }
  if (again) { again = false; await show(); }
}

async function put(text) {
  if (text === html) return;
  const before = { ...shown() };
  const standing = panel.querySelector("#begin, [aria-busy]");
  html = text;
  if (standing && !text.includes("data-stop")) return; // somebody is deciding, and nothing else has begun
  keeping(() => { panel.innerHTML = text; });
  const now = shown();
  form.hidden = now.stage === "importing" || now.stage === "profiling";
  if (now.said !== before.said) announce.textContent = now.said;
  if (now.version !== before.version || now.said !== before.said) await overview();
}

// Swaps the panel, and leaves the focus and what was opened as they were.
function keeping(swap) {
  const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...panel.querySelectorAll("details[open]")].map((part) => part.className);
  swap();
  for (const name of open) panel.querySelector(`details.${name}`)?.setAttribute("open", "");
  if (focused) (document.getElementById(focused) ?? panel.querySelector("a, button"))?.focus({ preventScroll: true });
}

// The glance at the profile above the panel; on a page that began without one it comes with the next visit.
async function overview() {
  const old = document.querySelector("#overview");
  const response = old && (await fetch("/"));
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const made = page.querySelector("#overview");
  if (made && !old.contains(document.activeElement)) old.replaceWith(made);
}

const stop = (button) => send(button, button.dataset.stop, "DELETE");

async function send(button, address, method) {
  button.disabled = true;
  try {
    const response = await fetch(address, { method });
    if (!response.ok && response.status !== 404) throw new Error(await trouble(response));
    await show();
  } catch (error) {
    tell(button.closest(".panel"), said(error));
    button.disabled = false;
  }
}

// Before anything is spent

async function count(asked, everything) {
  asked.setAttribute("aria-busy", "true");
  for (const button of asked.querySelectorAll("button")) button.disabled = true;
  announce.textContent = "Counting what is to be read.";
  try {
    const response = await fetch(`/estimate?again=${everything}`);
    const text = await response.text();
    if (!response.ok) throw new Error(explained(text) ?? `The server answered ${response.status}.`);
    asked.innerHTML = text;
    asked.querySelector("input, [type=submit]").focus({ preventScroll: true });
    announce.textContent = asked.querySelector(".counts").textContent.replace(/\s+/g, " ");
  } catch (error) {
    for (const button of asked.querySelectorAll("button")) button.disabled = false;
    tell(asked, said(error));
  } finally {
    asked.removeAttribute("aria-busy");
  }
}

async function begin(estimate) {
  const ceiling = estimate.elements.ceiling?.value;
  const button = estimate.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const response = await fetch("/api/v1/passes", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ again: "again" in estimate.dataset, ceiling_usd: ceiling ?? null }),
    });
    if (!response.ok) throw new Error(await trouble(response));
    estimate.remove();
    html = null;
    await show();
  } catch (error) {
    tell(estimate, said(error));
    button.disabled = false;
  }
}

// What went wrong, where the person is looking; said aloud as an alert.
function tell(place, text) {
  let problem = place.querySelector(".trouble");
  if (!problem) {
    problem = document.createElement("p");
    problem.className = "trouble";
    problem.setAttribute("role", "alert");
    place.append(problem);
  }
  problem.textContent = text;
}

function explained(page) {
  return new DOMParser().parseFromString(page, "text/html").querySelector(".empty p")?.textContent;
}

function said(error) {
  return error instanceof TypeError ? "SoulPrint can't be reached. Is it still running?" : error.message;
}

panel.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const asked = button?.closest("[data-ask-estimate]");
  if (button?.dataset.stop) stop(button);
  else if (button?.dataset.send) {
    if (!button.dataset.ask || confirm(button.dataset.ask)) send(button, button.dataset.to, button.dataset.send);
  }
  else if (button?.id === "ask-estimate") count(asked, "again" in asked.dataset);
  else if (button && "countAgain" in button.dataset) count(asked, true);
  else if (button && "dismiss" in button.dataset) { button.closest("form").remove(); html = null; show(); }
});

panel.addEventListener("submit", (event) => {
  event.preventDefault();
  begin(event.target);
});

let source;
export function follow() {
  source?.close();
  source = new EventSource("/api/v1/events");
  source.addEventListener("status", show);
}

addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
follow();
