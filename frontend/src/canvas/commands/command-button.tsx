"use client";
/** A command as a button with an icon, on a rail or an island; its name and keys in a tooltip. */

import { Toolbar } from "radix-ui";
import type { CommandContext } from "@/canvas/commands/command";
import type { ShownCommand } from "@/canvas/commands/use-commands";
import { cn } from "@/ui/class-names";
import { Tooltip } from "@/ui/tooltip";

interface CommandButtonProps {
  shown: ShownCommand;
  context: CommandContext;
  /** More than the command's title: what exactly would be undone. */
  label?: string;
  /** What it opens is open, or its tool is in the hand. Left out where that means nothing. */
  isPressed?: boolean;
  /** Below a radix Toolbar: arrows move between its buttons. */
  isInToolbar?: boolean;
  iconClassName?: string;
  className?: string;
  tooltipSide?: "top" | "right" | "bottom" | "left";
}

export function CommandButton({
  shown: { command, isEnabled },
  context,
  label = command.title,
  isPressed,
  isInToolbar = false,
  iconClassName,
  className,
  tooltipSide = "bottom",
}: CommandButtonProps) {
  const Icon = command.icon;
  const Button = isInToolbar ? Toolbar.Button : "button";
  return (
    <Tooltip label={label} shortcut={command.shortcuts[0]} side={tooltipSide}>
      <Button
        type="button"
        aria-label={label}
        aria-pressed={isPressed}
        // Not `disabled`: the focus would be lost when the last step is undone, and its tooltip with it.
        aria-disabled={!isEnabled || undefined}
        onClick={() => isEnabled && command.run(context)}
        className={cn(
          "grid size-9 shrink-0 place-items-center rounded-input text-mut transition-colors hover:bg-raise/60 hover:text-fg aria-disabled:opacity-45 aria-disabled:hover:bg-transparent aria-pressed:bg-raise aria-pressed:text-fg",
          className,
        )}
      >
        <Icon aria-hidden className={cn("size-[18px]", iconClassName)} />
      </Button>
    </Tooltip>
  );
}
