// What the bot needs to know: answers to tap, why it asks, how much is still to come, and what it has understood.
import type { Chat } from '../model/chat';
import { canLocate } from '../model/place';
import { t } from '../text/strings';
import { Icon } from '../ui/icons';
import { buttonsOf, Options } from '../ui/options';
import { Fold, Note } from './parts';
import type { Shaped } from './shape';

/** The facts understood so far, each with the way to change it. */
export const Understood = ({ of, chat, disabled }: { of: Shaped[]; chat: Chat; disabled: boolean }) =>
  of.length ? (
    <Fold title={t('我记下的情况（') + of.length + t('）')}>
      {of.map((one) => (
        <div class="row">
          <span class="grow">{one.text}</span>
          {one.payload && (
            <button
              disabled={disabled}
              aria-label={t('改：') + one.text}
              onClick={() => chat.ask(one.payload, t('改：') + one.text)}
            >
              {t('改')}
            </button>
          )}
        </div>
      ))}
    </Fold>
  ) : null;

export function Question({
  custom,
  buttons,
  chat,
  live,
}: {
  custom: Shaped;
  buttons: unknown[];
  chat: Chat;
  live: boolean;
}) {
  const place = custom.fact === 'location';
  const locatable = place && canLocate();
  const left = custom.remaining_at_most;
  const known = custom.understood.length;
  const offered = buttonsOf(place ? buttons : [...buttons, { title: t('不清楚'), payload: '不清楚' }]);
  return (
    <>
      {locatable && (
        <div class="opts">
          <button disabled={!live} onClick={() => chat.locate()}>
            <Icon name="place" />
            {t('用我的位置')}
          </button>
        </div>
      )}
      <Options items={offered} disabled={!live} onPick={(b) => chat.ask(b.payload, b.title)} />
      <Note name={t('为什么问：')} text={custom.why} />
      {place && <Note text={(locatable ? t('只取大概的位置。') : '') + t('也可以直接打字说地名。')} />}
      {!place && left > 0 && (
        <>
          <Note text={t('还有最多') + left + t('个问题')} />
          {known > 0 && <progress value={known} max={known + Number(left)} aria-hidden="true" />}
        </>
      )}
      <Understood of={custom.understood} chat={chat} disabled={!live} />
    </>
  );
}
