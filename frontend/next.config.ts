/** How the studio is built: to plain files for production, as a server with hot reload for development. */

import type { NextConfig } from "next";
import { PHASE_DEVELOPMENT_SERVER } from "next/constants";

const common: NextConfig = {
  agentRules: false,
  reactStrictMode: true,
  // The api finds `/canvas` in canvas.html; a slash at the end would be a second address of the same page.
  trailingSlash: false,
};

export default function config(phase: string): NextConfig {
  if (phase !== PHASE_DEVELOPMENT_SERVER) {
    return { ...common, output: "export" };
  }
  // One origin as in production: cookies work as they are, and sockets are passed on too. The api refuses sockets of foreign
  // pages, so it has to be started with ALLOWED_ORIGINS naming this server.
  const api = process.env.API_ORIGIN ?? "http://127.0.0.1:8700";
  return {
    ...common,
    allowedDevOrigins: ["127.0.0.1"],
    rewrites: async () => [
      { source: "/api/:path*", destination: `${api}/api/:path*` },
      { source: "/ws/:path*", destination: `${api}/ws/:path*` },
      { source: "/config.json", destination: `${api}/config.json` },
    ],
  };
}
