// Chooses of a zip the members that the server would read, and makes a zip of them alone. Nothing is inflated or copied:
// the new zip is slices of the file and a directory of its own.

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const DESCRIPTOR = 0x08074b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const WIDE_16 = 0xffff;
const WIDE_32 = 0xffffffff;
const SIZES_FOLLOW = 0x8;
const UTF8 = 0x800;
const MEMBERS = 100_000;
const LARGEST_DIRECTORY = 64 * 1024 * 1024;
const AT_ONCE = 64;

const CP437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

// `patterns` are lists of sources of regular expressions, as the server's form has them. Gives `{ blob, mark }`, where
// `mark` is the same for the same choice; null where the file is no zip, holds nothing known, or is not sound.
export async function chosen(file, patterns) {
  try {
    const directory = await found(file);
    const wanted = worth(listed(directory), compiled(patterns));
    return wanted.length ? await rebuilt(file, directory, wanted) : null;
  } catch {
    return null; // the server says what is wrong with it
  }
}

class Unsound extends Error {}

function insist(sound) {
  if (!sound) throw new Unsound();
}

async function view(file, start, length) {
  insist(start >= 0 && length >= 0 && start + length <= file.size);
  return new DataView(await file.slice(start, start + length).arrayBuffer());
}

function long(data, at) {
  const value = Number(data.getBigUint64(at, true));
  insist(Number.isSafeInteger(value));
  return value;
}

// The directory

async function found(file) {
  const length = Math.min(file.size, 22 + WIDE_16);
  const tail = await view(file, file.size - length, length);
  let at = length - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  insist(at >= 0);
  let end = file.size - length + at;
  let [size, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  ({ end, size, start } = (await found64(file, end)) ?? { end, size, start });
  const shift = end - size - start; // something may stand before the archive
  insist(shift >= 0 && size <= LARGEST_DIRECTORY);
  return { start: start + shift, shift, data: await view(file, start + shift, size) };
}

// Some writers always add this record, also where all numbers would fit without it.
async function found64(file, before) {
  if (before < 76) return null;
  const data = await view(file, before - 76, 76);
  if (data.getUint32(0, true) !== END_64 || data.getUint32(56, true) !== LOCATOR_64) return null;
  return { end: before - 76, size: long(data, 40), start: long(data, 48) };
}

function listed({ data }) {
  const entries = [];
  let at = 0;
  while (at + 46 <= data.byteLength && data.getUint32(at, true) === CENTRAL) {
    const entry = read(data, at);
    entries.push(entry);
    insist(entries.length <= MEMBERS);
    at += entry.length;
  }
  return entries;
}

function read(data, at) {
  const named = data.getUint16(at + 28, true);
  const extra = data.getUint16(at + 30, true);
  const flags = data.getUint16(at + 8, true);
  const entry = {
    at,
    named,
    extra,
    length: 46 + named + extra + data.getUint16(at + 32, true),
    follows: Boolean(flags & SIZES_FOLLOW),
    size: data.getUint32(at + 24, true),
    packed: data.getUint32(at + 20, true),
    offset: data.getUint32(at + 42, true),
    name: decoded(new Uint8Array(data.buffer, data.byteOffset + at + 46, named), flags),
  };
  const wide = [...fields(data, at + 46 + named, extra)].find((field) => field.kind === 1);
  let next = wide?.at + 4;
  for (const key of ["size", "packed", "offset"]) {
    if (entry[key] !== WIDE_32 || !wide || next + 8 > wide.end) continue;
    entry[key] = long(data, next);
    next += 8;
  }
  return entry;
}

function* fields(data, at, length) {
  const end = at + length;
  while (at + 4 <= end) {
    const next = at + 4 + data.getUint16(at + 2, true);
    yield { kind: data.getUint16(at, true), at, end: Math.min(next, end) };
    at = next;
  }
}

function decoded(bytes, flags) {
  const name = flags & UTF8
    ? new TextDecoder().decode(bytes)
    : Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join("");
  return name.replaceAll("\\", "/");
}

// The choice, as the import makes it

function compiled(patterns) {
  const one = (sources) => new RegExp(sources.map((source) => `(?:${source})`).join("|"), "u");
  return Object.fromEntries(Object.entries(patterns).map(([use, sources]) => [use, one(sources)]));
}

function worth(entries, is) {
  const safe = entries.filter(({ name }) => !name.endsWith("/") && !name.startsWith("/") && name[1] !== ":" && !name.split("/").includes(".."));
  const those = (met) => safe.filter(({ name }) => met(name.toLowerCase()));
  const manifests = those((path) => is.manifest.test(path));
  const pages = those((path) => is.page.test(path));
  const candidates = those((path) => is.readable.test(path) && !is.never.test(path) && !is.manifest.test(path) && !is.page.test(path));
  const known = candidates.filter(({ name }) => is.known.test(name.toLowerCase()));
  const read = [known, candidates, pages].find((some) => some.length) ?? [];
  return read.length ? [...manifests, ...read].sort((one, other) => one.offset - other.offset) : [];
}

// The new zip

async function rebuilt(file, directory, wanted) {
  const slices = [];
  const records = [];
  let [size, length] = [0, 0];
  for (let group = 0; group < wanted.length; group += AT_ONCE) {
    const entries = wanted.slice(group, group + AT_ONCE);
    const extents = await Promise.all(entries.map((entry) => extent(file, directory, entry)));
    extents.forEach(([start, end], number) => {
      records.push(record(directory.data, entries[number], size));
      length += records.at(-1).length;
      if (slices.at(-1)?.end === start) slices.at(-1).end = end;
      else slices.push({ start, end });
      size += end - start;
    });
  }
  const parts = slices.map(({ start, end }) => file.slice(start, end));
  return { blob: new Blob([...parts, ...records, ...ending(records.length, length, size)]), mark: mark(records) };
}

// Where the member begins and ends in the file, with its own header and the descriptor that may follow it.
async function extent(file, directory, entry) {
  const start = entry.offset + directory.shift;
  const header = await view(file, start, 30);
  insist(header.getUint32(0, true) === LOCAL);
  const end = start + 30 + header.getUint16(26, true) + header.getUint16(28, true) + entry.packed;
  insist(end <= directory.start);
  return [start, entry.follows ? end + (await described(file, end, directory.start, entry)) : end];
}

async function described(file, at, end, entry) {
  const data = await view(file, at, Math.min(24, end - at));
  const signed = data.byteLength >= 4 && data.getUint32(0, true) === DESCRIPTOR ? 4 : 0;
  const narrow = signed + 12;
  const wide = signed + 20;
  if (data.byteLength >= wide && long(data, signed + 4) === entry.packed && long(data, signed + 12) === entry.size) return wide;
  return data.byteLength >= narrow && data.getUint32(signed + 4, true) === entry.packed ? narrow : 0;
}

function record(data, entry, offset) {
  const old = new Uint8Array(data.buffer, data.byteOffset + entry.at, entry.length);
  insist(old.length === entry.length);
  const extra = extraField(data, entry, offset);
  const made = new Uint8Array(entry.length - entry.extra + extra.length);
  const from = 46 + entry.named;
  made.set(old.subarray(0, from));
  made.set(extra, from);
  made.set(old.subarray(from + entry.extra), from + extra.length);
  const header = new DataView(made.buffer);
  header.setUint16(30, extra.length, true);
  header.setUint16(34, 0, true);
  header.setUint32(20, Math.min(entry.packed, WIDE_32), true);
  header.setUint32(24, Math.min(entry.size, WIDE_32), true);
  header.setUint32(42, Math.min(offset, WIDE_32), true);
  return made;
}

// The numbers that don't fit into 32 bits, then what other extra fields there were.
function extraField(data, entry, offset) {
  const wide = [entry.size, entry.packed, offset].filter((number) => number >= WIDE_32);
  const others = [...fields(data, entry.at + 46 + entry.named, entry.extra)].filter(({ kind }) => kind !== 1);
  const own = wide.length ? 4 + 8 * wide.length : 0;
  const made = new Uint8Array(own + others.reduce((sum, { at, end }) => sum + end - at, 0));
  const numbers = new DataView(made.buffer);
  if (own) {
    numbers.setUint16(0, 1, true);
    numbers.setUint16(2, own - 4, true);
    wide.forEach((number, place) => numbers.setBigUint64(4 + 8 * place, BigInt(number), true));
  }
  let next = own;
  for (const { at, end } of others) {
    made.set(new Uint8Array(data.buffer, data.byteOffset + at, end - at), next);
    next += end - at;
  }
  return made;
}

function ending(count, length, start) {
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, END, true);
  end.setUint16(8, Math.min(count, WIDE_16), true);
  end.setUint16(10, Math.min(count, WIDE_16), true);
  end.setUint32(12, Math.min(length, WIDE_32), true);
  end.setUint32(16, Math.min(start, WIDE_32), true);
  const wide = count >= WIDE_16 || length >= WIDE_32 || start >= WIDE_32;
  return wide ? [ending64(count, length, start), end] : [end];
}

function ending64(count, length, start) {
  const end = new DataView(new ArrayBuffer(76));
  const long = (at, value) => end.setBigUint64(at, BigInt(value), true);
  end.setUint32(0, END_64, true);
  long(4, 44);
  end.setUint16(12, 45, true);
  end.setUint16(14, 45, true);
  long(24, count);
  long(32, count);
  long(40, length);
  long(48, start);
  end.setUint32(56, LOCATOR_64, true);
  long(64, start + length);
  end.setUint32(72, 1, true);
  return end;
}

// FNV-1a over the new directory, which names every member with its size and checksum.
function mark(records) {
  let hash = 0x811c9dc5;
  for (const bytes of records) for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}
