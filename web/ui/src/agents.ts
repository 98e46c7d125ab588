/** The agents' table: changes show at once, the order settles every few seconds, and nothing moves under the pointer. */
import { AgentRow } from "./agent_row.ts";
import { h, setText } from "./dom.ts";
import type { AgentView } from "./live.ts";
import { reorder } from "./motion.ts";
import { ORDER, stateMark, wordOf } from "./states.ts";

const rank = (key: string): number => (key === "logged_off" ? 99 : (ORDER.indexOf(key) + 100) % 100 || 0);
/** Accounts that could sign in but work nowhere (an administrator with agent use) are no agents of this floor. */
const onFloor = (view: AgentView): boolean => view.member || view.condition !== "logged_off";
/** After a quiet time a change waits this long for others to move with. */
const FIRST_MS = 400;
/** The rows change places no more often than this. */
const SETTLE_MS = 4000;
/** How often a held order is looked at again. */
const HELD_MS = 400;

export class AgentsTable {
  #rows = new Map<string, AgentRow>();
  #pointed = false;
  #settling = 0;
  #settledAt = 0;
  #filter: string | null = null;
  #words = "";
  /** States once seen keep their button: none moves away under the pointer. */
  #keys = new Set<string>();
  readonly #body: HTMLElement;
  readonly #panel: HTMLElement;
  readonly #failed: (text: string) => void;

  constructor(
    panel: HTMLElement,
    private readonly workOf: (view: AgentView) => string,
    failed: (text: string) => void,
  ) {
    this.#panel = panel;
    this.#failed = failed;
    this.#body = panel.querySelector("tbody")!;
    this.#body.addEventListener("pointerenter", () => (this.#pointed = true));
    this.#body.addEventListener("pointerleave", () => (this.#pointed = false));
    const search = panel.querySelector<HTMLInputElement>("input[type=search]")!;
    search.addEventListener("input", () => {
      this.#words = search.value.trim().toLowerCase();
      this.#select();
    });
  }

  whole(views: Iterable<AgentView>): void {
    const seen = new Set<string>();
    for (const view of views) {
      if (!onFloor(view)) continue;
      seen.add(view.id);
      this.#put(view, false);
    }
    for (const [id, row] of this.#rows) if (!seen.has(id)) this.#remove(id, row);
    this.#count();
    this.#sort(false);
    this.#select();
  }

  /** What has changed is shown at once and in its place; the order follows when several changes have come together. */
  changed(view: AgentView): void {
    const gone = onFloor(view) ? undefined : this.#rows.get(view.id);
    if (onFloor(view)) this.#put(view, true);
    else if (gone) this.#remove(view.id, gone);
    else return;
    this.#count();
    if (this.#settling) return;
    const wait = Math.max(FIRST_MS, this.#settledAt + SETTLE_MS - performance.now());
    this.#settling = setTimeout(() => this.#settle(), wait);
  }

  tick(): void {
    for (const row of this.#rows.values()) row.tick();
  }

  #put(view: AgentView, flash: boolean): void {
    const row = this.#rows.get(view.id);
    if (row) return row.update(view, flash);
    this.#rows.set(view.id, new AgentRow(view, this.workOf, this.#failed));
  }

  #remove(id: string, row: AgentRow): void {
    row.element.remove();
    this.#rows.delete(id);
  }

  #settle(): void {
    if (this.#held()) {
      this.#settling = setTimeout(() => this.#settle(), HELD_MS);
      return;
    }
    this.#settling = 0;
    this.#settledAt = performance.now();
    this.#select();
    this.#sort(true);
  }

  /** Somebody points at a row, is in it by keyboard, or has its menu open. */
  #held(): boolean {
    return this.#pointed || this.#body.querySelector(":focus-visible, details[open]") !== null;
  }

  /** By state, then the longest in it first. */
  #sort(animated: boolean): void {
    const rows = [...this.#rows.values()].sort(
      (a, b) => rank(a.key) - rank(b.key) || Date.parse(a.view.since ?? "") - Date.parse(b.view.since ?? "") || a.view.name.localeCompare(b.view.name),
    );
    reorder(this.#body, rows.map((row) => row.element), animated);
  }

  /** Only who matches the filter is shown. */
  #select(): void {
    let shown = 0;
    for (const row of this.#rows.values()) {
      const visible = row.matches(this.#filter, this.#words);
      row.element.hidden = !visible;
      shown += visible ? 1 : 0;
    }
    const total = this.#rows.size;
    setText(this.#panel.querySelector(".count")!, shown === total ? String(total) : `${shown} / ${total}`);
    this.#panel.querySelector<HTMLElement>(".empty")!.hidden = total > 0;
    this.#panel.querySelector<HTMLElement>("table")!.hidden = total === 0;
  }

  #count(): void {
    const counts = new Map([...this.#keys].map((key) => [key, 0]));
    for (const row of this.#rows.values()) counts.set(row.key, (counts.get(row.key) ?? 0) + 1);
    for (const key of counts.keys()) this.#keys.add(key);
    this.#filters(counts);
  }

  #filters(counts: Map<string, number>): void {
    const holder = this.#panel.querySelector(".state-filter")!;
    const keys = [...counts.keys()].sort((a, b) => rank(a) - rank(b));
    const marks = [this.#filter, ...keys.map((key) => `${key}${counts.get(key)}`)].join();
    if ((holder as HTMLElement).dataset["marks"] === marks) return;
    (holder as HTMLElement).dataset["marks"] = marks;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["filter"];
    holder.replaceChildren(
      ...keys.map((key) => {
        const button = h(
          "button",
          { type: "button", "aria-pressed": String(this.#filter === key), "data-filter": key, title: wordOf(key), "data-zero": !counts.get(key) },
          stateMark(key, String(counts.get(key) ?? 0)),
        );
        button.setAttribute("aria-label", `${wordOf(key)} ${counts.get(key)}`);
        button.addEventListener("click", () => {
          this.#filter = this.#filter === key ? null : key;
          this.#count();
          this.#select();
        });
        return button;
      }),
    );
    if (focused) holder.querySelector<HTMLElement>(`[data-filter="${focused}"]`)?.focus();
  }
}
