/** The agent's own recording: pauses and resumes it while a call is up, and always says which it is. */
import { Refusal, send } from "./api.ts";
import { h, icon } from "./dom.ts";
import { live, type AgentView } from "./live.ts";
import { t } from "./words.ts";

export class RecordingPause extends HTMLElement {
  #button = h("button", { type: "button", class: "button quiet recording-button" });
  #call = "";
  #state: AgentView["recording"] = "";

  connectedCallback(): void {
    const id = this.dataset["agent"] ?? "";
    this.append(this.#button);
    this.#button.addEventListener("click", () => void this.#toggle());
    live.watch({
      whole: (board) => this.#show(board.agent.get(id)),
      changed: (kind, changed, board) => kind === "agent" && changed === id && this.#show(board.agent.get(id)),
    });
  }

  #show(row: AgentView | undefined): void {
    this.hidden = !row?.recording;
    this.#call = row?.call ?? "";
    if (!row || row.recording === this.#state) return;
    this.#state = row.recording;
    this.dataset["recording"] = row.recording;
    this.#button.disabled = false;
    if (!row.recording) return;
    const paused = row.recording === "paused";
    this.#button.replaceChildren(
      h("span", { class: "rec-mark", "aria-hidden": "true" }),
      h("span", { class: "rec-word" }, t(`app.recording.${row.recording}`)),
      icon(paused ? "play" : "pause"),
    );
    this.#button.title = this.#button.ariaLabel = `${t(`app.recording.${row.recording}`)}: ${t(paused ? "app.recording.resume" : "app.recording.pause")}`;
  }

  async #toggle(): Promise<void> {
    this.#button.disabled = true;
    try {
      await send("POST", `/calls/${this.#call}/recording/pause`, { pause: this.#state === "on" });
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused;
      this.#button.title = refused.message;
    }
    this.#button.disabled = false;
  }
}
