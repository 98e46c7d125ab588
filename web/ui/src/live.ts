/** The live socket: one a page. Keeps the board, says what changed, comes back by itself. */
import { serverSaid } from "./clock.ts";

export interface AgentView {
  id: string; name: string; login: string; condition: string; status: string; since: string | null; reason: string;
  extension: string; reachable: boolean; call: string; other_party: string; center: string; job: string;
  until: string | null; pending: string; hand_since: string | null; recording: "" | "on" | "paused";
  member: boolean;
}
export interface CenterView {
  id: string; name: string; extension: string; waiting: number; oldest_wait_since: string | null; available: number;
  talking: number; wrap_up: number; away: number; answered: number; abandoned: number; within_service_level: number;
  service_level: number | null; abandoned_rate: number | null; callbacks: number;
}
export interface CallView {
  id: string; direction: string; from_number: string; to_number: string; started_at: string; center: string; job: string;
  agent: string; state: string; state_since: string; position: number; channel: string; recorded: boolean; recording_paused: boolean;
  ended: boolean;
}
export interface JobView {
  id: string; name: string; mode: string; running: boolean; on_line: number; waiting_agents: number; ringing: number;
  answered: number; connected: number; abandoned: number; attempts: number; drop_rate: number; drop_cap: number;
  limit: string; dial_level: number;
}
export interface NodeView { id: string; up: boolean; since: string | null; reason: string }
interface TerminalView { id: string; extension: string; reachable: boolean }

interface Rows { agent: AgentView; center: CenterView; call: CallView; job: JobView; terminal: TerminalView; node: NodeView }
export type Kind = keyof Rows;

export interface Snapshot {
  type: "snapshot"; seq: number; at: string; data_age_ms: number | null; agents: AgentView[]; centers: CenterView[];
  calls: CallView[]; jobs: JobView[]; terminals: TerminalView[]; nodes: NodeView[];
}
interface Heartbeat { type: "heartbeat"; at: string; data_age_ms: number | null; alarms?: string[] }
type Delta = { [K in Kind]: { type: "delta"; seq: number; kind: K; row: Rows[K]; data_age_ms: number | null } }[Kind];
type Message = Snapshot | Delta | Heartbeat;

/** Close code of a session that is over. */
const SESSION_ENDED = 4401;
/** Nothing heard for this long, heartbeats come every second: the line is dead even if nobody said so. */
const SILENCE_MS = 4000;

export type Health = "connecting" | "live" | "lost" | "ended";

export class Board {
  agent = new Map<string, AgentView>();
  center = new Map<string, CenterView>();
  call = new Map<string, CallView>();
  job = new Map<string, JobView>();
  terminal = new Map<string, TerminalView>();
  node = new Map<string, NodeView>();

  replace(snapshot: Snapshot): void {
    const fill = <T extends { id: string }>(map: Map<string, T>, rows: T[]): void => {
      map.clear();
      for (const row of rows) map.set(row.id, row);
    };
    fill(this.agent, snapshot.agents);
    fill(this.center, snapshot.centers);
    fill(this.call, snapshot.calls);
    fill(this.job, snapshot.jobs);
    fill(this.terminal, snapshot.terminals);
    fill(this.node, snapshot.nodes);
  }

  apply(delta: Delta): void {
    if (delta.kind === "call" && delta.row.ended) this.call.delete(delta.row.id);
    else (this[delta.kind] as Map<string, unknown>).set(delta.row.id, delta.row);
  }
}

export interface Watcher {
  /** The whole board is new. */
  whole?(board: Board): void;
  /** One row is new. */
  changed?(kind: Kind, id: string, board: Board): void;
  /** Connection or age of the data changed, about once a second. */
  health?(health: Health, ageSeconds: number, board: Board): void;
  /** What whoever runs the center must know now. */
  alarms?(alarms: string[]): void;
}

export class LiveConnection {
  readonly board = new Board();
  health: Health = "connecting";
  #watchers = new Set<Watcher>();
  #socket: WebSocket | null = null;
  #heardAt = performance.now();
  #ageMs = 0;
  #tries = 0;
  #started = false;

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#open();
    setInterval(() => this.#check(), 1000);
    addEventListener("online", () => this.#reopen());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#check());
  }

  /** Seconds since Asterisk was last heard of, as far as this page knows. */
  ageSeconds(): number {
    return (this.#ageMs + performance.now() - this.#heardAt) / 1000;
  }

  #open(): void {
    const url = new URL("/api/v1/live", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => this.#hear(JSON.parse(event.data) as Message);
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (event.code === SESSION_ENDED) return this.#set("ended");
      this.#set("lost");
      const wait = Math.min(10_000, 500 * 2 ** this.#tries++) * (0.7 + Math.random() * 0.6);
      setTimeout(() => this.#reopen(), wait);
    };
  }

  #reopen(): void {
    if (this.#socket === null && this.health !== "ended") this.#open();
  }

  #hear(message: Message): void {
    this.#heardAt = performance.now();
    this.#ageMs = message.data_age_ms ?? 0; // null: Asterisk never spoke, and the node's row says so
    this.#tries = 0;
    if (message.type !== "delta") serverSaid(message.at);
    if (message.type === "snapshot") {
      this.board.replace(message);
      for (const watcher of this.#watchers) watcher.whole?.(this.board);
    } else if (message.type === "delta") {
      this.board.apply(message);
      for (const watcher of this.#watchers) watcher.changed?.(message.kind, message.row.id, this.board);
    } else {
      for (const watcher of this.#watchers) watcher.alarms?.(message.alarms ?? []);
    }
    if (this.health !== "live") this.#set("live");
  }

  #check(): void {
    if (this.#socket && performance.now() - this.#heardAt > SILENCE_MS && this.health === "live") {
      this.#socket.close();
      this.#set("lost");
    }
    this.#tell();
  }

  #set(health: Health): void {
    this.health = health;
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher.health?.(this.health, this.ageSeconds(), this.board);
  }
}

export const live = new LiveConnection();
