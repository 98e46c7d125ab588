/** Who waits and who asks for help: short lists, the longest first. */
import { tickAll } from "./clock.ts";
import { h, icon, setText } from "./dom.ts";
import type { AgentView, CallView } from "./live.ts";
import { softly } from "./motion.ts";
import { telephone } from "./numbers.ts";
import { stateKey, wordOf } from "./states.ts";

class SideList {
  #items = new Map<string, HTMLElement>();
  #shown = false;
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;

  constructor(panel: HTMLElement) {
    this.#list = panel.querySelector(".side-list")!;
    this.#count = panel.querySelector(".count")!;
  }

  show(entries: { id: string; marks: string; make: () => Node[] }[]): void {
    const kept = new Set(entries.map((entry) => entry.id));
    for (const [id, item] of this.#items) {
      if (kept.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    const fresh: HTMLElement[] = [];
    entries.forEach((entry, index) => {
      let item = this.#items.get(entry.id);
      if (!item) {
        item = h("li");
        this.#items.set(entry.id, item);
        fresh.push(item);
      }
      if (item.dataset["marks"] !== entry.marks) {
        item.dataset["marks"] = entry.marks;
        item.replaceChildren(...entry.make());
      }
      if (this.#list.children[index] !== item) this.#list.insertBefore(item, this.#list.children[index] ?? null);
    });
    setText(this.#count, entries.length ? String(entries.length) : "");
    tickAll(this.#list);
    if (this.#shown) fresh.forEach(softly);
    this.#shown = true;
  }
}

const ticking = (since: string): HTMLElement => h("time", { class: "tick number", "data-since": since });

export class WaitingCalls {
  #list: SideList;
  constructor(panel: HTMLElement) {
    this.#list = new SideList(panel);
  }

  show(calls: Iterable<CallView>, centerName: (id: string) => string): void {
    const waiting = [...calls].filter((call) => call.state === "waiting");
    waiting.sort((a, b) => Date.parse(a.state_since) - Date.parse(b.state_since));
    this.#list.show(
      waiting.map((call, index) => ({
        id: call.id,
        marks: [index, call.from_number, call.center, call.state_since].join("|"),
        make: () => [
          h("span", { class: "place-number number" }, String(index + 1)),
          h("span", { class: "tel" }, telephone(call.from_number) || "–"),
          ticking(call.state_since),
          h("span", { class: "sub" }, centerName(call.center)),
        ],
      })),
    );
  }
}

export class RaisedHands {
  #list: SideList;
  constructor(panel: HTMLElement) {
    this.#list = new SideList(panel);
  }

  show(agents: Iterable<AgentView>, workOf: (agent: AgentView) => string): void {
    const up = [...agents].filter((agent) => agent.hand_since !== null);
    up.sort((a, b) => Date.parse(a.hand_since ?? "") - Date.parse(b.hand_since ?? ""));
    this.#list.show(
      up.map((agent) => ({
        id: agent.id,
        marks: [agent.name, stateKey(agent), agent.extension, agent.hand_since].join("|"),
        make: () => [
          icon("hand"),
          h("strong", {}, agent.name),
          ticking(agent.hand_since ?? ""),
          h("span", { class: "sub" }, [agent.extension, wordOf(stateKey(agent)), workOf(agent)].filter(Boolean).join(" · ")),
        ],
      })),
    );
  }
}
