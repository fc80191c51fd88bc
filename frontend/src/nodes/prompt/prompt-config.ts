/** The settings of a prompt node (schemas/node_types/prompt.json). */

import * as z from "zod/mini";

/** services/core/projects/node_types.py, PROMPT_CHARACTERS */
export const LONGEST_PROMPT = 4000;

const promptConfig = z.object({
  text: z.catch(z.string(), ""),
  enhanced: z.catch(z.nullable(z.object({ enhanced_prompt: z.string() })), null),
  use: z.catch(z.enum(["text", "enhanced"]), "text"),
});

/** The words that go to the video model, and whether Gemini wrote them. */
export function chosenWords(config: unknown): { words: string; isEnhanced: boolean } {
  const { text, enhanced, use } = promptConfig.parse(config);
  return use === "enhanced" && enhanced
    ? { words: enhanced.enhanced_prompt, isEnhanced: true }
    : { words: text, isEnhanced: false };
}
