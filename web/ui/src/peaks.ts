/** audiowaveform's .dat, version 2, 8 bit: fetched at the resolution that the width needs. */

/** `[from, to)` in seconds of the recording. */
export type Stretch = [number, number];

/** Of 128: -32 dB below full scale at its peak, which speech passes and a quiet line does not. */
const LOUD = 3;
const BREATH = 0.2;
const CLICK = 0.04;

export class Peaks {
  readonly rate: number;
  readonly samplesPerPixel: number;
  readonly length: number;
  readonly channels: number;
  readonly #data: Int8Array;

  constructor(bytes: ArrayBuffer) {
    const head = new DataView(bytes);
    if (bytes.byteLength < 24 || head.getInt32(0, true) !== 2) throw new Error("not a waveform");
    this.rate = head.getInt32(8, true);
    this.samplesPerPixel = head.getInt32(12, true);
    this.length = head.getUint32(16, true);
    this.channels = head.getInt32(20, true);
    this.#data = new Int8Array(bytes, 24);
  }

  get seconds(): number {
    return (this.length * this.samplesPerPixel) / this.rate;
  }

  /** Least and greatest of a lane in `[from, to)` seconds, each in -1 … 1. */
  range(lane: number, from: number, to: number): [number, number] {
    const scale = this.rate / this.samplesPerPixel;
    const first = Math.max(0, Math.floor(from * scale));
    const last = Math.min(this.length, Math.max(first + 1, Math.ceil(to * scale)));
    const channel = Math.min(lane, this.channels - 1);
    let low = 0;
    let high = 0;
    for (let pixel = first; pixel < last; pixel++) {
      const at = (pixel * this.channels + channel) * 2;
      low = Math.min(low, this.#data[at] ?? 0);
      high = Math.max(high, this.#data[at + 1] ?? 0);
    }
    return [low / 128, high / 128];
  }

  /** What makes a quiet call readable: the factor that brings its loud parts near the lane's edge, at most 6. */
  gain(lane: number): number {
    const channel = Math.min(lane, this.channels - 1);
    const counts = new Uint32Array(129);
    for (let pixel = 0; pixel < this.length; pixel++) {
      const at = (pixel * this.channels + channel) * 2;
      const loud = Math.max(-(this.#data[at] ?? 0), this.#data[at + 1] ?? 0);
      counts[loud] = (counts[loud] ?? 0) + 1;
    }
    let beyond = 0;
    let level = 128;
    while (level > 1 && (beyond += counts[level] ?? 0) < this.length / 100) level--;
    return Math.min(6, Math.max(1, 116 / level));
  }

  /** Stretches in which a lane talks: louder than LOUD, breaths shorter than BREATH bridged, clicks dropped. */
  turns(lane: number): Stretch[] {
    const found: Stretch[] = [];
    const step = this.samplesPerPixel / this.rate;
    const channel = Math.min(lane, this.channels - 1);
    for (let pixel = 0; pixel < this.length; pixel++) {
      const at = (pixel * this.channels + channel) * 2;
      if (Math.max(-(this.#data[at] ?? 0), this.#data[at + 1] ?? 0) <= LOUD) continue;
      const last = found.at(-1);
      if (last && pixel * step - last[1] <= BREATH) last[1] = (pixel + 1) * step;
      else found.push([pixel * step, (pixel + 1) * step]);
    }
    return found.filter(([from, to]) => to - from >= Math.max(CLICK, 2 * step) || step > BREATH);
  }
}

const cache = new Map<string, Promise<Peaks>>();

export function loadPeaks(call: string, samplesPerPixel: number): Promise<Peaks> {
  const url = `/api/v1/calls/${call}/peaks?samples_per_pixel=${samplesPerPixel}`;
  let loading = cache.get(url);
  if (!loading) {
    loading = fetch(url, { headers: { Accept: "application/octet-stream" } }).then(async (response) => {
      if (!response.ok) throw new Error(String(response.status));
      return new Peaks(await response.arrayBuffer());
    });
    cache.set(url, loading);
  }
  return loading;
}

/** The power of two of samples that one and a half peaks a pixel need. */
export function resolutionFor(seconds: number, width: number, rate = 8000): number {
  const wanted = (seconds * rate) / (width * 1.5);
  return Math.min(65_536, Math.max(64, 2 ** Math.floor(Math.log2(Math.max(64, wanted)))));
}
