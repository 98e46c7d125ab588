/** How fresh the page is: a dot, a word, always in the same place. */
import { setText } from "./dom.ts";
import { live, type Board, type Health } from "./live.ts";
import { t } from "./words.ts";

export const STALE_SECONDS = 5;

export class ConnectionHealth extends HTMLElement {
  connectedCallback(): void {
    live.watch({ health: (health, age, board) => this.#show(health, age, board) });
    live.start();
  }

  #show(health: Health, age: number, board: Board): void {
    const word = this.querySelector(".health-word");
    const asteriskAway = [...board.node.values()].some((node) => !node.up);
    const state = health !== "live" ? "lost" : asteriskAway || age > STALE_SECONDS ? "stale" : "live";
    this.dataset["state"] = health === "connecting" ? "connecting" : state;
    if (!word) return;
    if (health === "connecting") setText(word, t("app.connecting"));
    else if (state === "lost") setText(word, t("app.offline"));
    else if (asteriskAway) setText(word, t("app.no_asterisk"));
    else setText(word, state === "stale" ? t("app.stale", { seconds: Math.round(age) }) : t("app.live"));
  }
}
