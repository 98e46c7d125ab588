/** What must be mended now, on every page of those who can. */
import { h } from "./dom.ts";
import { live } from "./live.ts";
import { maybe } from "./words.ts";

export class OperatorAlarms extends HTMLElement {
  #shown = "";

  connectedCallback(): void {
    live.watch({ alarms: (alarms) => this.#show(alarms) });
  }

  #show(alarms: string[]): void {
    const now = alarms.join();
    if (now === this.#shown) return;
    this.#shown = now;
    this.replaceChildren(...alarms.map((alarm) => h("p", {}, maybe(`app.alarm.${alarm}`, alarm))));
    this.hidden = alarms.length === 0;
  }
}
