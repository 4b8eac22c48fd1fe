/** Who is behind a peer id (BEP 20): Azureus style `-XXvvvv-`, Shadow style, and Mainline `M4-3-6--`. */
import { type PeerId, peerIdFromBytes, peerIdToBytes } from "../base/ids.ts";
import { type Random, randomBytes } from "../base/random.ts";
import { sanitise } from "../base/sanitise.ts";

/** Ours: `-P2` and the version. */
export function createPeerId(random: Random, version: string): PeerId {
  const [major = "0", minor = "0", patch = "0"] = version.split(/[.-]/);
  const prefix = `-P2${major.slice(-1)}${minor.slice(-1)}${patch.slice(-1)}0-`;
  const bytes = randomBytes(random, 20);
  for (let i = 0; i < prefix.length; i++) bytes[i] = prefix.charCodeAt(i);
  return peerIdFromBytes(bytes);
}

const names: Readonly<Record<string, string>> = {
  A2: "aria2",
  AZ: "Vuze",
  BC: "BitComet",
  BI: "BiglyBT",
  BL: "BitLord",
  BT: "BitTorrent",
  DE: "Deluge",
  FD: "Free Download Manager",
  FL: "Flud",
  FW: "FrostWire",
  GT: "go.torrent",
  KT: "KTorrent",
  LT: "libtorrent",
  lt: "rTorrent",
  MG: "MediaGet",
  P2: "p2p-tui",
  qB: "qBittorrent",
  rQ: "rqbit",
  SD: "Xunlei",
  TR: "Transmission",
  TX: "Tixati",
  UM: "µTorrent Mac",
  UT: "µTorrent",
  WW: "WebTorrent",
  XL: "Xunlei",
};

/** A client name and version for people; "" where the id tells nothing. */
export function clientName(peerId: PeerId): string {
  const text = String.fromCharCode(...peerIdToBytes(peerId));
  const azureus = /^-([A-Za-z][A-Za-z0-9])([0-9A-Za-z]{4})-/.exec(text);
  if (azureus !== null) {
    const code = azureus[1] ?? "";
    const digits = [...(azureus[2] ?? "")].map((digit) => Number.parseInt(digit, 36));
    // Two-digit minor versions until 3.00, three numbers from 4.0.0 on.
    if (code === "TR" && (digits[0] ?? 0) < 4) return `Transmission ${digits[0]}.${digits[1]}${digits[2]}`;
    while (digits.length > 2 && digits.at(-1) === 0) digits.pop();
    return `${names[code] ?? code} ${digits.join(".")}`;
  }
  const aria = /^A2-(\d+)-(\d+)-(\d+)-/.exec(text);
  if (aria !== null) return `aria2 ${aria[1]}.${aria[2]}.${aria[3]}`;
  const mainline = /^M(\d+)-(\d+)-(\d+)-/.exec(text);
  if (mainline !== null) return `BitTorrent ${mainline[1]}.${mainline[2]}.${mainline[3]}`;
  return sanitise(/^[\x21-\x7e]{4,8}/.exec(text)?.[0] ?? "", 8);
}
