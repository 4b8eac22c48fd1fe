/** How the values of options are read. Each throws an OperationalError that says what was expected. */
import { OperationalError } from "../base/errors.ts";
import * as ip from "../base/ip-address.ts";
import { parseSize } from "../base/units.ts";

/** @returns a parser of whole numbers in `min` … `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new OperationalError("bad-number", `${JSON.stringify(text)} is not a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export function rate(text: string): number {
  return parseSize(text);
}

export function address(text: string): string {
  const canonical = ip.canonicalAddress(text);
  if (canonical === undefined)
    throw new OperationalError("bad-address", `${JSON.stringify(text)} is not an IP address`);
  return canonical;
}

/** @returns the canonical address, or the name of an interface as it is. */
export function addressOrInterface(text: string): string {
  const found = ip.addressOrInterface(text);
  if (found !== undefined) return found;
  const shown = JSON.stringify(text);
  throw new OperationalError("bad-address", `${shown} is not an IP address or the name of a network interface`);
}

/** @returns `HOST:PORT`, IPv6 in brackets. */
export function hostPort(text: string): string {
  const { host, port } = ip.parseHostPort(text);
  return ip.formatEndpoint({ address: host, port });
}

export function path(text: string): string {
  if (text === "" || text.includes("\0")) throw new OperationalError("bad-path", "a path is expected");
  return text;
}

/** @returns a parser that takes one of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) {
      throw new OperationalError("bad-word", `${JSON.stringify(text)} is not one of ${words.join(", ")}`);
    }
    return word;
  };
}

export function anyText(text: string): string {
  return text;
}

export function trackerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:", "udp:"].includes(url.protocol) || url.host === "") {
    throw new OperationalError("bad-url", `${JSON.stringify(text)} is not an http, https or udp URL`);
  }
  return text;
}

/** BEP 3: a power of two; 16 KiB is one block, 16 MiB the largest that clients commonly take. */
export function pieceLength(text: string): number {
  const length = parseSize(text);
  if (length < 16_384 || length > 16_777_216 || !Number.isInteger(Math.log2(length))) {
    throw new OperationalError("bad-piece-length", "a piece length is a power of two from 16KiB to 16MiB");
  }
  return length;
}
