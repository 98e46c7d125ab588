/** Movement that can be watched all day: nothing is ever printed over something else. */

const SLIDE: KeyframeAnimationOptions = { duration: 220, easing: "cubic-bezier(.3,0,.2,1)" };
/** When the slide is over; unseen until then. */
const ARRIVE: KeyframeAnimationOptions = { delay: 220, duration: 160, fill: "backwards" };
/** Rows this far out of sight need no movement. */
const SEEN_PX = 64;

const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A thin mark at the element's edge (its `::before`) that fades: this, and nothing beside it, has changed. */
export function softly(element: Element): void {
  if (!still()) element.animate({ opacity: [0.9, 0.9, 0] }, { duration: 1800, easing: "ease-out", pseudoElement: "::before" });
}

/** Of a permutation of places, the most that can stay in order while the others move: a longest increasing subsequence. */
export function staying(places: readonly number[]): Set<number> {
  const ends: number[] = [];
  const before = places.map((place, at) => {
    const length = ends.findIndex((end) => places[end]! > place);
    const found = length < 0 ? ends.length : length;
    ends[found] = at;
    return found > 0 ? ends[found - 1]! : -1;
  });
  const kept = new Set<number>();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at]!) kept.add(places[at]!);
  return kept;
}

/**
 * Puts a list's rows into a new order. Rows that keep their order among themselves slide together, and so never meet;
 * the few others leave their place and appear at the new one when the slide is over.
 */
export function reorder(body: Element, wanted: readonly HTMLElement[], animated: boolean): void {
  const current = [...body.children] as HTMLElement[];
  if (wanted.length === current.length && wanted.every((row, index) => row === current[index])) return;
  const places = new Map(current.map((row, place) => [row, place]));
  const kept = staying(wanted.flatMap((row) => places.get(row) ?? []));
  const tops = animated && !still() ? new Map(current.map((row) => [row, row.getBoundingClientRect().top])) : null;
  let next: Element | null = null;
  for (const row of [...wanted].reverse()) {
    if (!kept.has(places.get(row) ?? -1)) body.insertBefore(row, next);
    next = row;
  }
  if (!tops) return;
  const seen = (top: number): boolean => top > -SEEN_PX && top < innerHeight + SEEN_PX;
  const moves = wanted.map((row) => ({ row, from: tops.get(row), to: row.getBoundingClientRect().top }));
  for (const { row, from, to } of moves) {
    if (row.hidden || !(seen(to) || seen(from ?? to))) continue;
    if (from === undefined || !kept.has(places.get(row)!)) row.animate({ opacity: [0, 1] }, ARRIVE);
    else if (from !== to) row.animate({ transform: [`translateY(${from - to}px)`, "none"] }, SLIDE);
  }
}
