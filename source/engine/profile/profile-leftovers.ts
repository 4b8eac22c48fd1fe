/** What is left in a profile of a torrent that is not on the list. */
import { messageOf } from "../../base/errors.ts";
import type { InfoHash } from "../../base/ids.ts";
import type { FileSystem } from "../../ports/file-system.ts";
import { setAside } from "./set-aside.ts";

/** An addition that was never answered goes, anything else is set aside in the folder `damaged` and reported. Never rejects. */
export async function clearUpLeftovers(
  files: FileSystem,
  { folder, warn }: { readonly folder: string; readonly warn: (message: string) => void },
  infoHash: InfoHash,
): Promise<void> {
  try {
    const there: string[] = [];
    for (const ending of ["torrent", "entry", "resume", "journal"]) {
      if ((await files.stat(`${folder}/${infoHash}.${ending}`)) !== undefined) there.push(ending);
    }
    // The .torrent file is the first to be written: alone it means that the rest was not yet.
    if (there.join() === "torrent") {
      await files.removeFile(`${folder}/${infoHash}.torrent`);
      return;
    }
    await files.makeDirectory(`${folder}/damaged`);
    for (const ending of there) {
      await setAside(files, `${folder}/${infoHash}.${ending}`, `${folder}/damaged/${infoHash}.${ending}`);
    }
    warn(`what the profile knew of the torrent ${infoHash} is damaged, and was set aside in ${folder}/damaged`);
  } catch (error) {
    warn(`what the profile knows of the torrent ${infoHash} is damaged: ${messageOf(error)}`);
  }
}
