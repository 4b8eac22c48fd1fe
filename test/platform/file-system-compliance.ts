/** What every file system does, the host's and the virtual one alike, as far as the engine relies on it. */
import { expect, it } from "vitest";
import { codeOf } from "../../source/base/errors.ts";
import type { FileSystem } from "../../source/ports/file-system.ts";

export interface FileSystemBench {
  readonly files: FileSystem;
  /** An empty folder, without a slash at its end. */
  readonly root: string;
  makeLink(path: string, target: string): void;
}

async function codeOfFailure(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return codeOf(error);
  }
  return "";
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function put(files: FileSystem, path: string, text: string): Promise<void> {
  const file = await files.open(path, "create");
  await file.write([bytesOf(text)], 0);
  await file.close();
}

async function textAt(files: FileSystem, path: string): Promise<string> {
  return new TextDecoder().decode(await files.readFile(path, 1e6));
}

/** @param make a new bench for each case. */
export function itBehavesAsFileSystem(make: () => FileSystemBench): void {
  it("makes a file new only where nothing is", async () => {
    const { files, root, makeLink } = make();
    const file = await files.open(`${root}/a`, "create-new");
    await file.write([bytesOf("one")], 0);
    await file.close();
    makeLink(`${root}/dangling`, `${root}/nowhere`);
    await files.makeDirectory(`${root}/folder`);
    for (const name of ["a", "dangling", "folder"]) {
      expect(await codeOfFailure(() => files.open(`${root}/${name}`, "create-new"))).toBe("EEXIST");
      expect(await codeOfFailure(() => files.openSync(`${root}/${name}`, "create-new"))).toBe("EEXIST");
    }
    expect(await codeOfFailure(() => files.open(`${root}/none/a`, "create-new"))).toBe("ENOENT");
    expect(await textAt(files, `${root}/a`)).toBe("one");
    expect(await files.stat(`${root}/nowhere`)).toBeUndefined();
  });

  it("opens what is there, makes what may be made, and says what is missing", async () => {
    const { files, root, makeLink } = make();
    expect(await codeOfFailure(() => files.open(`${root}/a`, "read"))).toBe("ENOENT");
    expect(await codeOfFailure(() => files.open(`${root}/a`, "write"))).toBe("ENOENT");
    await put(files, `${root}/a`, "text");
    makeLink(`${root}/link`, `${root}/a`);
    expect(await codeOfFailure(() => files.open(`${root}/link`, "write"))).toBe("ELOOP");
    expect(await codeOfFailure(() => files.open(`${root}/a/b`, "create"))).toBe("ENOTDIR");
    expect(await codeOfFailure(() => files.open(root, "read"))).toBe("EISDIR");
    const file = await files.open(`${root}/a`, "read");
    expect(await codeOfFailure(() => file.write([bytesOf("no")], 0))).toBe("EBADF");
    await file.close();
    expect(await codeOfFailure(() => file.read(new Uint8Array(1), 0))).toBe("EBADF");
    expect(await textAt(files, `${root}/a`)).toBe("text");
  });

  it("says how much of the disk a file holds, of which holes are no part", async () => {
    const { files, root } = make();
    const file = await files.open(`${root}/a`, "create");
    expect((await file.stat()).allocatedBytes).toBe(0);
    await file.write([new Uint8Array(65_536).fill(1)], 1_048_576);
    await file.sync();
    await file.close();
    const stat = await files.stat(`${root}/a`);
    expect(stat?.length).toBe(1_048_576 + 65_536);
    expect(stat?.allocatedBytes).toBeGreaterThanOrEqual(65_536);
    expect(stat?.allocatedBytes).toBeLessThan(1_048_576);
  });

  it("writes with holes, over the borders of pages, and cuts", async () => {
    const { files, root } = make();
    const file = await files.open(`${root}/a`, "create");
    file.writeSync([new Uint8Array(3000).fill(1), new Uint8Array(3000).fill(2)], 5000);
    expect((await file.stat()).length).toBe(11_000);
    const into = new Uint8Array(12_000);
    expect(file.readSync([into.subarray(0, 5), into.subarray(5)], 0)).toBe(11_000);
    const expected = new Uint8Array(12_000).fill(1, 5000, 8000).fill(2, 8000, 11_000);
    expect(Buffer.compare(into, expected)).toBe(0);
    await file.truncate(6000);
    await file.truncate(9000);
    await file.sync();
    const cut = new Uint8Array(9000);
    expect(await file.read(cut, 0)).toBe(9000);
    expect(Buffer.compare(cut, new Uint8Array(9000).fill(1, 5000, 6000))).toBe(0);
    expect(await file.read(cut, 9000)).toBe(0);
    await file.close();
  });

  it("keeps an open file whose name is gone", async () => {
    const { files, root } = make();
    await put(files, `${root}/a`, "kept");
    const file = await files.open(`${root}/a`, "write");
    await files.removeFile(`${root}/a`);
    expect(await files.stat(`${root}/a`)).toBeUndefined();
    const into = new Uint8Array(4);
    expect(await file.read(into, 0)).toBe(4);
    await file.write([bytesOf("more")], 4);
    await file.close();
    expect(await codeOfFailure(() => files.removeFile(`${root}/a`))).toBe("ENOENT");
  });

  it("renames files and folders, with what is in them, and keeps what they are", async () => {
    const { files, root } = make();
    await files.makeDirectory(`${root}/x/y`);
    await put(files, `${root}/x/y/a`, "a");
    await put(files, `${root}/b`, "b");
    const before = await files.stat(`${root}/x/y/a`);
    await files.rename(`${root}/x`, `${root}/z`);
    expect(await files.stat(`${root}/x`)).toBeUndefined();
    expect(await files.stat(`${root}/z/y/a`)).toEqual(before);
    await files.rename(`${root}/b`, `${root}/z/y/a`);
    expect(await textAt(files, `${root}/z/y/a`)).toBe("b");
    expect(await files.list(root)).toEqual(["z"]);
    expect(await codeOfFailure(() => files.rename(`${root}/none`, `${root}/q`))).toBe("ENOENT");
    expect(await codeOfFailure(() => files.rename(`${root}/z`, `${root}/z/y/q`))).toBe("EINVAL");
    expect(await codeOfFailure(() => files.rename(`${root}/z/y/a`, `${root}/z`))).toMatch(/EISDIR|ENOTEMPTY/);
    await put(files, `${root}/c`, "c");
    expect(await codeOfFailure(() => files.rename(`${root}/z`, `${root}/c`))).toBe("ENOTDIR");
    expect(await textAt(files, `${root}/c`)).toBe("c");
  });

  it("makes and removes folders", async () => {
    const { files, root, makeLink } = make();
    await files.makeDirectory(`${root}/x/y`);
    await files.makeDirectory(`${root}/x/y`);
    await put(files, `${root}/a`, "a");
    expect(await codeOfFailure(() => files.makeDirectory(`${root}/a`))).toBe("EEXIST");
    expect(await codeOfFailure(() => files.makeDirectory(`${root}/a/b`))).toBe("ENOTDIR");
    expect(await codeOfFailure(() => files.makeDirectorySync(`${root}/x`))).toBe("EEXIST");
    expect(await codeOfFailure(() => files.makeDirectorySync(`${root}/none/x`))).toBe("ENOENT");
    makeLink(`${root}/link`, `${root}/x`);
    expect(await codeOfFailure(() => files.removeEmptyDirectory(`${root}/link`))).toBe("ENOTDIR");
    expect(await codeOfFailure(() => files.removeEmptyDirectory(`${root}/x`))).toBe("ENOTEMPTY");
    expect(await codeOfFailure(() => files.removeEmptyDirectory(`${root}/a`))).toBe("ENOTDIR");
    await files.removeEmptyDirectory(`${root}/x/y`);
    await files.removeEmptyDirectory(`${root}/x`);
    expect(await codeOfFailure(() => files.removeEmptyDirectory(`${root}/x`))).toBe("ENOENT");
    expect([...(await files.list(root))].sort()).toEqual(["a", "link"]);
    expect(await codeOfFailure(() => files.list(`${root}/x`))).toBe("ENOENT");
    expect(await codeOfFailure(() => files.list(`${root}/a`))).toBe("ENOTDIR");
  });

  it("follows links on the way, and stats what lies at the end", async () => {
    const { files, root, makeLink } = make();
    await files.makeDirectory(`${root}/real/deep`);
    makeLink(`${root}/way`, "real/deep");
    makeLink(`${root}/loop`, `${root}/loop`);
    await put(files, `${root}/way/a`, "through");
    expect(await textAt(files, `${root}/real/deep/a`)).toBe("through");
    expect(await textAt(files, `${root}/way/../deep/a`)).toBe("through");
    expect(await files.realPath(`${root}/way/a`)).toBe(`${await files.realPath(root)}/real/deep/a`);
    expect((await files.stat(`${root}/way`))?.kind).toBe("link");
    expect((await files.stat(`${root}/real`))?.kind).toBe("directory");
    expect(files.statSync(`${root}/way/a`)).toEqual(await files.stat(`${root}/real/deep/a`));
    expect(await files.stat(`${root}/way/a/b`)).toBeUndefined();
    expect(await files.stat(`${root}/none/b`)).toBeUndefined();
    expect(await codeOfFailure(() => files.open(`${root}/loop/a`, "create"))).toBe("ELOOP");
    expect(await codeOfFailure(() => files.realPath(`${root}/none`))).toBe("ENOENT");
  });

  it("replaces a file whole and leaves nothing beside it", async () => {
    const { files, root } = make();
    await files.writeFileAtomic(`${root}/state`, bytesOf("first"));
    await files.writeFileAtomic(`${root}/state`, bytesOf("second"));
    expect(await textAt(files, `${root}/state`)).toBe("second");
    await files.makeDirectory(`${root}/taken/full`);
    expect(await codeOfFailure(() => files.writeFileAtomic(`${root}/taken`, bytesOf("no")))).not.toBe("");
    expect([...(await files.list(root))].sort()).toEqual(["state", "taken"]);
    expect(await codeOfFailure(() => files.readFile(`${root}/state`, 5))).toBe("too-large");
    expect(await codeOfFailure(() => files.readFileSync(`${root}/state`, 5))).toBe("too-large");
    expect(files.readFileSync(`${root}/state`, 6)).toEqual(bytesOf("second"));
    expect(await codeOfFailure(() => files.readFile(`${root}/none`, 5))).toBe("ENOENT");
    expect(files.readFileSync(`${root}/none`, 5)).toBeUndefined();
  });

  it("syncs folders and tells of free space, where they are", async () => {
    const { files, root } = make();
    await files.syncDirectory(root);
    expect(await codeOfFailure(() => files.syncDirectory(`${root}/none`))).toBe("ENOENT");
    expect(await files.freeSpace(root)).toBeGreaterThan(0);
    expect(await codeOfFailure(() => files.freeSpace(`${root}/none`))).toBe("ENOENT");
  });
}
