/** The call's waveform: two lanes under the story, marks, an overview, the sound. */
import { h, json, typing } from "./dom.ts";
import { Marks, type Mark, type MarksHost } from "./marks.ts";
import { loadPeaks, resolutionFor, type Peaks } from "./peaks.ts";
import { Player } from "./player.ts";
import { showKeys, Transport, type Actions } from "./transport.ts";
import { position } from "./clock.ts";
import { overlaps, silences } from "./turns.ts";
import { Painter } from "./wave_draw.ts";
import { Overview } from "./wave_overview.ts";
import type { Picture, Pin, Segment, Span, Transfer, Turns } from "./wave_picture.ts";
import { Pointer, type Surface } from "./wave_pointer.ts";
import { t } from "./words.ts";

interface Story {
  call: string; begins: number; ends: number; recorded: number | null; played_as: "flac" | "wav";
  segments: Segment[]; spans: Span[]; transfers: Transfer[]; marks: Mark[];
}

const LEAST_VIEW = 0.5;
const SILENCE_SECONDS = 1;
/** Samples a pixel in which pauses between words are seen. */
const FINE = 512;

export class CallWave extends HTMLElement implements Actions, Surface, MarksHost {
  #story!: Story;
  #painter!: Painter;
  #overview = new Overview((from, span) => this.show(from, span));
  #player: Player | null = null;
  #transport: Transport | null = null;
  #marks: Marks | null = null;
  #canvas = h("canvas", { tabindex: "0", role: "slider", "aria-label": t("wave.position"), "aria-valuemin": "0" });
  #whole: Peaks | null = null;
  #peaks: Peaks | null = null;
  #turns: Turns | null = null;
  #gains: [number, number] = [1, 1];
  #hover: number | null = null;
  #wanted = 0;
  view: [number, number] = [0, 1];
  selection: [number, number] | null = null;

  connectedCallback(): void {
    const story = json<Story>(this, "script.story");
    if (!story) return;
    this.#story = story;
    this.view = [story.begins, story.ends];
    this.querySelector(".canvas-holder")!.append(this.#canvas);
    this.#painter = new Painter(this.#canvas);
    if (story.recorded !== null) this.#withSound(story.recorded);
    new ResizeObserver(() => this.#resized()).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#painter.forgetColours();
      this.#overview.forgetColours();
      this.#paint();
    });
  }

  #withSound(recorded: number): void {
    const { call, marks, played_as } = this.#story;
    this.view = [0, Math.max(LEAST_VIEW, recorded)];
    this.#player = new Player(`/api/v1/calls/${call}/recording?format=${played_as}`, recorded, () => this.#moved());
    this.#transport = new Transport(this);
    this.#marks = new Marks(call, this, marks);
    this.querySelector(".wave-lines")!.append(this.#overview.canvas);
    this.append(this.#transport.element, this.#marks.element);
    this.#fromLink();
    new Pointer(this.#canvas, this);
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#moved();
  }

  // --- where things are ---------------------------------------------------------------------------------------------

  get width(): number {
    return this.#painter.width;
  }

  get pins(): Pin[] {
    return this.#marks?.all ?? [];
  }

  second(x: number): number {
    const [from, to] = this.view;
    return Math.min(this.#story.ends, Math.max(this.#story.begins, from + (x / this.width) * (to - from)));
  }

  x(second: number): number {
    const [from, to] = this.view;
    return ((second - from) / (to - from)) * this.width;
  }

  /** Where the sound is. */
  get heard(): number {
    return this.#player?.at ?? 0;
  }

  /** The nearest position that has sound. */
  #within(second: number): number {
    return Math.min(this.#story.recorded ?? 0, Math.max(0, second));
  }

  seek(second: number): void {
    this.#player?.seek(this.#within(second));
    const [from, to] = this.view;
    if (this.heard < from || this.heard > to) this.show(this.heard - (to - from) / 2, to - from);
  }

  select(from: number, to: number): void {
    const ends = [this.#within(from), this.#within(to)] as const;
    this.#select([Math.min(...ends), Math.max(...ends)]);
  }

  selected(): void {
    if (this.selection && !this.#player?.playing) this.seek(this.selection[0]);
  }

  clear(): void {
    this.#select(null);
  }

  #select(range: [number, number] | null): void {
    this.selection = range;
    if (this.#player) this.#player.range = range;
    const hash = this.selection ? `#t=${this.selection.map((second) => second.toFixed(2)).join(",")}` : "";
    history.replaceState(null, "", location.pathname + location.search + hash);
    this.#moved();
  }

  #fromLink(): void {
    const match = /^#t=([\d.]+)(?:,([\d.]+))?$/.exec(location.hash);
    if (!match) return;
    if (match[2]) this.select(Number(match[1]), Number(match[2]));
    this.seek(Number(match[1]));
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  #resized(): void {
    this.#painter.resize();
    this.#overview.resize();
    this.#paint();
    void this.#load();
  }

  async #load(): Promise<void> {
    const { call, recorded } = this.#story;
    if (recorded === null || !this.width) return;
    const resolution = resolutionFor(Math.min(recorded, this.view[1] - this.view[0]), this.width);
    if (resolution === this.#wanted) return;
    this.#wanted = resolution;
    try {
      const peaks = await loadPeaks(call, resolution);
      if (this.#wanted !== resolution) return;
      if (!this.#whole) this.#gains = [peaks.gain(0), peaks.gain(1)];
      this.#whole ??= peaks;
      this.#peaks = peaks;
      const lanes: Turns["lanes"] = [peaks.turns(0), peaks.turns(1)];
      this.#turns = { lanes, both: overlaps(...lanes) };
      this.dataset["ready"] = "";
      this.#paint();
    } catch {
      this.querySelector(".canvas-holder")!.append(h("p", { class: "error" }, t("wave.failed")));
    }
  }

  #paint(): void {
    const { begins, ends, segments, spans, transfers } = this.#story;
    const picture: Picture = {
      from: this.view[0], to: this.view[1], begins, ends, segments, spans, transfers, pins: this.pins, chosen: this.#marks?.chosen ?? "",
      peaks: this.#peaks, gains: this.#gains, turns: this.#turns, cursor: this.heard, selection: this.selection, hover: this.#hover,
    };
    this.#painter.paint(picture);
    this.#overview.paint({ ...picture, peaks: this.#whole });
  }

  #moved(): void {
    const player = this.#player;
    if (!player || !this.#transport) return;
    const cursor = this.heard;
    const [from, to] = this.view;
    if (player.playing && (cursor > to || cursor < from)) this.show(cursor - (to - from) * 0.1, to - from);
    this.#transport.show(player.playing, cursor, this.#story.recorded ?? 0, this.selection);
    this.#canvas.ariaValueMax = String(Math.round(this.#story.recorded ?? 0));
    this.#canvas.ariaValueNow = String(Math.round(cursor));
    this.#canvas.ariaValueText = position(cursor);
    this.#paint();
  }

  show(from: number, span: number): void {
    const { begins, ends } = this.#story;
    const width = Math.min(ends - begins, Math.max(LEAST_VIEW, span));
    const begin = Math.min(ends - width, Math.max(begins, from));
    this.view = [begin, begin + width];
    void this.#load();
    this.#paint();
  }

  hover(second: number | null): void {
    this.#hover = second;
    this.#paint();
  }

  // --- marks --------------------------------------------------------------------------------------------------------

  marked(): void {
    this.#paint();
  }

  mark(second: number): void {
    this.#marks?.begin(this.#within(second));
  }

  markHere(): void {
    this.mark(this.heard);
  }

  choosePin(pin: Pin): void {
    const mark = this.#marks?.all.find((mark) => mark.id === pin.id);
    if (mark) this.#marks?.choose(mark);
  }

  dragPin(pin: Pin, second: number): void {
    const mark = this.#marks?.all.find((mark) => mark.id === pin.id);
    if (mark) this.#marks?.drag(mark, this.#within(second));
  }

  dropPin(pin: Pin): void {
    const mark = this.#marks?.all.find((mark) => mark.id === pin.id);
    if (mark) void this.#marks?.move(mark, mark.at);
  }

  seekMark(at: number): void {
    this.seek(at);
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  #key(event: KeyboardEvent): void {
    if (typing(event) || document.querySelector("dialog[open], details.menu[open]")) return;
    const onButton = (event.target as HTMLElement).closest("button, a, summary") !== null;
    if (event.key === " " && onButton) return;
    const act = this.#keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(event.shiftKey);
  }

  readonly #keys: Record<string, (fine: boolean) => void> = {
    " ": () => this.toggle(),
    ArrowLeft: (fine) => this.seek(this.heard - (fine ? 0.5 : 5)),
    ArrowRight: (fine) => this.seek(this.heard + (fine ? 0.5 : 5)),
    ",": () => this.seek(this.heard - 0.5),
    ".": () => this.seek(this.heard + 0.5),
    Home: () => this.seek(0),
    End: () => this.seek(this.#story.ends),
    "[": () => this.select(this.heard, Math.max(this.heard, this.selection?.[1] ?? this.#story.ends)),
    "]": () => this.select(Math.min(this.heard, this.selection?.[0] ?? 0), this.heard),
    l: () => this.#transport?.pressLoop(),
    n: () => void this.#transport?.pressSilence(),
    m: () => this.markHere(),
    j: () => this.#marks?.step(this.heard, -1),
    k: () => this.#marks?.step(this.heard, 1),
    "<": () => this.#transport?.faster(-1),
    ">": () => this.#transport?.faster(1),
    "+": () => this.zoom(2),
    "-": () => this.zoom(0.5),
    "0": () => this.show(this.#story.begins, this.#story.ends - this.#story.begins),
    Escape: () => this.clear(),
    "?": () => showKeys(),
  };

  // --- what the buttons do ------------------------------------------------------------------------------------------

  toggle(): void {
    void this.#player?.toggle();
  }

  loop(): boolean {
    if (!this.#player) return false;
    this.#player.loop = !this.#player.loop;
    return this.#player.loop;
  }

  /** Peaks of the whole view may be seconds wide: silence is looked for in finer ones. */
  async silence(): Promise<boolean> {
    const player = this.#player;
    if (!player) return false;
    if (player.silences) player.silences = null;
    else {
      const fine = await loadPeaks(this.#story.call, FINE);
      player.silences = silences(fine.turns(0), fine.turns(1), fine.seconds, SILENCE_SECONDS);
    }
    return player.silences !== null;
  }

  speed(rate: number): void {
    if (this.#player) this.#player.audio.playbackRate = rate;
  }

  zoom(factor: number): void {
    const middle = this.selection ? (this.selection[0] + this.selection[1]) / 2 : this.heard;
    const span = (this.view[1] - this.view[0]) / factor;
    this.show(middle - span / 2, span);
  }

  download(format: "flac" | "wav"): string {
    const asked = new URLSearchParams({ format, download: "true" });
    if (this.selection) {
      asked.set("start", this.selection[0].toFixed(3));
      asked.set("end", this.selection[1].toFixed(3));
    }
    return `/api/v1/calls/${this.#story.call}/recording?${asked}`;
  }

  link(): string {
    const here = new URL(location.href);
    here.hash = `t=${(this.selection ?? [this.heard]).map((second) => second.toFixed(2)).join(",")}`;
    return here.href;
  }
}
