// Keeps each change of a setting at once, and says so; sets keys, and tries models.
import { trouble } from "./events.js";

const AWAY = "urn:soulprint:problem:consent-missing";
const LOST = "SoulPrint can’t be reached, so nothing was changed. Try again.";
const HELD = { environment: "Set where SoulPrint was started", keyring: "In the keyring", session: "Until SoulPrint is stopped" };

const send = (address, method, body) =>
  fetch(`/api/v1/settings${address}`, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => null);

const told = async (response) => (response ? await trouble(response) : LOST);

function say(place, text, wrong = "") {
  const saved = place.querySelector(".saved");
  const trouble = place.querySelector(".trouble");
  if (saved) saved.textContent = text;
  trouble.textContent = wrong;
  trouble.hidden = !wrong;
}

// One setting each

const KINDS = {
  number: (control) => (control.value === "" ? null : Number(control.value)),
  flag: (control) => control.checked,
  lines: (control) => control.value.split("\n").map((line) => line.trim()).filter(Boolean),
};
const valueOf = (control) => (KINDS[control.dataset.kind] ?? ((one) => one.value.trim() || null))(control);

for (const place of document.querySelectorAll("[data-setting]")) {
  const control = place.querySelector("input, select, textarea");
  control.setAttribute("aria-describedby", `hint-${place.dataset.setting}`);
  control.disabled = "fixed" in place.dataset;
  place.held = control.type === "checkbox" ? control.checked : control.value;
  control.addEventListener("change", () => keep(place, control));
}

async function keep(place, control, consent = false) {
  const name = place.dataset.setting;
  if (!control.reportValidity()) return;
  const response = await send("", "PATCH", { values: { [name]: valueOf(control) }, consent });
  if (response?.ok) {
    place.held = control.type === "checkbox" ? control.checked : control.value;
    control.removeAttribute("aria-invalid");
    say(place, "Saved.");
    return show(await response.json());
  }
  const problem = response ? await response.clone().json().catch(() => ({})) : {};
  if (problem.type === AWAY) {
    if (await agreed(problem.detail)) return keep(place, control, true);
    if (control.type === "checkbox") control.checked = place.held;
    else control.value = place.held;
    return say(place, "Left as it was.");
  }
  control.setAttribute("aria-invalid", "true");
  say(place, "", await told(response));
}

function agreed(detail) {
  const dialog = document.querySelector("#consent");
  dialog.querySelector("[data-told]").textContent = detail;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

function show(now) {
  for (const place of document.querySelectorAll("[data-goes]")) {
    const goes = now.goes[place.dataset.goes];
    place.querySelector(".dot").classList.toggle("away", goes.startsWith("The text"));
    place.lastElementChild.textContent = goes;
  }
  for (const row of document.querySelectorAll("[data-key]")) {
    const held = now.keys[row.dataset.key];
    const state = row.querySelector(".state-of");
    if (held !== "environment") state.textContent = HELD[held] ?? "Not set";
    const [set, remove, notice] = ["set", "remove", "notice"].map((name) => row.querySelector(`[data-${name}]`));
    if (set) set.firstChild.textContent = held ? "Replace" : "Set";
    if (remove) remove.hidden = !held;
    if (notice) notice.hidden = !held;
  }
}

// Models

for (const button of document.querySelectorAll("[data-use]")) {
  button.addEventListener("click", () => {
    const control = document.querySelector("#set-model");
    control.value = button.dataset.use;
    keep(control.closest("[data-setting]"), control);
  });
}

for (const button of document.querySelectorAll("[data-try]")) {
  const place = button.closest("[data-setting]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    say(place, "Asking it for one word…");
    const response = await send("/trial", "POST", { role: button.dataset.try });
    button.disabled = false;
    if (!response?.ok) return say(place, "", await told(response));
    const { model, sent, seconds } = await response.json();
    say(place, sent ? `${model} answered in ${seconds.toFixed(1)} s.` : "Works on this machine; nothing was sent.");
  });
}

// Keys

const dialog = document.querySelector("#key");
const form = dialog.querySelector("form");

for (const row of document.querySelectorAll("[data-key]")) {
  row.querySelector("[data-set]")?.addEventListener("click", () => ask(row));
  row.querySelector("[data-remove]")?.addEventListener("click", async () => {
    const response = await send(`/keys/${row.dataset.key}`, "DELETE");
    if (!response?.ok) return say(row, "", await told(response));
    show(await response.json());
    row.querySelector("[data-set]").focus();
  });
  row.querySelector("[data-notice]")?.addEventListener("click", async (event) => {
    event.target.disabled = true;
    const response = await send("/notice", "POST");
    event.target.disabled = false;
    if (!response?.ok) return say(row, "", await told(response));
    say(row, "", (await response.json()).note ?? "");
    row.querySelector(".state-of").textContent = "A message is on its way";
  });
}

function ask(row) {
  const isNotice = row.dataset.key === "notify";
  form.reset();
  say(form, "");
  form.dataset.name = row.dataset.key;
  dialog.querySelector("h2").textContent = isNotice ? "Where to tell you" : `Key for ${row.dataset.title}`;
  dialog.querySelector("[data-label]").textContent = isNotice ? "Addresses, separated by spaces" : "Key";
  dialog.querySelector("[data-hint]").textContent = isNotice
    ? "As Apprise takes them: mailto://name:password@gmail.com, tgram://token/chat"
    : `The same as ${row.dataset.variable} where SoulPrint is started.`;
  dialog.showModal();
}

dialog.addEventListener("close", () => form.reset());
form.querySelector("[data-leave]").addEventListener("click", () => dialog.close());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { value: form.value.value, session_only: form.session.checked };
  const response = await send(`/keys/${form.dataset.name}`, "PUT", body);
  if (!response?.ok) return say(form, "", await told(response));
  show(await response.json());
  dialog.close();
});

// What would be masked

document.querySelector("#try-masking form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const output = event.target.querySelector("output");
  const response = await send("/masked", "POST", { text: event.target.text.value });
  output.textContent = response?.ok ? (await response.json()).text : await told(response);
});
