/** A drawing of what the studio does: words and a picture, wired into a video. Decoration. */

import { Clapperboard, Image, Play, Type } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/ui/class-names";

export function NodesPicture({ className }: { className?: string }) {
  return (
    <div aria-hidden className={cn("relative aspect-[64/50] select-none", className)}>
      <svg viewBox="0 0 640 500" className="absolute inset-0 size-full" fill="none">
        <title>Nodes and wires</title>
        <defs>
          <linearGradient id="wire-text" x1="0" x2="1">
            <stop stopColor="var(--color-type-text)" />
            <stop offset="1" stopColor="var(--color-type-video)" />
          </linearGradient>
          <linearGradient id="wire-image" x1="0" x2="1">
            <stop stopColor="var(--color-type-image)" />
            <stop offset="1" stopColor="var(--color-type-video)" />
          </linearGradient>
        </defs>
        <path d="M218 118C268 118 242 218 292 218" stroke="url(#wire-text)" strokeWidth="2" opacity="0.75" />
        <path d="M232 370C272 370 252 262 292 262" stroke="url(#wire-image)" strokeWidth="2" opacity="0.75" />
      </svg>
      <Ghost className="left-[2%] top-[9%] h-[29%] w-[32%]">
        <div className="flex h-full flex-col gap-2 rounded-media bg-field p-3">
          <span className="h-1.5 w-[92%] rounded-full bg-line-strong" />
          <span className="h-1.5 w-[78%] rounded-full bg-line-strong" />
          <span className="h-1.5 w-[86%] rounded-full bg-line-strong" />
          <span className="h-1.5 w-[40%] rounded-full bg-line-strong" />
        </div>
        <Handle className="bg-type-text -right-2.5 top-1/2 -translate-y-1/2">
          <Type />
        </Handle>
      </Ghost>
      <Ghost className="left-[6%] top-[58%] h-[32%] w-[30%]">
        <Landscape />
        <Handle className="bg-type-image -right-2.5 top-1/2 -translate-y-1/2">
          <Image />
        </Handle>
      </Ghost>
      <Ghost className="left-[46%] top-[25%] h-[46%] w-[50%]">
        <Landscape />
        <span className="absolute inset-0 m-auto grid size-12 place-items-center rounded-full bg-scrim text-on-media">
          <Play className="size-5 translate-x-px fill-current" />
        </span>
        <Handle className="bg-type-text -left-2.5 top-[40%] -translate-y-1/2">
          <Type />
        </Handle>
        <Handle className="bg-type-image -left-2.5 top-[59%] -translate-y-1/2">
          <Image />
        </Handle>
        <Handle className="bg-type-video -right-2.5 top-1/2 -translate-y-1/2">
          <Clapperboard />
        </Handle>
      </Ghost>
    </div>
  );
}

function Ghost({ className, children }: { className: string; children: ReactNode }) {
  return <div className={cn("absolute rounded-node bg-card p-2 shadow-node", className)}>{children}</div>;
}

function Handle({ className, children }: { className: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "absolute grid size-5 place-items-center rounded-full text-bg shadow-[0_0_0_3px_var(--color-card)] [&>svg]:size-3",
        className,
      )}
    >
      {children}
    </span>
  );
}

function Landscape() {
  return (
    <svg viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice" className="size-full rounded-media">
      <title>A lighthouse at dusk</title>
      <defs>
        <linearGradient id="dusk" x1="0" y1="0" x2="0" y2="1">
          <stop stopColor="oklch(0.34 0.1 290)" />
          <stop offset="0.62" stopColor="oklch(0.66 0.15 45)" />
          <stop offset="1" stopColor="oklch(0.84 0.12 80)" />
        </linearGradient>
      </defs>
      <rect width="320" height="180" fill="url(#dusk)" />
      <circle cx="214" cy="112" r="20" fill="oklch(0.95 0.09 90)" />
      <path d="M0 118h320v62H0z" fill="oklch(0.42 0.09 300)" opacity="0.85" />
      <path d="M186 130h56M196 142h38M204 154h22" stroke="oklch(0.9 0.1 85)" strokeWidth="3" strokeLinecap="round" />
      <path d="M0 180v-42c28-10 44-34 78-34s46 22 84 30c20 5 34 22 42 46z" fill="oklch(0.19 0.03 300)" />
      <path d="M74 106l5-52h14l5 52z" fill="oklch(0.88 0.02 80)" />
      <path d="M77 88h18l1.5 9H76zM79 68h14l1 8H78z" fill="oklch(0.6 0.19 28)" />
      <rect x="79" y="44" width="14" height="10" rx="2" fill="oklch(0.93 0.14 95)" />
      <path d="M77 44l9-9 9 9z" fill="oklch(0.25 0.03 300)" />
    </svg>
  );
}
