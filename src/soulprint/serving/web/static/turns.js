// The messages of the chat on show: puts in place what the server renders, and keeps what it would render the same.
const turns = document.querySelector("#turns");
const announce = document.querySelector("#announce");
const placed = new WeakMap(); // article -> how the server rendered it

export const say = (text) => { announce.textContent = text; };
export const thread = () => document.querySelector(".chat").dataset.thread;
export const turnOf = (part) => part.closest(".turn");
export const running = () => turns.querySelector(".turn[data-running]");

export function begin(kind, text = "") {
  const article = document.querySelector(`#turn-${kind}`).content.firstElementChild.cloneNode(true);
  article.querySelector(".body").textContent = text;
  document.querySelector("[data-empty]")?.remove();
  turns.append(article);
  return article;
}

// Gives what shows an answer as it is written: what is final is put once and stays as it is, marked text included.
export function writing(article) {
  const body = article.querySelector(".body");
  let final = 0;
  body.replaceChildren();
  return (data) => {
    while (body.childNodes.length > final) body.lastChild.remove();
    body.append(made(data.final));
    final = body.childNodes.length;
    body.append(made(data.rest));
  };
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function endAt(article) {
  while (article.nextElementSibling) article.nextElementSibling.remove();
}

// The question stands at the top, and the answer grows under it: it is read from its beginning.
export function toQuestion() {
  [...turns.querySelectorAll(".turn.user")].at(-1)?.scrollIntoView({ block: "start" });
}

// Asks for the chat as it is now and gives the page, or null where there is none any more.
export async function refresh() {
  const response = await fetch(`/chat/${thread()}`);
  if (!response.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  put([...page.querySelectorAll("#turns > *")].map((part) => document.importNode(part, true)));
  document.title = page.title;
  document.querySelector(".bar .now").replaceWith(page.querySelector(".bar .now"));
  return page;
}

// What stands unchanged stays the same element, with what was opened in it, typed and focused.
function put(wanted) {
  const had = new Map([...turns.children].map((part) => [part.id, part]));
  const next = wanted.map((part) => {
    const old = had.get(part.id);
    if (old && placed.get(old) === part.outerHTML) return old;
    const html = part.outerHTML;
    const kept = old && sameBody(old, part) ? completed(old, part) : part;
    placed.set(kept, html);
    return kept;
  });
  for (const part of [...turns.children]) if (!next.includes(part)) part.remove();
  next.forEach((part, place) => {
    if (turns.children[place] !== part) turns.insertBefore(part, turns.children[place] ?? null);
  });
}

// An answer that was read as it came stays where it is when it is whole; only what stands around it is new.
function sameBody(old, part) {
  const [had, has] = [old, part].map((one) => one.querySelector(":scope > .body.prose"));
  return old.matches("[data-running]") && had && has && had.innerHTML.trim() === has.innerHTML.trim();
}

function completed(old, part) {
  const body = old.querySelector(":scope > .body");
  for (const name of old.getAttributeNames()) if (!part.hasAttribute(name)) old.removeAttribute(name);
  body.className = part.querySelector(":scope > .body").className;
  for (const child of [...old.children]) if (child !== body) child.remove();
  old.append(...[...part.children].filter((child) => !child.matches(".body")));
  return old;
}

// What a citation stands for, beside it, while it is pointed at or has the focus.
const bubble = document.querySelector("#cited");

function cite(link) {
  const source = document.querySelector(link.hash);
  if (!source) return;
  const parts = [
    ["b", source.querySelector("summary .title")?.textContent],
    ["time", source.querySelector("summary time, summary .kind")?.textContent],
    ["q", source.querySelector("blockquote")?.textContent.trim()],
  ];
  bubble.replaceChildren(...parts.filter(([, text]) => text).map(([name, text]) => {
    const part = document.createElement(name);
    part.textContent = text.length > 280 ? `${text.slice(0, 280)}…` : text;
    return part;
  }));
  link.setAttribute("aria-describedby", "cited");
  bubble.showPopover();
  const [at, size] = [link.getBoundingClientRect(), bubble.getBoundingClientRect()];
  const above = at.top > size.height + 16;
  bubble.style.left = `${Math.max(8, Math.min(at.left - 24, innerWidth - size.width - 8))}px`;
  bubble.style.top = `${above ? at.top - size.height - 8 : at.bottom + 8}px`;
}

function uncite() {
  if (bubble.matches(":popover-open")) bubble.hidePopover();
}

for (const [kind, then] of [["mouseover", cite], ["focusin", cite], ["mouseout", uncite], ["focusout", uncite]]) {
  turns.addEventListener(kind, (event) => {
    const link = event.target.closest?.("a.cite");
    if (link) then(link);
  });
}
addEventListener("scroll", uncite, { passive: true });
addEventListener("keydown", (event) => { if (event.key === "Escape") uncite(); });

export async function show(button) {
  const { show: id, way } = button.dataset;
  const response = await fetch(`/api/v1/threads/${thread()}/messages/${id}/show`, { method: "POST" });
  if (!response.ok) return false;
  await refresh();
  const versions = document.querySelector(`#t${id} .versions`);
  const same = versions?.querySelector(`[data-way=${way}]:enabled`);
  (same ?? versions?.querySelector("button:enabled"))?.focus({ preventScroll: true });
  say(`Version ${versions?.querySelector("span").textContent.replace("/", " of ")}.`);
  return true;
}

// Swaps the question for a field; `ask` is called with what stands in it.
export function edit(button, ask) {
  const article = turnOf(button);
  const body = article.querySelector(".body");
  const form = document.querySelector("#editor").content.firstElementChild.cloneNode(true);
  const field = form.querySelector("textarea");
  const leave = () => {
    form.remove();
    article.classList.remove("edited");
    button.focus({ preventScroll: true });
  };
  const send = () => {
    if (!field.value.trim()) return;
    form.remove();
    article.classList.remove("edited");
    ask(article, field.value);
  };
  field.value = body.textContent;
  article.classList.add("edited");
  body.after(form);
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  form.querySelector("[data-leave]").addEventListener("click", leave);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); leave(); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  });
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
}

// Opens what an answer rests on below it, or closes it.
export async function why(button) {
  const article = turnOf(button);
  const open = article.querySelector(".why");
  button.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  const response = await fetch(`/chat/${thread()}/messages/${article.dataset.message}/why`);
  if (!response.ok) {
    button.setAttribute("aria-expanded", "false");
    return say("What it rests on could not be read. Try again.");
  }
  article.insertAdjacentHTML("beforeend", await response.text());
  article.querySelector(".why").focus({ preventScroll: true });
}

export function reveal(source) {
  for (let part = source; part; part = part.parentElement?.closest("details")) part.open = true;
}

for (const article of turns.children) placed.set(article, article.outerHTML);
