import { defineConfig } from "vitest/config";

/** Whole programs, real clients, terminals: one file at a time, after everything that is quick. */
const system = ["test/interop/**/*.test.ts", "test/e2e/**/*.test.ts", "test/storage/kill.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    setupFiles: ["test/support/no-leaks.ts"],
    // Engines that tests start never look for the DHT outside.
    env: { P2P_TUI_DHT: "off", P2P_TUI_LSD: "off" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: system,
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: system,
          maxWorkers: 1,
          fileParallelism: false,
          maxConcurrency: 4,
          // Other people's clients may die by themselves (Debian's libtorrent does, in one start of some twenty).
          retry: 1,
          testTimeout: 240_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
