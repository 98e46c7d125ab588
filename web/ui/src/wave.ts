/** The call's waveform: two lanes under the story; click seeks, a drag selects, the wheel with Ctrl zooms. */
import { h, json, typing } from "./dom.ts";
import { loadPeaks, resolutionFor, type Peaks } from "./peaks.ts";
import { Player } from "./player.ts";
import { showKeys, Transport, type Actions } from "./transport.ts";
import { position } from "./clock.ts";
import { HANDLE, Painter, type Mark, type Segment, type Span } from "./wave_draw.ts";
import { t } from "./words.ts";

interface Story { call: string; seconds: number; offset: number; recorded: number | null; segments: Segment[]; spans: Span[]; marks: Mark[] }

const DRAG_PIXELS = 4;
const LEAST_VIEW = 0.5;
const SILENCE_SECONDS = 1;

export class CallWave extends HTMLElement implements Actions {
  #story!: Story;
  #painter!: Painter;
  #player: Player | null = null;
  #transport: Transport | null = null;
  #canvas = h("canvas", { tabindex: "0", role: "slider", "aria-label": t("wave.position"), "aria-valuemin": "0" });
  #peaks: Peaks | null = null;
  #gains: [number, number] = [1, 1];
  #from = 0;
  #to = 1;
  #selection: [number, number] | null = null;
  #hover: number | null = null;
  #drag: { anchor: number; x: number; moved: boolean } | null = null;
  #wanted = 0;

  connectedCallback(): void {
    const story = json<Story>(this, "script.story");
    if (!story) return;
    this.#story = story;
    this.#to = story.seconds;
    this.querySelector(".canvas-holder")!.append(this.#canvas);
    this.#painter = new Painter(this.#canvas);
    if (story.recorded !== null) this.#withSound(story.recorded);
    new ResizeObserver(() => this.#resized()).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#painter.forgetColours();
      this.#paint();
    });
  }

  #withSound(recorded: number): void {
    const { call, offset } = this.#story;
    if (offset > recorded * 1.5) this.#from = Math.max(0, offset - recorded * 0.15);
    this.#player = new Player(`/api/v1/calls/${call}/recording?format=flac`, () => this.#moved());
    this.#transport = new Transport(this);
    this.append(this.#transport.element);
    this.#fromLink();
    this.#pointer();
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  // --- where things are ---------------------------------------------------------------------------------------------

  #second(x: number): number {
    const at = this.#from + (x / this.#painter.width) * (this.#to - this.#from);
    return Math.min(this.#story.seconds, Math.max(0, at));
  }

  #x(second: number): number {
    return ((second - this.#from) / (this.#to - this.#from)) * this.#painter.width;
  }

  get #cursor(): number {
    return this.#story.offset + (this.#player?.at ?? 0);
  }

  #clamp(second: number): number {
    const { offset, recorded } = this.#story;
    return Math.min(offset + (recorded ?? 0), Math.max(offset, second));
  }

  #seek(second: number): void {
    this.#player?.seek(this.#clamp(second) - this.#story.offset);
  }

  #select(range: [number, number] | null): void {
    const { offset } = this.#story;
    this.#selection = range && [Math.min(...range), Math.max(...range)];
    if (this.#player) this.#player.range = this.#selection && [this.#selection[0] - offset, this.#selection[1] - offset];
    const hash = this.#selection ? `#t=${this.#selection.map((second) => second.toFixed(2)).join(",")}` : "";
    history.replaceState(null, "", location.pathname + location.search + hash);
    this.#moved();
  }

  #fromLink(): void {
    const match = /^#t=([\d.]+)(?:,([\d.]+))?$/.exec(location.hash);
    if (!match) return;
    const start = this.#clamp(Number(match[1]));
    if (match[2]) this.#select([start, this.#clamp(Number(match[2]))]);
    this.#player?.audio.addEventListener("loadedmetadata", () => this.#seek(start), { once: true });
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  #resized(): void {
    this.#painter.resize();
    this.#paint();
    void this.#load();
  }

  async #load(): Promise<void> {
    const { call, recorded } = this.#story;
    if (recorded === null || !this.#painter.width) return;
    const resolution = resolutionFor(Math.min(recorded, this.#to - this.#from), this.#painter.width);
    if (resolution === this.#wanted) return;
    this.#wanted = resolution;
    try {
      const peaks = await loadPeaks(call, resolution);
      if (this.#wanted !== resolution) return;
      if (!this.#peaks) this.#gains = [peaks.gain(0), peaks.gain(1)];
      this.#peaks = peaks;
      this.dataset["ready"] = "";
      this.#paint();
    } catch {
      this.querySelector(".canvas-holder")!.append(h("p", { class: "error" }, t("wave.failed")));
    }
  }

  #paint(): void {
    const { seconds, offset, segments, spans, marks } = this.#story;
    this.#painter.paint({
      from: this.#from, to: this.#to, seconds, offset, segments, spans, marks, peaks: this.#peaks, gains: this.#gains,
      cursor: this.#cursor, selection: this.#selection, hover: this.#drag?.moved ? null : this.#hover, focused: false,
    });
  }

  #moved(): void {
    const player = this.#player;
    if (!player || !this.#transport) return;
    const cursor = this.#cursor;
    if (player.playing && (cursor > this.#to || cursor < this.#from)) this.#view(cursor - (this.#to - this.#from) * 0.1, this.#to - this.#from);
    this.#transport.show(player.playing, cursor, this.#story.seconds, this.#selection);
    this.#canvas.ariaValueMax = String(Math.round(this.#story.seconds));
    this.#canvas.ariaValueNow = String(Math.round(cursor));
    this.#canvas.ariaValueText = position(cursor);
    this.#paint();
  }

  #view(from: number, span: number): void {
    const width = Math.min(this.#story.seconds, Math.max(LEAST_VIEW, span));
    this.#from = Math.min(this.#story.seconds - width, Math.max(0, from));
    this.#to = this.#from + width;
    void this.#load();
    this.#paint();
  }

  // --- pointer and keys ---------------------------------------------------------------------------------------------

  #pointer(): void {
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const at = this.#second(event.offsetX);
      this.#drag = { anchor: this.#grabbed(event.offsetX) ?? at, x: event.offsetX, moved: false };
    });
    canvas.addEventListener("pointermove", (event) => {
      this.#hover = this.#second(event.offsetX);
      const drag = this.#drag;
      if (drag && (drag.moved || Math.abs(event.offsetX - drag.x) > DRAG_PIXELS)) {
        drag.moved = true;
        this.#select([this.#clamp(drag.anchor), this.#clamp(this.#second(event.offsetX))]);
      } else this.#paint();
      canvas.style.cursor = this.#grabbed(event.offsetX) === null ? "text" : "ew-resize";
    });
    canvas.addEventListener("pointerup", (event) => {
      const drag = this.#drag;
      this.#drag = null;
      if (!drag) return;
      if (!drag.moved) this.#seek(this.#second(event.offsetX));
      else if (this.#selection && this.#selection[1] - this.#selection[0] < 0.05) this.#select(null);
      else if (this.#selection && !this.#player?.playing) this.#seek(this.#selection[0]);
    });
    canvas.addEventListener("pointerleave", () => {
      this.#hover = null;
      this.#paint();
    });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** A handle under the pointer: the other end is what stays. */
  #grabbed(x: number): number | null {
    if (!this.#selection) return null;
    const [start, end] = this.#selection;
    if (Math.abs(this.#x(end) - x) < HANDLE) return start;
    return Math.abs(this.#x(start) - x) < HANDLE ? end : null;
  }

  #wheel(event: WheelEvent): void {
    const span = this.#to - this.#from;
    if (event.ctrlKey) {
      event.preventDefault();
      const at = this.#second(event.offsetX);
      const wider = Math.min(this.#story.seconds, Math.max(LEAST_VIEW, span * 1.0025 ** event.deltaY));
      this.#view(at - ((at - this.#from) / span) * wider, wider);
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.#view(this.#from + ((event.deltaX || event.deltaY) / this.#painter.width) * span, span);
    }
  }

  #key(event: KeyboardEvent): void {
    if (typing(event) || document.querySelector("dialog[open]")) return;
    const onButton = (event.target as HTMLElement).closest("button, a, summary") !== null;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.#seek(this.#cursor - (event.shiftKey ? 0.5 : 5)),
      ArrowRight: () => this.#seek(this.#cursor + (event.shiftKey ? 0.5 : 5)),
      ",": () => this.#seek(this.#cursor - 0.5),
      ".": () => this.#seek(this.#cursor + 0.5),
      Home: () => this.#seek(0),
      End: () => this.#seek(this.#story.seconds),
      "[": () => this.#select([this.#cursor, Math.max(this.#cursor, this.#selection?.[1] ?? this.#clamp(this.#story.seconds))]),
      "]": () => this.#select([Math.min(this.#cursor, this.#selection?.[0] ?? this.#story.offset), this.#cursor]),
      l: () => this.#transport?.pressLoop(),
      n: () => this.#transport?.pressSilence(),
      "<": () => this.#transport?.faster(-1),
      ">": () => this.#transport?.faster(1),
      "+": () => this.zoom(2),
      "-": () => this.zoom(0.5),
      "0": () => this.#view(0, this.#story.seconds),
      Escape: () => this.clear(),
      "?": () => showKeys(),
    };
    if (!onButton) keys[" "] = () => this.toggle();
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || document.querySelector("details.menu[open]")) return;
    event.preventDefault();
    act();
  }

  // --- what the buttons do ------------------------------------------------------------------------------------------

  toggle(): void {
    void this.#player?.toggle();
  }

  loop(): boolean {
    if (!this.#player) return false;
    this.#player.loop = !this.#player.loop;
    return this.#player.loop;
  }

  silence(): boolean {
    if (!this.#player) return false;
    this.#player.silences = this.#player.silences ? null : (this.#peaks?.silences(SILENCE_SECONDS) ?? null);
    return this.#player.silences !== null;
  }

  speed(rate: number): void {
    if (this.#player) this.#player.audio.playbackRate = rate;
  }

  zoom(factor: number): void {
    const middle = this.#selection ? (this.#selection[0] + this.#selection[1]) / 2 : this.#cursor;
    const span = (this.#to - this.#from) / factor;
    this.#view(middle - span / 2, span);
  }

  clear(): void {
    this.#select(null);
  }

  download(format: "flac" | "wav"): string {
    const { call, offset } = this.#story;
    const asked = new URLSearchParams({ format, download: "true" });
    if (this.#selection) {
      asked.set("start", (this.#selection[0] - offset).toFixed(3));
      asked.set("end", (this.#selection[1] - offset).toFixed(3));
    }
    return `/api/v1/calls/${call}/recording?${asked}`;
  }

  link(): string {
    const here = new URL(location.href);
    here.hash = this.#selection ? `t=${this.#selection.map((second) => second.toFixed(2)).join(",")}` : `t=${this.#cursor.toFixed(2)}`;
    return here.href;
  }
}
