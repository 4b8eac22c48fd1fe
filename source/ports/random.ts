export type { Random } from "../base/random.ts";
