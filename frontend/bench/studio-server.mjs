/** The built studio and as much of an api as it takes to open a project: on the loopback, in this process. */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const CONTENT_TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};
/** https://datatracker.ietf.org/doc/html/rfc6455#section-1.3 */
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const LATER = "2099-01-01T00:00:00Z";

const SIGNED_IN = {
  access_token: "bench",
  refresh_token: "bench",
  expires_at: LATER,
  refresh_expires_at: LATER,
  user: {
    id: "70000000-0000-4000-8000-000000000001",
    email: "bench@example.com",
    display_name: "Bench",
    created_at: LATER,
  },
};

const MODELS = {
  version: "1",
  default: "veo-3.1",
  max_extensions: 20,
  models: [
    {
      id: "veo-3.1",
      name: "Veo 3.1",
      summary: "Best quality",
      stage: "ga",
      aspect_ratios: ["16:9", "9:16"],
      durations_seconds: [4, 6, 8],
      resolutions: ["720p", "1080p"],
      only_duration_seconds: {},
      price_microusd_per_second: { "720p": 400_000, "1080p": 400_000 },
      can_extend: true,
      can_last_frame: true,
      expected_seconds: 60,
      max_references: 3,
      max_samples: 4,
      reference_duration_seconds: 8,
      references_portrait: true,
    },
  ],
};

/**
 * Serve `directory` and the sample that `sampleOf()` gives at the moment of a request; resolves to its origin and how to stop
 * it. What the studio asks for and this does not know is answered 404, and its path collected in `unknown`.
 */
export async function serveStudio(directory, pictures, sampleOf) {
  const unknown = new Set();
  const sockets = new Set();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://bench");
    if (pathname.startsWith("/pictures/")) {
      const picture = pictures[Number.parseInt(pathname.slice("/pictures/".length), 10)];
      response.writeHead(picture ? 200 : 404, { "content-type": "image/webp", "cache-control": "max-age=3600" });
      response.end(picture);
      return;
    }
    const answer = apiAnswer(request.method, pathname, searchParams, sampleOf());
    if (answer !== undefined) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
      return;
    }
    if (pathname.startsWith("/api/") || pathname.startsWith("/videos/")) {
      unknown.add(`${request.method} ${pathname}`);
      response.writeHead(404, { "content-type": "application/problem+json" });
      response.end(
        JSON.stringify({ code: "not_found", title: "Not found", detail: "The bench has no such thing.", status: 404 }),
      );
      return;
    }
    sendFile(directory, pathname, response);
  });
  server.on("upgrade", (request, socket) => acceptSocket(request, socket, sockets));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    unknown,
    stop() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function apiAnswer(method, pathname, query, sample) {
  const path = pathname.replace(/^\/api\/projects\/[0-9a-f-]{36}/, "/api/projects/{id}");
  switch (`${method} ${path}`) {
    case "GET /config.json":
      return { live: "ws" };
    case "POST /api/auth/refresh":
      return SIGNED_IN;
    case "GET /api/auth/me":
      return SIGNED_IN.user;
    case "GET /api/projects/{id}":
      return sample.projectJson;
    case "GET /api/projects/{id}/takes":
      return pageOf(sample.takes, query);
    case "GET /api/files":
      return pageOf(sample.files, query);
    case "GET /api/ai/models":
      return MODELS;
    case "POST /api/projects/{id}/socket-ticket":
      return { ticket: "bench", expires_at: LATER };
    case "GET /api/projects/{id}/money":
      return sample.money;
    case "POST /api/ai/estimate":
      return { aliases: {}, cost_microusd: 3_200_000, expected_seconds: 60, steps: [] };
    case "POST /api/projects/{id}/operations":
      return [{ rev: 2 }];
    case "GET /api/projects/{id}/members":
    case "GET /api/characters":
    case "GET /api/jobs":
    case "GET /api/projects":
    case "GET /api/projects/{id}/runs":
      return [];
    default:
      return undefined;
  }
}

/** A list as the api pages it: `limit` of its items, from the one after `before` on. */
function pageOf(list, query) {
  const before = query.get("before");
  const from = before === null ? 0 : list.findIndex(({ id }) => id === before) + 1;
  return list.slice(from, from + Number(query.get("limit") ?? list.length));
}

function sendFile(directory, pathname, response) {
  const inside = normalize(join("/", pathname));
  const candidates = [
    join(directory, inside),
    join(directory, `${inside}.html`),
    join(directory, inside, "index.html"),
  ];
  const file = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": CONTENT_TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
}

/** Accept, answer pings so that the studio believes itself live, and say nothing else. */
function acceptSocket(request, socket, sockets) {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${HANDSHAKE}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => sockets.delete(socket));
  socket.on("data", (frame) => {
    const isText = (frame[0] & 0x0f) === 1;
    const isClose = (frame[0] & 0x0f) === 8;
    if (isText) {
      const pong = Buffer.from(JSON.stringify({ kind: "pong" }));
      socket.write(Buffer.concat([Buffer.from([0x81, pong.length]), pong]));
    } else if (isClose) {
      socket.end();
    }
  });
}

/** A sample as the server sends it: the large answer written out beforehand, so that no page waits for that. */
export function writtenOut({ project, takes, files }) {
  return { projectJson: JSON.stringify(project), money: project.money, takes, files };
}
