import { describe, expect, it } from "vitest";
import { waitingReason } from "../../source/commands/waiting-reason.ts";
import type { TorrentRow, TrackerRow } from "../../source/control/protocol.ts";
import { verdict } from "../../source/control/verdict.ts";
import { torrentDetail, torrentRow } from "../control/fake-target.ts";

function reason(row: Partial<TorrentRow>, trackers: readonly Partial<TrackerRow>[]): string {
  const [tracker] = torrentDetail(torrentRow(1)).trackers;
  if (tracker === undefined) throw new Error("no tracker");
  return waitingReason({
    row: torrentRow(1, row),
    trackers: trackers.map((changes) => ({ ...tracker, ...changes })),
    why: [verdict("stops", "no-source", "it names no tracker, and the DHT is switched off")],
  });
}

describe("a download without neighbours", () => {
  it("says what its trackers said, and which, without passkeys", () => {
    const url = "http://user:secret@t.example:80/0123456789abcdef0123456789abcdef/announce";
    const failed = reason({}, [{ state: "failed", message: "refused", url }]);
    expect(failed).toBe("tracker ***@t.example: refused".replace("***@", ""));
    expect(failed).not.toContain("secret");
    expect(reason({}, [{ state: "working" }, { state: "failed" }])).toBe("its trackers know no other peer");
    expect(reason({}, [{ state: "announcing", url: "http://t.example:1234/announce" }])).toBe(
      "asking tracker t.example:1234",
    );
    expect(reason({}, [{ state: "unsupported", url: "udp://t.example:1" }])).toBe(
      "tracker t.example:1: not supported yet",
    );
    expect(reason({}, [])).toBe("it names no tracker, and the DHT is switched off");
  });

  it("has no more to say than that while it connects, and nothing when it has neighbours or another reason", () => {
    expect(reason({ knownPeers: 3 }, [{ state: "failed" }])).toBe("connecting");
    expect(reason({ knownPeers: 3 }, [])).toBe("connecting");
    expect(reason({ neighbours: 1 }, [{ state: "failed" }])).toBe("");
    expect(reason({ reason: "the disk is slow" }, [{ state: "failed" }])).toBe("");
    expect(reason({ state: "seeding" }, [{ state: "failed" }])).toBe("");
  });
});
