/**
 * The stand-in engine of ui-load.ts: `node test/bench/load-engine.ts PROFILE LOAD`, where LOAD is `LoadOptions` as JSON. It is
 * found, greeted and watched as the real one of that profile would be; what it shows is made up. Says `ready`; ends with its
 * standard input.
 */
import { enginePlace } from "../../source/commands/engine-place.ts";
import { version } from "../../source/commands/version.ts";
import { ControlServer } from "../../source/control/control-server.ts";
import { NodeClock } from "../../source/platform/node-clock.ts";
import { listenControl } from "../../source/platform/ws-channel.ts";
import { type LoadOptions, LoadTarget } from "./load-target.ts";

const [profile = "", load = "{}"] = process.argv.slice(2);
const clock = new NodeClock();
const target = new LoadTarget(clock, JSON.parse(load) as LoadOptions);
const server = new ControlServer({ clock }, target, { version, profile, pid: process.pid });
const { controlPath } = await enginePlace(profile);
await listenControl(controlPath, (channel) => server.attach(channel));
console.log("ready");
process.stdin.resume().on("end", () => process.exit(0));
