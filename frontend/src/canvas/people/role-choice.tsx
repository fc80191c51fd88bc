"use client";
/** A choice between what an owner can make of somebody. */

import type { GivenRole } from "@/api/members";
import { cn } from "@/ui/class-names";

const ROLES: readonly { role: GivenRole; label: string }[] = [
  { role: "editor", label: "Editor" },
  { role: "viewer", label: "Viewer" },
];

interface RoleChoiceProps {
  label: string;
  role: GivenRole;
  onChange: (role: GivenRole) => void;
  isDisabled?: boolean;
  className?: string;
}

export function RoleChoice({ label, role, onChange, isDisabled = false, className }: RoleChoiceProps) {
  return (
    <select
      aria-label={label}
      value={role}
      disabled={isDisabled}
      onChange={(event) => {
        const chosen = ROLES.find((each) => each.role === event.target.value);
        if (chosen) {
          onChange(chosen.role);
        }
      }}
      className={cn(
        "h-9 rounded-input bg-field px-2.5 text-[16px] text-fg shadow-[inset_0_0_0_1px_var(--color-line-strong)] disabled:opacity-60 sm:text-body",
        className,
      )}
    >
      {ROLES.map((each) => (
        <option key={each.role} value={each.role}>
          {each.label}
        </option>
      ))}
    </select>
  );
}
