/** Says that the session is about to end, or has: nobody should look at a dead page believing it is alive. */
import { onRequest, send } from "./api.ts";
import { h, setText } from "./dom.ts";
import { live } from "./live.ts";
import { t } from "./words.ts";

const WARN_SECONDS = 300;
const SHARED = "pbx-session-touched";

export class SessionWatch extends HTMLElement {
  #limit = 0;
  #touchedAt = Date.now();
  #text = h("span");
  #act = h("a", { class: "button", href: "#" });

  connectedCallback(): void {
    this.#limit = Number(document.querySelector<HTMLMetaElement>("meta[name=session-seconds]")?.content ?? 0);
    this.append(this.#text, this.#act);
    this.#act.addEventListener("click", (event) => void this.#stay(event));
    onRequest(() => this.#touch());
    this.#touch();
    addEventListener("storage", (event) => {
      if (event.key === SHARED) this.#touchedAt = Date.now();
    });
    live.watch({ health: (health) => (health === "ended" ? this.#over() : this.#check()) });
  }

  #touch(): void {
    this.#touchedAt = Date.now();
    try {
      localStorage.setItem(SHARED, String(this.#touchedAt));
    } catch {
      // Storage may be forbidden; then each page counts for itself.
    }
  }

  #check(): void {
    const left = this.#limit - (Date.now() - this.#touchedAt) / 1000;
    this.hidden = left > WARN_SECONDS;
    if (this.hidden) return;
    setText(this.#text, t("app.session_soon", { minutes: Math.max(1, Math.ceil(left / 60)) }));
    setText(this.#act, t("app.stay"));
  }

  #over(): void {
    this.hidden = false;
    this.classList.add("over");
    setText(this.#text, t("app.session_over"));
    setText(this.#act, t("app.sign_in_again"));
    this.#act.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  }

  async #stay(event: Event): Promise<void> {
    if (this.classList.contains("over")) return;
    event.preventDefault();
    await send("GET", "/session").then(() => this.#check(), () => this.#over());
  }
}
