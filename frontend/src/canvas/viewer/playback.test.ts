/** Two videos under one set of controls. */

import { describe, expect, test } from "vitest";
import { FRAME_SECONDS, Playback, type Player } from "@/canvas/viewer/playback";

class FakePlayer implements Player {
  currentTime = 0;
  muted = false;
  playbackRate = 1;
  paused = true;
  seeking = false;
  constructor(readonly duration: number) {}
  get ended() {
    return this.currentTime >= this.duration;
  }
  async play() {
    this.paused = false;
  }
  pause() {
    this.paused = true;
  }
}

function twoVideos(first = 8, second = 15) {
  const playback = new Playback();
  const [a, b] = [new FakePlayer(first), new FakePlayer(second)];
  playback.attach(0, a);
  playback.attach(1, b);
  playback.loaded(0);
  playback.loaded(1);
  return { playback, a, b };
}

describe("two videos", () => {
  test("are as long as the longer one, and only the first is heard", () => {
    const { playback, a, b } = twoVideos();

    expect(playback.state.getState().durationSeconds).toBe(15);
    expect([a.muted, b.muted]).toEqual([false, true]);
    playback.setMuted(true);
    expect([a.muted, b.muted]).toEqual([true, true]);
  });

  test("are put to the same moment by one scrubber, the shorter one at its end", () => {
    const { playback, a, b } = twoVideos();

    playback.seek(12);

    expect([a.currentTime, b.currentTime]).toEqual([8, 12]);
  });

  test("that are far apart are brought together at once", () => {
    const { playback, a, b } = twoVideos();
    playback.play();
    b.currentTime = 2;
    a.currentTime = 2.4;

    playback.tick();

    expect(a.currentTime).toBe(2);
    expect(playback.state.getState().timeSeconds).toBe(2);
  });

  test.each([
    ["ahead", 2.1, 0.95],
    ["behind", 1.9, 1.05],
    ["together", 2.02, 1],
  ])("of which one is %s meet without a jump", (_, at, rate) => {
    const { playback, a, b } = twoVideos();
    playback.play();
    b.currentTime = 2;
    a.currentTime = at;

    playback.tick();

    expect(a.currentTime).toBe(at);
    expect([a.playbackRate, b.playbackRate]).toEqual([rate, 1]);
  });

  test("of which one still jumps are left to it", () => {
    const { playback, a, b } = twoVideos();
    playback.play();
    b.currentTime = 5;
    a.seeking = true;

    playback.tick();

    expect(a.currentTime).toBe(0);
  });

  test("play at one speed", () => {
    const { playback, a, b } = twoVideos();

    playback.setSpeed(0.5);

    expect([a.playbackRate, b.playbackRate]).toEqual([0.5, 0.5]);
  });
});

test("the one that is left when a comparison ends is as long as it is", () => {
  const { playback } = twoVideos(8, 15);

  playback.attach(1, null);

  expect(playback.state.getState().durationSeconds).toBe(8);
});

describe("a video", () => {
  test("stops and goes a frame further by a step", () => {
    const { playback, a } = twoVideos();
    playback.play();

    playback.step(1);

    expect(playback.state.getState().isPlaying).toBe(false);
    expect(a.paused).toBe(true);
    expect(a.currentTime).toBeCloseTo(FRAME_SECONDS);
  });

  test("begins anew after its end", () => {
    const { playback, b } = twoVideos();
    playback.play();
    b.currentTime = 15;
    playback.tick();
    expect(playback.state.getState()).toMatchObject({ isPlaying: false, timeSeconds: 15 });

    playback.play();

    expect(playback.state.getState()).toMatchObject({ isPlaying: true, timeSeconds: 0 });
  });

  test("that takes another's place goes on at the same moment", () => {
    const { playback } = twoVideos();
    playback.seek(6);
    const next = new FakePlayer(10);

    playback.attach(0, null);
    playback.attach(0, next);
    playback.loaded(0);

    expect(next.currentTime).toBe(6);
  });
});
