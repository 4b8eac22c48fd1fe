/** Quantities in a fixed number of columns, so that tables stay aligned while values change. */
import { formatDuration, formatRate, formatSize } from "../../base/units.ts";

export { formatCount, plural } from "../../base/units.ts";

/** `0%` … `100%`; never 100 before it is whole. At most 4 columns without decimals, 6 with one. @param fraction 0 … 1. */
export function formatPercent(fraction: number, decimals: 0 | 1 = 0): string {
  const scale = decimals === 0 ? 100 : 1000;
  const clamped = Math.max(0, Math.min(1, Number.isFinite(fraction) ? fraction : 0));
  const value = clamped >= 1 ? scale : Math.min(scale - 1, Math.floor(clamped * scale));
  return `${decimals === 0 || clamped >= 1 ? Math.floor((value * 100) / scale) : (value / 10).toFixed(1)}%`;
}

/** A rate, or "" for what is as good as nothing. */
export function rateOrNothing(bytesPerSecond: number): string {
  return bytesPerSecond >= 1 ? formatRate(bytesPerSecond) : "";
}

/** As `rateOrNothing` without the `/s`, for columns whose heading says it. */
export function shortRateOrNothing(bytesPerSecond: number): string {
  return bytesPerSecond >= 1 ? formatSize(bytesPerSecond) : "";
}

/** `2026-11-03 14:05`, here; the time is what is cut where it is narrow. */
export function formatDate(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Uploaded per downloaded, `0.24`; `-` before anything was downloaded. */
export function formatRatio(uploaded: number, downloaded: number): string {
  if (downloaded <= 0) return uploaded > 0 ? "∞" : "-";
  const ratio = uploaded / downloaded;
  return ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(2);
}

/** `63 ms`, `1.1 s`, `12 s`: at most 6 columns up to a quarter of an hour. */
export function formatMs(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** A countdown in whole seconds, never negative: `7s`, `3m 20s`. */
export function formatCountdown(ms: number): string {
  return formatDuration(Math.max(0, Math.ceil(ms / 1000)));
}

/** `12:05:33`, in the time zone of whoever looks. */
export function formatClock(wallMs: number): string {
  const date = new Date(wallMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
