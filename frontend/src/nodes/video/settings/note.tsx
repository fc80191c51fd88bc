"use client";
/** What a change corrected besides, said beside the control that was changed. */

import { Info } from "lucide-react";
import type { Section, VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";

export function CorrectionNote({ form, section }: { form: VideoSettingsForm; section: Section }) {
  const words = form.notes?.section === section ? form.notes.words : [];
  return (
    <div role="status" className="empty:hidden">
      {words.map((sentence) => (
        <p key={sentence} className="flex gap-2 text-meta text-mut">
          <Info aria-hidden className="mt-px size-3.5 shrink-0" />
          {sentence}
        </p>
      ))}
    </div>
  );
}
