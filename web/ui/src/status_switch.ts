/** One's own status: `S` opens it, a digit chooses, the button says what holds now. */
import { Refusal, send } from "./api.ts";
import { typing } from "./dom.ts";
import { live, type AgentView } from "./live.ts";
import { stateKey, stateMark, wordOf } from "./states.ts";
import { tickAll } from "./clock.ts";
import { t } from "./words.ts";

export class StatusSwitch extends HTMLElement {
  #menu!: HTMLDetailsElement;
  #said!: HTMLElement;
  #timer = 0;

  connectedCallback(): void {
    this.#menu = this.querySelector("details")!;
    this.#said = this.querySelector(".switch-said")!;
    this.querySelector("form")!.addEventListener("submit", (event) => this.#submit(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("keydown", (event) => this.#move(event));
    const id = this.dataset["agent"] ?? "";
    live.watch({
      whole: (board) => this.#show(board.agent.get(id)),
      changed: (kind, changed, board) => kind === "agent" && changed === id && this.#show(board.agent.get(id)),
    });
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.querySelectorAll<HTMLButtonElement>("form button")];
  }

  #key(event: KeyboardEvent): void {
    if (typing(event)) return;
    if (event.key === "s" || event.key === "S") {
      event.preventDefault();
      this.#menu.open = !this.#menu.open;
      if (this.#menu.open) (this.#buttons().find((button) => button.ariaChecked === "true") ?? this.#buttons()[0])?.focus();
    } else if (this.#menu.open && /^\d$/.test(event.key)) {
      const chosen = this.#buttons().find((button) => button.querySelector("kbd")?.textContent === event.key);
      if (chosen) void this.#choose(chosen.value);
    }
  }

  #move(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#menu.open) {
      this.#menu.open = false;
      this.querySelector("summary")?.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.#menu.open) return;
    event.preventDefault();
    const buttons = this.#buttons();
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    void this.#choose((event.submitter as HTMLButtonElement).value);
  }

  async #choose(status: string): Promise<void> {
    this.#menu.open = false;
    this.querySelector("summary")?.focus();
    try {
      await send("PUT", "/me/status", { status });
      this.#say(t("status.changed", { status: wordOf(status) }), false);
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused;
      this.#say(t("app.failed", { reason: refused.message }), true);
    }
  }

  #say(text: string, wrong: boolean): void {
    this.#said.textContent = text;
    this.#said.classList.toggle("wrong", wrong);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.#said.textContent = ""), wrong ? 8000 : 2500);
  }

  #show(row: AgentView | undefined): void {
    if (!row) return;
    const key = stateKey(row);
    this.querySelector(".now")!.replaceChildren(stateMark(key));
    const tick = this.querySelector<HTMLElement>(".tick")!;
    tick.dataset["since"] = row.since ?? "";
    tickAll(this);
    for (const button of this.#buttons()) button.ariaChecked = String(button.value === (row.pending || row.status));
    if (row.pending) this.#say(t("status.pending", { status: wordOf(row.pending) }), false);
  }
}
