/** The agents' table: rows stay elements for life, only what differs is written, and nothing jumps under the pointer. */
import { Refusal, send } from "./api.ts";
import { duration, now, secondsSince } from "./clock.ts";
import { confirmed } from "./confirm.ts";
import { h, icon, setText } from "./dom.ts";
import type { AgentView } from "./live.ts";
import { telephone } from "./numbers.ts";
import { LIMITS, ORDER, stateKey, stateMark, wordOf } from "./states.ts";
import { t } from "./words.ts";

const rank = (key: string): number => (key === "logged_off" ? 99 : (ORDER.indexOf(key) + 100) % 100 || 0);
/** Reasons that say no more than the state does. */
const ROUTINE = new Set(["", "call", "sign-in", "wrap-up over", "status"]);
const SETTABLE = ["available", "wrap_up", "break", "away"];

class Row {
  readonly element = h("tr");
  view: AgentView;
  key = "";
  #state = h("td");
  #name = h("td");
  #extension = h("td", { class: "number" });
  #time = h("td", { class: "number" });
  #party = h("td", { class: "tel" });
  #work = h("td", { class: "clip muted" });
  #acts = h("td", { class: "acts" });

  constructor(
    view: AgentView,
    private readonly nameOf: (view: AgentView) => string,
    failed: (text: string) => void,
  ) {
    this.view = view;
    this.element.append(this.#state, this.#name, this.#extension, this.#time, this.#party, this.#work, this.#acts);
    this.#acts.append(actions(() => this.view, failed));
    this.update(view, false);
  }

  update(view: AgentView, flash = true): void {
    const key = stateKey(view);
    this.view = view;
    const reason = view.condition === "paused" && !ROUTINE.has(view.reason) ? view.reason : "";
    const marks = [key, view.pending, reason].join("|");
    if (this.#state.dataset["marks"] !== marks) {
      this.#state.dataset["marks"] = marks;
      this.#state.replaceChildren(stateMark(key));
      if (view.pending) this.#state.append(h("span", { class: "then" }, t("live.next", { status: wordOf(view.pending) })));
      else if (reason) this.#state.append(h("span", { class: "then" }, reason));
    }
    this.#showName(view);
    setText(this.#extension, view.extension);
    setText(this.#party, telephone(view.other_party));
    setText(this.#work, this.nameOf(view));
    this.element.dataset["key"] = key;
    if (flash && this.key !== key) {
      this.element.classList.remove("flash");
      void this.element.offsetWidth;
      this.element.classList.add("flash");
    }
    this.key = key;
    this.tick();
  }

  #showName(view: AgentView): void {
    const marks = [view.name, view.hand_since !== null, view.reachable || !view.extension].join("|");
    if (this.#name.dataset["marks"] === marks) return;
    this.#name.dataset["marks"] = marks;
    this.#name.replaceChildren(view.name);
    if (view.hand_since) this.#name.append(marked("hand", "hand", t("live.hand")));
    if (view.extension && !view.reachable) this.#name.append(marked("warn", "no-phone", t("live.unreachable")));
  }

  tick(): void {
    const since = this.view.since;
    if (!since || this.key === "logged_off") return setText(this.#time, "");
    const seconds = secondsSince(since);
    setText(this.#time, duration(seconds));
    const [over, far] = LIMITS[this.key] ?? [Infinity, Infinity];
    const late = this.key === "wrap_up" && this.view.until ? now() > Date.parse(this.view.until) : seconds > over;
    this.#time.className = `number${seconds > far ? " far-over" : late ? " over" : ""}`;
  }

  matches(filter: string | null, words: string): boolean {
    const text = `${this.view.name} ${this.view.extension} ${this.view.login}`.toLowerCase();
    return (filter === null || this.key === filter) && text.includes(words);
  }
}

function marked(name: string, className: string, title: string): HTMLElement {
  return h("span", { class: className, title, role: "img", "aria-label": title }, icon(name));
}

function actions(view: () => AgentView, failed: (text: string) => void): HTMLElement {
  const sheet = h("div", { class: "sheet" });
  const menu = h(
    "details",
    { class: "menu", name: "row" },
    h("summary", { "aria-label": t("live.actions_for", { who: view().name }) }, icon("more")),
    sheet,
  );
  const act = (work: () => Promise<void>): void => {
    menu.open = false;
    work().catch((refused: unknown) => failed(refused instanceof Refusal ? refused.message : String(refused)));
  };
  const set = (status: string): Promise<void> => send("PUT", `/agents/${view().id}/status`, { status });
  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    const buttons = SETTABLE.map((status) => {
      const button = h("button", { type: "button" }, stateMark(status));
      button.addEventListener("click", () => act(() => set(status)));
      return button;
    });
    const out = h("button", { type: "button" }, stateMark("logged_off", t("live.sign_out")));
    out.addEventListener("click", () =>
      act(async () => {
        if (await confirmed(t("live.sign_out_sure", { who: view().name }), t("live.sign_out"))) await set("logged_off");
      }),
    );
    const at = menu.getBoundingClientRect();
    sheet.style.top = `${Math.min(at.bottom + 4, innerHeight - 240)}px`;
    sheet.style.right = `${document.documentElement.clientWidth - at.right}px`;
    sheet.replaceChildren(h("div", { class: "sheet-title" }, view().name), ...buttons, h("hr"), out);
  });
  return menu;
}

export class AgentsTable {
  #rows = new Map<string, Row>();
  #held = false;
  #dirty = false;
  #filter: string | null = null;
  #words = "";
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
    this.#body.addEventListener("pointerenter", () => (this.#held = true));
    this.#body.addEventListener("pointerleave", () => this.#release());
    this.#body.addEventListener("focusin", () => (this.#held = true));
    this.#body.addEventListener("focusout", () => this.#release());
    const search = panel.querySelector<HTMLInputElement>("input[type=search]")!;
    search.addEventListener("input", () => {
      this.#words = search.value.trim().toLowerCase();
      this.#show();
    });
  }

  whole(views: Iterable<AgentView>): void {
    const seen = new Set<string>();
    for (const view of views) {
      seen.add(view.id);
      this.#put(view, false);
    }
    for (const [id, row] of this.#rows) {
      if (seen.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    this.#sort(false);
    this.#show();
  }

  changed(view: AgentView): void {
    this.#put(view, true);
    if (!this.#dirty) {
      this.#dirty = true;
      setTimeout(() => this.#settle(), 350);
    }
  }

  tick(): void {
    for (const row of this.#rows.values()) row.tick();
  }

  #put(view: AgentView, flash: boolean): void {
    const row = this.#rows.get(view.id);
    if (row) return row.update(view, flash);
    this.#rows.set(view.id, new Row(view, this.workOf, this.#failed));
  }

  #settle(): void {
    if (this.#held) return;
    this.#dirty = false;
    this.#sort(true);
    this.#show();
  }

  #release(): void {
    const inside = this.#body.matches(":hover") || this.#body.querySelector("details[open]") !== null;
    this.#held = inside;
    if (!inside && this.#dirty) this.#settle();
  }

  /** By state, then the longest in it first; moved rows glide to their places. */
  #sort(glide: boolean): void {
    const rows = [...this.#rows.values()].sort(
      (a, b) => rank(a.key) - rank(b.key) || Date.parse(a.view.since ?? "") - Date.parse(b.view.since ?? "") || a.view.name.localeCompare(b.view.name),
    );
    const current = [...this.#body.children];
    if (rows.length === current.length && rows.every((row, index) => row.element === current[index])) return;
    const still = !glide || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const tops = still ? null : new Map(current.map((element) => [element, element.getBoundingClientRect().top]));
    this.#body.replaceChildren(...rows.map((row) => row.element));
    if (!tops) return;
    for (const { element } of rows) {
      const before = tops.get(element);
      const moved = before === undefined ? 0 : before - element.getBoundingClientRect().top;
      if (moved) element.animate({ transform: [`translateY(${moved}px)`, "none"] }, { duration: 320, easing: "cubic-bezier(.2,.8,.2,1)" });
    }
  }

  #show(): void {
    let shown = 0;
    const counts = new Map<string, number>();
    for (const row of this.#rows.values()) {
      counts.set(row.key, (counts.get(row.key) ?? 0) + 1);
      const visible = row.matches(this.#filter, this.#words);
      row.element.hidden = !visible;
      shown += visible ? 1 : 0;
    }
    const total = this.#rows.size;
    setText(this.#panel.querySelector(".count")!, shown === total ? String(total) : `${shown} / ${total}`);
    this.#panel.querySelector<HTMLElement>(".empty")!.hidden = total > 0;
    this.#panel.querySelector<HTMLElement>("table")!.hidden = total === 0;
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
          { type: "button", "aria-pressed": String(this.#filter === key), "data-filter": key, title: wordOf(key) },
          stateMark(key, String(counts.get(key) ?? 0)),
        );
        button.setAttribute("aria-label", `${wordOf(key)} ${counts.get(key)}`);
        button.addEventListener("click", () => {
          this.#filter = this.#filter === key ? null : key;
          this.#show();
        });
        return button;
      }),
    );
    if (focused) holder.querySelector<HTMLElement>(`[data-filter="${focused}"]`)?.focus();
  }
}
