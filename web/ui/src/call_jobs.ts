/** My call jobs: join and leave, and how the open line stands. The forms work without this; it saves the reload. */
import { Refusal, send } from "./api.ts";
import { setText } from "./dom.ts";
import { live, type AgentView } from "./live.ts";
import { t } from "./words.ts";

/** A phone that rang this long without becoming the open line was not answered. */
const RING_MS = 35_000;

export class CallJobs extends HTMLElement {
  #me: AgentView | undefined;
  #calling = "";
  #leaving = false;
  #timer = 0;

  connectedCallback(): void {
    const id = this.dataset["agent"] ?? "";
    this.addEventListener("submit", (event) => this.#submit(event));
    live.watch({
      whole: (board) => this.#know(board.agent.get(id)),
      changed: (kind, changed, board) => {
        if (kind === "agent" && changed === id) this.#know(board.agent.get(id));
      },
    });
  }

  #know(row: AgentView | undefined): void {
    if (row && row.job !== this.#me?.job) this.#settled();
    this.#me = row;
    this.#show();
  }

  #settled(): void {
    clearTimeout(this.#timer);
    this.#calling = "";
    this.#leaving = false;
  }

  #show(): void {
    const me = this.#me;
    for (const row of this.querySelectorAll<HTMLElement>("[data-job]")) {
      const joined = me !== undefined && me.job === row.dataset["job"];
      const join = row.querySelector<HTMLButtonElement>("button[value=join]")!;
      const leave = row.querySelector<HTMLButtonElement>("button[value=leave]")!;
      join.hidden = joined;
      join.disabled = this.#calling !== "" || (me?.job ?? "") !== "";
      leave.hidden = !joined;
      leave.disabled = this.#leaving;
      row.dataset["line"] = joined ? "on" : this.#calling === row.dataset["job"] ? "calling" : "off";
      setText(row.querySelector(".line-state")!, this.#word(joined, row.dataset["job"] ?? ""));
    }
  }

  #word(joined: boolean, job: string): string {
    if (!joined) return t(this.#calling === job ? "app.jobs.calling" : "app.jobs.off");
    if (this.#leaving) return t("app.jobs.leaving");
    const condition = this.#me?.condition ?? "";
    return t(condition === "available" ? "app.jobs.waiting" : condition === "talking" ? "app.jobs.busy" : "app.jobs.on");
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const button = event.submitter as HTMLButtonElement;
    void this.#ask(button.closest<HTMLElement>("[data-job]")!.dataset["job"]!, button.value);
  }

  async #ask(job: string, act: string): Promise<void> {
    const said = this.querySelector<HTMLElement>(".jobs-said")!;
    said.textContent = "";
    if (act === "join") {
      this.#calling = job;
      this.#timer = window.setTimeout(() => {
        said.textContent = t("app.jobs.unanswered");
        this.#settled();
        this.#show();
      }, RING_MS);
    } else this.#leaving = true;
    this.#show();
    try {
      await send("POST", `/call-jobs/${job}/${act}`);
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused;
      said.textContent = t("app.failed", { reason: refused.message });
      this.#settled();
      this.#show();
    }
  }
}
