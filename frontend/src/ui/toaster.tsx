"use client";
/** Short news at the edge of the page: what was done elsewhere, or could not be done. */

import { lazily } from "@/ui/lazily";

interface ToastOptions {
  /** What to do about it, or more of it, in a second line. */
  description?: string;
  /** One thing that can be done right there. */
  action?: { label: string; onSelect: () => void };
  /** Toasts of one id replace each other. */
  id?: string;
  /** It stays until it is closed or acted upon: people may be elsewhere when it comes. */
  isLasting?: boolean;
}

function options({ description, action, id, isLasting }: ToastOptions) {
  return {
    description,
    id,
    ...(isLasting ? { duration: Number.POSITIVE_INFINITY, closeButton: true } : {}),
    action: action && { label: action.label, onClick: action.onSelect },
  };
}

type Sonner = typeof import("sonner")["toast"];

/** Pages have nothing to say when they open: what says it comes afterwards. */
function say(how: (sonner: Sonner) => void): void {
  void import("sonner").then(({ toast: sonner }) => how(sonner));
}

/** Say something. A problem stays longer: it has more to read. */
export const toast = {
  info: (message: string, more: ToastOptions = {}) => say((sonner) => sonner(message, options(more))),
  done: (message: string, more: ToastOptions = {}) => say((sonner) => sonner.success(message, options(more))),
  problem: (message: string, more: ToastOptions = {}) =>
    say((sonner) => sonner.error(message, { duration: 9_000, ...options(more) })),
  dismiss: (id: string) => say((sonner) => sonner.dismiss(id)),
};

const Toasts = lazily(async () => (await import("sonner")).Toaster);

/** Where toasts appear; once in a page. */
export function Toaster() {
  return (
    <Toasts
      position="bottom-center"
      theme="system"
      gap={8}
      offset={84}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "font-sans flex w-[min(380px,calc(100vw-32px))] items-start gap-2.5 rounded-media bg-panel px-3.5 py-3 text-body text-fg shadow-island [&_[data-icon]]:mt-0.5 [&_[data-content]]:flex-1",
          title: "font-medium",
          description: "text-mut",
          error: "[&_[data-icon]]:text-err-text",
          success: "[&_[data-icon]]:text-ok",
          closeButton: "order-last self-center rounded-input p-1.5 text-mut hover:text-fg",
          actionButton: "shrink-0 rounded-input bg-raise px-2.5 py-1 text-body text-fg hover:opacity-90",
        },
      }}
    />
  );
}
