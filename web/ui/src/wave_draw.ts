/** Draws the call: story, axis, two lanes shaded by who talks, selection, pins, cursor. */
import { position } from "./clock.ts";
import { Ink } from "./ink.ts";
import { AXIS_TOP, HALF, LANES, PIN, PIN_TOP, STORY_HEIGHT, STORY_TOP, type Picture } from "./wave_picture.ts";
import { drawAxis, drawStory } from "./wave_story.ts";
import { maybe } from "./words.ts";

const BAR = 2;
const STEP = 3;
const TOP = LANES[0] - HALF;
const HEIGHT = LANES[1] - LANES[0] + 2 * HALF;
const COLOURS = ["--lane-agent", "--lane-other"] as const;

type X = (seconds: number) => number;

export class Painter extends Ink {
  paint(picture: Picture): void {
    const x = (seconds: number): number => ((seconds - picture.from) / (picture.to - picture.from)) * this.width;
    this.clear();
    drawStory(this, picture, x);
    if (this.height < 100) return;
    drawAxis(this, picture, x);
    this.#ground(picture, x);
    this.#shades(picture, x);
    if (picture.selection) this.#selected(picture.selection, x);
    for (const lane of [0, 1] as const) this.#lane(picture, lane, x);
    this.#paused(picture, x);
    if (picture.selection) this.#handles(picture.selection, x);
    this.#pins(picture, x);
    if (picture.hover !== null) this.#hover(picture.hover, x);
    this.#cursor(picture.cursor, x);
  }

  #ground({ segments, peaks }: Picture, x: X): void {
    const left = Math.max(0, x(0));
    const right = Math.min(this.width, peaks ? x(peaks.seconds) : this.width);
    for (const middle of LANES) if (right > left) this.fill(left, middle - 0.5, right - left, 1, "--line");
    for (const { kind, start, end } of segments) {
      if (kind === "held") this.hatch(x(start), TOP, x(end) - x(start), HEIGHT, "--line-strong");
    }
  }

  /** Who talks: a tint behind the lane and a line in the gap between both, where talking together stands out. */
  #shades({ turns }: Picture, x: X): void {
    if (!turns) return;
    const gap = (LANES[0] + LANES[1]) / 2;
    const visible = (stretch: readonly [number, number], act: (left: number, width: number) => void): void => {
      const left = Math.max(0, x(stretch[0]));
      const right = Math.min(this.width, x(stretch[1]));
      if (right > left) act(left, right - left);
    };
    for (const lane of [0, 1] as const) {
      for (const stretch of turns.lanes[lane]) {
        visible(stretch, (left, width) => {
          this.fill(left, LANES[lane] - HALF, width, 2 * HALF, COLOURS[lane], 0.07);
          this.fill(left, gap - 3 + 3 * lane, width, 3, COLOURS[lane], 0.8);
        });
      }
    }
    for (const stretch of turns.both) {
      visible(stretch, (left, width) => {
        this.fill(left, TOP, width, HEIGHT, "--warn", 0.1);
        this.fill(left, gap - 3, width, 6, "--warn");
      });
    }
  }

  #lane({ from, to, peaks, gains, cursor, selection }: Picture, lane: 0 | 1, x: X): void {
    if (!peaks) return;
    const context = this.context;
    const secondsPerStep = ((to - from) / this.width) * STEP;
    const begins = Math.max(0, Math.floor(x(0) / STEP) * STEP);
    const ends = Math.min(this.width, x(peaks.seconds));
    context.fillStyle = this.colour(COLOURS[lane]);
    for (let left = begins; left < ends; left += STEP) {
      const at = from + (left / this.width) * (to - from);
      const [low, high] = peaks.range(lane, at, at + secondsPerStep);
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

  /** The gap in the sound is meant: hatched, with its word when there is room. */
  #paused({ spans }: Picture, x: X): void {
    for (const { kind, start, end } of spans) {
      const left = Math.max(0, x(start));
      const width = Math.min(this.width, x(end)) - left;
      if (kind === "monitored" || width <= 0) continue;
      this.fill(left, TOP, width, HEIGHT, "--sunken", 0.75);
      this.hatch(left, TOP, width, HEIGHT, "--muted");
      const word = maybe(`wave.${kind}`, kind);
      if (this.context.measureText(word).width + 16 < width) this.flag(left, (LANES[0] + LANES[1]) / 2, word, "--surface", "--ink-2");
    }
  }

  #selected([start, end]: [number, number], x: X): void {
    const top = STORY_TOP + STORY_HEIGHT + 4;
    this.fill(x(start), top, x(end) - x(start), PIN_TOP - 10 - top, "--accent", 0.13);
  }

  #handles([start, end]: [number, number], x: X): void {
    const context = this.context;
    const top = STORY_TOP + STORY_HEIGHT + 4;
    const middle = (LANES[0] + LANES[1]) / 2;
    for (const at of [start, end]) {
      const left = x(at);
      this.fill(left - 1, top, 2, PIN_TOP - 10 - top, "--accent");
      context.beginPath();
      context.roundRect(left - 5, middle - 13, 10, 26, 5);
      context.fill();
      context.strokeStyle = this.colour("--accent-ink");
      context.lineWidth = 1;
      context.beginPath();
      for (const bar of [-1.5, 1.5]) {
        context.moveTo(left + bar, middle - 5);
        context.lineTo(left + bar, middle + 5);
      }
      context.stroke();
    }
  }

  /** Numbered as in the list of marks; the chosen one shows its note. */
  #pins({ pins, chosen }: Picture, x: X): void {
    const context = this.context;
    pins.forEach(({ id, at, note }, index) => {
      const left = x(at);
      if (left < -PIN || left > this.width + PIN) return;
      this.fill(left - 0.5, TOP - 4, 1, PIN_TOP - TOP, "--ink-2");
      context.fillStyle = this.colour(id === chosen ? "--accent" : "--ink-2");
      context.beginPath();
      context.arc(left, PIN_TOP, PIN, 0, 2 * Math.PI);
      context.fill();
      context.fillStyle = this.colour(id === chosen ? "--accent-ink" : "--surface");
      context.textAlign = "center";
      context.fillText(String(index + 1), left, PIN_TOP + 0.5);
      context.textAlign = "left";
      if (id === chosen && note) this.#note(left, note.length > 40 ? `${note.slice(0, 39)}…` : note);
    });
  }

  /** Beside its pin, on the side that has room. */
  #note(pin: number, note: string): void {
    const width = this.context.measureText(note).width + 16;
    this.flag(pin + PIN + width > this.width ? pin - PIN - width : pin + PIN, PIN_TOP, note, "--surface", "--ink");
  }

  #hover(at: number, x: X): void {
    const context = this.context;
    const left = Math.round(x(at)) + 0.5;
    context.strokeStyle = this.colour("--muted");
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(left, AXIS_TOP + 8);
    context.lineTo(left, PIN_TOP - 10);
    context.stroke();
    context.globalAlpha = 1;
    this.flag(left, AXIS_TOP, position(at), "--surface", "--ink-2");
  }

  #cursor(at: number, x: X): void {
    const left = x(at);
    if (left < -1 || left > this.width + 1) return;
    const context = this.context;
    const top = STORY_TOP + STORY_HEIGHT;
    this.fill(left - 1, top + 4, 2, PIN_TOP - 14 - top, "--ink");
    context.beginPath();
    context.moveTo(left - 6, top + 3);
    context.lineTo(left + 6, top + 3);
    context.lineTo(left, top + 11);
    context.fill();
  }
}
