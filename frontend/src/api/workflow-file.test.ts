/** Names and contents of workflow files. */

import { describe, expect, test } from "vitest";
import { fileNameOf, nameOfCopy, nameOfWorkflow, readWorkflow } from "@/api/workflow-file";

describe("a file", () => {
  test("with an object is handed on as it is", () => {
    expect(readWorkflow('{"format": "reelgraph.workflow", "later": 1}')).toEqual({
      format: "reelgraph.workflow",
      later: 1,
    });
  });

  test.each(["", "{", "[1]", '"text"', "null"])("with %j is refused in words", (text) => {
    expect(() => readWorkflow(text)).toThrow("This file is not a Reelgraph workflow.");
  });

  test("names its project, or lends it its own name", () => {
    expect(nameOfWorkflow({ name: " Teaser " }, "x.json")).toBe("Teaser");
    expect(nameOfWorkflow({ name: "" }, "my film.JSON")).toBe("my film");
    expect(nameOfWorkflow({ name: 7 }, ".json")).toBe("Untitled project");
  });
});

test("an exported file has a name that every system takes", () => {
  expect(fileNameOf("Café: day / night")).toBe("cafe-day-night.reelgraph.json");
  expect(fileNameOf("夜の灯台")).toBe("夜の灯台.reelgraph.json");
  expect(fileNameOf("???")).toBe("project.reelgraph.json");
});

test("a copy gets a name that no other project has", () => {
  expect(nameOfCopy("Teaser", new Set(["Teaser"]))).toBe("Teaser copy");
  expect(nameOfCopy("Teaser", new Set(["Teaser copy", "Teaser copy 2"]))).toBe("Teaser copy 3");
  expect(nameOfCopy("a".repeat(200), new Set()).length).toBeLessThanOrEqual(200);
});
