// Keeps the progress panel true: asks for it again at each change that the server tells of.
import { trouble } from "./events.js";

const SAID = {
  importing: "Reading the export.",
  profiling: "Writing the profile.",
  ready: "The profile is ready.",
  failed: "The import failed.",
};

const panel = document.querySelector("#progress");
const form = document.querySelector("#upload");
const announce = document.querySelector("#announce");
let shown = panel.dataset.stage;
let asking = false;
let again = false;

async function show(stage) {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const response = await fetch("/progress");
    if (response.ok) panel.innerHTML = await response.text();
  } finally {
    asking = false;
  }
  const now = panel.firstElementChild?.dataset.stage ?? stage;
  form.hidden = now === "importing" || now === "profiling";
  if (now !== shown) announce.textContent = SAID[now] ?? "";
  shown = now;
  panel.dataset.stage = now;
  if (again) { again = false; await show(stage); }
}

let source;
export function follow() {
  source?.close();
  source = new EventSource("/api/v1/events");
  source.addEventListener("status", (event) => show(JSON.parse(event.data).stage));
}

panel.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-cancel-import]");
  if (!button) return;
  button.disabled = true;
  const response = await fetch(`/api/v1/imports/${button.dataset.cancelImport}`, { method: "DELETE" });
  if (!response.ok) announce.textContent = await trouble(response);
});

addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
follow();
