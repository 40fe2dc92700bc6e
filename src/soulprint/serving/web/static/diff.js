// Shows changes of some kinds only, and goes from one to the next by key.
const changes = [...document.querySelectorAll(".changes li")];
const kinds = document.querySelectorAll("[data-kind]");

function narrow() {
  const shown = new Set([...kinds].filter((button) => button.ariaPressed === "true").map((button) => button.dataset.kind));
  for (const change of changes) change.hidden = ![...shown].some((kind) => change.classList.contains(kind));
  for (const part of document.querySelectorAll(".record .field, .record .chapter")) part.hidden = !part.querySelector(".changes li:not([hidden])");
}

for (const button of kinds) {
  button.addEventListener("click", () => {
    button.ariaPressed = String(button.ariaPressed !== "true");
    narrow();
  });
}

document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const shown = changes.filter((change) => !change.hidden);
  const at = shown.indexOf(document.activeElement.closest(".changes li"));
  const next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step];
  if (!next) return;
  event.preventDefault();
  next.tabIndex = -1;
  next.focus();
});
