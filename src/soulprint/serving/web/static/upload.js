// Hands over an export: drop or choose, what of it is to be sent, true progress, and on from where it stood after anything.
// When it is whole the server's own progress takes over.
import { Refused, announce, begin, deliver, forget, unfinished } from "./sending.js";
import { chosen } from "./zip.js";

const WORTHWHILE = 5_000_000;
const SHARE = 0.6;

const form = document.querySelector("#upload");
const input = form.querySelector("input[type=file]");
const choose = form.querySelector("label[for=file]");
const left = form.querySelector(".unfinished");
const looking = form.querySelector(".looking");
const offer = form.querySelector(".offer");
const sending = form.querySelector(".sending");
const bar = sending.querySelector("progress");
const wait = sending.querySelector("[data-wait]");
const pausing = sending.querySelector("[data-pause]");
const said = form.querySelector(".trouble");
const limit = Number(form.dataset.limit);
const patterns = JSON.parse(form.dataset.members);

let current = null; // { name, blob, fingerprint, id, held, stop } of the upload that this page is at
let offered = null;

const PAUSED = "paused";
const STOPPED = "stopped";

function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit += 1; }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

function percent(held, length) {
  return `${Math.min(99, Math.floor((100 * held) / length))} %`;
}

// One of the parts of the form, and what went wrong.
function show(part, trouble = "") {
  for (const each of [choose, looking, offer, sending]) each.hidden = each !== part;
  left.hidden = part !== choose || !left.childElementCount;
  said.hidden = !trouble;
  said.textContent = trouble;
}

// From a file to what is sent of it

async function take(file) {
  if (current || offered || !looking.hidden) return;
  input.value = "";
  if (!file.size) return show(choose, "The file is empty, so there is nothing to import.");
  looking.querySelector("[data-looking-name]").textContent = file.name;
  show(looking);
  const [part, before] = await Promise.all([chosen(file, patterns), unfinished()]);
  const whole = version(file, file, "");
  const some = part && version(file, part.blob, part.mark);
  const begun = before.filter(({ fingerprint }) => [whole.fingerprint, some?.fingerprint].includes(fingerprint));
  const furthest = begun.sort((one, other) => other.held - one.held)[0];
  if (furthest) await start({ ...(furthest.fingerprint === whole.fingerprint ? whole : some), id: furthest.id, held: furthest.held });
  else await settle(whole, some);
}

function version(file, blob, mark) {
  return { name: file.name, blob, fingerprint: [file.size, file.lastModified, blob.size, mark, file.name].join(":"), held: 0 };
}

async function settle(whole, some) {
  const tooLarge = whole.blob.size > limit;
  const worthwhile = some && some.blob.size <= limit && (tooLarge || (whole.blob.size > WORTHWHILE && some.blob.size < SHARE * whole.blob.size));
  if (worthwhile) propose(whole, some, tooLarge);
  else if (tooLarge) show(choose, `The file holds ${size(whole.blob.size)}, more than is taken here. In a terminal, soulprint import has no such limit.`);
  else await start(whole);
}

function propose(whole, some, tooLarge) {
  offered = { whole, some };
  offer.querySelector("[data-offer-name]").textContent = whole.name;
  offer.querySelector("[data-some-size]").textContent = `${size(some.blob.size)} of ${size(whole.blob.size)}`;
  offer.querySelector("[data-whole-size]").textContent = size(whole.blob.size);
  offer.querySelector("[value=whole]").closest("label").hidden = tooLarge;
  const first = offer.querySelector("[value=some]");
  first.checked = true;
  show(offer);
  first.focus({ preventScroll: true });
}

function decide(part) {
  const upload = offered?.[part];
  offered = null;
  if (upload) start(upload);
  else back();
}

function back(trouble) {
  current = null;
  show(choose, trouble);
  input.focus({ preventScroll: true });
}

// Sending

async function start(upload) {
  current = upload;
  sending.querySelector("[data-sent-name]").textContent = upload.name;
  progress();
  wait.textContent = "";
  pausing.disabled = false;
  show(sending);
  pausing.focus({ preventScroll: true });
  const trouble = await alone(() => attempt(upload));
  if (current !== upload || trouble === PAUSED) return;
  current = null;
  show(choose, trouble);
  if (trouble) input.focus({ preventScroll: true });
  else form.hidden = true;
  await tell();
}

// One upload at a time, in all tabs; a browser has no locks on an address that isn't secure, and does without.
function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("soulprint-upload", { ifAvailable: true }, (lock) =>
    lock ? work() : "Another tab is sending a file. Wait until it is done.");
}

// Gives what went wrong, in words.
async function attempt(upload) {
  const stop = new AbortController();
  upload.stop = stop;
  upload.since = { at: performance.now(), held: upload.held };
  pausing.textContent = "Pause";
  try {
    upload.id ??= await announce(upload.blob, upload.name, upload.fingerprint, stop.signal);
    await deliver(upload.blob, upload.id, upload.held, (news) => hear(upload, news), stop.signal);
    await begin(upload.id, (news) => hear(upload, news), stop.signal);
    return "";
  } catch (error) {
    if (error === PAUSED) { held(upload); return PAUSED; }
    if (error === STOPPED) return "";
    return explained(error);
  }
}

function explained(error) {
  if (error.status === 404) return "This upload was removed meanwhile. Choose the file to begin it again.";
  return error instanceof Refused ? error.message : "SoulPrint can’t be reached. Is it still running?";
}

function hear(upload, news) {
  if (news.held !== undefined) upload.held = news.held;
  if (current !== upload) return;
  progress();
  wait.textContent = news.wait ? "The connection is gone. What was sent is kept, and the rest follows as soon as it is back." : "";
}

function progress() {
  const { blob, held } = current;
  bar.max = blob.size;
  bar.value = held;
  sending.querySelector("[data-sent]").textContent = `${size(held)} of ${size(blob.size)} handed over${remaining(current)}`;
}

function remaining({ blob, held, since }) {
  const seconds = since && (performance.now() - since.at) / 1000;
  if (!(seconds > 3) || held <= since.held || held === blob.size) return "";
  const rest = ((blob.size - held) * seconds) / (held - since.held);
  return rest < 60 ? ", less than a minute left" : `, about ${Math.round(rest / 60)} min left`;
}

function held(upload) {
  wait.textContent = `Paused. ${percent(upload.held, upload.blob.size)} is here and is kept for ${form.dataset.days} days, also when you close this page.`;
  pausing.textContent = "Go on";
}

function pauseOrGoOn() {
  if (!current.stop.signal.aborted) return current.stop.abort(PAUSED);
  pausing.disabled = true;
  resume(current);
}

async function resume(upload) {
  const there = (await unfinished()).find(({ id }) => id === upload.id);
  if (current === upload) start({ ...upload, held: there?.held ?? upload.held });
}

async function stopped() {
  const upload = current;
  current = null;
  upload.stop.abort(STOPPED);
  const trouble = await remove(upload.id);
  await tell();
  back(trouble);
}

async function remove(id) {
  try {
    if (id) await forget(id);
    return "";
  } catch (error) {
    return explained(error);
  }
}

// What the server has of earlier uploads

async function tell() {
  const [uploads, busy] = await Promise.all([unfinished(), elsewhere()]);
  const others = uploads.filter(({ id }) => id !== current?.id);
  left.replaceChildren(...others.map((upload) => item(upload, busy)));
  left.hidden = choose.hidden || !others.length;
}

async function elsewhere() {
  const state = await navigator.locks?.query();
  return !current && Boolean(state?.held.some(({ name }) => name === "soulprint-upload"));
}

function item(upload, busy) {
  const entry = document.createElement("li");
  const whole = upload.held === upload.length;
  const text = document.createElement("p");
  text.append(named(upload.name), state(upload, whole, busy));
  entry.append(text);
  if (busy) return entry;
  const actions = document.createElement("span");
  actions.className = "actions";
  if (whole) actions.append(button("Import it", () => start({ ...upload, blob: { size: upload.length } }), "primary"));
  actions.append(button("Remove it", async () => { const trouble = await remove(upload.id); await tell(); back(trouble); }));
  entry.append(actions);
  return entry;
}

function state({ held, length }, whole, busy) {
  if (whole) return " is here in full.";
  const rest = busy ? "Another tab is at it." : "Choose it again to send the rest.";
  return `: ${percent(held, length)} is here. ${rest}`;
}

function named(name) {
  const bold = document.createElement("b");
  bold.textContent = name;
  return bold;
}

function button(text, press, more = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button small ${more}`;
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}

// What the person does

function dropped(event) {
  form.classList.remove("over");
  const item = event.dataTransfer.items[0];
  const file = event.dataTransfer.files[0];
  if (current || offered) return;
  if (item?.webkitGetAsEntry?.()?.isDirectory) {
    return show(choose, "That is a folder. Drop the zip file as the provider sent it, or import the folder in a terminal: soulprint import FOLDER.");
  }
  if (event.dataTransfer.files.length > 1) return show(choose, "One file at a time, please: the zip as the provider sent it.");
  if (file) take(file);
}

input.addEventListener("change", () => input.files[0] && take(input.files[0]));
pausing.addEventListener("click", pauseOrGoOn);
form.querySelector("[data-cancel-upload]").addEventListener("click", stopped);
form.querySelector("[data-not-now]").addEventListener("click", () => decide(null));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (offered) decide(new FormData(form).get("part"));
});

for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    if (!form.hidden) form.classList.add("over");
  });
}
addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  if (!form.hidden) dropped(event);
});

// The form comes back when an import has ended, and another tab may have done something meanwhile.
new MutationObserver(() => { if (!form.hidden) tell(); }).observe(form, { attributeFilter: ["hidden"] });
document.addEventListener("visibilitychange", () => { if (!document.hidden && !form.hidden) tell(); });
tell();
