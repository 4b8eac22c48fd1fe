/** A swarm to be simulated, with what can be set of it. */
import { OperationalError } from "../base/errors.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

/** One number that can be set. */
export interface ScenarioParameter {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Only multiples of it; 1: whole numbers. Default: any number. */
  readonly multipleOf?: number;
  /** Of what: "" for a plain number. */
  readonly unit: string;
  /** A few words. */
  readonly meaning: string;
}

export type ScenarioParameters = Readonly<Record<string, ScenarioParameter>>;
export type ParameterValues<Parameters extends ScenarioParameters> = { readonly [Name in keyof Parameters]: number };

export interface Scenario<Parameters extends ScenarioParameters = ScenarioParameters> {
  /** One word, with dashes. */
  readonly name: string;
  /** One line: what happens in it, and what it shows. */
  readonly summary: string;
  /** All have `peers`. */
  readonly parameters: Parameters & { readonly peers: ScenarioParameter };
  plan(values: ParameterValues<Parameters>, seed: number): SwarmPlan;
}

/** For the inference of the parameters' names. */
export function scenario<const Parameters extends ScenarioParameters>(of: Scenario<Parameters>): Scenario {
  return { ...of, plan: (values, seed) => of.plan(values as ParameterValues<Parameters>, seed) };
}

/**
 * The scenario's values with these in place of its defaults.
 * @throws OperationalError `unknown-parameter`, `bad-number`.
 */
export function valuesOf(of: Scenario, set: ReadonlyMap<string, number>): ParameterValues<ScenarioParameters> {
  const { parameters } = of;
  for (const [name, value] of set) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      const known = Object.keys(parameters).join(", ");
      throw new OperationalError("unknown-parameter", `${of.name} has no ${JSON.stringify(name)}; it has ${known}`);
    }
    const { min, max, multipleOf } = parameter;
    const isRight = value >= min && value <= max && (multipleOf === undefined || value % multipleOf === 0);
    if (!isRight) {
      const whole = multipleOf === 1 ? "a whole number" : `a multiple of ${multipleOf}`;
      const kind = multipleOf === undefined ? "a number" : whole;
      throw new OperationalError("bad-number", `${name} is ${kind} from ${min} to ${max}`);
    }
  }
  return Object.fromEntries(Object.entries(parameters).map(([name, each]) => [name, set.get(name) ?? each.default]));
}
