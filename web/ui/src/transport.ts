/** The buttons under the waveform and what the keyboard does. */
import { copy } from "./copy_secret.ts";
import { duration, position } from "./clock.ts";
import { h, icon, setText } from "./dom.ts";
import { t } from "./words.ts";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

export interface Actions {
  toggle(): void;
  loop(): boolean;
  silence(): Promise<boolean>;
  speed(rate: number): void;
  zoom(factor: number): void;
  clear(): void;
  markHere(): void;
  download(format: "flac" | "wav"): string;
  link(): string;
}

export class Transport {
  readonly element: HTMLElement;
  #play = h("button", { type: "button", class: "button primary play" });
  #clock = h("span", { class: "clock" });
  #loop = h("button", { type: "button", class: "button quiet", "aria-pressed": "false", title: `${t("wave.loop")} (L)` }, icon("loop"));
  #silence = h("button", { type: "button", class: "button quiet", "aria-pressed": "false", title: `${t("wave.skip_silence")} (N)` }, icon("skip"), t("wave.skip_silence"));
  #speed = h("select", { "aria-label": t("wave.speed"), title: `${t("wave.speed")} (< >)` });
  #word = h("span", { class: "selection-word" });
  #range = h("span", { class: "selection-range number" });
  #flac = h("a", { class: "button quiet", download: true }, icon("download"), "FLAC");
  #wav = h("a", { class: "button quiet", download: true }, icon("download"), "WAV");
  #link = h("button", { type: "button", class: "button quiet" }, icon("link"), t("wave.copy_link"));
  #mark = h("button", { type: "button", class: "button quiet", title: `${t("wave.mark")} (M)` }, icon("pin"), t("wave.mark"));
  #clear = h("button", { type: "button", class: "button quiet", title: `${t("wave.clear")} (Esc)`, "aria-label": t("wave.clear") }, icon("x"));
  #state = "";

  constructor(private readonly actions: Actions) {
    for (const rate of SPEEDS) {
      const option = h("option", { value: String(rate) }, `${rate}×`);
      option.selected = rate === 1;
      this.#speed.append(option);
    }
    const help = h("button", { type: "button", class: "button quiet", title: `${t("wave.help")} (?)`, "aria-label": t("wave.help") }, icon("help"));
    const zoom = h("button", { type: "button", class: "button quiet", title: `${t("wave.zoom_in")} (+ − 0)`, "aria-label": t("wave.zoom_in") }, icon("zoom"));
    const selection = h("div", { class: "selection", role: "group", "aria-label": t("wave.selection") });
    selection.append(this.#word, this.#range, this.#loop, this.#flac, this.#wav, this.#link, this.#clear);
    this.element = h("div", { class: "transport" }, this.#play, this.#clock, h("span", { class: "divider" }), selection);
    this.element.append(h("div", { class: "right" }, this.#mark, this.#silence, this.#speed, zoom, help));
    this.#play.addEventListener("click", () => actions.toggle());
    this.#loop.addEventListener("click", () => this.pressLoop());
    this.#silence.addEventListener("click", () => void this.pressSilence());
    this.#speed.addEventListener("change", () => actions.speed(Number(this.#speed.value)));
    this.#link.addEventListener("click", () => void this.#copy());
    this.#mark.addEventListener("click", () => actions.markHere());
    this.#clear.addEventListener("click", () => actions.clear());
    zoom.addEventListener("click", () => actions.zoom(2));
    help.addEventListener("click", () => showKeys());
  }

  pressLoop(): void {
    this.#loop.ariaPressed = String(this.actions.loop());
  }

  async pressSilence(): Promise<void> {
    this.#silence.ariaPressed = String(await this.actions.silence());
  }

  faster(by: 1 | -1): void {
    const rate = SPEEDS[SPEEDS.indexOf(Number(this.#speed.value)) + by];
    if (rate === undefined) return;
    this.#speed.value = String(rate);
    this.actions.speed(rate);
  }

  show(playing: boolean, at: number, seconds: number, selection: [number, number] | null): void {
    setText(this.#clock, `${position(at)} / ${duration(seconds)}`);
    const state = [playing, selection?.join()].join("|");
    if (state === this.#state) return;
    this.#state = state;
    this.#play.replaceChildren(icon(playing ? "pause" : "play", 20));
    this.#play.ariaLabel = t(playing ? "wave.pause" : "wave.play");
    setText(this.#word, t(selection ? "wave.selection" : "wave.whole"));
    this.#range.hidden = this.#clear.hidden = selection === null;
    if (selection) setText(this.#range, `${position(selection[0])} – ${position(selection[1])} (${(selection[1] - selection[0]).toFixed(1)} s)`);
    this.#flac.href = this.actions.download("flac");
    this.#wav.href = this.actions.download("wav");
    this.#flac.title = this.#wav.title = t("wave.download");
  }

  async #copy(): Promise<void> {
    await copy(this.actions.link());
    const before = [...this.#link.childNodes];
    this.#link.replaceChildren(icon("check"), t("app.copied"));
    setTimeout(() => this.#link.replaceChildren(...before), 1600);
  }
}

const KEYS: [string[], string][] = [
  [["Space"], "wave.key_play"],
  [["←", "→"], "wave.key_seek"],
  [[",", "."], "wave.key_fine"],
  [["[", "]"], "wave.key_selection"],
  [["M"], "wave.key_mark"],
  [["J", "K"], "wave.key_marks"],
  [["L"], "wave.key_loop"],
  [["N"], "wave.key_silence"],
  [["<", ">"], "wave.key_speed"],
  [["+", "−", "0"], "wave.key_zoom"],
  [["Esc"], "wave.key_clear"],
  [["S"], "wave.key_status"],
  [["?"], "wave.key_help"],
];

export function showKeys(): void {
  const list = h("dl", { class: "keys" });
  for (const [keys, word] of KEYS) list.append(h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, t(word)));
  const close = h("button", { type: "button", class: "button" }, "OK");
  const dialog = h("dialog", { "aria-label": t("wave.help") }, h("div", { class: "dialog-body" }, h("h2", {}, t("wave.help")), list, h("div", { class: "dialog-acts" }, close)));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
