/** A secret that is shown once, with a button that copies it. */
import { h } from "./dom.ts";
import { t } from "./words.ts";

export class CopySecret extends HTMLElement {
  connectedCallback(): void {
    const button = h("button", { type: "button", class: "button" }, t("app.copy"));
    button.addEventListener("click", () => {
      void copy(this.querySelector("code")?.textContent ?? "").then(() => (button.textContent = t("app.copied")));
    });
    this.append(button);
  }
}

/** The clipboard needs a secure context; on plain http a selection that the person can copy has to do. */
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", { readonly: true });
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
