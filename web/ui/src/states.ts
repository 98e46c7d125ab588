/** A status is a colour, a shape and a word, everywhere the same. */
import { h, symbol } from "./dom.ts";
import { maybe } from "./words.ts";

const SHAPES = ["available", "talking", "ringing", "wrap_up", "break", "away", "outgoing", "logged_off"];

/** In which order the table shows them. */
export const ORDER = ["ringing", "talking", "outgoing", "wrap_up", "available", "break", "away"];

/** Seconds after which a state is too long (amber) and far too long (red), unless the status itself says so. */
export const LIMITS: Record<string, [number, number]> = {
  ringing: [15, 30],
  talking: [900, 1800],
  outgoing: [900, 1800],
  wrap_up: [60, 180],
  break: [3600, 4500],
  away: [900, 1800],
};

export const wordOf = (key: string): string => maybe(`state.${key}`, key);

export function shape(key: string): SVGSVGElement {
  return symbol(SHAPES.includes(key) ? `s-${key}` : "s-other", "shape", 16);
}

export function stateMark(key: string, word: string | null = wordOf(key)): HTMLSpanElement {
  return h("span", { class: `state state-${key}` }, shape(key), word === null ? null : h("span", {}, word));
}

/** What holds beneath a pause is the chosen status; else the condition itself. */
export function stateKey(row: { condition: string; status: string }): string {
  return row.condition === "paused" ? row.status : row.condition;
}
