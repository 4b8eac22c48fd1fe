/** View 4: the files as a tree, and how much each is wanted. */
import { formatSize } from "../../base/units.ts";
import type { TorrentDetail } from "../../control/protocol.ts";
import { clean, type Drawing, drawPanel, span } from "../components/drawing.ts";
import { fileColumns } from "../components/file-columns.ts";
import { drawTable } from "../components/table.ts";
import { formatCount } from "../format/numbers.ts";
import { truncateMiddle } from "../format/text-width.ts";
import { planListing } from "../layout/plan.ts";
import type { AppState, OpenTorrent } from "../state/app-state.ts";

export function drawFilesView(d: Drawing, state: AppState, open: OpenTorrent, detail: TorrentDetail): void {
  const { theme } = d;
  const { tree } = open;
  const plan = planListing(state.columns, state.rows);
  const title = [span("Files ", theme.title), span(formatCount(detail.fileCount), theme.accentStrong)];
  if (tree.files.length < detail.fileCount) {
    title.push(span(`  reading: ${formatCount(tree.files.length)} so far`, theme.dim));
  } else {
    const wanted = tree.files.filter(({ priority }) => priority !== "skip");
    const size = formatSize(wanted.reduce((sum, { length }) => sum + length, 0));
    if (wanted.length < tree.files.length)
      title.push(span(`  ${formatCount(wanted.length)} wanted, ${size}`, theme.warn));
  }
  if (detail.choices.isSequential) title.push(span("  in order", theme.accent));
  const savePath = clean(detail.row.savePath);
  const content = drawPanel(d, plan.panel, {
    title,
    note: [span(truncateMiddle(savePath, Math.floor(plan.panel.width / 2), theme.glyphs.ellipsis), theme.dim)],
    hasBorder: plan.hasBorders,
  });
  drawTable(d, content, {
    columns: fileColumns(theme, tree, content.width),
    rows: tree.lines.slice(open.files.offset, open.files.offset + plan.pageSize),
    total: tree.lines.length,
    offset: open.files.offset,
    selected: open.files.cursor,
    hasHeading: true,
    isScrollbarAwaited: true,
  });
}
