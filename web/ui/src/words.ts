/** The page's words, in its language: sent along by the server. */

const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}") as Record<string, string>;

export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** For keys made from data: the word, or what the data said. */
export function maybe(key: string, otherwise: string): string {
  return words[key] ?? otherwise;
}
