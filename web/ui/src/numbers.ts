/** Numbers as people here write them: the country's own without its prefix. */

const OWN = "+81";

export function telephone(number: string): string {
  return number.startsWith(OWN) ? `0${number.slice(OWN.length)}` : number;
}

/** Shares have one digit behind the point, drop rates two: their cap is a few percent. */
export function percent(share: number | null, digits = 1): string {
  return share === null ? "–" : `${(share * 100).toFixed(digits)}%`;
}
