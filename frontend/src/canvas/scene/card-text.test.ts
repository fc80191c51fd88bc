/** Words on painted cards. */

import { describe, expect, test } from "vitest";
import { ellipsized, wrapped } from "@/canvas/scene/card-text";

/** Every letter is one unit wide. */
const measure = (text: string) => text.length;

describe("cutting", () => {
  test("leaves what fits", () => {
    expect(ellipsized("Hero shot", 9, measure)).toBe("Hero shot");
  });

  test("ends with an ellipsis and never with a space before it", () => {
    expect(ellipsized("Hero shot", 6, measure)).toBe("Hero…");
    expect(ellipsized("Hero shot", 8, measure)).toBe("Hero sh…");
  });

  test("leaves nothing where there is no room at all", () => {
    expect(ellipsized("Hero shot", 1, measure)).toBe("");
  });
});

describe("breaking into lines", () => {
  test("breaks between words", () => {
    expect(wrapped("a lone lighthouse at dusk", 12, 5, measure)).toEqual(["a lone", "lighthouse", "at dusk"]);
  });

  test("keeps a person's own lines", () => {
    expect(wrapped("first\nsecond line", 20, 5, measure)).toEqual(["first", "second line"]);
  });

  test("says in the last line that there is more", () => {
    expect(wrapped("one two three four", 9, 2, measure)).toEqual(["one two", "three fo…"]);
  });

  test("cuts a word that fits into no line", () => {
    expect(wrapped("extraordinarily so", 8, 5, measure)).toEqual(["extraor…", "so"]);
  });
});
