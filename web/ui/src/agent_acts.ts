/** What a supervisor can do to an agent, behind a button in the row. */
import { Refusal, send } from "./api.ts";
import { confirmed } from "./confirm.ts";
import { h, icon } from "./dom.ts";
import type { AgentView } from "./live.ts";
import { stateMark } from "./states.ts";
import { t } from "./words.ts";

const SETTABLE = ["available", "wrap_up", "break", "away"];

export function actions(view: () => AgentView, failed: (text: string) => void): HTMLElement {
  const sheet = h("div", { class: "sheet" });
  const menu = h(
    "details",
    { class: "menu", name: "row" },
    h("summary", { "aria-label": t("live.actions_for", { who: view().name }) }, icon("more")),
    sheet,
  );
  const act = (work: () => Promise<void>): void => {
    menu.open = false;
    work().catch((refused: unknown) => failed(refused instanceof Refusal ? refused.message : String(refused)));
  };
  const set = (status: string): Promise<void> => send("PUT", `/agents/${view().id}/status`, { status });
  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    const buttons = SETTABLE.map((status) => {
      const button = h("button", { type: "button" }, stateMark(status));
      button.addEventListener("click", () => act(() => set(status)));
      return button;
    });
    const out = h("button", { type: "button" }, stateMark("logged_off", t("live.sign_out")));
    out.addEventListener("click", () =>
      act(async () => {
        if (await confirmed(t("live.sign_out_sure", { who: view().name }), t("live.sign_out"))) await set("logged_off");
      }),
    );
    const at = menu.getBoundingClientRect();
    sheet.style.top = `${Math.min(at.bottom + 4, innerHeight - 240)}px`;
    sheet.style.right = `${document.documentElement.clientWidth - at.right}px`;
    sheet.replaceChildren(h("div", { class: "sheet-title" }, view().name), ...buttons, h("hr"), out);
  });
  return menu;
}
