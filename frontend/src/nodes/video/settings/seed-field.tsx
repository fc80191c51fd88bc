"use client";
/** The seed: the same one gives nearly the same video again; none gives another each time. */

import { Dices, X } from "lucide-react";
import type { ReactNode } from "react";
import { MAXIMUM_SEED } from "@/nodes/video/capabilities";
import type { VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";
import { NumberField } from "@/ui/number-field";

export function SeedField({ form }: { form: VideoSettingsForm }) {
  const { config, canEdit, change } = form;
  const write = (seed: number | null) => change("change seed", { seed });
  return (
    <NumberField
      label="Seed"
      value={config.seed}
      min={0}
      max={MAXIMUM_SEED}
      placeholder="Another one each time"
      onChange={(seed) => change("change seed", { seed }, { mergeKey: "seed" })}
      isDisabled={!canEdit}
      actions={
        canEdit && (
          <>
            {config.seed !== null && (
              <FieldButton label="No seed" onClick={() => write(null)}>
                <X aria-hidden className="size-4" />
              </FieldButton>
            )}
            <FieldButton label="Roll a seed" onClick={() => write(randomSeed())}>
              <Dices aria-hidden className="size-4" />
            </FieldButton>
          </>
        )
      }
    />
  );
}

function FieldButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className="grid size-8 shrink-0 place-items-center rounded-[8px] text-mut hover:bg-raise/60 hover:text-fg"
    >
      {children}
    </button>
  );
}

/** Short enough to be told to somebody. */
function randomSeed(): number {
  return Math.floor(Math.random() * 100_000);
}
