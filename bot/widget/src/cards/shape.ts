// Puts what comes from outside into the shapes that the cards count on, whatever it was.
import { str } from '../text/format';

/** Each single value is a text (numbers and flags as they are written), each list a list, each object one of these. */
export type Shaped = Record<string, any>;

const MOST = 200;
const DEEPEST = 5;
/** Signs of a field: a card of many long ones would take seconds to draw. */
const LONGEST = 1000;
const TEXTS = 'steps documents next_steps gaps'.split(' ');
const OBJECTS = 'sources items options contacts reasons excludes fields understood conflicts claims'.split(' ');
const ONE = /^(benefit|center|nearest)$/;

const list = (x: unknown): unknown[] => (Array.isArray(x) ? x.slice(0, MOST) : []);
/** The texts of a list without empty ones; at most 200. */
export const texts = (x: unknown): string[] =>
  list(x)
    .map((one) => str(one, LONGEST))
    .filter(Boolean);
/** The objects of a list; at most 200. */
export const objects = (x: unknown, depth = 0): Shaped[] =>
  list(x)
    .filter((one) => one && typeof one === 'object')
    .map((one) => shape(one, depth));

/** `custom` of a message, or an object in it: with all the lists it may have. */
export function shape(x: unknown, depth = 0): Shaped {
  const from = (x && typeof x === 'object' && depth < DEEPEST ? x : {}) as Shaped;
  const out: Shaped = {};
  for (const key of Object.keys(from)) out[key] = ONE.test(key) ? shape(from[key], depth + 1) : str(from[key], LONGEST);
  for (const key of TEXTS) out[key] = texts(from[key]);
  for (const key of OBJECTS) out[key] = objects(from[key], depth + 1);
  return out;
}
