// Brings what operators see up to date every few seconds, unless somebody is at it, and stops or starts passes.
import { trouble } from "./events.js";

const EVERY = 5000;
const live = document.querySelector("[data-live]");

setInterval(async () => {
  const isUsed = document.hidden || live.contains(document.activeElement) || document.querySelector("dialog[open]");
  if (isUsed || !getSelection().isCollapsed) return;
  const response = await fetch(live.dataset.live).catch(() => null);
  if (!response?.ok) return;
  const open = [...live.querySelectorAll("details[open]")].map((one) => place(one));
  const next = document.createElement("template");
  next.innerHTML = await response.text();
  if (next.innerHTML === live.shown) return;
  live.shown = next.innerHTML;
  live.replaceChildren(next.content);
  for (const one of live.querySelectorAll("details")) one.open = open.includes(place(one));
}, EVERY);

const place = (details) => details.closest("section, figure")?.querySelector("h2, h3")?.textContent ?? "";

const dialog = document.querySelector("#sure");
const said = document.querySelector("#trouble");

live.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  dialog.querySelector("[data-told]").textContent = button.dataset.sure;
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "yes") return;
  const { act, run } = button.dataset;
  const response = await fetch(`/api/v1/admin/runs/${run}/${act}`, { method: "POST" }).catch(() => null);
  if (!response?.ok) {
    said.textContent = response ? await trouble(response) : "SoulPrint can’t be reached, so nothing was changed.";
    said.hidden = false;
    return;
  }
  location.assign(`/admin/runs/${(await response.json()).run_id}`);
});
