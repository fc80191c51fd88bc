/**
 * What a model can do with a video node's settings: the same rules as services/core/video/rules.py, so that the inspector
 * never offers what a run would refuse. Pure.
 */

import type { components } from "@/api/schema";
import type { VideoConfig } from "@/nodes/video/video-config";

export type VideoModel = components["schemas"]["ModelAnswer"];

/** services/core/video/chain.py: the one resolution that extensions come in. */
export const EXTENSION_RESOLUTION = "720p";
/** services/core/video/catalogue.py: uint32. */
export const MAXIMUM_SEED = 2 ** 32 - 1;

/** What is wired into a video node. */
export interface WiredInputs {
  references: number;
  hasFirstFrame: boolean;
  hasLastFrame: boolean;
  /** The video that is made longer, if one is wired; its aspect ratio and the extensions that it holds already. */
  video: { aspectRatio: string; hops: number } | null;
}

/** A value that a model offers, and why it cannot be chosen now. */
export interface Choice<T> {
  value: T;
  obstacle?: string;
}

/** The durations of the first clip. */
export function durationChoices(model: VideoModel, wired: WiredInputs): Choice<number>[] {
  return model.durations_seconds.map((value) => ({
    value,
    ...(referencesOf(wired) > 0 && value !== model.reference_duration_seconds
      ? { obstacle: `With reference pictures a video is ${model.reference_duration_seconds} s long` }
      : {}),
  }));
}

export function resolutionChoices(model: VideoModel, config: VideoConfig, wired: WiredInputs): Choice<string>[] {
  return model.resolutions.map((value) => {
    if (isExtended(config, wired) && value !== EXTENSION_RESOLUTION) {
      return { value, obstacle: `Extensions are ${EXTENSION_RESOLUTION}` };
    }
    const only = model.only_duration_seconds[value];
    if (referencesOf(wired) > 0 && only !== undefined && only !== model.reference_duration_seconds) {
      return { value, obstacle: `With reference pictures a video is ${model.reference_duration_seconds} s long` };
    }
    return { value };
  });
}

export function aspectChoices(model: VideoModel, wired: WiredInputs): Choice<string>[] {
  return model.aspect_ratios.map((value) => {
    if (wired.video && wired.video.aspectRatio !== value) {
      return { value, obstacle: `The video to extend is ${wired.video.aspectRatio}` };
    }
    if (!isAspectFreeForReferences(model, wired, value)) {
      return { value, obstacle: `${model.name} does not make ${value} videos with reference pictures` };
    }
    return { value };
  });
}

/** How many extensions the node may have: a wired video that was extended already has used some of them up. */
export function mostExtensions(model: VideoModel, wired: WiredInputs, ofOneVideo: number): number {
  if (!model.can_extend) {
    return 0;
  }
  return Math.max(0, wired.video ? ofOneVideo - wired.video.hops - 1 : ofOneVideo);
}

/** What a change of settings leads to: the fields to write, and what was changed besides, in words. */
export interface Correction {
  config: Partial<VideoConfig>;
  notes: string[];
}

/**
 * `before` with `change`, and with every other value corrected that this makes impossible. `model` is the model after the
 * change. An empty change mends settings that do not fit.
 */
export function withChange(
  model: VideoModel,
  before: VideoConfig,
  change: Partial<VideoConfig>,
  wired: WiredInputs,
  extensionsOfOneVideo: number,
): Correction {
  const draft = new Draft(before, change);
  keepExtensions(draft, model, wired, extensionsOfOneVideo);
  keepResolution(draft, model, wired);
  if (!wired.video) {
    keepDuration(draft, model, wired);
  }
  keepAspect(draft, model, wired);
  keepSamples(draft, model);
  return { config: draft.config, notes: draft.notes };
}

/** Settings on their way to others that fit. */
class Draft {
  readonly config: Partial<VideoConfig>;
  readonly notes: string[] = [];

  constructor(
    readonly before: VideoConfig,
    readonly change: Partial<VideoConfig>,
  ) {
    this.config = { ...change };
  }

  get now(): VideoConfig {
    return { ...this.before, ...this.config };
  }

  correct(values: Partial<VideoConfig>, note: string): void {
    Object.assign(this.config, values);
    this.notes.push(note);
  }
}

function keepExtensions(draft: Draft, model: VideoModel, wired: WiredInputs, ofOneVideo: number): void {
  const { extensions } = draft.now;
  const most = mostExtensions(model, wired, ofOneVideo);
  if (extensions.length <= most) {
    return;
  }
  const why = model.can_extend
    ? `A video is extended ${ofOneVideo} times at most`
    : `${model.name} does not extend videos`;
  const left = most === 0 ? "the extensions were removed" : `${most} extensions are left`;
  draft.correct({ extensions: extensions.slice(0, most) }, `${why}: ${left}.`);
}

function keepResolution(draft: Draft, model: VideoModel, wired: WiredInputs): void {
  const { resolution } = draft.now;
  if (!model.resolutions.includes(resolution)) {
    const highest = model.resolutions.at(-1) ?? EXTENSION_RESOLUTION;
    draft.correct(
      { resolution: highest },
      `${model.name} does not make ${resolution} videos: the resolution is now ${highest}.`,
    );
  }
  if (isExtended(draft.now, wired) && draft.now.resolution !== EXTENSION_RESOLUTION) {
    draft.correct(
      { resolution: EXTENSION_RESOLUTION },
      `Extensions are ${EXTENSION_RESOLUTION}: the resolution is now ${EXTENSION_RESOLUTION}.`,
    );
  }
}

function keepDuration(draft: Draft, model: VideoModel, wired: WiredInputs): void {
  const { duration_seconds: wanted } = draft.now;
  if (!model.durations_seconds.includes(wanted)) {
    const nearest = nearestOf(model.durations_seconds, wanted);
    draft.correct(
      { duration_seconds: nearest },
      `${model.name} does not make videos of ${wanted} s: the duration is now ${nearest} s.`,
    );
  }
  const needed = model.reference_duration_seconds;
  if (referencesOf(wired) > 0 && draft.now.duration_seconds !== needed) {
    draft.correct(
      { duration_seconds: needed },
      `With reference pictures a video is ${needed} s long: the duration is now ${needed} s.`,
    );
  }
  const { resolution, duration_seconds: duration } = draft.now;
  const only = model.only_duration_seconds[resolution];
  if (only === undefined || only === duration) {
    return;
  }
  const free = model.resolutions.findLast((other) => (model.only_duration_seconds[other] ?? duration) === duration);
  const isWanted = draft.change.duration_seconds !== undefined && draft.change.resolution === undefined;
  if (isWanted && free !== undefined) {
    draft.correct({ resolution: free }, `${resolution} videos are ${only} s long: the resolution is now ${free}.`);
  } else {
    draft.correct(
      { duration_seconds: only },
      `${resolution} videos are ${only} s long: the duration is now ${only} s.`,
    );
  }
}

function keepAspect(draft: Draft, model: VideoModel, wired: WiredInputs): void {
  const { aspect_ratio: wanted } = draft.now;
  const choices = aspectChoices(model, wired);
  const chosen = choices.find(({ value }) => value === wanted);
  const possible = choices.find(({ obstacle }) => obstacle === undefined);
  if (possible && (!chosen || chosen.obstacle !== undefined)) {
    const why = chosen?.obstacle ?? `${model.name} does not make ${wanted} videos`;
    draft.correct({ aspect_ratio: possible.value }, `${why}: the aspect ratio is now ${possible.value}.`);
  }
}

function keepSamples(draft: Draft, model: VideoModel): void {
  const { samples } = draft.now;
  const kept = Math.min(Math.max(1, samples), model.max_samples);
  if (kept !== samples) {
    draft.correct(
      { samples: kept },
      `${model.name} makes 1 to ${model.max_samples} videos at once: it is now ${kept}.`,
    );
  }
}

/** A video that goes on from another one uses no pictures. */
function referencesOf(wired: WiredInputs): number {
  return wired.video ? 0 : wired.references;
}

function isExtended(config: Pick<VideoConfig, "extensions">, wired: WiredInputs): boolean {
  return config.extensions.length > 0 || wired.video !== null;
}

function isAspectFreeForReferences(model: VideoModel, wired: WiredInputs, aspect: string): boolean {
  return referencesOf(wired) === 0 || model.references_portrait || aspect !== "9:16";
}

/** Of two that are equally near the longer one. */
function nearestOf(numbers: readonly number[], wanted: number): number {
  return numbers.reduce(
    (best, next) => (Math.abs(next - wanted) <= Math.abs(best - wanted) ? next : best),
    numbers[0] ?? wanted,
  );
}
