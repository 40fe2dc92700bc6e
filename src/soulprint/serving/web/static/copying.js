// Copies code and answers, and says so where it was pressed.
async function toClipboard(text, html) {
  if (navigator.clipboard?.write && window.ClipboardItem) {
    const parts = { "text/plain": text, ...(html && { "text/html": html }) };
    return navigator.clipboard.write([
      new ClipboardItem(Object.fromEntries(Object.entries(parts).map(([type, part]) => [type, new Blob([part], { type })]))),
    ]);
  }
  const field = document.createElement("textarea"); // where the page isn't served safely, browsers offer nothing else
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}

const READ = { "[data-copy]": (button) => [button.closest(".code").querySelector("code").textContent], "[data-take]": answer };

function answer(button) {
  const body = button.closest(".turn").querySelector(".body").cloneNode(true);
  for (const part of body.querySelectorAll(".code > .of, a.cite")) part.remove();
  const shown = document.createElement("div");
  shown.className = "sr";
  shown.append(body);
  document.body.append(shown); // what isn't on the page has no lines
  const text = body.innerText;
  shown.remove();
  return [text.trim(), body.innerHTML];
}

document.addEventListener("click", async (event) => {
  for (const [kind, read] of Object.entries(READ)) {
    const button = event.target.closest(kind);
    if (!button) continue;
    const before = button.dataset.name ?? (button.dataset.name = button.textContent.trim() || button.ariaLabel);
    let told = "Copied";
    await toClipboard(...read(button)).catch(() => { told = "Not copied: your browser forbids it"; });
    if (button.ariaLabel) button.ariaLabel = told;
    else button.textContent = told;
    button.classList.add("copied");
    document.querySelector("[role=status]")?.replaceChildren(told);
    setTimeout(() => {
      if (button.ariaLabel) button.ariaLabel = before;
      else button.textContent = before;
      button.classList.remove("copied");
    }, 2000);
  }
});
