/** Something goes on. Says nothing to screen readers: the words beside it do. */

import { LoaderCircle } from "lucide-react";
import { cn } from "@/ui/class-names";

export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn("size-3.5 animate-turn", className)} />;
}
