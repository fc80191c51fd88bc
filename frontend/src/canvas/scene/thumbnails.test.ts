/** Small pictures: which are loaded when, and which are kept. */

import { describe, expect, test } from "vitest";
import { type LoadedPicture, Thumbnails } from "@/canvas/scene/thumbnails";

/** A loader whose pictures come when the test lets them. */
function aLoader() {
  const asked: string[] = [];
  const waiting = new Map<string, { come: () => Promise<void>; fail: () => Promise<void> }>();
  const freed: string[] = [];
  const ready: string[] = [];
  const state = { isBusy: false };
  const thumbnails = new Thumbnails({
    load(url) {
      asked.push(url);
      return new Promise<LoadedPicture>((resolve, reject) => {
        const settle = (act: () => void) => async () => {
          act();
          await Promise.resolve();
          await Promise.resolve();
        };
        waiting.set(url, {
          come: settle(() => resolve(pictureOf(url))),
          fail: settle(() => reject(new Error("gone"))),
        });
      });
    },
    isBusy: () => state.isBusy,
    onReady: (urls) => ready.push(...urls),
    now: () => 0,
  });
  function pictureOf(url: string): LoadedPicture {
    return {
      copy: (width) => ({
        image: { width, height: 1, close: () => {} },
        width,
        height: Math.round((width * 9) / 16),
        free: () => freed.push(`${url} ${width}`),
      }),
    };
  }
  return {
    thumbnails,
    asked,
    ready,
    freed,
    state,
    come: (url: string) => waiting.get(url)?.come(),
    fail: (url: string) => waiting.get(url)?.fail(),
  };
}

const wanted = (...urls: string[]) => urls.map((url) => ({ url, width: 200 }));

describe("loading", () => {
  test("asks for a few at a time, the most important first, and goes on when one has come", async () => {
    const { thumbnails, asked, come } = aLoader();
    thumbnails.want(wanted("a", "b", "c", "d", "e", "f"));
    expect(asked).toEqual(["a", "b", "c", "d"]);

    await come("b");
    expect(asked).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("forgets what was wanted before and is not any more", async () => {
    const { thumbnails, asked, come } = aLoader();
    thumbnails.want(wanted("a", "b", "c", "d", "old"));
    thumbnails.want(wanted("new"));
    await come("a");

    expect(asked).toEqual(["a", "b", "c", "d", "new"]);
  });

  test("begins nothing during a gesture, and makes no copies", async () => {
    const { thumbnails, asked, ready, state, come } = aLoader();
    thumbnails.want(wanted("a"));
    state.isBusy = true;
    await come("a");
    thumbnails.want(wanted("b"));
    expect(asked).toEqual(["a"]);
    expect(ready).toEqual([]);

    state.isBusy = false;
    thumbnails.resume();
    expect(ready).toEqual(["a"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("does not ask again for what could not be loaded", async () => {
    const { thumbnails, asked, fail } = aLoader();
    thumbnails.want(wanted("a"));
    await fail("a");
    thumbnails.want(wanted("a"));

    expect(asked).toEqual(["a"]);
  });
});

describe("finding", () => {
  test("gives the smallest copy that is wide enough, or the widest", async () => {
    const { thumbnails, come } = aLoader();
    thumbnails.want(wanted("a"));
    await come("a");

    expect(thumbnails.find("a", 40)?.width).toBe(48);
    expect(thumbnails.find("a", 100)?.width).toBe(128);
    expect(thumbnails.find("a", 900)?.width).toBe(320);
    expect(thumbnails.find("unknown", 40)).toBeNull();
  });

  test("gives a smaller copy where the larger one had to go, and lets it be loaded again", async () => {
    const { thumbnails, asked, freed, come } = aLoader();
    for (let index = 0; index < 500; index++) {
      thumbnails.want(wanted(`p${index}`));
      await come(`p${index}`);
    }

    expect(freed).toContain("p0 320");
    expect(thumbnails.find("p0", 300)?.width).toBe(128);
    thumbnails.want([{ url: "p0", width: 300 }]);
    expect(asked.at(-1)).toBe("p0");
  });

  test("keeps what is looked at rather than what is not", async () => {
    const { thumbnails, freed, come } = aLoader();
    for (let index = 0; index < 500; index++) {
      thumbnails.want(wanted(`p${index}`));
      await come(`p${index}`);
      thumbnails.find("p0", 300);
    }

    expect(freed).not.toContain("p0 320");
    expect(freed).toContain("p1 320");
  });
});

test("a picture that comes after everything was let go of is not kept", async () => {
  const { thumbnails, ready, come } = aLoader();
  thumbnails.want(wanted("a"));
  thumbnails.clear();
  await come("a");

  expect(ready).toEqual([]);
  expect(thumbnails.find("a", 100)).toBeNull();
});
