/** View 5: the trackers, and what every other source of peers has given. */
import { maskUrl } from "../../base/sanitise.ts";
import type { PeerSource, TorrentDetail, TrackerRow } from "../../control/protocol.ts";
import { clean, type Drawing, drawPanel, drawSpans, type Span, span } from "../components/drawing.ts";
import { shortUrl, trackerCountdown, trackerLook } from "../components/panels.ts";
import { type Column, drawTable } from "../components/table.ts";
import type { Rect } from "../format/canvas.ts";
import { formatCount, plural } from "../format/numbers.ts";
import { displayWidth, truncateMiddle, wrap } from "../format/text-width.ts";
import type { Theme } from "../format/theme.ts";
import { planTrackers } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawTrackersView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const plan = planTrackers(state.columns, state.rows);
  drawPanel(d, plan.panel, {
    title: [span("Trackers ", theme.title), span(formatCount(detail.trackers.length), theme.accentStrong)],
    hasBorder: plan.hasBorders,
  });
  // Below the heading and the trackers, where these leave room.
  const below = plan.table.y + 1 + detail.trackers.length;
  const sources = { ...plan.sources, y: Math.min(plan.sources.y, below) };
  const agoMs = state.nowMs - open.receivedMs;
  const selected = detail.trackers[open.trackers.cursor];
  // With little room, what went wrong matters more than the other sources.
  const mustTell = plan.about.height === 0 && selected !== undefined && selected.message !== "";
  if (mustTell) drawMessage(d, sources, selected, agoMs);
  else drawSources(d, sources, detail);
  if (selected !== undefined) drawAbout(d, { ...plan.about, y: sources.y + sources.height }, selected, agoMs);
  if (detail.trackers.length === 0) {
    drawSpans(d, plan.table.x, plan.table.y, [span("This torrent names no trackers.", theme.dim)], plan.table.width);
    return;
  }
  const shown = detail.trackers.slice(open.trackers.offset);
  drawTable(d, plan.table, {
    columns: trackerColumns(theme, firstOfTiers(shown), agoMs),
    rows: shown,
    total: detail.trackers.length,
    offset: open.trackers.offset,
    selected: open.trackers.cursor,
    hasHeading: true,
  });
}

/** In the order of how much they matter where there is no room for all, with the letter of the neighbours' flags. */
const otherSources: readonly { readonly source: PeerSource; readonly name: string; readonly letter: string }[] = [
  { source: "dht", name: "DHT", letter: "H" },
  { source: "pex", name: "PEX", letter: "X" },
  { source: "lsd", name: "LSD", letter: "L" },
  { source: "incoming", name: "Incoming", letter: "I" },
  { source: "manual", name: "By hand", letter: "" },
];

/** A line for each that gives peers besides the trackers; the first line of the area is left empty. */
function drawSources(d: Drawing, area: Rect, { sources }: TorrentDetail): void {
  const { theme } = d;
  otherSources.slice(0, Math.max(0, area.height - 1)).forEach(({ source, name, letter }, i) => {
    const { known = 0, connected = 0, note = "" } = sources.find((one) => one.source === source) ?? {};
    const counts: readonly Span[] = [
      span(formatCount(known).padStart(7), known === 0 ? theme.dim : theme.text),
      span(" known  ", theme.dim),
      span(formatCount(connected).padStart(5), connected === 0 ? theme.dim : theme.good),
      span(` connected  ${clean(note)}`, theme.dim),
    ];
    const head = [span(name.padEnd(9)), span(letter.padEnd(2), theme.accentStrong)];
    drawSpans(d, area.x, area.y + 1 + i, [...head, ...counts], area.width);
  });
}

/** The number of a tier stands at its first tracker alone: so it is seen which are tried in place of one another. */
function firstOfTiers(rows: readonly TrackerRow[]): ReadonlySet<TrackerRow> {
  return new Set(rows.filter((row, i) => rows[i - 1]?.tier !== row.tier));
}

/** The selected one in words, with all that it said. The first line of the area is left empty. */
function drawAbout(d: Drawing, area: Rect, row: TrackerRow, agoMs: number): void {
  if (area.height < 4) return;
  const { theme } = d;
  const rect = { ...area, y: area.y + 1, height: area.height - 1 };
  const note = [span(`tier ${row.tier + 1}`, theme.dim)];
  const content = drawPanel(d, rect, { title: [span("Selected", theme.title)], note, hasBorder: false });
  const lines: (readonly Span[])[] = wrap(clean(maskUrl(row.url)), content.width, 2).map((text) => [span(text)]);
  lines.push(stateInWords(theme, row, agoMs));
  const says = clean(row.message);
  const style = row.state === "failed" ? theme.bad : theme.warn;
  if (says !== "") lines.push(...wrap(`it says: ${says}`, content.width, 6).map((text) => [span(text, style)]));
  lines.push(swarmInWords(theme, row));
  lines.slice(0, content.height).forEach((line, i) => {
    drawSpans(d, content.x, content.y + i, line, content.width);
  });
}

/** What the selected one said, and what comes next. The first line of the area is left empty. */
function drawMessage(d: Drawing, area: Rect, row: TrackerRow, agoMs: number): void {
  const style = row.state === "failed" ? d.theme.bad : d.theme.warn;
  const says = wrap(clean(row.message), area.width, Math.max(1, area.height - 2));
  const lines = [...says.map((text) => [span(text, style)]), stateInWords(d.theme, row, agoMs)];
  lines.slice(0, Math.max(0, area.height - 1)).forEach((line, i) => {
    drawSpans(d, area.x, area.y + 1 + i, line, area.width);
  });
}

function stateInWords(theme: Theme, row: TrackerRow, agoMs: number): readonly Span[] {
  const { word, style } = trackerLook(theme, row);
  const due = trackerCountdown(row, agoMs);
  const meanings: Readonly<Record<TrackerRow["state"], string>> = {
    working: "it has answered",
    announcing: "it is being asked now",
    waiting: "it has not been asked yet, or others of its tier are asked first",
    failed: "it has not answered, or refused us",
    unsupported: "this kind of tracker cannot be asked",
  };
  const next = due === "" ? [] : [span(", asked again in ", theme.dim), span(due)];
  return [span(word, style), ...next, span(`: ${meanings[row.state]}`, theme.dim)];
}

function swarmInWords(theme: Theme, { seeds, leeches, downloaded, peersReceived }: TrackerRow): readonly Span[] {
  const counts = [
    seeds === null ? "" : plural(seeds, "seed"),
    leeches === null ? "" : plural(leeches, "leech", "leeches"),
    downloaded === null ? "" : `${formatCount(downloaded)} who completed it`,
  ].filter((text) => text !== "");
  const knows = counts.length === 0 ? "it has told nothing of the swarm" : `it knows ${counts.join(", ")}`;
  return [span(`${knows}; we know ${plural(peersReceived, "peer")} from it`, theme.dim)];
}

function trackerColumns(theme: Theme, firsts: ReadonlySet<TrackerRow>, agoMs: number): readonly Column<TrackerRow>[] {
  const g = theme.glyphs;
  const count = (
    id: string,
    title: string,
    priority: number,
    of: (row: TrackerRow) => number | null,
  ): Column<TrackerRow> => ({
    id,
    title,
    alignment: "right",
    widthMin: Math.max(5, title.length),
    widthMax: Math.max(7, title.length),
    priority,
    text: (row) => {
      const value = of(row);
      return value === null ? g.none : formatCount(value);
    },
  });
  return [
    {
      id: "tier",
      title: "Tier",
      alignment: "right",
      widthMin: 4,
      widthMax: 4,
      priority: 3,
      text: (row) => (firsts.has(row) ? String(row.tier + 1) : ""),
      style: () => theme.dim,
    },
    {
      id: "url",
      title: "Tracker",
      alignment: "left",
      widthMin: 22,
      widthMax: 60,
      priority: 0,
      text: () => "",
      draw: (d, x, y, width, row) => {
        // Of a long one the host matters most.
        const url = shortUrl(row.url);
        const text = displayWidth(url) <= width ? url : url.replace(/^\w+:\/\//, "");
        d.canvas.put(x, y, truncateMiddle(text, width, g.ellipsis), theme.text, width);
      },
    },
    {
      id: "state",
      title: "State",
      alignment: "left",
      widthMin: 11,
      widthMax: 11,
      priority: 1,
      text: (row) => trackerLook(theme, row).word,
      style: (row) => trackerLook(theme, row).style,
    },
    {
      id: "next",
      title: "Next",
      alignment: "right",
      widthMin: 7,
      widthMax: 7,
      priority: 2,
      text: (row) => trackerCountdown(row, agoMs) || g.none,
    },
    count("seeds", "Seeds", 4, (row) => row.seeds),
    count("leeches", "Leeches", 5, (row) => row.leeches),
    count("downloaded", "Completed", 7, (row) => row.downloaded),
    count("peers", "Peers", 5, (row) => row.peersReceived),
    {
      id: "message",
      title: "Says",
      alignment: "left",
      widthMin: 12,
      widthMax: 100,
      priority: 4,
      text: (row) => clean(row.message),
      style: (row) => (row.state === "failed" ? theme.bad : theme.warn),
    },
  ];
}
