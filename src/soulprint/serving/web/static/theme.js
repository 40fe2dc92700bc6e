// Puts the theme the person chose in place before the page is painted; without a choice the system's holds.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function kept() {
  try { return localStorage.getItem("theme"); } catch { return null; }
}

function keep(theme) {
  try { localStorage.setItem("theme", theme); } catch { /* private windows may refuse */ }
}

if (kept()) root.dataset.theme = kept();

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  keep(root.dataset.theme);
});
