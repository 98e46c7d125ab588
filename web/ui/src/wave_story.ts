/** The upper part of the picture: the story as segments, who monitored, transfers, the axis. */
import { duration, position } from "./clock.ts";
import type { Ink } from "./ink.ts";
import { AXIS_TOP, PIN_TOP, STORY_HEIGHT, STORY_TOP, type Picture } from "./wave_picture.ts";
import { maybe } from "./words.ts";

const COLOURS: Record<string, string> = {
  arriving: "--line-strong", dialing: "--s-outgoing", waiting: "--s-ringing", ringing: "--s-outgoing", talking: "--s-talking", held: "--s-away", message: "--s-wrap_up",
};
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

type X = (seconds: number) => number;

export function drawStory(ink: Ink, { segments, spans, transfers }: Picture, x: X): void {
  const context = ink.context;
  for (const { kind, start, end } of segments) {
    const left = Math.max(0, x(start));
    const right = Math.min(ink.width, x(end)) - 1.5;
    if (right <= left) continue;
    const colour = COLOURS[kind] ?? "--line-strong";
    context.beginPath();
    context.roundRect(left, STORY_TOP, Math.max(1.5, right - left), STORY_HEIGHT, 4);
    context.globalAlpha = 0.16;
    context.fillStyle = ink.colour(colour);
    context.fill();
    ink.fill(left, STORY_TOP + STORY_HEIGHT - 3, Math.max(1.5, right - left), 3, colour);
    if (kind === "held") ink.hatch(left, STORY_TOP, right - left, STORY_HEIGHT - 3, colour);
    const word = maybe(`step.${kind}`, kind);
    if (context.measureText(word).width + 12 >= right - left) continue;
    context.fillStyle = ink.colour("--ink");
    context.fillText(word, left + 6, STORY_TOP + STORY_HEIGHT / 2 - 1);
  }
  for (const { kind, start, end } of spans) {
    if (kind === "monitored") ink.fill(x(start), STORY_TOP + STORY_HEIGHT + 2, Math.max(2, x(end) - x(start)), 2, "--s-other");
  }
  for (const { at, to } of transfers) drawTransfer(ink, x(at), to);
}

function drawTransfer(ink: Ink, left: number, to: string): void {
  if (left < -8 || left > ink.width + 8) return;
  ink.fill(left - 0.75, STORY_TOP, 1.5, STORY_HEIGHT + 6, "--ink");
  ink.context.beginPath();
  ink.context.arc(left, STORY_TOP + STORY_HEIGHT + 8, 3.5, 0, 2 * Math.PI);
  ink.context.fill();
  if (to) ink.flag(left + 2, STORY_TOP + STORY_HEIGHT / 2 - 1, `→ ${to}`, "--surface", "--ink");
}

export function drawAxis(ink: Ink, { from, to }: Picture, x: X): void {
  const context = ink.context;
  const step = STEPS.find((candidate) => (candidate / (to - from)) * ink.width > 72) ?? 7200;
  context.fillStyle = ink.colour("--muted");
  context.strokeStyle = ink.colour("--line");
  context.lineWidth = 1;
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    const left = Math.round(x(at)) + 0.5;
    context.beginPath();
    context.moveTo(left, AXIS_TOP - 6);
    context.lineTo(left, PIN_TOP - 10);
    context.stroke();
    if (left + 30 < ink.width) context.fillText(step < 1 ? position(at) : `${at < 0 ? "−" : ""}${duration(Math.abs(at))}`, left + 4, AXIS_TOP);
  }
}
