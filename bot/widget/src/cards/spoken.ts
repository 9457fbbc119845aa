// What of a message's text still needs to be shown beside its card, so that nothing stands there twice.
import { linesOf, str } from '../text/format';
import { far } from './parts';
import type { Shaped } from './shape';
import { OPEN } from './sources';
import { sumOf } from './sum';

const PARTS = /[，。、：；！（）“”\s]|^\d+\./;
const sizeOf = (parts: string[]) => parts.join('').length;

/** The words a card shows, out of its data. */
const words = (x: any): string =>
  x && typeof x === 'object'
    ? Object.keys(x)
        .map((key) => (key === 'sources' ? '' : key === 'distance_m' ? far(x[key]) : words(x[key])))
        .join('\n')
    : str(x);

/** Whether at most a third of a line is new beside the card, such as “达到：”. */
export function held(line: string, card: string): boolean {
  const parts = line.split(PARTS).filter(Boolean);
  return sizeOf(parts.filter((one) => one.length > 1 && card.includes(one))) >= sizeOf(parts) * 0.66;
}

/** The server's own sentence on the trust of its sources, which the list of sources says, too. */
const caveat = (line: string, sources: Shaped[]) =>
  sources
    .slice(0, OPEN)
    .some(
      (one) =>
        one.trust === 'secondary' &&
        one.publisher &&
        line.includes(one.publisher) &&
        line.length - one.publisher.length < 36,
    );

/** The text as [the lines before the card, the lines after it]; without a card all stand before. */
export function spoken(text: unknown, custom: Shaped, hasCard: boolean): [string[], string[]] {
  const lines = linesOf(text).filter((line, i) => !i || !caveat(line, custom.sources));
  if (!hasCard) return [lines, []];
  const card = words(custom) + '\n' + sumOf(custom.benefit).join('\n');
  return [lines.slice(0, 1), lines.slice(1).filter((line) => !held(line, card))];
}
