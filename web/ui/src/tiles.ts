/** Tiles of the centers: what waits, who is there, how the day went. The edge shows how bad it is. */
import { secondsSince, tickAll } from "./clock.ts";
import { h, setText } from "./dom.ts";
import type { CenterView } from "./live.ts";
import { softly } from "./motion.ts";
import { percent } from "./numbers.ts";
import { stateMark, wordOf } from "./states.ts";
import { t } from "./words.ts";

const COUNTS = ["available", "talking", "wrap_up", "away"] as const;
const WAIT_WARN = 20;
const WAIT_BAD = 60;

/** 80/20 is what call centers promise one another: below 80 % answered in time warns, below 70 % alarms. */
export function levelOf(row: CenterView): "good" | "warn" | "bad" {
  const wait = row.oldest_wait_since ? secondsSince(row.oldest_wait_since) : 0;
  const service = row.service_level ?? 1;
  if (wait > WAIT_BAD || service < 0.7) return "bad";
  if (wait > WAIT_WARN || service < 0.8 || (row.waiting > 0 && row.available === 0)) return "warn";
  return "good";
}

export class Tile {
  readonly element: HTMLElement;
  #row: CenterView;
  #waiting = h("span", { class: "tile-waiting" });
  #longest = h("time", { class: "tick number" });
  #longestWord = h("span", {}, `${t("live.longest")} `, this.#longest);
  #figures = { answered: h("dd"), abandoned: h("dd"), service: h("dd") };
  #counts = h("div", { class: "tile-counts" });
  #name = h("span", { class: "tile-name" });
  /** Callers the center owes a call. */
  #owed: HTMLElement;

  constructor(row: CenterView) {
    this.#row = row;
    this.#owed = h("a", { class: "tile-owed number", href: `/callbacks?center=${row.id}` });
    const figure = (word: string, value: HTMLElement, title?: string): HTMLElement =>
      h("div", { title: title ?? null }, h("dt", {}, word), value);
    this.element = h(
      "article",
      { class: "tile" },
      h("header", { class: "tile-head" }, this.#name, h("span", { class: "muted number" }, row.extension)),
      h(
        "div",
        { class: "tile-main" },
        this.#waiting,
        h("span", { class: "tile-waiting-word" }, t("live.waiting"), this.#longestWord),
        h(
          "dl",
          { class: "tile-today", "aria-label": t("live.today") },
          figure(t("live.answered"), this.#figures.answered),
          figure(t("live.abandoned"), this.#figures.abandoned),
          figure(t("live.service_level"), this.#figures.service, t("live.service_level_long")),
        ),
      ),
      this.#counts,
    );
    this.update(row, false);
  }

  update(row: CenterView, flash = true): void {
    const before = this.#row;
    this.#row = row;
    setText(this.#name, row.name);
    setText(this.#waiting, String(row.waiting));
    this.#longest.dataset["since"] = row.oldest_wait_since ?? "";
    this.#longestWord.hidden = !row.oldest_wait_since;
    setText(this.#figures.answered, row.answered.toLocaleString());
    setText(this.#figures.abandoned, percent(row.abandoned_rate));
    setText(this.#figures.service, percent(row.service_level));
    this.#figures.service.classList.toggle("off", (row.service_level ?? 1) < 0.8);
    this.#counts.replaceChildren(
      ...COUNTS.map((key) => {
        const mark = stateMark(key, String(row[key]));
        mark.title = wordOf(key);
        mark.append(h("span", { class: "visually-hidden" }, wordOf(key)));
        mark.toggleAttribute("data-zero", row[key] === 0);
        return mark;
      }),
      this.#owed,
    );
    this.#owed.hidden = row.callbacks === 0;
    setText(this.#owed, t("live.callbacks", { count: row.callbacks.toLocaleString() }));
    tickAll(this.element);
    this.tick();
    if (flash && before.waiting !== row.waiting) softly(this.#waiting);
  }

  tick(): void {
    const level = levelOf(this.#row);
    if (this.element.dataset["level"] !== level) this.element.dataset["level"] = level;
  }
}
