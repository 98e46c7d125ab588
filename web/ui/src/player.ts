/** The sound behind the picture. Times are the recording's own seconds. */

export class Player {
  readonly audio = new Audio();
  loop = false;
  range: [number, number] | null = null;
  silences: [number, number][] | null = null;
  #frame = 0;

  constructor(
    source: string,
    private readonly seconds: number,
    private readonly moved: () => void,
  ) {
    this.audio.preload = "none"; // nothing of the sound is fetched before somebody listens
    this.audio.src = source;
    this.audio.addEventListener("play", () => this.#run());
    for (const event of ["pause", "seeked", "ratechange", "ended", "loadedmetadata"]) this.audio.addEventListener(event, () => this.moved());
  }

  get playing(): boolean {
    return !this.audio.paused;
  }

  get at(): number {
    return this.audio.currentTime;
  }

  seek(to: number): void {
    this.audio.currentTime = Math.min(Math.max(0, to), this.seconds);
    this.moved();
  }

  async toggle(): Promise<void> {
    if (this.playing) return this.audio.pause();
    if (this.range && (this.at < this.range[0] - 0.05 || this.at >= this.range[1] - 0.05)) this.seek(this.range[0]);
    else if (this.audio.ended) this.seek(0);
    await this.audio.play().catch(() => this.moved());
  }

  #run(): void {
    cancelAnimationFrame(this.#frame);
    const step = (): void => {
      if (!this.playing) return this.moved();
      this.#steer();
      this.moved();
      this.#frame = requestAnimationFrame(step);
    };
    step();
  }

  /** At the selection's end: again, or stop. In silence: on to where somebody speaks. */
  #steer(): void {
    const at = this.at;
    if (this.range && at >= this.range[1]) {
      if (this.loop) this.audio.currentTime = this.range[0];
      else {
        this.audio.pause();
        this.audio.currentTime = this.range[1];
      }
    } else if (this.loop && !this.range && this.seconds - at < 0.03) {
      this.audio.currentTime = 0;
    } else if (this.silences) {
      const quiet = this.silences.find(([from, to]) => at > from + 0.25 && at < to - 0.3);
      if (quiet) this.audio.currentTime = quiet[1] - 0.15;
    }
  }
}
