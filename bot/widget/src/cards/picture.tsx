// A small picture of what lies around a point, drawn without any map: rings with distances, dots, labels beside them.
import { t } from '../text/strings';
import { Note } from './parts';

/** Units of the picture, which is square; its middle is the point. On a phone one is a little more than a pixel. */
const SIZE = 280;
const MIDDLE = SIZE / 2;
/** How far from the middle the farthest dot may be. */
export const REACH = 108;
/** Of the letters; the style sheet has the same. */
const LETTER = 22;

export interface Dot {
  /** Units from the middle, to the right and down. */
  x: number;
  y: number;
  label: string;
}

export interface Ring {
  /** Units. */
  radius: number;
  text: string;
}

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

const meets = (a: Box, b: Box) => Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h;

/** Moves each box up or down as little as it takes for none to cover another or anything in `taken`. */
const spread = (boxes: Box[], taken: Box[]): Box[] =>
  boxes.map((box) => {
    const x = Math.max(box.w / 2, Math.min(SIZE - box.w / 2, box.x));
    let at = box;
    for (let k = 0; k < 80; k++) {
      at = { ...box, x, y: box.y + (k % 2 ? k : -k) * 2 };
      if (!taken.some((other) => meets(at, other))) break;
    }
    taken.push(at);
    return at;
  });

interface Props {
  /** How to read the picture. */
  note: string;
  /** What each dot is, for those who do not see it. */
  words: string[];
  dots: Dot[];
  rings: Ring[];
  /** Labels that are numbers stand on their dots, words beside them. */
  numbers: boolean;
}

export function Picture({ note, words, dots, rings, numbers }: Props) {
  const spots = dots.map((dot) => ({ x: MIDDLE + dot.x, y: MIDDLE + dot.y, w: 12, h: 12 }));
  const home = { x: MIDDLE, y: MIDDLE, w: 18, h: 18 };
  const labels = spread(
    spots.map((spot, i) => ({
      ...spot,
      w: (numbers ? 1.6 : dots[i].label.length + 0.3) * LETTER,
      h: (numbers ? 1.6 : 1.2) * LETTER,
    })),
    numbers
      ? []
      : [home, ...spots, ...rings.map((ring) => ({ x: MIDDLE, y: MIDDLE - ring.radius, w: 4 * LETTER, h: LETTER }))],
  );
  const text = (kind: string, x: number, y: number, said: string) => (
    <text class={kind} x={x} y={y}>
      {said}
    </text>
  );
  const circle = (kind: string, x: number, y: number, r: number) => <circle class={kind} cx={x} cy={y} r={r} />;
  return (
    <>
      <svg
        class="pic"
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label={t('示意图：') + note + words.join(t('；'))}
      >
        {rings.map((ring) => [
          circle('ring', MIDDLE, MIDDLE, ring.radius),
          text('far', MIDDLE, MIDDLE - ring.radius, ring.text),
        ])}
        {spots.map((spot, i) => [
          <line x1={spot.x} y1={spot.y} x2={labels[i].x} y2={labels[i].y} />,
          circle('dot', spot.x, spot.y, 5),
        ])}
        {circle('home', MIDDLE, MIDDLE, 7)}
        {labels.map((label, i) => [
          numbers && circle('dot', label.x, label.y, 0.8 * LETTER),
          text(numbers ? 'number' : '', label.x, label.y, dots[i].label),
        ])}
      </svg>
      <Note text={note} />
    </>
  );
}
