/** The live monitor: drawn from the page's own snapshot, then from the socket. */
import { AgentsTable } from "./agents.ts";
import { everySecond, serverSaid } from "./clock.ts";
import { json, setText, typing } from "./dom.ts";
import { STALE_SECONDS } from "./health.ts";
import { Board, live, type AgentView, type Health, type Kind, type Snapshot } from "./live.ts";
import { RaisedHands, WaitingCalls } from "./side.ts";
import { Strip } from "./strips.ts";
import { Tile } from "./tiles.ts";
import { t } from "./words.ts";

/** Rows that stay one element each, in the order in which they came. */
export function keep<V extends { id: string }, W extends { element: HTMLElement; update(view: V): void }>(
  holder: Element,
  kept: Map<string, W>,
  views: Iterable<V>,
  make: (view: V) => W,
): void {
  const seen = new Set<string>();
  for (const view of views) {
    seen.add(view.id);
    const known = kept.get(view.id);
    if (known) known.update(view);
    else {
      const made = make(view);
      kept.set(view.id, made);
      holder.append(made.element);
    }
  }
  for (const [id, gone] of kept) {
    if (seen.has(id)) continue;
    gone.element.remove();
    kept.delete(id);
  }
}

export class LiveMonitor extends HTMLElement {
  #tiles = new Map<string, Tile>();
  #strips = new Map<string, Strip>();
  #agents!: AgentsTable;
  #waiting!: WaitingCalls;
  #hands!: RaisedHands;
  #banner!: HTMLElement;
  #refusedUntil = 0;
  #board = new Board();

  connectedCallback(): void {
    this.#banner = this.querySelector(".stale")!;
    this.#agents = new AgentsTable(this.querySelector(".agents")!, (agent) => this.#workOf(agent), (text) => this.#refused(text));
    this.#waiting = new WaitingCalls(this.querySelector(".waiting")!);
    this.#hands = new RaisedHands(this.querySelector(".hands")!);
    const first = json<Snapshot>(this, "script.snapshot");
    if (first) {
      serverSaid(first.at);
      const board = new Board();
      board.replace(first);
      this.#whole(board);
    }
    live.watch({
      whole: (board) => this.#whole(board),
      changed: (kind, id, board) => this.#changed(kind, id, board),
      health: (health, age, board) => this.#health(health, age, board),
    });
    everySecond(() => {
      this.#agents.tick();
      for (const tile of this.#tiles.values()) tile.tick();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || typing(event)) return;
      event.preventDefault();
      this.querySelector<HTMLInputElement>("input[type=search]")?.focus();
    });
    this.dataset["ready"] = "";
  }

  /** The center or job of an agent's call, by name. */
  #workOf(agent: AgentView): string {
    return this.#board.center.get(agent.center)?.name ?? this.#board.job.get(agent.job)?.name ?? "";
  }

  #whole(board: Board): void {
    this.#board = board;
    this.#centers(board);
    keep(this.querySelector(".strips")!, this.#strips, board.job.values(), (view) => new Strip(view));
    this.#agents.whole(board.agent.values());
    this.#side(board);
  }

  #changed(kind: Kind, id: string, board: Board): void {
    const agent = board.agent.get(id);
    if (kind === "agent" && agent) {
      this.#agents.changed(agent);
      this.#hands.show(board.agent.values(), (view) => this.#workOf(view));
    } else if (kind === "center") this.#centers(board);
    else if (kind === "job") keep(this.querySelector(".strips")!, this.#strips, board.job.values(), (view) => new Strip(view));
    else if (kind === "call") this.#side(board);
  }

  #centers(board: Board): void {
    keep(this.querySelector(".tiles")!, this.#tiles, board.center.values(), (view) => new Tile(view));
  }

  #side(board: Board): void {
    this.#waiting.show(board.call.values(), (id) => board.center.get(id)?.name ?? id);
    this.#hands.show(board.agent.values(), (view) => this.#workOf(view));
  }

  #refused(text: string): void {
    this.#refusedUntil = performance.now() + 6000;
    setText(this.#banner, t("app.failed", { reason: text }));
    this.#banner.hidden = false;
  }

  #health(health: Health, age: number, board: Board): void {
    if (performance.now() < this.#refusedUntil) return;
    const seconds = Math.round(age);
    const away = [...board.node.values()].some((node) => !node.up);
    const text =
      health === "lost" ? t("live.lost", { seconds }) : away ? t("live.asterisk_away") : age > STALE_SECONDS ? t("live.stale", { seconds }) : "";
    this.#banner.hidden = text === "" || health === "connecting" || health === "ended";
    if (!this.#banner.hidden) setText(this.#banner, text);
  }
}

/** The strips on the campaigns page: the same, one in each job's panel. */
export class LiveJobs extends HTMLElement {
  #strips = new Map<string, Strip>();

  connectedCallback(): void {
    const first = json<Snapshot>(this, "script.snapshot");
    const board = new Board();
    if (first) board.replace(first);
    this.#show(board);
    live.watch({ whole: (now) => this.#show(now), changed: (kind, _id, now) => kind === "job" && this.#show(now) });
  }

  #show(board: Board): void {
    for (const view of board.job.values()) {
      const slot = this.querySelector(`.strip-slot[data-job="${CSS.escape(view.id)}"]`);
      if (slot) {
        const known = this.#strips.get(view.id);
        if (known) known.update(view);
        else {
          const strip = new Strip(view);
          this.#strips.set(view.id, strip);
          slot.append(strip.element);
        }
      }
    }
  }
}
