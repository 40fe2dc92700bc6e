// Goes back to a version, or on to a later one again, once the person has agreed.
import { trouble } from "./events.js";

const dialog = document.querySelector("#using");
const wrong = document.querySelector("#trouble");
let number = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (!button) return;
  number = button.dataset.use;
  dialog.querySelector("[data-number]").textContent = number;
  dialog.returnValue = "keep";
  dialog.showModal();
});

dialog.addEventListener("close", async () => {
  if (dialog.returnValue !== "use") return;
  const response = await fetch(`/api/v1/profile/versions/${number}/use`, { method: "POST" }).catch(() => null);
  if (response?.ok) return location.assign("/profile");
  wrong.textContent = response ? await trouble(response) : "SoulPrint can’t be reached. Nothing was changed.";
  wrong.hidden = false;
});
