/** A drawing of what the studio does: words and a face, wired into a video that is being rendered. Decoration. */

import { Check, Clapperboard, Clock, Image, type LucideIcon, ScanFace, Sparkles, Type } from "lucide-react";
import type { ReactNode } from "react";
import { Dusk, Face } from "@/app/_account/nodes-scenery";
import { cn } from "@/ui/class-names";

/** 640 by 500 pixels; smaller on smaller screens, as a whole. */
export function NodesPicture({ className }: { className?: string }) {
  return (
    <div aria-hidden className={cn("h-[375px] w-[480px] select-none xl:h-[500px] xl:w-[640px]", className)}>
      <div className="relative h-[500px] w-[640px] origin-top-left scale-75 xl:scale-100">
        <Wires />
        <Node title="Shot prompt" icon={Type} type="text" state={<Tick>0.8 s</Tick>} className="top-0 left-0 w-[236px]">
          <p className="rounded-media bg-field p-3.5 text-[11.5px] text-fg leading-[1.6]">
            She turns from the lighthouse to the sea as the lamp comes on. Slow dolly-in, 35mm, golden hour. Audio:
            gulls, wind.
          </p>
          <Facts>
            <Fact className="bg-type-text/14 text-type-text">
              <Sparkles /> Enhanced
            </Fact>
            <Fact>116 / 4000</Fact>
          </Facts>
        </Node>
        <Node title="Mara" icon={Image} type="image" className="top-[258px] left-[24px] w-[212px]">
          <div className="h-[128px] overflow-hidden rounded-media">
            <Face />
          </div>
          <Facts>
            <Fact className="bg-ok/14 text-ok">
              <ScanFace /> Face found
            </Fact>
            <Fact>0.94</Fact>
          </Facts>
        </Node>
        <Node
          title="Hero shot"
          icon={Clapperboard}
          type="video"
          state={<Fact className="bg-run/14 text-run">Rendering</Fact>}
          className="top-[108px] left-[320px] w-[300px]"
        >
          <div className="relative h-[160px] overflow-hidden rounded-media">
            <Dusk />
            <div className="absolute inset-x-0 bottom-0 flex flex-col gap-1.5 bg-linear-to-t from-scrim to-transparent p-3 text-on-media">
              <span className="flex items-baseline justify-between">
                <span className="font-semibold text-[20px] leading-none tabular-nums">62%</span>
                <span className="text-[10.5px]">about 38 s left</span>
              </span>
              <span className="h-1 rounded-full bg-on-media/25">
                <span className="block h-full w-[62%] rounded-full bg-on-media" />
              </span>
            </div>
          </div>
          <Facts>
            <Fact>
              <Clock /> 8 s
            </Fact>
            <Fact>1080p</Fact>
            <span className="ml-auto text-fg text-meta tabular-nums">$0.96</span>
          </Facts>
        </Node>
        <Handle type="text" icon={Type} className="top-[92px] left-[226px]" />
        <Handle type="image" icon={Image} className="top-[350px] left-[226px]" />
        <Handle type="text" icon={Type} className="top-[180px] left-[310px]" />
        <Handle type="image" icon={Image} className="top-[222px] left-[310px]" />
        <Handle type="video" icon={Clapperboard} className="top-[200px] left-[610px]" />
      </div>
    </div>
  );
}

const COLOUR = { text: "text-type-text", image: "text-type-image", video: "text-type-video" };
const FILL = { text: "bg-type-text", image: "bg-type-image", video: "bg-type-video" };
type PortType = keyof typeof COLOUR;

function Wires() {
  return (
    <svg viewBox="0 0 640 500" className="absolute inset-0 size-full" fill="none" strokeWidth="2">
      <title>Wires</title>
      <defs>
        <linearGradient id="wire-text" gradientUnits="userSpaceOnUse" x1="236" x2="320">
          <stop stopColor="var(--color-type-text)" />
          <stop offset="1" stopColor="var(--color-type-video)" />
        </linearGradient>
        <linearGradient id="wire-image" gradientUnits="userSpaceOnUse" x1="236" x2="320">
          <stop stopColor="var(--color-type-image)" />
          <stop offset="1" stopColor="var(--color-type-video)" />
        </linearGradient>
      </defs>
      <path d="M236 102C292 102 264 190 320 190" stroke="url(#wire-text)" opacity="0.8" />
      <path d="M236 360C296 360 260 232 320 232" stroke="url(#wire-image)" opacity="0.8" />
    </svg>
  );
}

interface NodeProps {
  title: string;
  icon: LucideIcon;
  type: PortType;
  state?: ReactNode;
  className: string;
  children: ReactNode;
}

function Node({ title, icon: Icon, type, state, className, children }: NodeProps) {
  return (
    <div className={cn("absolute", className)}>
      <div className="flex h-8 items-center gap-1.5 px-2">
        <Icon className={cn("size-3.5", COLOUR[type])} />
        <span className="font-medium text-fg text-node">{title}</span>
        <span className="ml-auto">{state}</span>
      </div>
      <div className="rounded-node bg-card p-2 pb-0 shadow-node">{children}</div>
    </div>
  );
}

function Handle({ type, icon: Icon, className }: { type: PortType; icon: LucideIcon; className: string }) {
  return (
    <span
      className={cn(
        "absolute grid size-5 place-items-center rounded-full text-bg shadow-[0_0_0_3px_var(--color-card)]",
        FILL[type],
        className,
      )}
    >
      <Icon className="size-3" />
    </span>
  );
}

function Facts({ children }: { children: ReactNode }) {
  return <div className="flex h-10 items-center gap-1.5">{children}</div>;
}

function Fact({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex h-[22px] items-center gap-1 rounded-full bg-raise/70 px-2 text-[10.5px] text-mut tabular-nums [&>svg]:size-3",
        className,
      )}
    >
      {children}
    </span>
  );
}

function Tick({ children }: { children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1 text-[10.5px] text-mut tabular-nums">
      <Check className="size-3 text-ok" />
      {children}
    </span>
  );
}
