/**
 * What a frame costs: `tsx test/bench/tui-frame.tsx`. For each size: drawing the state, finding the difference to the
 * frame before, the bytes it takes; then a live screen at four frames a second, as CPU share and as time from key to picture.
 */
import { difference } from "../../source/tui/format/difference.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { runTui } from "../../source/tui/run-tui.tsx";
import { drawScreen } from "../../source/tui/screens/screen.ts";
import { initialState } from "../../source/tui/state/app-state.ts";
import { reduce } from "../../source/tui/state/reducer.ts";
import { topicFor } from "../../source/tui/state/topic.ts";
import { FakeEngine, livelySwarm } from "../support/fake-engine.ts";
import { Screen } from "../support/screen.ts";

const frames = 200;
const liveSeconds = Number(process.argv[2] ?? 8);
const swarm = { ...livelySwarm, neighbours: 60, seeds: 4, pieceCount: 12_000 };
const theme = makeTheme({ colours: "true", hasUnicode: true });
const row = (cells: readonly (string | number)[]): void => {
  console.log(cells.map((cell) => String(cell).padStart(12)).join(""));
};
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

row(["size", "draw ms", "diff ms", "bytes", "live CPU %", "key p50 ms", "key max ms"]);
for (const [columns, rows] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  const engine = new FakeEngine([swarm]);
  for (let i = 0; i < 100; i++) engine.step(250, true);
  let state = initialState({ title: "p2p-tui", isDemo: false, columns, rows, nowMs: 0 });
  state = reduce(state, { type: "connected" });
  state = reduce(state, { type: "openTorrent", infoHash: engine.first.infoHash });
  const drawMs: number[] = [];
  const differenceMs: number[] = [];
  const bytes: number[] = [];
  let before = drawScreen(state, theme);
  for (let i = 0; i < frames; i++) {
    engine.step(250, true);
    const topic = topicFor(state);
    if (topic === undefined) throw new Error("no topic");
    state = reduce(state, { type: "detail", topic, detail: engine.first.detail(topic), nowMs: i * 250 });
    const t0 = performance.now();
    const canvas = drawScreen(state, theme);
    const t1 = performance.now();
    const text = difference(before, canvas, theme.table);
    const t2 = performance.now();
    drawMs.push(t1 - t0);
    differenceMs.push(t2 - t1);
    bytes.push(Buffer.byteLength(text));
    before = canvas;
  }
  const live = await liveCost(columns, rows);
  row([
    `${columns}x${rows}`,
    median(drawMs).toFixed(2),
    median(differenceMs).toFixed(2),
    median(bytes),
    live.cpuPercent.toFixed(1),
    live.keyP50.toFixed(1),
    live.keyMax.toFixed(1),
  ]);
}

interface LiveCost {
  readonly cpuPercent: number;
  readonly keyP50: number;
  readonly keyMax: number;
}

/** The frames are made beforehand and the terminal swallows what it gets, so that only the UI is measured. */
async function liveCost(columns: number, rows: number): Promise<LiveCost> {
  const engine = new FakeEngine([swarm]);
  for (let i = 0; i < 100; i++) engine.step(250, true);
  const screen = new Screen(columns, rows, { isBlind: true });
  const running = runTui({
    connect: async () => engine,
    environment: {
      env: { COLORTERM: "truecolor", LANG: "C.UTF-8" },
      stdin: screen.stdin,
      stdout: screen.stdout,
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  screen.type("\r");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const keyMs: number[] = [];
  let fakeMicros = 0;
  const cpuStart = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; performance.now() - start < liveSeconds * 1000; i++) {
    const fake = process.cpuUsage();
    for (const each of engine.swarms.values()) each.step(250);
    const used = process.cpuUsage(fake);
    fakeMicros += used.user + used.system;
    engine.publish();
    await new Promise((resolve) => setTimeout(resolve, 125));
    const count = screen.written.length;
    const pressed = performance.now();
    screen.type(i % 2 === 0 ? "j" : "k");
    while (screen.written.length === count) await new Promise((resolve) => setImmediate(resolve));
    keyMs.push(performance.now() - pressed);
    await new Promise((resolve) => setTimeout(resolve, 125));
  }
  const used = process.cpuUsage(cpuStart);
  const seconds = (performance.now() - start) / 1000;
  screen.type("\x03");
  screen.type("\x03");
  await running;
  screen.close();
  return {
    cpuPercent: (used.user + used.system - fakeMicros) / 1e4 / seconds,
    keyP50: median(keyMs),
    keyMax: Math.max(...keyMs),
  };
}
