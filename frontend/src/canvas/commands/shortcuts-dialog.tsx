"use client";
/** The help sheet: every key of the canvas, from the same list that the keyboard goes by. */

import { type Command, type CommandContext, isOffered, SECTIONS } from "@/canvas/commands/command";
import { COMMANDS } from "@/canvas/commands/registry";
import { Dialog } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";

interface ShortcutsDialogProps {
  context: CommandContext;
  isOpen: boolean;
  onClose: () => void;
}

/** What the hand does on the canvas, beside the keys. */
const GESTURES: readonly [what: string, how: string][] = [
  ["Move around", "Scroll, or hold Space and drag"],
  ["Zoom", "Pinch, or hold Ctrl and scroll"],
  ["Select several", "Drag over empty canvas, or Shift and click"],
  ["Add a node anywhere", "Double-click empty canvas"],
  ["Connect", "Drag from one disc to another"],
];

export function ShortcutsDialog({ context, isOpen, onClose }: ShortcutsDialogProps) {
  const withKeys = COMMANDS.filter((command) => command.shortcuts.length > 0 && isOffered(command, context));
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose} className="w-[min(760px,calc(100vw-32px))]">
      <div className="gap-8 sm:columns-2">
        {SECTIONS.map((section) => (
          <KeyList key={section} title={section} commands={withKeys.filter((command) => command.section === section)} />
        ))}
        <section aria-labelledby="gestures-heading" className="mb-5 break-inside-avoid">
          <h3 id="gestures-heading" className="mb-1.5 text-meta text-dim">
            With the mouse
          </h3>
          <dl>
            {GESTURES.map(([what, how]) => (
              <div key={what} className="flex min-h-7 items-baseline justify-between gap-4 py-0.5">
                <dt>{what}</dt>
                <dd className="text-right text-meta text-mut">{how}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

function KeyList({ title, commands }: { title: string; commands: readonly Command[] }) {
  if (commands.length === 0) {
    return null;
  }
  return (
    <section aria-label={title} className="mb-5 break-inside-avoid">
      <h3 className="mb-1.5 text-meta text-dim">{title}</h3>
      <dl>
        {[...Map.groupBy(commands, ({ title, family }) => family ?? title)].map(([line, alike]) => (
          <div key={line} className="flex min-h-7 items-center justify-between gap-4 py-0.5">
            <dt>{line}</dt>
            <dd className="flex flex-wrap items-center justify-end gap-2">
              {alike
                .flatMap(({ shortcuts }) => shortcuts)
                .map((shortcut) => (
                  <Kbd key={shortcut} shortcut={shortcut} />
                ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
