// The widget's own words are Simplified; Traditional is made of them sign by sign, by a table of just the signs they use.
import { FROM, TO } from './hant';

let traditional = false;

export function useTraditional(on: boolean): void {
  traditional = on;
}

export const isTraditional = () => traditional;

/** One of the widget's own texts in the script that is chosen. Not for what the server or the resident says. */
export function t(text: string): string {
  if (!traditional) return text;
  let out = '';
  for (const sign of text) {
    const at = FROM.indexOf(sign);
    out += at < 0 ? sign : TO[at];
  }
  return out;
}
