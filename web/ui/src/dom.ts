/** Elements in one line each; nothing here parses HTML. */

type Child = Node | string | null | undefined;
type Attributes = Record<string, string | boolean | null | ((event: Event) => void)>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => child != null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** A symbol of the sprite that every page carries. */
export function symbol(id: string, className: string, size: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${id}`);
  svg.append(use);
  return svg;
}

export const icon = (name: string, size = 16): SVGSVGElement => symbol(`i-${name}`, "icon", size);

/** Writes only what differs: a screen reader and the layout hear of changes alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Whether a key press belongs to a field and not to the page. */
export function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return (
    event.ctrlKey || event.metaKey || event.altKey || !!target?.closest("input:not([type=range]), textarea, select, [contenteditable]")
  );
}

export function json<T>(holder: Element, selector: string): T | null {
  const text = holder.querySelector(selector)?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}
