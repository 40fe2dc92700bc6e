// The person's own lines: each part of the profile can be written otherwise, added to or taken out, and that be undone.
import { trouble } from "./events.js";

const announce = document.querySelector("#announce");
const toast = document.querySelector("#toast");
const template = document.querySelector("#rewrite");

async function post(path, body) {
  const response = await fetch(`/api/v1/${path}`, {
    method: "POST",
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => { throw new Error("SoulPrint can’t be reached. Nothing was changed."); });
  if (!response.ok) throw new Error(await trouble(response));
  return response.json();
}

// Puts the profile in place as it is now; what was opened and where the page stood stay as they were.
async function refresh() {
  const response = await fetch("/profile");
  if (!response.ok) throw new Error("The profile was changed, and can’t be shown just now. Load the page again.");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const open = new Set([...document.querySelectorAll(".own:has(details[open])")].map((part) => part.dataset.text));
  const made = document.importNode(page.querySelector(".profile"), true);
  document.querySelector(".profile").replaceChildren(...made.children);
  for (const part of document.querySelectorAll(".own")) {
    if (open.has(part.dataset.text)) part.querySelector("details")?.setAttribute("open", "");
  }
}

function tell(text, undo) {
  toast.hidden = false;
  toast.querySelector("span").textContent = text;
  toast.querySelector("[data-undo]").hidden = !undo;
  toast.querySelector("[data-undo]").dataset.undo = undo ?? "";
  document.querySelector("#announce").textContent = text;
}

function complain(form, reason) {
  let line = form.querySelector(".trouble");
  if (!line) {
    line = Object.assign(document.createElement("p"), { className: "trouble", role: "alert" });
    form.append(line);
  }
  line.textContent = reason;
}

function open(button, place, former) {
  document.querySelector("form.amend")?.querySelector("[data-leave]").click();
  const form = template.content.firstElementChild.cloneNode(true);
  const host = button.closest(".own") ?? button.closest(".acts, .unknown");
  form.text.value = former ?? "";
  host.after(form);
  host.hidden = Boolean(former);
  const leave = () => {
    form.remove();
    host.hidden = false;
    button.focus({ preventScroll: true });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.text.value.trim();
    if (!text) return form.text.focus();
    if (text === former) return leave();
    save(form, { ...place, former, text }, former ? "Changed." : "Added.");
  });
  form.querySelector("[data-leave]").addEventListener("click", leave);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.preventDefault(); leave(); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  form.text.focus();
  form.text.setSelectionRange(form.text.value.length, form.text.value.length);
}

async function save(form, wanted, said) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const made = await post("profile/lines", wanted);
    await refresh();
    const way = made.edit ? `profile/edits/${made.edit}/undo` : `facts/changes/${made.change}/undo`;
    const more = made.change ? " The fact behind it is changed, too, and what rests on it." : "";
    tell(`${said}${more} No later reading undoes it.`, way);
    focusOn(wanted.text);
  } catch (error) {
    button.disabled = false;
    complain(form, error.message);
  }
}

function focusOn(text) {
  const part = [...document.querySelectorAll(".own")].find((own) => own.dataset.text === text);
  (part?.querySelector("summary, [data-edit]") ?? document.querySelector("#main")).focus({ preventScroll: true });
}

async function remove(button) {
  const own = button.closest(".own");
  const { section, field, text } = own.dataset;
  button.disabled = true;
  try {
    const made = await post("profile/lines", { section, field, former: text });
    const next = own.nextElementSibling?.dataset.text ?? own.previousElementSibling?.dataset.text;
    await refresh();
    const way = made.edit ? `profile/edits/${made.edit}/undo` : `facts/changes/${made.change}/undo`;
    tell(`Taken out: “${text}”${made.change ? " The fact behind it is taken as wrong." : ""}`, way);
    focusOn(next);
  } catch (error) {
    button.disabled = false;
    tell(error.message);
  }
}

async function undo(button) {
  button.disabled = true;
  try {
    await post(button.dataset.undo);
    await refresh();
    tell("Undone.");
  } catch (error) {
    tell(error.message);
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { section, field } = button.closest(".own")?.dataset ?? button.dataset;
  if ("edit" in button.dataset) open(button, { section, field }, button.closest(".own").dataset.text);
  else if ("add" in button.dataset) open(button, { section, field });
  else if ("remove" in button.dataset) remove(button);
  else if ("undo" in button.dataset) undo(button);
  else if ("dismiss" in button.dataset) toast.hidden = true;
});
