/** The Pieces view: from the map down to the blocks and the neighbours that have them, and how rare pieces are. */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { cellOfPiece, type TorrentTopic } from "../../source/control/protocol.ts";
import type { CommandId } from "../../source/preferences/commands.ts";
import { displayWidth } from "../../source/tui/format/text-width.ts";
import { makeTheme } from "../../source/tui/format/theme.ts";
import { meaningOf } from "../../source/tui/mouse-input.ts";
import { type AppState, initialState, type OpenTorrent } from "../../source/tui/state/app-state.ts";
import { piecesPlan } from "../../source/tui/state/pieces-reducer.ts";
import { reduce } from "../../source/tui/state/reducer.ts";
import { topicFor } from "../../source/tui/state/topic.ts";
import { FakeEngine, livelySwarm, someSwarms } from "../support/fake-engine.ts";
import type { FakeSwarmOptions } from "../support/fake-swarm.ts";
import { closeUis, startUi, type UiRun } from "../support/ui-run.ts";

afterEach(closeUis);

const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;
const files = ["show/one.mkv", "show/two.mkv", "show/three.mkv"];
/** Nobody is a seed, and few are there: some pieces nobody has. */
const thin: FakeSwarmOptions = { ...livelySwarm, files, neighbours: 6, seeds: 0, pieceCount: 4_000 };
const [, complete = livelySwarm] = someSwarms;
const seeding: FakeSwarmOptions = { ...complete, seeds: 0 };

const looks: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["in colours", {}],
  ["without colours", { NO_COLOR: "1" }],
  ["in 16 colours and plain ASCII", { COLORTERM: "", TERM: "xterm", LANG: "C" }],
];

function topicOf({ engine }: UiRun): TorrentTopic {
  const topic = engine.topics.at(-1);
  if (topic?.kind !== "torrent") throw new Error("no torrent is asked for");
  return topic;
}

/** One key, and what comes of it; two at once may mean a third. */
async function press({ screen }: UiRun, key: string): Promise<readonly string[]> {
  screen.type(key);
  for (let i = 0; i < 8; i++) await screen.settled();
  return screen.lines();
}

const is = (pattern: RegExp) => (lines: readonly string[]) => lines.some((line) => pattern.test(line));

describe.each(sizes)("the pieces at %i×%i", (columns, rows) => {
  it("are not known of a magnet link, and none of them is called ours", async () => {
    const magnet: FakeSwarmOptions = { ...livelySwarm, pieceCount: 0, pieceLength: 0, done: 0, state: "fetching" };
    const run = await startUi({ swarms: [magnet], size: [columns, rows], opens: true });
    const swarm = run.screen.lines().join("\n");
    const pieces = await press(run, "3");
    for (const text of [swarm, pieces.join("\n")]) expect(text).not.toMatch(/NaN|0 of 0|are ours|· ours|0 B verified/);
    expect(pieces.some((line) => line.includes("not known yet"))).toBe(true);
  });

  it.each(looks)(
    "%s are shown from the map down to the blocks and who has them, and Esc leads back up",
    async (_, env) => {
      const run = await startUi({ swarms: [thin], size: [columns, rows], env, opens: true });
      const { screen } = run;
      const within = (lines: readonly string[]): string => {
        for (const line of lines) expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
        const text = lines.join("\n");
        if (env["LANG"] === "C") expect(text.replaceAll("µ", "u")).toMatch(/^[\x00-\x7f]*$/);
        return text;
      };
      screen.type("3");
      const map = within(await screen.until(is(/each/)));
      expect(map).toMatch(/pieces? \d.*nobody has it/);
      expect(map).toMatch(/0 nobody/);
      if (rows >= 24) expect(map).toMatch(/rarest/);
      const isWide = columns >= 150;
      expect(topicOf(run).pieces !== undefined).toBe(isWide);
      screen.type("\r");
      const list = within(await screen.until(is(/State +Blocks/)));
      expect(list).toMatch(/missing +0\/64/);
      expect(list).toMatch(/ours +64\/64/);
      expect(list).toContain("show/one.mkv".slice(0, 4));
      expect(topicOf(run).piece !== undefined).toBe(isWide);
      screen.type("jj\r");
      const blocks = within(await screen.until(is(isWide ? / {2}Piece 2 {2}/ : /Piece 2\b/)));
      expect(blocks).toMatch(/Who has|none of \d neighbours has it/);
      // Side by side, the panel that has the keys stands back from its border.
      screen.type("\x1b");
      await screen.until(is(isWide ? / {2}One by one {2}/ : /State +Blocks/));
      screen.type("\x1b");
      await screen.until(is(isWide ? / {2}Pieces {2}/ : /each/));
      screen.type("\x1b");
      await screen.until(is(/Name/));
    },
  );

  it("go from one of the rarest to the next, round and round", async () => {
    const run = await startUi({ swarms: [thin], size: [columns, rows], opens: true });
    run.screen.type("3");
    await run.screen.until(is(/each/));
    const here = (lines: readonly string[]) =>
      /pieces? ([\d,]+)/.exec(lines.find((line) => /› pieces? /.test(line)) ?? "");
    const at = async (key: string): Promise<number> => Number(here(await press(run, key))?.[1]?.replaceAll(",", ""));
    const first = await at("g");
    const places = [await at("n"), await at("n"), await at("n")];
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThanOrEqual(first);
    expect(await at("N")).toBe(places[1]);
  });

  it("of a seed say what only we have and what the neighbours lack", async () => {
    const { screen } = await startUi({ swarms: [seeding], size: [columns, rows], opens: true });
    screen.type("3");
    const lines = await screen.until(is(/each/));
    const text = lines.join("\n");
    expect(text).toMatch(/◆/);
    if (rows >= 24) {
      expect(text).toMatch(/so many neighbours lack it/);
      expect(text).toMatch(/\d+ pieces only we have · \d+ neighbours lack something/);
    }
    screen.type("n\r");
    expect((await screen.until(is(/Lack it/))).join("\n")).toMatch(/◆ +ours/);
    screen.type("\r");
    const one = (await screen.until(is(/Who has and lacks it/))).join("\n");
    expect(one).toMatch(/only we have it: \d+ neighbours lack it/);
    expect(one).toMatch(/lacks it/);
  });
});

describe("the Pieces view", () => {
  it("on a large terminal shows map, pieces and blocks side by side, and which of them the keys move in", async () => {
    const { screen } = await startUi({ swarms: [thin], size: [200, 60], opens: true });
    screen.type("3");
    const text = (await screen.until(is(/Who has|none of \d+/))).join("\n");
    for (const part of [
      "One by one",
      "Piece 0",
      "Missing pieces by copies",
      "in flight",
      "goes from one to the next",
    ]) {
      expect(text).toContain(part);
    }
    const titleOf = (name: string) => {
      const lines = screen.lines();
      const y = lines.findIndex((line) => line.includes(` ${name}`) && !line.includes("3 Pieces"));
      return screen.cell((lines[y] ?? "").indexOf(` ${name}`) + 1, y).bg;
    };
    expect(titleOf("Pieces")).toBeDefined();
    expect(titleOf("One by one")).toBeUndefined();
    screen.type("\r");
    for (let i = 0; i < 6; i++) await screen.settled();
    expect([titleOf("Pieces"), titleOf("One by one") === undefined]).toEqual([undefined, false]);
  });

  it.each([
    [80, 24],
    [120, 40],
  ] as const)(
    "leads at %i×%i from a piece to a neighbour that has it and back, and from one to what it alone has",
    async (columns, rows) => {
      const run = await startUi({ swarms: [livelySwarm], size: [columns, rows], opens: true });
      const { screen } = run;
      screen.type("3nn\r\r");
      await screen.until(is(/Who has it/));
      screen.type("\r");
      await screen.until(is(/last minute/));
      screen.type("\x1b");
      await screen.until(is(/Who has it/));
      screen.type("2");
      await screen.until(is(/Address/));
      await press(run, "\r");
      // One of the first few has pieces that nobody else has.
      for (let i = 0; i < 20 && !is(/Enter shows them/)(screen.lines()); i++) {
        screen.type("\x1b");
        await screen.until(is(/Address/));
        await press(run, "j");
        await press(run, "\r");
      }
      screen.type("\r");
      const lines = await screen.until(is(/State +Blocks/));
      // It is the piece that was named: the fake says 7 to 10.
      expect(lines.find((line) => /▌/.test(line))).toMatch(/▌ +7 /);
    },
  );

  it("is where the reasons lead that are pieces", async () => {
    const { screen } = await startUi({ swarms: [thin], size: [80, 24], opens: true });
    screen.type("w");
    await screen.until(is(/no neighbour has/));
    screen.type("3");
    const lines = await screen.until(is(/State +Blocks/));
    expect(lines.find((line) => /▌/.test(line))).toMatch(/0 missing +0\/64 .* 0 /);
  });

  it("tells what is skipped, and what is not known while the torrent is paused", async () => {
    const { screen, engine } = await startUi({ swarms: [thin], size: [120, 40], opens: true });
    engine.first.change({ priorities: [{ file: 1, priority: "skip" }] });
    screen.type("3");
    expect((await screen.until(is(/· skipped/))).join("\n")).toMatch(/·{20}/);
    engine.first.state = "paused";
    engine.publish();
    const text = (await screen.until(is(/copies are not known/))).join("\n");
    expect(text).toContain("Copies are counted while the torrent is active.");
    expect(text).toMatch(/░{5}/);
    screen.type("\r\r");
    await screen.until(is(/the torrent is paused|it is verified and on our disk/));
  });

  it("shows a torrent of one piece, and one of half a million", async () => {
    const one = { ...livelySwarm, pieceCount: 1, done: 0, neighbours: 3, name: "one" };
    const huge = { ...livelySwarm, pieceCount: 500_000, neighbours: 3, seeds: 0, pieceLength: 16_384, name: "huge" };
    for (const swarm of [one, huge]) {
      const engine = new FakeEngine([swarm]);
      engine.step(250, true);
      const { screen } = await startUi({ connect: async () => engine, size: [80, 24], opens: true });
      screen.type("3");
      await screen.until(is(/each/));
      screen.type("G\r\r");
      const lines = await screen.until(is(/Piece (?:0|499,\d+) /));
      expect(lines.join("\n")).toMatch(/of \d+ blocks?|ours/);
      await closeUis();
    }
  }, 60_000);
});

/** As the controller would: after each step the engine answers what is then asked. */
class Driver {
  readonly engine: FakeEngine;
  state: AppState;

  constructor(columns: number, rows: number, swarm: FakeSwarmOptions) {
    this.engine = new FakeEngine([swarm]);
    for (let i = 0; i < 20; i++) this.engine.step(250, true);
    this.state = initialState({ title: "", isDemo: false, columns, rows, nowMs: 0 });
    this.act({ type: "connected" }, { type: "openTorrent", infoHash: this.engine.first.infoHash });
    this.do("viewPieces");
  }

  get open(): OpenTorrent {
    if (this.state.open === null) throw new Error("no torrent is open");
    return this.state.open;
  }

  act(...actions: readonly Parameters<typeof reduce>[1][]): void {
    for (const action of actions) this.state = reduce(this.state, action);
    for (let i = 0; i < 3; i++) {
      const topic = topicFor(this.state);
      if (topic === undefined) return;
      this.state = reduce(this.state, { type: "detail", topic, detail: this.engine.first.detail(topic), nowMs: 0 });
    }
  }

  do(...commands: readonly CommandId[]): void {
    for (const command of commands) this.act({ type: "command", command });
  }
}

describe("the cursor of the Pieces view", () => {
  const moves: readonly CommandId[] = [
    "up",
    "down",
    "left",
    "right",
    "pageUp",
    "pageDown",
    "first",
    "last",
    "open",
    "nextRarest",
    "previousRarest",
  ];

  it("stays on a piece that is there, in every window, whatever is pressed and however large the terminal is", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sizes),
        fc.constantFrom(1, 7, 300, 5_000),
        fc.array(fc.constantFrom<CommandId | "grow">(...moves, "back", "grow"), { maxLength: 40 }),
        (size, pieceCount, keys) => {
          const [width, height] = size;
          const driver = new Driver(width, height, { ...thin, pieceCount, neighbours: 3 });
          for (const key of keys) {
            if (key === "grow") {
              const [columns, rows] = driver.state.columns === 200 ? size : [200, 60];
              driver.act({ type: "resized", columns, rows });
            } else if (key !== "back" || driver.open.pieces.level !== "map" || driver.open.isClose) {
              driver.do(key);
            }
            const { pieces, detail, view } = driver.open;
            if (view !== "pieces") continue;
            const { listPage } = piecesPlan(driver.state, driver.open);
            expect(pieces.piece).toBeGreaterThanOrEqual(0);
            expect(pieces.piece).toBeLessThan(pieceCount);
            expect(pieces.piece).toBeGreaterThanOrEqual(pieces.offset);
            expect(pieces.piece).toBeLessThan(pieces.offset + listPage);
            const { pieceList, piece, pieces: map } = detail ?? {};
            // What is drawn of the list is there, and says what the map says.
            if (pieceList != null && map !== undefined && map.cellCount === map.pieceCount) {
              const row = pieceList.rows[pieces.piece - pieceList.offset];
              expect(row?.state === "ours" ? 1 : 0).toBe(map.have[cellOfPiece(map, pieces.piece)]);
              expect(row?.availability).toBe(map.minAvailability[pieces.piece]);
            }
            if (pieces.level === "blocks") expect(piece?.index).toBe(pieces.piece);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("comes by every run of the rarest, and only by those", () => {
    const driver = new Driver(120, 40, thin);
    const { rarity } = driver.open.detail ?? {};
    const [first] = rarity?.runs ?? [];
    const rare = (rarity?.runs ?? []).filter(({ availability }) => availability === first?.availability);
    expect(rare.length).toBeGreaterThan(3);
    const seen = new Set<number>();
    for (let isNew = true; isNew; ) {
      driver.state = reduce(driver.state, { type: "command", command: "nextRarest" });
      isNew = !seen.has(driver.open.pieces.piece);
      seen.add(driver.open.pieces.piece);
    }
    for (const run of rare) expect(seen).toContain(run.first);
    const { pieces: map } = driver.open.detail ?? {};
    for (const piece of seen) {
      if (map !== undefined) expect(map.minAvailability[cellOfPiece(map, piece)]).toBe(first?.availability);
    }
  });

  it("goes where one clicks, and a click on what is selected goes deeper", () => {
    const driver = new Driver(200, 60, thin);
    const theme = makeTheme({ colours: "true", hasUnicode: true });
    const click = (x: number, y: number): void => {
      for (const meaning of meaningOf({ kind: "click", x, y }, driver.state, theme)) {
        if (meaning.kind === "command") driver.do(meaning.command);
        else driver.act(meaning.action);
      }
    };
    const { map, list, blocks } = piecesPlan(driver.state, driver.open);
    click(map.x + 5, map.y + 2);
    const { piece } = driver.open.pieces;
    expect(driver.open.pieces.level).toBe("map");
    expect(piece).toBeGreaterThan(100);
    click(map.x + 5, map.y + 2);
    expect(driver.open.pieces).toMatchObject({ level: "list", piece });
    click(list.x + 10, list.y + 2);
    expect(driver.open.pieces).toMatchObject({ level: "list", piece: driver.open.pieces.offset });
    driver.do("last");
    while ((driver.open.detail?.piece?.neighbours.length ?? 0) < 2) driver.do("up");
    driver.do("open");
    click(blocks.x + 10, blocks.y + blocks.height - 2);
    expect(driver.open.pieces.level).toBe("blocks");
  });
});
