// Where an answer comes from: publisher, date, and in words how far it may be trusted.
import { t } from '../text/strings';
import { day, Fold, Out } from './parts';
import type { Shaped } from './shape';

const trustOf = (x: string) =>
  x === 'official'
    ? t('官方发布')
    : x === 'plan'
      ? t('规划上写的，未必已经办')
      : x === 'sample'
        ? t('示例，不是真的')
        : t('转述的资料，办之前请再核实');

/** How many stand there unfolded. */
export const OPEN = 2;

const List = ({ of }: { of: Shaped[] }) => (
  <ul>
    {of.map((one) => (
      <li>
        <Out url={one.url}>{one.title || one.publisher}</Out>{' '}
        <span>
          {one.title && one.publisher} {day(one.date || '') || t('日期不详')} ·{' '}
          <span class={one.trust}>{trustOf(one.trust)}</span>
        </span>
      </li>
    ))}
  </ul>
);

export const Sources = ({ of }: { of: Shaped[] }) =>
  of.length ? (
    <div class="src soft">
      <p>{t('来源')}</p>
      <List of={of.slice(0, OPEN)} />
      {of.length > OPEN && (
        <Fold title={t('还有') + (of.length - OPEN) + t('处来源')}>
          <List of={of.slice(OPEN)} />
        </Fold>
      )}
    </div>
  ) : null;
