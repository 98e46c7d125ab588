/** One clock a page: the server's, ticking every second in every `.tick` with a `data-since`. */

let ahead = 0;

/** Called with each message that carries the server's time. */
export function serverSaid(at: string): void {
  ahead = Date.parse(at) - Date.now();
}

export const now = (): number => Date.now() + ahead;

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number): string => String(part).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** `0:12.3`: positions in a recording; `−0:03.0` before it. */
export function position(seconds: number): string {
  const size = Math.abs(seconds);
  return `${seconds < 0 ? "−" : ""}${duration(size)}.${Math.floor((size * 10) % 10)}`;
}

export const secondsSince = (since: string): number => (now() - Date.parse(since)) / 1000;

type Tick = () => void;
const listeners = new Set<Tick>();

export function everySecond(listener: Tick): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tickAll(root: ParentNode = document): void {
  for (const element of root.querySelectorAll<HTMLElement>(".tick")) {
    const since = element.dataset["since"];
    const text = since ? duration(secondsSince(since)) : "";
    if (element.textContent !== text) element.textContent = text;
  }
}

export function startClock(): void {
  const tick = (): void => {
    tickAll();
    for (const listener of listeners) listener();
    setTimeout(tick, 1000 - (now() % 1000) + 5);
  };
  tick();
}
