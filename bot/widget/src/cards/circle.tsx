// The 15-minute circle: what can be reached on foot, as a simple picture and as a list.
import { t } from '../text/strings';
import { far, Note, Part, Words } from './parts';
import { Picture, REACH } from './picture';
import type { Shaped } from './shape';

export function Circle({ custom }: { custom: Shaped }) {
  const { fields, gaps, center } = custom;
  const nameOf = (field: Shaped): string => field.name || field.field || t('其他');
  const found = (fields as Shaped[])
    .filter((field) => field.count > 0)
    .map((field) => ({
      name: nameOf(field),
      told: nameOf(field) + field.count + t('处'),
      nearest: field.nearest || {},
    }));
  const placed = found.filter((one) => one.nearest.distance_m > 0);
  const edge = Math.max(100, Number(custom.radius_m) || 0, ...placed.map((one) => one.nearest.distance_m));
  const reach = (/^walk/.test(custom.mode) ? t('走路') : '') + (custom.minutes || 15) + t('分钟');
  return (
    <div class="card">
      {placed.length > 0 && (
        <Picture
          note={((center && center.name) || t('您的位置')) + t('在正中，离它越近，走过去越近；画在哪一边不表示方向。')}
          words={placed.map((one) => one.told + t('，最近') + far(one.nearest.distance_m))}
          dots={placed.map((one, i) => {
            const turn = ((i + 0.5) * 2 * Math.PI) / placed.length;
            const radius = (one.nearest.distance_m / edge) * REACH;
            return { x: Math.sin(turn) * radius, y: -Math.cos(turn) * radius, label: one.name };
          })}
          rings={[{ radius: REACH, text: reach }]}
          numbers={false}
        />
      )}
      {found.map((one) => (
        <Part title={one.told}>
          <Note name={t('最近的是')} text={one.nearest.name && one.nearest.name + ' ' + far(one.nearest.distance_m)} />
        </Part>
      ))}
      <Words
        title={t('没有查到')}
        of={gaps
          .map((gap: string) => nameOf(fields.find((field: Shaped) => field.field === gap) || { field: gap }))
          .join(t('、'))}
      />
    </div>
  );
}
