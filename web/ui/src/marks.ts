/** Marks with notes: the list under the waveform, by mouse and by keyboard. Positions are the recording's seconds. */
import { Refusal, read, send } from "./api.ts";
import { position } from "./clock.ts";
import { confirmed } from "./confirm.ts";
import { h, icon, setText } from "./dom.ts";
import { t } from "./words.ts";

export interface Mark { id: string; at: number; note: string; made_by: string; made_at: string }

export interface MarksHost {
  seekMark(at: number): void;
  /** Draw again: the marks, or which of them is chosen, changed. */
  marked(): void;
}

const MAXIMUM_NOTE = "500";

export class Marks {
  readonly element = h("section", { class: "pins", "aria-label": t("wave.marks") });
  all: Mark[];
  chosen = "";
  #list = h("ol", { class: "pin-list" });
  #none = h("p", { class: "muted small" }, t("wave.no_marks"));
  #said = h("p", { class: "visually-hidden", role: "status" });
  #failed = h("p", { class: "error", role: "alert", hidden: true });
  #form: HTMLElement | null = null;

  constructor(
    private readonly call: string,
    private readonly host: MarksHost,
    marks: Mark[],
  ) {
    this.all = marks;
    this.element.append(this.#list, this.#none, this.#failed, this.#said);
    this.#render();
  }

  /** Ask for a note at a position of the recording. */
  begin(at: number): void {
    this.#open(h("li", { class: "pin-row" }), at, "", (where, note) => this.#add(where, note));
  }

  /** To the next mark after, or the last before, a position. */
  step(from: number, by: 1 | -1): void {
    const next = by === 1 ? this.all.find((mark) => mark.at > from + 0.05) : this.all.findLast((mark) => mark.at < from - 0.05);
    if (next) this.choose(next);
  }

  choose(mark: Mark): void {
    this.chosen = mark.id;
    this.host.seekMark(mark.at);
    setText(this.#said, `${position(mark.at)} ${mark.note}`);
    for (const row of this.#list.children) row.toggleAttribute("data-chosen", (row as HTMLElement).dataset["mark"] === mark.id);
    this.host.marked();
  }

  /** While a pin is dragged only the picture follows. */
  drag(mark: Mark, at: number): void {
    mark.at = at;
    this.host.marked();
  }

  async move(mark: Mark, at: number): Promise<void> {
    await this.#try(() => send("PATCH", `/calls/${this.call}/marks/${mark.id}`, { at }), t("wave.mark_saved"));
  }

  #add(at: number, note: string): Promise<boolean> {
    return this.#try(() => send("POST", `/calls/${this.call}/marks`, { at, note }), t("wave.mark_saved"));
  }

  #change(mark: Mark, at: number, note: string): Promise<boolean> {
    return this.#try(() => send("PATCH", `/calls/${this.call}/marks/${mark.id}`, { at, note }), t("wave.mark_saved"));
  }

  async #remove(mark: Mark): Promise<void> {
    const named = mark.note || position(mark.at);
    if (!(await confirmed(t("wave.mark_remove_ask", { note: named }), t("wave.mark_remove")))) return;
    await this.#try(() => send("DELETE", `/calls/${this.call}/marks/${mark.id}`), t("wave.mark_removed"));
  }

  /** Whatever came of it, the list then says what the server has. */
  async #try(act: () => Promise<void>, said: string): Promise<boolean> {
    this.#failed.hidden = true;
    let done = true;
    try {
      await act();
      setText(this.#said, said);
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused;
      done = false;
      this.#failed.hidden = false;
      setText(this.#failed, refused.message);
    }
    try {
      const marks = await read<Mark[]>(`/calls/${this.call}/marks`);
      this.all = marks;
      if (done) this.#render();
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused;
    }
    this.host.marked();
    return done;
  }

  #render(): void {
    this.#form = null;
    this.#none.hidden = this.all.length > 0;
    this.#list.replaceChildren(...this.all.map((mark, index) => this.#row(mark, index + 1)));
  }

  #row(mark: Mark, number: number): HTMLElement {
    const at = position(mark.at);
    const go = h("button", { type: "button", class: "pin-go", onclick: () => this.choose(mark) }, h("span", { class: "pin-number" }, String(number)), h("span", { class: "number" }, at), h("span", { class: "pin-note" }, mark.note));
    const edit = h("button", { type: "button", class: "button quiet", title: t("wave.mark_edit"), "aria-label": `${t("wave.mark_edit")} ${number}` }, icon("edit"));
    const remove = h("button", { type: "button", class: "button quiet", title: t("wave.mark_remove"), "aria-label": `${t("wave.mark_remove")} ${number}` }, icon("x"));
    const row = h("li", { class: "pin-row", "data-mark": mark.id }, go, h("span", { class: "muted small" }, mark.made_by), h("span", { class: "pin-acts" }, edit, remove));
    row.toggleAttribute("data-chosen", mark.id === this.chosen);
    edit.addEventListener("click", () => this.#open(row, mark.at, mark.note, (where, note) => this.#change(mark, where, note)));
    remove.addEventListener("click", () => void this.#remove(mark));
    return row;
  }

  /** Turn a row into a form; one at a time. */
  #open(row: HTMLElement, at: number, note: string, save: (at: number, note: string) => Promise<boolean>): void {
    if (this.#form) this.#render();
    const where = h("input", { class: "number", "aria-label": t("wave.position"), value: position(at), size: "8", required: true });
    const what = h("input", { class: "grow", "aria-label": t("wave.mark_note"), placeholder: t("wave.mark_note"), value: note, maxlength: MAXIMUM_NOTE });
    const cancel = h("button", { type: "button", class: "button quiet", onclick: () => this.#close() }, t("app.cancel"));
    const form = h("form", { class: "pin-form" }, where, what, h("button", { class: "button primary" }, t("wave.mark_save")), cancel);
    where.addEventListener("input", () => where.setCustomValidity(""));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = parsed(where.value);
      where.setCustomValidity(asked === null ? t("wave.mark_where") : "");
      if (asked === null || !where.reportValidity()) return;
      // A position nobody touched keeps the digits that are not shown.
      const same = where.value === position(at);
      void save(same ? at : asked, what.value).then((done) => done && this.#focus());
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#close();
    });
    row.replaceChildren(form);
    if (!row.isConnected) this.#list.append(row);
    this.#none.hidden = true;
    this.#form = form;
    what.focus();
  }

  #close(): void {
    this.#render();
    this.#focus();
  }

  /** Back to where keys play and seek. */
  #focus(): void {
    this.element.closest("call-wave")?.querySelector<HTMLElement>("canvas[tabindex]")?.focus();
  }
}

/** `1:02:03.4`, `2:03.4` or `123.4` as seconds. */
export function parsed(text: string): number | null {
  const match = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)$/.exec(text.trim());
  return match && Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3]);
}
