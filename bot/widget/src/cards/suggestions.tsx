// Other benefits that may fit: each one a button that asks about it.
import type { Button } from '../model/types';
import { t } from '../text/strings';
import { Sign, toneOf } from './parts';
import type { Shaped } from './shape';
import { outcomeText } from './verdict';

const named = (item: Shaped, buttons: Button[]) => buttons.find((b) => b.title === item.name);

/** The buttons of a message that stand for an item of its card. */
export const takenBy = (items: Shaped[], buttons: Button[]) => items.map((item) => named(item, buttons));

/** An item says its own payload, or that of the button with its name. */
export const Suggestions = ({
  custom,
  buttons,
  ask,
}: {
  custom: Shaped;
  buttons: Button[];
  ask: (b: Button) => void;
}) =>
  custom.items.map((item: Shaped) => {
    const title = item.name || item.policy;
    const { payload } = item.payload ? item : named(item, buttons) || item;
    return (
      <button class="card pick" disabled={!payload} onClick={() => ask({ payload, title })}>
        <Sign tone={toneOf(item.outcome)} />
        <span class="grow">
          <b>{title}</b>
          <span class="soft">
            {outcomeText(item.outcome)}
            {item.why && t('：') + item.why}
          </span>
        </span>
      </button>
    );
  });
