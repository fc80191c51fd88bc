"use client";
/** Who is signed in, how the studio shall look to them, and the way out. */

import { useMutation } from "@tanstack/react-query";
import { ChevronDown, LogOut, type LucideIcon, Monitor, Moon, Sun } from "lucide-react";
import { useSyncExternalStore } from "react";
import { asProblem } from "@/api/problem";
import { useSession, useStudio } from "@/api/studio";
import { chooseTheme, keptTheme, THEME_CHOICES, type ThemeChoice, watchTheme } from "@/app/_account/theme";
import { Menu, type MenuItem } from "@/ui/menu";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toaster";

const THEMES: Record<ThemeChoice, { label: string; icon: LucideIcon }> = {
  system: { label: "As the system", icon: Monitor },
  light: { label: "Light", icon: Sun },
  dark: { label: "Dark", icon: Moon },
};

export function AccountIsland() {
  const { session } = useStudio();
  const state = useSession();
  const chosen = useSyncExternalStore(watchTheme, keptTheme, () => "system");
  const leave = useMutation({
    mutationFn: () => session.signOut(),
    onError: (thrown) => {
      const problem = asProblem(thrown);
      toast.problem(`You are still signed in. ${problem.detail}`, { description: problem.advice });
    },
  });
  if (state.kind !== "signed_in") {
    return null;
  }
  const { display_name: name, email } = state.user;
  const items: MenuItem[] = [
    { kind: "heading", label: name },
    ...(name === email ? [] : [{ kind: "heading", label: email } as const]),
    { kind: "separator" },
    { kind: "heading", label: "Theme" },
    ...THEME_CHOICES.map((choice) => ({
      kind: "action" as const,
      ...THEMES[choice],
      isChecked: choice === chosen,
      onSelect: () => chooseTheme(choice),
    })),
    { kind: "separator" },
    { kind: "action", label: "Sign out", icon: LogOut, onSelect: () => leave.mutate() },
  ];
  return (
    <div className="island pointer-events-auto flex h-12 items-center p-1.5">
      <Menu items={items} align="end">
        <button
          type="button"
          aria-busy={leave.isPending || undefined}
          className="flex h-9 items-center gap-2 rounded-input pr-2 pl-1 hover:bg-raise/60 data-[state=open]:bg-raise"
        >
          <span
            aria-hidden
            className="grid size-7 place-items-center rounded-full bg-raise font-semibold text-body text-fg uppercase shadow-[inset_0_0_0_1px_var(--color-line-strong)]"
          >
            {leave.isPending ? <Spinner /> : [...name][0]}
          </span>
          <span className="sr-only">Account of </span>
          <span className="max-w-40 truncate text-body max-sm:sr-only">{name}</span>
          <ChevronDown aria-hidden className="size-3.5 text-dim" />
        </button>
      </Menu>
    </div>
  );
}
