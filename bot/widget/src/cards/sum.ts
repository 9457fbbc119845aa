// What a benefit comes to, in words.
import { t } from '../text/strings';
import type { Shaped } from './shape';

/** [how often and how much, for how long], such as ["每月800元", "最多36个月"]; empty where no sum is known. */
export function sumOf(benefit: Shaped | undefined): string[] {
  if (!benefit || !benefit.amount) return [];
  const { period, max_periods: times } = benefit;
  const often =
    benefit.per ||
    (period === 'month' ? t('每月') : period === 'year' ? t('每年') : period === 'once' ? t('一次性') : '');
  const limit = benefit.upper_limit === 'true' ? t('最多') : benefit.floor === 'true' ? t('不低于') : '';
  return [
    often + limit + benefit.amount + (benefit.unit || ''),
    times > 1 ? t('最多') + times + (period === 'month' ? t('个月') : period === 'year' ? t('年') : t('次')) : '',
  ];
}
