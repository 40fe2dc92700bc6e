// Erases everything, once the person has typed that they mean it.
import { trouble } from "./events.js";

const dialog = document.querySelector("#erasing");
const form = dialog.querySelector("form");
const wrong = form.querySelector(".trouble");

document.querySelector("#erase").addEventListener("click", () => {
  form.reset();
  wrong.hidden = true;
  dialog.showModal();
});

form.querySelector("[data-leave]").addEventListener("click", () => dialog.close());

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  button.textContent = "Erasing";
  const response = await fetch("/api/v1/erase", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ word: form.word.value }),
  }).catch(() => null);
  if (response?.ok) return location.assign(`/erased/${(await response.json()).id}`);
  wrong.textContent = response ? await trouble(response) : "SoulPrint can’t be reached. Try again: what is gone stays gone, and the rest goes then.";
  wrong.hidden = false;
  button.disabled = false;
  button.textContent = "Erase everything";
});
