/** A labelled input with its hint, or with what is wrong about it. */

import { type ComponentProps, useId } from "react";
import { cn } from "@/ui/class-names";

interface TextFieldProps extends Omit<ComponentProps<"input">, "id"> {
  label: string;
  hint?: string;
  fault?: string;
}

export function TextField({ label, hint, fault, className, ...rest }: TextFieldProps) {
  const id = useId();
  const note = fault ?? hint;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-body text-mut">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={fault !== undefined || undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        className="h-10 w-full min-w-0 rounded-input bg-field px-3 text-[16px] text-fg shadow-[inset_0_0_0_1px_var(--color-line-strong)] placeholder:text-dim focus-visible:outline-offset-0 aria-invalid:shadow-[inset_0_0_0_1px_var(--color-err)] sm:text-title sm:font-normal"
        {...rest}
      />
      {note !== undefined && (
        <p id={`${id}-note`} className={cn("text-meta", fault === undefined ? "text-dim" : "text-err-text")}>
          {note}
        </p>
      )}
    </div>
  );
}
