// Hands over an export: drop or choose, true progress of the upload, then the server's own progress takes over.
const form = document.querySelector("#upload");
const input = form.querySelector("input[type=file]");
const choose = form.querySelector("label");
const sending = form.querySelector(".sending");
const bar = sending.querySelector("progress");
const said = form.querySelector(".trouble");
let request = null;

function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit += 1; }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

function state(uploading, trouble = "") {
  choose.hidden = uploading;
  sending.hidden = !uploading;
  said.hidden = !trouble;
  said.textContent = trouble;
}

function answered(xhr) {
  if (xhr.status === 202) return "";
  try { return JSON.parse(xhr.responseText).detail; } catch { return `The server answered ${xhr.status}.`; }
}

function send(file) {
  if (request) return;
  if (!file.size) return state(false, "The file is empty, so there is nothing to import.");
  if (file.size > Number(form.dataset.limit)) {
    return state(false, `The file holds ${size(file.size)}, more than is taken here. In a terminal, soulprint import has no such limit.`);
  }
  request = new XMLHttpRequest();
  request.open("POST", `/api/v1/imports?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.onprogress = (event) => progress(event.loaded, file.size);
  request.onload = () => end(answered(request));
  request.onerror = () => end("The upload broke off; nothing of it was kept. Is SoulPrint still running? Try again.");
  request.onabort = () => end("The upload was stopped; nothing of it was kept.");
  sending.querySelector("[data-sent-name]").textContent = file.name;
  progress(0, file.size);
  state(true);
  request.send(file);
}

function progress(sent, total) {
  bar.max = total;
  bar.value = sent;
  sending.querySelector("[data-sent]").textContent = `${size(sent)} of ${size(total)} handed over`;
}

function end(trouble) {
  request = null;
  input.value = "";
  if (!trouble) form.hidden = true;
  state(false, trouble);
}

async function dropped(event) {
  form.classList.remove("over");
  const item = event.dataTransfer.items[0];
  const file = event.dataTransfer.files[0];
  if (item?.webkitGetAsEntry?.()?.isDirectory) {
    return state(false, "That is a folder. Drop the zip file as the provider sent it, or import the folder in a terminal: soulprint import FOLDER.");
  }
  if (event.dataTransfer.files.length > 1) return state(false, "One file at a time, please: the zip as the provider sent it.");
  if (file) send(file);
}

input.addEventListener("change", () => input.files[0] && send(input.files[0]));
form.querySelector("[data-cancel-upload]").addEventListener("click", () => request?.abort());
form.addEventListener("submit", (event) => event.preventDefault());

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
addEventListener("beforeunload", (event) => { if (request) event.preventDefault(); });
