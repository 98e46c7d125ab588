/** Draws the call: story, axis, two lanes, selection, cursor. All times are seconds from the call's beginning. */
import { duration, position } from "./clock.ts";
import type { Peaks } from "./peaks.ts";
import { maybe } from "./words.ts";

export interface Segment { kind: string; start: number; end: number }

/** Within the story: the recording was paused, or somebody monitored. */
export interface Span { kind: string; start: number; end: number }
/** A moment: a transfer, and to where. */
export interface Mark { kind: string; at: number; to: string }

export interface Picture {
  from: number; to: number; seconds: number; offset: number; segments: Segment[]; spans: Span[]; marks: Mark[]; peaks: Peaks | null;
  gains: [number, number]; cursor: number; selection: [number, number] | null; hover: number | null; focused: boolean;
}

export const STORY_TOP = 2;
const STORY_HEIGHT = 22;
const AXIS_TOP = 40;
const LANES: [number, number] = [96, 192];
const HALF = 44;
const BAR = 2;
const STEP = 3;
export const HANDLE = 8;

const COLOURS: Record<string, string> = {
  arriving: "--line-strong", dialing: "--s-outgoing", waiting: "--s-ringing", ringing: "--s-outgoing", talking: "--s-talking", held: "--s-away", message: "--s-wrap_up",
};

type Ink = (name: string) => string;

export class Painter {
  #context: CanvasRenderingContext2D;
  #inks = new Map<string, string>();
  #probe: HTMLElement;
  width = 0;
  height = 0;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext("2d")!;
    this.#probe = document.createElement("i");
    this.#probe.hidden = true;
    canvas.after(this.#probe);
  }

  /** The theme may have changed: colours are asked for again. */
  forgetColours(): void {
    this.#inks.clear();
  }

  /** A custom property may be `light-dark(…)`: only a computed colour is one that a canvas knows. */
  #ink: Ink = (name) => {
    let colour = this.#inks.get(name);
    if (colour === undefined) {
      this.#probe.style.color = `var(${name})`;
      colour = getComputedStyle(this.#probe).color;
      this.#inks.set(name, colour);
    }
    return colour;
  };

  resize(): void {
    const box = this.canvas.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  paint(picture: Picture): void {
    const context = this.#context;
    context.clearRect(0, 0, this.width, this.height);
    const x = (seconds: number): number => ((seconds - picture.from) / (picture.to - picture.from)) * this.width;
    context.font = `11px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textBaseline = "middle";
    this.#story(picture, x);
    this.#monitored(picture, x);
    this.#marks(picture, x);
    if (this.height < 100) return;
    this.#axis(picture, x);
    this.#ground(picture, x);
    if (picture.selection) this.#selected(picture.selection, x);
    for (const lane of [0, 1] as const) this.#lane(picture, lane, x);
    this.#paused(picture, x);
    if (picture.selection) this.#handles(picture.selection, x);
    if (picture.hover !== null) this.#hover(picture.hover, x);
    this.#cursor(picture.cursor, x);
  }

  #story({ segments }: Picture, x: (s: number) => number): void {
    const context = this.#context;
    for (const { kind, start, end } of segments) {
      const left = Math.max(0, x(start));
      const right = Math.min(this.width, x(end)) - 1.5;
      if (right <= left) continue;
      const colour = this.#ink(COLOURS[kind] ?? "--line-strong");
      context.beginPath();
      context.roundRect(left, STORY_TOP, Math.max(1.5, right - left), STORY_HEIGHT, 4);
      context.globalAlpha = 0.16;
      context.fillStyle = colour;
      context.fill();
      context.globalAlpha = 1;
      context.fillRect(left, STORY_TOP + STORY_HEIGHT - 3, Math.max(1.5, right - left), 3);
      if (kind === "held") this.#hatch(left, STORY_TOP, right - left, STORY_HEIGHT - 3, colour);
      const word = maybe(`step.${kind}`, kind);
      if (context.measureText(word).width + 12 < right - left) {
        context.fillStyle = this.#ink("--ink");
        context.fillText(word, left + 6, STORY_TOP + STORY_HEIGHT / 2 - 1);
      }
    }
  }

  #hatch(left: number, top: number, width: number, height: number, colour: string): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.strokeStyle = colour;
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.beginPath();
    for (let at = left - height; at < left + width; at += 6) {
      context.moveTo(at, top + height);
      context.lineTo(at + height, top);
    }
    context.stroke();
    context.restore();
  }

  /** Somebody listened: a line beneath the story. */
  #monitored({ spans }: Picture, x: (s: number) => number): void {
    this.#context.fillStyle = this.#ink("--s-other");
    for (const { kind, start, end } of spans) {
      if (kind === "monitored") this.#context.fillRect(x(start), STORY_TOP + STORY_HEIGHT + 2, Math.max(2, x(end) - x(start)), 2);
    }
  }

  /** Transfers as pins that stand on the story. */
  #marks({ marks }: Picture, x: (s: number) => number): void {
    const context = this.#context;
    for (const { at, to } of marks) {
      const left = x(at);
      if (left < -8 || left > this.width + 8) continue;
      context.fillStyle = this.#ink("--ink");
      context.fillRect(left - 0.75, STORY_TOP, 1.5, STORY_HEIGHT + 6);
      context.beginPath();
      context.arc(left, STORY_TOP + STORY_HEIGHT + 8, 3.5, 0, 2 * Math.PI);
      context.fill();
      if (to) this.#flag(left + 2, STORY_TOP + STORY_HEIGHT / 2 - 1, `→ ${to}`, "--surface", "--ink");
    }
  }

  /** The gap in the sound is meant: hatched, with its word when there is room. */
  #paused({ spans }: Picture, x: (s: number) => number): void {
    const context = this.#context;
    const top = LANES[0] - HALF;
    const height = LANES[1] - LANES[0] + 2 * HALF;
    for (const { kind, start, end } of spans) {
      const left = Math.max(0, x(start));
      const width = Math.min(this.width, x(end)) - left;
      if (kind !== "paused" || width <= 0) continue;
      context.fillStyle = this.#ink("--sunken");
      context.globalAlpha = 0.75;
      context.fillRect(left, top, width, height);
      context.globalAlpha = 1;
      this.#hatch(left, top, width, height, this.#ink("--muted"));
      const word = maybe("wave.paused", kind);
      if (context.measureText(word).width + 16 < width) this.#flag(left, (LANES[0] + LANES[1]) / 2, word, "--surface", "--ink-2");
    }
  }

  #axis({ from, to }: Picture, x: (s: number) => number): void {
    const context = this.#context;
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
    const step = steps.find((candidate) => (candidate / (to - from)) * this.width > 72) ?? 7200;
    context.fillStyle = this.#ink("--muted");
    context.strokeStyle = this.#ink("--line");
    context.lineWidth = 1;
    context.textAlign = "left";
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      const left = Math.round(x(at)) + 0.5;
      context.beginPath();
      context.moveTo(left, AXIS_TOP - 6);
      context.lineTo(left, this.height - 12);
      context.stroke();
      if (left + 30 < this.width) context.fillText(step < 1 ? position(at) : duration(at), left + 4, AXIS_TOP);
    }
  }

  #ground({ segments, offset, peaks }: Picture, x: (s: number) => number): void {
    const context = this.#context;
    for (const middle of LANES) {
      context.fillStyle = this.#ink("--line");
      const left = Math.max(0, x(offset));
      const right = Math.min(this.width, peaks ? x(offset + peaks.seconds) : this.width);
      if (right > left) context.fillRect(left, middle - 0.5, right - left, 1);
    }
    for (const { kind, start, end } of segments) {
      if (kind !== "held") continue;
      this.#hatch(x(start), LANES[0] - HALF, x(end) - x(start), LANES[1] - LANES[0] + 2 * HALF, this.#ink("--line-strong"));
    }
  }

  #lane({ from, to, offset, peaks, gains, cursor, selection }: Picture, lane: 0 | 1, x: (s: number) => number): void {
    if (!peaks) return;
    const context = this.#context;
    const secondsPerStep = ((to - from) / this.width) * STEP;
    const begins = Math.max(0, Math.floor(x(offset) / STEP) * STEP);
    const ends = Math.min(this.width, x(offset + peaks.seconds));
    context.fillStyle = this.#ink(lane === 0 ? "--lane-agent" : "--lane-other");
    for (let left = begins; left < ends; left += STEP) {
      const at = from + (left / this.width) * (to - from);
      const [low, high] = peaks.range(lane, at - offset, at - offset + secondsPerStep);
      const up = Math.min(HALF, Math.max(0.75, high * gains[lane] * HALF));
      const down = Math.min(HALF, Math.max(0.75, -low * gains[lane] * HALF));
      const chosen = selection !== null && at >= selection[0] && at < selection[1];
      context.globalAlpha = at < cursor || chosen ? 1 : 0.5;
      context.beginPath();
      context.roundRect(left, LANES[lane] - up, BAR, up + down, 1);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  #selected([start, end]: [number, number], x: (s: number) => number): void {
    const context = this.#context;
    context.fillStyle = this.#ink("--accent");
    context.globalAlpha = 0.13;
    context.fillRect(x(start), STORY_TOP + STORY_HEIGHT + 4, x(end) - x(start), this.height);
    context.globalAlpha = 1;
  }

  #handles([start, end]: [number, number], x: (s: number) => number): void {
    const context = this.#context;
    const top = STORY_TOP + STORY_HEIGHT + 4;
    for (const at of [start, end]) {
      const left = x(at);
      context.fillStyle = this.#ink("--accent");
      context.fillRect(left - 1, top, 2, this.height - top);
      context.beginPath();
      context.roundRect(left - 5, this.height / 2 + 2, 10, 26, 5);
      context.fill();
      context.strokeStyle = this.#ink("--accent-ink");
      context.lineWidth = 1;
      context.beginPath();
      for (const bar of [-1.5, 1.5]) {
        context.moveTo(left + bar, this.height / 2 + 10);
        context.lineTo(left + bar, this.height / 2 + 20);
      }
      context.stroke();
    }
  }

  #hover(at: number, x: (s: number) => number): void {
    const context = this.#context;
    const left = Math.round(x(at)) + 0.5;
    context.strokeStyle = this.#ink("--muted");
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(left, AXIS_TOP + 8);
    context.lineTo(left, this.height);
    context.stroke();
    context.globalAlpha = 1;
    this.#flag(left, this.height - 8, position(at), "--surface", "--muted");
  }

  #cursor(at: number, x: (s: number) => number): void {
    const left = x(at);
    if (left < -1 || left > this.width + 1) return;
    const context = this.#context;
    context.fillStyle = this.#ink("--ink");
    context.fillRect(left - 1, STORY_TOP + STORY_HEIGHT + 4, 2, this.height);
    context.beginPath();
    context.moveTo(left - 6, STORY_TOP + STORY_HEIGHT + 3);
    context.lineTo(left + 6, STORY_TOP + STORY_HEIGHT + 3);
    context.lineTo(left, STORY_TOP + STORY_HEIGHT + 11);
    context.fill();
  }

  #flag(left: number, middle: number, text: string, ground: string, ink: string): void {
    const context = this.#context;
    const width = context.measureText(text).width + 8;
    const begin = Math.min(this.width - width, Math.max(0, left + 4));
    context.fillStyle = this.#ink(ground);
    context.beginPath();
    context.roundRect(begin, middle - 8, width, 16, 4);
    context.fill();
    context.fillStyle = this.#ink(ink);
    context.fillText(text, begin + 4, middle);
  }
}
