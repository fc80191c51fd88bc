"use client";
/** The account on the canvas: its menu need not be there before the canvas is. */

import { lazily } from "@/ui/lazily";

export const LateAccountIsland = lazily(async () => (await import("@/app/_account/account-island")).AccountIsland);
