// Answers to tap.
import type { Button } from '../model/types';
import { objects } from '../cards/shape';

interface Props {
  /** As the server sends them, whatever they are. */
  items: unknown;
  onPick: (button: Button) => void;
  disabled?: boolean;
}

/** The buttons of a list whatever it is: those with a title and a payload, each payload once. */
export const buttonsOf = (items: unknown): Button[] =>
  (objects(items) as Button[]).filter(
    (b, i, all) => b.title && b.payload && all.findIndex((other) => other.payload === b.payload) === i,
  );

export function Options({ items, onPick, disabled }: Props) {
  const all = buttonsOf(items);
  return all.length ? (
    <div class="opts">
      {all.map((b) => (
        <button disabled={disabled} onClick={() => onPick(b)}>
          {b.title}
        </button>
      ))}
    </div>
  ) : null;
}
