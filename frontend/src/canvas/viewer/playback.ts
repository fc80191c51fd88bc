/** Plays one video, or two side by side in step, under one set of controls. */

import { createStore, type StoreApi } from "zustand/vanilla";

export interface PlaybackState {
  isPlaying: boolean;
  timeSeconds: number;
  /** Of the longer one; 0 while unknown. */
  durationSeconds: number;
  isMuted: boolean;
  speed: number;
}

export const SPEEDS = [0.25, 0.5, 1, 1.5, 2] as const;

/** Veo: every output has 24 frames a second (services/core/video/chain.py). */
export const FRAME_SECONDS = 1 / 24;
/** Two videos that are further apart than this are seen to be: one hurries or waits a little until they meet. */
const SEEN_DRIFT_SECONDS = 0.03;
const HURRY = 0.05;
/** Further apart than this they would be for too long: one jumps. */
const MOST_DRIFT_SECONDS = 0.3;

/** What it needs of a <video>. */
export type Player = Pick<
  HTMLVideoElement,
  "currentTime" | "duration" | "muted" | "playbackRate" | "seeking" | "ended" | "play" | "pause"
>;

export class Playback {
  readonly state: StoreApi<PlaybackState> = createStore<PlaybackState>(() => ({
    isPlaying: false,
    timeSeconds: 0,
    durationSeconds: 0,
    isMuted: false,
    speed: 1,
  }));
  readonly #players = new Map<number, Player>();

  /** Take a video in, or let it go; the first place is heard. */
  attach(place: number, player: Player | null): void {
    if (player) {
      this.#players.set(place, player);
      this.#apply(player, place);
    } else {
      this.#players.delete(place);
      this.#measure();
    }
  }

  /** A video's length is known, or another video took its place. */
  loaded(place: number): void {
    const player = this.#players.get(place);
    if (!player) {
      return;
    }
    this.#measure();
    this.#apply(player, place);
    this.#place(player, this.state.getState().timeSeconds);
    if (this.state.getState().isPlaying) {
      this.#start(player);
    }
  }

  toggle(): void {
    if (this.state.getState().isPlaying) {
      this.pause();
    } else {
      this.play();
    }
  }

  play(): void {
    const { timeSeconds, durationSeconds } = this.state.getState();
    if (timeSeconds >= durationSeconds - FRAME_SECONDS) {
      this.seek(0);
    }
    this.state.setState({ isPlaying: true });
    for (const player of this.#players.values()) {
      this.#start(player);
    }
  }

  pause(): void {
    this.state.setState({ isPlaying: false });
    for (const player of this.#players.values()) {
      player.pause();
    }
    this.seek(this.state.getState().timeSeconds); // both stand on the same frame
  }

  seek(timeSeconds: number): void {
    const { durationSeconds } = this.state.getState();
    const to = Math.min(Math.max(0, timeSeconds), durationSeconds);
    for (const player of this.#players.values()) {
      this.#place(player, to);
    }
    this.state.setState({ timeSeconds: to });
  }

  /** Stand so many frames further, or back. */
  step(frames: number): void {
    if (this.state.getState().isPlaying) {
      this.pause();
    }
    this.seek(this.state.getState().timeSeconds + frames * FRAME_SECONDS);
  }

  setMuted(isMuted: boolean): void {
    this.state.setState({ isMuted });
    this.#applyToAll();
  }

  setSpeed(speed: number): void {
    this.state.setState({ speed });
    this.#applyToAll();
  }

  /** Look where the videos are, and bring them together; call it for each frame while they play. */
  tick(): void {
    const leader = this.#leader();
    if (!leader || !this.state.getState().isPlaying) {
      return;
    }
    if (leader.ended) {
      this.state.setState({ isPlaying: false, timeSeconds: this.state.getState().durationSeconds });
      return;
    }
    const now = leader.currentTime;
    for (const player of this.#players.values()) {
      if (player !== leader && now < player.duration) {
        this.#keepUp(player, now);
      }
    }
    this.state.setState({ timeSeconds: now });
  }

  #keepUp(player: Player, now: number): void {
    if (player.seeking) {
      return; // it is on its way: another jump would only begin anew
    }
    const { speed } = this.state.getState();
    const ahead = player.currentTime - now;
    if (Math.abs(ahead) > MOST_DRIFT_SECONDS) {
      player.currentTime = now;
    }
    const isSeen = Math.abs(ahead) > SEEN_DRIFT_SECONDS && Math.abs(ahead) <= MOST_DRIFT_SECONDS;
    const rate = isSeen ? speed * (1 - Math.sign(ahead) * HURRY) : speed;
    if (player.playbackRate !== rate) {
      player.playbackRate = rate;
    }
  }

  #measure(): void {
    const durations = [...this.#players.values()].map(({ duration }) => duration).filter(Number.isFinite);
    if (durations.length > 0) {
      // Without any, another video is about to come, and goes on where the last one was.
      const durationSeconds = Math.max(...durations);
      const timeSeconds = Math.min(this.state.getState().timeSeconds, durationSeconds);
      this.state.setState({ durationSeconds, timeSeconds });
    }
  }

  /** The longest: it plays to the end of all. */
  #leader(): Player | null {
    let leader: Player | null = null;
    for (const player of this.#players.values()) {
      if (Number.isFinite(player.duration) && (leader === null || player.duration > leader.duration)) {
        leader = player;
      }
    }
    return leader;
  }

  #applyToAll(): void {
    for (const [place, player] of this.#players) {
      this.#apply(player, place);
    }
  }

  #apply(player: Player, place: number): void {
    const { isMuted, speed } = this.state.getState();
    player.muted = isMuted || place > 0; // two sounds at once are none
    player.playbackRate = speed;
  }

  #place(player: Player, timeSeconds: number): void {
    if (Number.isFinite(player.duration)) {
      player.currentTime = Math.min(timeSeconds, player.duration);
    }
  }

  #start(player: Player): void {
    // Refused where it was paused or taken away in the meantime: then nothing has to be said.
    player.play().catch(() => {});
  }
}
