import { describe, expect, it } from "vitest";
import { editedLabels } from "../../../source/commands/ctl/label.ts";

describe("labels", () => {
  it("are given and taken away, several at once, each once and sorted", () => {
    expect(editedLabels(["b"], ["+c,a", "+b"])).toEqual(["a", "b", "c"]);
    expect(editedLabels(["a", "b", "c"], ["-a,c", "-nothing"])).toEqual(["b"]);
    expect(editedLabels(["a"], [])).toEqual(["a"]);
  });

  it("are set to just these, or to none", () => {
    expect(editedLabels(["a"], ["=x, y z"])).toEqual(["x", "y z"]);
    expect(editedLabels(["a"], ["="])).toEqual([]);
    expect(editedLabels(["a"], ["=x", "+y", "-x"])).toEqual(["y"]);
  });
});
