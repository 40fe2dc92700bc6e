// Hands a file over by the tus protocol: in pieces, and on from where it stood after a lost connection, a restart of the
// server or a reload. Only the piece that is being sent is ever read.
import { trouble } from "./events.js";

const UPLOADS = "/api/v1/uploads";
const TUS = { "tus-resumable": "1.0.0" };
const [SMALLEST, FIRST, LARGEST] = [256 * 1024, 1024 * 1024, 16 * 1024 * 1024];
const [QUICK, SLOW] = [1_000, 4_000];
const PATIENCE = 120_000;
const LONGEST_WAIT = 30_000;
const ATTEMPTS = 8;

// The server has said no, in words for a person, and trying again by itself would change nothing.
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

// An answer that may be another one next time.
class Passing extends Error {}

// The uploads that the server has something of; none where it can't be asked.
export async function unfinished() {
  try {
    const response = await fetch(UPLOADS);
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

// Stops an upload; nothing of it is kept.
export async function forget(id) {
  const response = await fetch(`${UPLOADS}/${id}`, { method: "DELETE", headers: TUS });
  if (response.status !== 404) await insist(response, 204);
}

// Gives the new upload's id.
export async function announce(blob, name, fingerprint, signal) {
  const headers = {
    ...TUS,
    "upload-length": String(blob.size),
    "upload-metadata": `filename ${base64(name)},fingerprint ${base64(fingerprint)}`,
  };
  const response = await fetch(UPLOADS, { method: "POST", headers, signal });
  await insist(response, 201);
  return response.headers.get("location").split("/").pop();
}

// Sends what the server doesn't have yet, from the offset `held`. `told` hears `{ held, wait }`: the bytes that the server
// has, and after a failure the milliseconds until the next attempt.
export async function deliver(blob, id, held, told, signal) {
  let size = FIRST;
  await persist(signal, (wait) => told({ held, wait }), () => held, async (again) => {
    if (again) held = await standing(id, signal);
    told({ held });
    while (held < blob.size) {
      const began = performance.now();
      held = await piece(blob, id, held, size, signal);
      told({ held });
      size = fitting(size, performance.now() - began);
    }
  });
}

// Begins the import of an upload that is whole.
export async function begin(id, told, signal) {
  await persist(signal, (wait) => told({ wait }), () => 0, async (again) => {
    const response = await fetch(`${UPLOADS}/${id}/import`, { method: "POST", signal });
    if (again && response.status === 404) return; // it had begun, and the answer was lost
    await insist(response, 202);
  });
}

async function standing(id, signal) {
  const response = await fetch(`${UPLOADS}/${id}`, { method: "HEAD", headers: TUS, signal: patient(signal) });
  await insist(response, 200);
  return Number(response.headers.get("upload-offset"));
}

async function piece(blob, id, held, size, signal) {
  const body = blob.slice(held, held + size);
  const headers = { ...TUS, "upload-offset": String(held), "content-type": "application/offset+octet-stream" };
  const response = await attempt(blob, held, () => fetch(`${UPLOADS}/${id}`, { method: "PATCH", headers, body, signal: patient(signal) }));
  await insist(response, 204, [409]); // 409: it stands elsewhere
  return Number(response.headers.get("upload-offset"));
}

// What fails because the file can't be read any more looks like a lost connection.
async function attempt(blob, held, send) {
  try {
    return await send();
  } catch (error) {
    try {
      await blob.slice(held, held + 1).arrayBuffer();
    } catch {
      throw new Refused("The file can’t be read any more; it was changed, moved or removed. Choose it again.");
    }
    throw error;
  }
}

// Does `work` until it succeeds, is refused, or is stopped by `signal`. It hears whether an attempt came before. Attempts
// that get further than the one before count as the first.
async function persist(signal, waiting, reached, work) {
  let [failures, before] = [0, reached()];
  for (;;) {
    try {
      return await work(failures > 0);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Refused) throw error;
      failures = reached() > before ? 1 : failures + 1;
      before = reached();
      if (error instanceof Passing && failures >= ATTEMPTS) throw new Refused(error.message);
    }
    const wait = Math.min(LONGEST_WAIT, 250 * 2 ** failures) * (0.75 + Math.random() / 2);
    waiting(wait);
    await pause(wait, signal);
  }
}

// Ends early when the network is back.
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const end = (how) => (event) => { done.abort(); clearTimeout(timer); how(event); };
    const timer = setTimeout(end(resolve), milliseconds);
    addEventListener("online", end(resolve), { signal: done.signal });
    signal.addEventListener("abort", end(() => reject(signal.reason)), { signal: done.signal });
  });
}

async function insist(response, status, passing = []) {
  if (response.status === status) return;
  const mayPass = [423, 429, 500, 502, 503, 504, ...passing].includes(response.status);
  throw mayPass ? new Passing(await trouble(response)) : new Refused(await trouble(response), response.status);
}

function patient(signal) {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
}

// Small enough for a progress that moves, large enough for the speed of the line.
function fitting(size, took) {
  if (took < QUICK) return Math.min(LARGEST, size * 2);
  return took > SLOW ? Math.max(SMALLEST, size / 2) : size;
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
