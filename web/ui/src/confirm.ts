/** Destructive acts ask once and name what is lost. */
import { h } from "./dom.ts";
import { t } from "./words.ts";

export function confirmed(question: string, act: string): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = h("button", { type: "button", class: "button" }, t("app.cancel"));
    const go = h("button", { type: "button", class: "button danger" }, act);
    const dialog = h("dialog", {}, h("div", { class: "dialog-body" }, h("p", {}, question), h("div", { class: "dialog-acts" }, cancel, go)));
    const end = (answer: boolean): void => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    cancel.addEventListener("click", () => end(false));
    go.addEventListener("click", () => end(true));
    dialog.addEventListener("cancel", () => end(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
