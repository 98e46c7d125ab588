/** A campaign's job as a strip: dial level, drop rate toward its cap, and the one true reason why it is not dialing. */
import { h, setText } from "./dom.ts";
import type { JobView } from "./live.ts";
import { percent } from "./numbers.ts";
import { maybe, t } from "./words.ts";

/** The cap stands at four fifths of the bar, so that being over it can be seen. */
const CAP_AT = 80;

export class Strip {
  readonly element: HTMLElement;
  #name = h("strong");
  #mode = h("span", { class: "tag" });
  #rate = h("b");
  #cap = h("span");
  #bar = h("div", { class: "dropbar" }, h("i"));
  #figures = { level: h("dd"), line: h("dd"), ringing: h("dd"), connected: h("dd") };
  #why = h("p", { class: "strip-why" });
  #run = h("span", { class: "strip-run" });

  constructor(row: JobView) {
    const figure = (word: string, value: HTMLElement): HTMLElement => h("div", {}, h("dt", {}, word), value);
    this.element = h(
      "article",
      { class: "strip" },
      h("div", { class: "strip-name" }, this.#run, this.#name, this.#mode),
      h("div", { class: "strip-drop" }, h("div", { class: "label-line" }, h("span", {}, `${t("live.drop_rate")} `, this.#rate), this.#cap), this.#bar),
      h(
        "dl",
        { class: "strip-figures" },
        figure(t("live.dial_level"), this.#figures.level),
        figure(t("live.on_line"), this.#figures.line),
        figure(t("live.ringing"), this.#figures.ringing),
        figure(t("live.connected"), this.#figures.connected),
      ),
      this.#why,
    );
    this.update(row);
  }

  update(row: JobView): void {
    this.element.dataset["running"] = String(row.running);
    this.#run.title = row.running ? t("live.running") : t("live.stopped");
    setText(this.#name, row.name);
    setText(this.#mode, t(`mode.${row.mode}`) === `mode.${row.mode}` ? row.mode : t(`mode.${row.mode}`));
    setText(this.#rate, percent(row.drop_rate, 2));
    setText(this.#cap, `${t("live.cap")} ${Number((row.drop_cap * 100).toFixed(2))}%`);
    const reach = row.drop_cap > 0 ? row.drop_rate / row.drop_cap : 0;
    this.#bar.dataset["level"] = reach > 1 ? "bad" : reach > 0.8 ? "warn" : "good";
    this.#bar.style.setProperty("--fill", `${Math.min(100, reach * CAP_AT)}%`);
    setText(this.#figures.level, row.dial_level.toFixed(1));
    setText(this.#figures.line, String(row.on_line));
    setText(this.#figures.ringing, String(row.ringing));
    setText(this.#figures.connected, row.connected.toLocaleString());
    const limit = row.running ? row.limit : "stopped";
    setText(this.#why, limit ? maybe(`why.${limit}`, limit) : t("live.running"));
  }
}
