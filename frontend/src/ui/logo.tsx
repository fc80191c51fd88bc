/** The mark: two inputs that run into one. The only place where the brand's orange is used. */

import { useId } from "react";
import { cn } from "@/ui/class-names";

export function Logo({ className }: { className?: string }) {
  const gradient = useId();
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={cn("size-8 shrink-0", className)}>
      <title>Reelgraph</title>
      <defs>
        <linearGradient id={gradient} x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="oklch(0.8 0.15 70)" />
          <stop offset="1" stopColor="oklch(0.66 0.2 35)" />
        </linearGradient>
      </defs>
      <rect width="32" height="32" rx="9.5" fill={`url(#${gradient})`} />
      <g fill="none" stroke="oklch(0.2 0.04 50)" strokeWidth="2.4" strokeLinecap="round">
        <path d="M10.5 10.5c6 0 4.5 5.5 9 5.5" />
        <path d="M10.5 21.5c6 0 4.5-5.5 9-5.5" />
      </g>
      <g fill="oklch(0.2 0.04 50)">
        <circle cx="9.5" cy="10.5" r="2.9" />
        <circle cx="9.5" cy="21.5" r="2.9" />
        <path d="M18.6 11.4l7 4.6-7 4.6z" strokeLinejoin="round" />
      </g>
    </svg>
  );
}
