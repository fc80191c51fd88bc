/** A chain of clips as a strip: each as wide as it is long, and by its look there, at work or still to be made. */

import { dollars } from "@/nodes/money";
import { type ClipState, clipStateWords, type StripClip } from "@/nodes/video/settings/strip";
import { cn } from "@/ui/class-names";

const LOOKS: Record<ClipState, string> = {
  exists: "bg-type-video/30 shadow-[inset_0_0_0_1px_color-mix(in_oklab,var(--color-type-video)_55%,transparent)]",
  running: "bg-run/25 shadow-[inset_0_0_0_1px_var(--color-run)] animate-sheen",
  under_way: "bg-run/12 shadow-[inset_0_0_0_1px_color-mix(in_oklab,var(--color-run)_45%,transparent)]",
  new: "outline-1 outline-line-strong outline-dashed -outline-offset-1",
  unknown: "bg-raise/60",
};

/** From so many clips on there is no room for words in them. */
const WORDLESS_FROM = 8;

interface ChainStripProps {
  clips: readonly StripClip[];
  /** The title of the video that the first clip goes on from; null: it begins by itself. */
  goesOnFrom: string | null;
}

export function ChainStrip({ clips, goesOnFrom }: ChainStripProps) {
  return (
    <ol aria-label="The chain" className="flex h-8 gap-0.5">
      {goesOnFrom !== null && (
        <li className="grid max-w-20 place-items-center rounded-[6px] bg-raise px-2 text-meta text-mut">
          <span className="max-w-full truncate">{goesOnFrom}</span>
        </li>
      )}
      {clips.map((clip) => (
        <li
          key={clip.hop}
          title={words(clip)}
          style={{ flexGrow: clip.seconds }}
          className={cn(
            "grid min-w-0 basis-0 place-items-center rounded-[6px] text-meta tabular-nums",
            LOOKS[clip.state],
          )}
        >
          <span aria-hidden>{clips.length < WORDLESS_FROM && `${clip.seconds} s`}</span>
          <span className="sr-only">{words(clip)}</span>
        </li>
      ))}
    </ol>
  );
}

function words({ hop, seconds, state, costMicrousd }: StripClip): string {
  const what = hop === 0 ? "First clip" : `Extension ${hop}`;
  const cost = costMicrousd ? dollars(costMicrousd) : "";
  return [`${what}, ${seconds} s`, clipStateWords(state), cost].filter(Boolean).join(", ");
}
