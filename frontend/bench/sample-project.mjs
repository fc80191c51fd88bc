/** A project of any size as the api would answer it: prompts, pictures and videos in rows, wired, in frames, with results. */

/** How many different pictures there are; every node has an address of its own for one of them. */
export const PICTURES = 64;

const COLUMN = 520;
const ROW = 372;
const KINDS = ["prompt", "image", "video", "video"];
const MADE_AT = "2026-01-01T00:00:00Z";
/** A frame around every block of so many rows and groups of four columns. */
const BLOCK_ROWS = 4;

const WORDS =
  "A lone lighthouse on a basalt cliff at golden hour. Slow dolly-in, sea fog rolling over the rocks, gulls far off, 35mm anamorphic, warm rim light, deep teal shadows.";

/** `count` nodes besides the frames. `isOneRunning`: the video nearest to the middle is at work. */
export function sampleProject(count, { isOneRunning = false } = {}) {
  const groups = Math.ceil(count / KINDS.length);
  const groupsInRow = Math.max(1, Math.round(Math.sqrt(groups / 2.6)));
  const nodes = [];
  const connections = [];
  const takes = [];
  const files = [];
  for (let index = 0; index < count; index++) {
    const group = Math.floor(index / KINDS.length);
    const type = KINDS[index % KINDS.length];
    const id = nodeId(index);
    const node = {
      id,
      type,
      title: `${TITLES[type]} ${index + 1}`,
      position: {
        x: ((group % groupsInRow) * KINDS.length + (index % KINDS.length)) * COLUMN,
        y: Math.floor(group / groupsInRow) * ROW,
      },
      config: {},
      state: "idle",
      status: {},
      version: 1,
      selected_take_id: null,
    };
    if (type === "prompt") {
      node.config = { text: `${index + 1}. ${WORDS}`, enhanced: null, use: "text" };
    } else if (type === "image") {
      const file = fileAnswer(index, "image");
      files.push(file);
      node.config = { asset_id: file.id };
      node.state = "succeeded";
      node.status = { seconds: 0.8 };
    } else if (index % 10 === 7) {
      node.state = "failed";
      node.status = { message: "The provider failed.", advice: "Run it again.", cause: "provider", can_retry: true };
    } else {
      const take = takeAnswer(index, id);
      takes.push(take);
      node.selected_take_id = take.id;
      node.state = "succeeded";
      node.status = { seconds: 61 };
    }
    nodes.push(node);
    connections.push(...wiresInto(index));
  }
  const frames = framesAround(groupsInRow, Math.ceil(groups / groupsInRow));
  if (isOneRunning) {
    putToWork(nearestVideo(nodes, frames));
  }
  return {
    project: {
      id: PROJECT_ID,
      name: `Sample of ${count}`,
      role: "owner",
      rev: 1,
      created_at: MADE_AT,
      updated_at: MADE_AT,
      money: {
        spending_limit_microusd: 50_000_000,
        captured_microusd: 0,
        reserved_microusd: 0,
        uncertain_microusd: 0,
      },
      nodes: [...frames, ...nodes],
      connections,
    },
    takes,
    files,
  };
}

export const PROJECT_ID = "00000000-0000-4000-8000-000000000001";
const TITLES = { prompt: "Shot prompt", image: "Reference", video: "Shot" };

function nodeId(index) {
  return `10000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

function putToWork(node) {
  node.state = "running";
  node.selected_take_id = null;
  node.status = { stage: "rendering", hop: 0, hops: 0, started_at: new Date().toISOString(), expected_seconds: 100 };
}

/** The first video of a group, which wires run into, nearest to the middle of everything. */
function nearestVideo(nodes, frames) {
  const right = Math.max(...frames.map(({ position, config }) => position.x + config.width));
  const bottom = Math.max(...frames.map(({ position, config }) => position.y + config.height));
  const distance = ({ position }) => Math.hypot(position.x + 200 - right / 2, position.y + 148 - bottom / 2);
  const videos = nodes.filter(({ type }, index) => type === "video" && index % KINDS.length === 2);
  return videos.reduce((best, node) => (distance(node) < distance(best) ? node : best));
}

/** Into the first video of a group its prompt and its picture, into the second the first. */
function wiresInto(index) {
  const place = index % KINDS.length;
  const wire = (from, sourcePort, targetPort) => ({
    id: `20000000-0000-4000-8000-${String(index * 4 + from).padStart(12, "0")}`,
    source_node_id: nodeId(index - from),
    source_port: sourcePort,
    target_node_id: nodeId(index),
    target_port: targetPort,
  });
  if (place === 2) {
    return [wire(2, "prompt", "prompt"), wire(1, "image", "image")];
  }
  return place === 3 ? [wire(1, "video", "video")] : [];
}

function framesAround(columns, rows) {
  const frames = [];
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    for (let column = 0; column < columns; column++) {
      frames.push({
        id: `30000000-0000-4000-8000-${String(frames.length).padStart(12, "0")}`,
        type: "frame",
        title: `Scene ${frames.length + 1}`,
        position: { x: column * KINDS.length * COLUMN - 48, y: row * ROW - 60 },
        config: {
          width: KINDS.length * COLUMN - 24,
          height: Math.min(BLOCK_ROWS, rows - row) * ROW - 20,
          colour: "plain",
        },
        state: "idle",
        status: {},
        version: 1,
        selected_take_id: null,
      });
    }
  }
  return frames;
}

function fileAnswer(index, kind) {
  const picture = `/pictures/${index % PICTURES}.webp?node=${index}`;
  return {
    id: `40000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    kind,
    content_type: kind === "image" ? "image/webp" : "video/mp4",
    created_at: MADE_AT,
    duration_seconds: kind === "image" ? null : 8,
    file_name: `sample-${index}.${kind === "image" ? "webp" : "mp4"}`,
    frames: null,
    has_audio: null,
    width: 1280,
    height: 720,
    node_id: null,
    poster_url: kind === "image" ? null : picture,
    problem: null,
    project_id: PROJECT_ID,
    sha256: null,
    size_bytes: 2_000_000,
    state: "ready",
    thumbnail_url: picture,
    url: kind === "image" ? picture : `/videos/${index}.mp4`,
  };
}

function takeAnswer(index, node) {
  return {
    id: `50000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    node_id: node,
    job_id: `60000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    parent_take_id: null,
    sample: 0,
    hop: 0,
    cost_microusd: 580_000,
    created_at: MADE_AT,
    asset: fileAnswer(index, "video"),
  };
}
