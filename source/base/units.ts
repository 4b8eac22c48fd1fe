/** Sizes and rates as people write and read them. Decimal units are powers of 1000, `KiB`… are powers of 1024. */
import { OperationalError } from "./errors.ts";

const factors: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1000,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  tib: 1024 ** 4,
};

/** `500KiB`, `2MB`, `1.5 GiB`, `16384`; a trailing `/s` is allowed. @returns bytes. @throws OperationalError `bad-size`. */
export function parseSize(text: string): number {
  const match = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?i?b?)(?:\/s)?\s*$/i.exec(text);
  const factor = factors[(match?.[2] ?? "?").toLowerCase()];
  if (match === null || factor === undefined) {
    throw new OperationalError("bad-size", `${JSON.stringify(text)} is not a size like 500KiB or 2MB`);
  }
  const bytes = Math.round(Number(match[1]) * factor);
  if (!Number.isSafeInteger(bytes)) throw new OperationalError("bad-size", `${JSON.stringify(text)} is too large`);
  return bytes;
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `0 B`, `16.0 KiB`, `1.37 GiB`: three significant digits, at most 8 columns. */
export function formatSize(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit] ?? ""}`;
}

/** As `formatSize`, per second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** `5s`, `3m 20s`, `2h 05m`, `4d 3h`, `120d`, `> 1y`, `∞` for what never ends. At most 7 columns. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "∞";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, "0")}s`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ${String(Math.floor(s / 60) % 60).padStart(2, "0")}m`;
  if (s < 86400 * 100) return `${Math.floor(s / 86400)}d ${Math.floor(s / 3600) % 24}h`;
  if (s < 86400 * 365) return `${Math.floor(s / 86400)}d`;
  return "> 1y";
}

/** `1,337`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `3 neighbours`, `1 neighbour`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
