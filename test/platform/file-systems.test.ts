import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe } from "vitest";
import { NodeFileSystem } from "../../source/platform/node-file-system.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { VirtualDisk } from "../support/virtual-disk.ts";
import { itBehavesAsFileSystem } from "./file-system-compliance.ts";

const made: string[] = [];
afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

describe("the host's file system", () => {
  itBehavesAsFileSystem(() => {
    const root = mkdtempSync(join(tmpdir(), "file-systems-"));
    made.push(root);
    return { files: new NodeFileSystem(), root, makeLink: (path, target) => symlinkSync(target, path) };
  });
});

describe("the virtual disk", () => {
  itBehavesAsFileSystem(() => {
    const disk = new VirtualDisk({ clock: new VirtualClock(), mounts: ["/root"] });
    return { files: disk, root: "/root", makeLink: (path, target) => disk.makeLink(path, target) };
  });
});
