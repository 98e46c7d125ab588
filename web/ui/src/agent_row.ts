/** One agent's row: an element for life, in which only what differs is written. */
import { actions } from "./agent_acts.ts";
import { duration, now, secondsSince } from "./clock.ts";
import { h, icon, setText } from "./dom.ts";
import type { AgentView } from "./live.ts";
import { softly } from "./motion.ts";
import { telephone } from "./numbers.ts";
import { LIMITS, stateKey, stateMark, wordOf } from "./states.ts";
import { t } from "./words.ts";

/** Reasons that say no more than the state does. */
const ROUTINE = new Set(["", "call", "sign-in", "wrap-up over", "status"]);

export class AgentRow {
  readonly element = h("tr");
  view: AgentView;
  key = "";
  #state = h("td", { class: "status" });
  #name = h("td", { class: "clip" });
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
    if (flash && this.key !== key) softly(this.#state);
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
