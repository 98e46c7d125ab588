/** The whole call in one strip; the window of what is shown above can be moved, and drawn anew, with the pointer. */
import { h } from "./dom.ts";
import { Ink } from "./ink.ts";
import type { Picture } from "./wave_picture.ts";

const STEP = 2;
const EDGE = 2;

export class Overview {
  readonly canvas = h("canvas", { class: "overview", "aria-hidden": "true" });
  #ink: Ink | null = null;
  #whole: [number, number] = [0, 1];
  #view: [number, number] = [0, 1];
  #grip: number | null = null;

  /** `show` is asked to put `[from, from + span)` on show. */
  constructor(show: (from: number, span: number) => void) {
    const at = (event: PointerEvent): number => {
      const [begins, ends] = this.#whole;
      return begins + (event.offsetX / this.canvas.clientWidth) * (ends - begins);
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.canvas.setPointerCapture(event.pointerId);
      const [from, to] = this.#view;
      this.#grip = at(event) >= from && at(event) <= to ? at(event) - from : (to - from) / 2;
      show(at(event) - this.#grip, to - from);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.#grip !== null) show(at(event) - this.#grip, this.#view[1] - this.#view[0]);
    });
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => (this.#grip = null));
  }

  resize(): void {
    this.#ink ??= new Ink(this.canvas);
    this.#ink.resize();
  }

  forgetColours(): void {
    this.#ink?.forgetColours();
  }

  /** `picture.peaks` are the whole call's. */
  paint({ begins, ends, peaks, gains, spans, pins, selection, cursor, from, to }: Picture): void {
    const ink = this.#ink;
    if (!ink || !ink.width) return;
    this.#whole = [begins, ends];
    this.#view = [from, to];
    const seconds = ends - begins;
    const x = (second: number): number => ((second - begins) / seconds) * ink.width;
    const middle = ink.height / 2;
    ink.clear();
    ink.fill(0, middle - 0.5, x(0), 1, "--line-strong");
    if (selection) ink.fill(x(selection[0]), 0, Math.max(1, x(selection[1]) - x(selection[0])), ink.height, "--accent", 0.2);
    for (let left = 0; peaks && left < ink.width; left += STEP) {
      const at = begins + (left / ink.width) * seconds;
      if (at < 0 || at > peaks.seconds) continue;
      const until = at + (STEP / ink.width) * seconds;
      ink.fill(left, middle - peaks.range(0, at, until)[1] * gains[0] * middle, 1, peaks.range(0, at, until)[1] * gains[0] * middle, "--lane-agent", 0.8);
      ink.fill(left, middle, 1, peaks.range(1, at, until)[1] * gains[1] * middle, "--lane-other", 0.8);
    }
    for (const span of spans) if (span.kind !== "monitored") ink.hatch(x(span.start), 0, x(span.end) - x(span.start), ink.height, "--muted");
    for (const pin of pins) ink.fill(x(pin.at) - 1, ink.height - 8, 2, 8, "--ink-2");
    ink.fill(x(cursor) - 0.5, 0, 1, ink.height, "--ink");
    this.#window(ink, x(from), x(to));
  }

  #window(ink: Ink, left: number, right: number): void {
    ink.fill(0, 0, left, ink.height, "--surface", 0.6);
    ink.fill(right, 0, ink.width - right, ink.height, "--surface", 0.6);
    ink.context.strokeStyle = ink.colour("--line-strong");
    ink.context.lineWidth = EDGE;
    ink.context.beginPath();
    ink.context.roundRect(left + EDGE / 2, EDGE / 2, Math.max(EDGE, right - left - EDGE), ink.height - EDGE, 4);
    ink.context.stroke();
  }
}
