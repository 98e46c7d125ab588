/** Who talks when, of both lanes together. All stretches are ordered and do not overlap within a lane. */
import type { Stretch } from "./peaks.ts";

/** Where both talk. */
export function overlaps(one: Stretch[], other: Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  let a = 0;
  let b = 0;
  while (a < one.length && b < other.length) {
    const from = Math.max(one[a]![0], other[b]![0]);
    const to = Math.min(one[a]![1], other[b]![1]);
    if (to > from) found.push([from, to]);
    if (one[a]![1] < other[b]![1]) a++;
    else b++;
  }
  return found;
}

/** Where nobody talks for at least `least` seconds of `[0, seconds)`. */
export function silences(one: Stretch[], other: Stretch[], seconds: number, least: number): Stretch[] {
  const found: Stretch[] = [];
  let quietSince = 0;
  for (const [from, to] of [...one, ...other].sort((x, y) => x[0] - y[0])) {
    if (from - quietSince >= least) found.push([quietSince, from]);
    quietSince = Math.max(quietSince, to);
  }
  if (seconds - quietSince >= least) found.push([quietSince, seconds]);
  return found;
}
