import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { NodeHasher } from "../../source/platform/node-hasher.ts";
import { FilePool } from "../../source/storage/file-pool.ts";
import { FileStorage } from "../../source/storage/file-storage.ts";
import { GeneratedStorage } from "../../source/storage/generated-storage.ts";
import { MemoryStorage } from "../../source/storage/memory-storage.ts";
import { ReadCache } from "../../source/storage/read-cache.ts";
import type { Storage } from "../../source/storage/storage.ts";
import { describeStorage, type StorageUnderTest } from "./compliance.ts";
import { SlowFileSystem } from "./slow-file-system.ts";

const files = new NodeFileSystem();
const ports = { files, hasher: new NodeHasher(), clock: new NodeClock() };

function closing(storage: Storage): StorageUnderTest {
  return { storage, dispose: () => storage.close() };
}

function inFolder(make: (savePath: string) => Storage): StorageUnderTest {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "storage-"));
  const storage = make(join(root, "not yet", "there"));
  return {
    storage,
    dispose: async () => {
      await storage.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

describeStorage("file storage", async ({ metainfo }) =>
  inFolder((savePath) => new FileStorage(ports, { metainfo, savePath })),
);

describeStorage("file storage with one open file and a cache of one extent", async ({ metainfo }) =>
  inFolder(
    (savePath) =>
      new FileStorage(ports, {
        metainfo,
        savePath,
        pool: new FilePool(files, { openMax: 1 }),
        cache: new ReadCache({ bytesMax: 1, concurrentMax: 1 }),
      }),
  ),
);

describeStorage("preallocated file storage", async ({ metainfo }) =>
  inFolder((savePath) => new FileStorage(ports, { metainfo, savePath, preallocation: "full" })),
);

describeStorage("file storage on a disk that holds writers up", async ({ metainfo }) =>
  inFolder((savePath) => {
    const slow = new SlowFileSystem(files, ports.clock);
    return new FileStorage({ ...ports, files: slow, clock: slow.clock }, { metainfo, savePath });
  }),
);

describeStorage("memory storage", async ({ metainfo }) => closing(new MemoryStorage(ports, { metainfo })));

describeStorage("generated storage", async ({ metainfo, content }) =>
  closing(new GeneratedStorage(ports, { metainfo, content })),
);
