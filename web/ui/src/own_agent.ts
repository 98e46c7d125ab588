/** The agent's own section: terminal, telephone and status as they are now, whoever changed them. */
import { h, setText } from "./dom.ts";
import { live, type AgentView } from "./live.ts";
import { stateKey, stateMark, wordOf } from "./states.ts";
import { t } from "./words.ts";

export class OwnAgent extends HTMLElement {
  connectedCallback(): void {
    const id = this.dataset["agent"] ?? "";
    live.watch({
      whole: (board) => this.#show(board.agent.get(id)),
      changed: (kind, changed, board) => kind === "agent" && changed === id && this.#show(board.agent.get(id)),
    });
  }

  #show(row: AgentView | undefined): void {
    if (!row) return;
    const elsewhere = row.condition !== "logged_off" && row.extension !== this.dataset["usual"];
    setText(this.querySelector(".own-terminal")!, elsewhere ? `(${t("agent.signed_in_at", { extension: row.extension })})` : "");
    // Of who is signed out the board knows no phone; the page said how the usual one was when it was opened.
    if (row.condition !== "logged_off")
      setText(this.querySelector(".own-phone")!, t(row.reachable ? "agent.reachable" : "agent.unreachable"));
    this.#showState(stateKey(row), row.pending);
    for (const button of this.querySelectorAll("button")) {
      if (button.value === row.status) button.ariaPressed = "true";
      else button.removeAttribute("aria-pressed");
    }
  }

  #showState(key: string, pending: string): void {
    const state = this.querySelector<HTMLElement>(".own-state")!;
    const marks = `${key}|${pending}`;
    if (state.dataset["marks"] === marks) return;
    state.dataset["marks"] = marks;
    state.replaceChildren(stateMark(key));
    if (pending) state.append(" ", h("span", { class: "muted" }, `→ ${wordOf(pending)}`));
  }
}
