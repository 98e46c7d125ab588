/** Numbers as people here write them: the country's own without its prefix. */

const OWN = "+81";

export function telephone(number: string): string {
  return number.startsWith(OWN) ? `0${number.slice(OWN.length)}` : number;
}
