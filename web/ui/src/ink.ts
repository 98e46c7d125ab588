/** A canvas with the page's colours and the few figures that several pictures draw. */

export class Ink {
  readonly context: CanvasRenderingContext2D;
  #colours = new Map<string, string>();
  #probe: HTMLElement;
  width = 0;
  height = 0;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d")!;
    this.#probe = document.createElement("i");
    this.#probe.hidden = true;
    canvas.after(this.#probe);
  }

  /** A custom property may be `light-dark(…)`: only a computed colour is one that a canvas knows. */
  colour(name: string): string {
    let colour = this.#colours.get(name);
    if (colour === undefined) {
      this.#probe.style.color = `var(${name})`;
      colour = getComputedStyle(this.#probe).color;
      this.#colours.set(name, colour);
    }
    return colour;
  }

  /** The theme may have changed: colours are asked for again. */
  forgetColours(): void {
    this.#colours.clear();
  }

  resize(): void {
    const box = this.canvas.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  clear(): void {
    const context = this.context;
    context.clearRect(0, 0, this.width, this.height);
    context.font = `11px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textBaseline = "middle";
    context.textAlign = "left";
  }

  fill(left: number, top: number, width: number, height: number, colour: string, alpha = 1): void {
    this.context.globalAlpha = alpha;
    this.context.fillStyle = this.colour(colour);
    this.context.fillRect(left, top, width, height);
    this.context.globalAlpha = 1;
  }

  hatch(left: number, top: number, width: number, height: number, colour: string): void {
    const context = this.context;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.strokeStyle = this.colour(colour);
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

  /** A word on a ground of its own, kept within the picture. */
  flag(left: number, middle: number, text: string, ground: string, ink: string): void {
    const context = this.context;
    const width = context.measureText(text).width + 8;
    const begin = Math.min(this.width - width, Math.max(0, left + 4));
    context.fillStyle = this.colour(ground);
    context.beginPath();
    context.roundRect(begin, middle - 8, width, 16, 4);
    context.fill();
    context.fillStyle = this.colour(ink);
    context.fillText(text, begin + 4, middle);
  }
}
