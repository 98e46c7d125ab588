/** What the mouse and the finger do on the waveform: click, drag, handles, pins, wheel. Positions are the recording's seconds. */
import { HANDLE, PIN, PIN_TOP, type Pin } from "./wave_picture.ts";

const DRAG_PIXELS = 4;
const LEAST_SELECTION = 0.05;

export interface Surface {
  readonly width: number;
  readonly view: [number, number];
  readonly selection: [number, number] | null;
  readonly pins: Pin[];
  second(x: number): number;
  x(second: number): number;
  hover(second: number | null): void;
  seek(second: number): void;
  select(from: number, to: number): void;
  /** A drag is over: how the selection now stands is what was meant. */
  selected(): void;
  clear(): void;
  show(from: number, span: number): void;
  mark(second: number): void;
  choosePin(pin: Pin): void;
  dragPin(pin: Pin, second: number): void;
  dropPin(pin: Pin): void;
}

type Drag = { x: number; moved: boolean } & ({ kind: "range"; anchor: number } | { kind: "pin"; pin: Pin });

export class Pointer {
  #drag: Drag | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly surface: Surface,
  ) {
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => (this.#drag = null));
    canvas.addEventListener("pointerleave", () => surface.hover(null));
    canvas.addEventListener("dblclick", (event) => this.#pin(event) ?? surface.mark(surface.second(event.offsetX)));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    const pin = this.#pin(event);
    const begun = { x: event.offsetX, moved: false };
    if (pin) this.#drag = { ...begun, kind: "pin", pin };
    else this.#drag = { ...begun, kind: "range", anchor: this.#grabbed(event.offsetX) ?? this.surface.second(event.offsetX) };
  }

  #move(event: PointerEvent): void {
    const at = this.surface.second(event.offsetX);
    const drag = this.#drag;
    if (drag && (drag.moved || Math.abs(event.offsetX - drag.x) > DRAG_PIXELS)) {
      drag.moved = true;
      if (drag.kind === "pin") this.surface.dragPin(drag.pin, at);
      else this.surface.select(drag.anchor, at);
      this.surface.hover(null);
      return;
    }
    this.surface.hover(at);
    this.canvas.style.cursor = this.#pin(event) ? "pointer" : this.#grabbed(event.offsetX) === null ? "text" : "ew-resize";
  }

  #up(event: PointerEvent): void {
    const drag = this.#drag;
    const { surface } = this;
    this.#drag = null;
    if (!drag) return;
    if (drag.kind === "pin") {
      if (drag.moved) surface.dropPin(drag.pin);
      else surface.choosePin(drag.pin);
    } else if (!drag.moved) surface.seek(surface.second(event.offsetX));
    else if (surface.selection && surface.selection[1] - surface.selection[0] < LEAST_SELECTION) surface.clear();
    else surface.selected();
  }

  /** A handle under the pointer: the other end is what stays. */
  #grabbed(x: number): number | null {
    const { surface } = this;
    if (!surface.selection) return null;
    const [start, end] = surface.selection;
    if (Math.abs(surface.x(end) - x) < HANDLE) return start;
    return Math.abs(surface.x(start) - x) < HANDLE ? end : null;
  }

  #pin({ offsetX, offsetY }: MouseEvent): Pin | null {
    if (offsetY < PIN_TOP - PIN - 2) return null;
    return this.surface.pins.findLast((pin) => Math.abs(this.surface.x(pin.at) - offsetX) <= PIN) ?? null;
  }

  #wheel(event: WheelEvent): void {
    const { surface } = this;
    const [from, to] = surface.view;
    const span = to - from;
    if (event.ctrlKey) {
      event.preventDefault();
      const at = surface.second(event.offsetX);
      const wider = span * 1.0025 ** event.deltaY;
      surface.show(at - ((at - from) / span) * wider, wider);
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      surface.show(from + ((event.deltaX || event.deltaY) / surface.width) * span, span);
    }
  }
}
