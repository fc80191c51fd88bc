/** The settings of a prompt node (schemas/node_types/prompt.json). */

import * as z from "zod/mini";
import type { NodeConfig } from "@/live/graph";

/** services/core/projects/node_types.py, PROMPT_CHARACTERS */
export const LONGEST_PROMPT = 4000;

const enhancement = z.object({
  of_text: z.catch(z.string(), ""),
  enhanced_prompt: z.string(),
  negative_prompt: z.catch(z.string(), ""),
  shot_notes: z.catch(z.array(z.string()), []),
});

/** What Gemini made of a text. */
export type Enhancement = z.infer<typeof enhancement>;

const promptConfig = z.object({
  text: z.catch(z.string(), ""),
  enhanced: z.catch(z.nullable(enhancement), null),
  use: z.catch(z.enum(["text", "enhanced"]), "text"),
});

export type PromptConfig = z.infer<typeof promptConfig>;

export function parsePromptConfig(config: unknown): PromptConfig {
  return promptConfig.parse(config);
}

/** Whose words: the person's own, or what Gemini made of them. */
export type Wording = PromptConfig["use"];

/** Which of the two go to the video model. */
export function chosenWording({ enhanced, use }: PromptConfig): Wording {
  return use === "enhanced" && enhanced ? "enhanced" : "text";
}

export function wordsOf({ text, enhanced }: PromptConfig, wording: Wording): string {
  return wording === "enhanced" && enhanced ? enhanced.enhanced_prompt : text;
}

/** The words that go to the video model, and whether Gemini wrote them. */
export function chosenWords(config: unknown): { words: string; isEnhanced: boolean } {
  const parsed = parsePromptConfig(config);
  const wording = chosenWording(parsed);
  return { words: wordsOf(parsed, wording), isEnhanced: wording === "enhanced" };
}

/** What changes in the settings when one of the two is typed over; empty where nothing does. Words just typed are those to use. */
export function typedOver(now: PromptConfig, wording: Wording, words: string): NodeConfig {
  if (words === wordsOf(now, wording)) {
    return {};
  }
  if (wording === "enhanced" && now.enhanced) {
    return { enhanced: { ...now.enhanced, enhanced_prompt: words } };
  }
  return now.use === "text" ? { text: words } : { text: words, use: "text" };
}

/** Whether the person has changed the words since they were enhanced. */
export function isOutdated({ text, enhanced }: PromptConfig): boolean {
  return enhanced !== null && enhanced.of_text !== text;
}
