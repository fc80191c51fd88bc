/** The frame of every page: fonts, colours, and the studio that the pages share. */

import "@fontsource-variable/geist";
import "@fontsource-variable/geist-mono";
import "@/app/globals.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { StudioProvider } from "@/api/studio";
import { THEME_SCRIPT } from "@/app/_account/theme";
import { Toaster } from "@/ui/toaster";

export const metadata: Metadata = {
  title: { default: "Reelgraph", template: "%s · Reelgraph" },
  description: "A node canvas for AI video.",
};

export const viewport: Viewport = {
  colorScheme: "dark light",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f4f4f6" },
    { media: "(prefers-color-scheme: dark)", color: "#0b0b0d" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The script sets an attribute that the built page does not have.
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours; in a text, React would escape its quotes. */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <StudioProvider>
          {children}
          <Toaster />
        </StudioProvider>
      </body>
    </html>
  );
}
