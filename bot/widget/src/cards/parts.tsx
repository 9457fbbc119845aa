// What several cards are made of.
import type { ComponentChildren } from 'preact';
import { dial, inline, linesIn, linesOf, web } from '../text/format';
import { t } from '../text/strings';
import { Icon } from '../ui/icons';
import { Shaped, texts } from './shape';

/** Metres in words, as the server writes them; "" where they are not known. */
export function far(metres: string | number | undefined): string {
  const tens = Math.max(10, Math.round(Number(metres) / 10) * 10);
  if (!metres || !(tens >= 0)) return '';
  return t('约') + (tens < 1000 ? tens + t('米') : (Number(metres) / 1000).toFixed(1) + t('公里'));
}

/** A date (YYYY, YYYY-MM, YYYY-MM-DD, or RFC 3339: its day in China) in words; anything else as it is. */
export function day(text: string): string {
  const moment = /T/.test(text) && Date.parse(text);
  const m = /^(\d{4})(-\d\d)?(-\d\d)?$/.exec(moment ? new Date(moment + 288e5).toISOString().slice(0, 10) : text);
  return m ? m[1] + t('年') + (m[2] ? -m[2] + t('月') : '') + (m[3] ? -m[3] + t('日') : '') : text;
}

/** Small words with a name before them; nothing where there are none. */
export const Note = ({ name, text }: { name?: string; text: string | undefined }) =>
  text ? (
    <p class="soft">
      {name}
      {inline(text)}
    </p>
  ) : null;

/** A heading and what stands below it; nothing where there is nothing. */
export const Part = ({ title, children }: { title: string; children: ComponentChildren }) =>
  children && (children as unknown[]).length !== 0 ? (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  ) : null;

/** A part that is a text, or a numbered list of them. */
export const Words = ({ title, of }: { title: string; of: string | string[] | undefined }) => (
  <Part title={title}>{linesIn(Array.isArray(of) ? of.map((one, i) => i + 1 + '. ' + one) : linesOf(of))}</Part>
);

/** Papers to bring, each with a box to tick. */
export const Papers = ({ of }: { of: string[] }) => (
  <Part title={t('要带的材料')}>
    {of.map((paper) => (
      <label class="paper">
        <input type="checkbox" />
        <span>{paper}</span>
      </label>
    ))}
  </Part>
);

export const Fold = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <details>
    <summary>{title}</summary>
    {children}
  </details>
);

/** A button for each number in `phone` ("028-83993089、028-83972235" are two); a number nobody can dial stays text. */
export const Phones = ({
  phone,
  name = '',
  words = '',
}: {
  phone: string | undefined;
  name?: string;
  words?: string;
}) => (
  <>
    {(phone || '')
      .split(/[、，,;；/\s]+/)
      .filter(Boolean)
      .slice(0, 4)
      .map((number) =>
        dial(number) ? (
          <a class="btn tel" href={'tel:' + dial(number)} aria-label={(words || t('打电话 ')) + number + name}>
            <Icon name="phone" />
            <span>{words + number}</span>
          </a>
        ) : (
          <span>{number}</span>
        ),
      )}
  </>
);

export const Contacts = ({ of }: { of: Shaped[] }) => (
  <Part title={t('问谁')}>
    {of.map((one) => (
      <div class="row">
        <span class="grow">
          {one.name} <span class="soft">{one.hours}</span>
        </span>
        <Phones phone={one.phone} name={' ' + one.name} />
      </div>
    ))}
  </Part>
);

/** A link to another page; its text alone where the address is none. */
export const Out = ({
  url,
  children,
  ...rest
}: {
  url: string;
  children: ComponentChildren;
  class?: string;
  'aria-label'?: string;
}) =>
  web(url) ? (
    <a href={url} target="_blank" rel="noopener noreferrer" {...rest}>
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );

/** Of an outcome or of a reason's status. */
export const toneOf = (x: string) =>
  /^(eligible|met)$/.test(x) ? 'good' : /^(ineligible|unmet)$/.test(x) ? 'bad' : 'warn';

/** A tick, a cross or a question mark, as people here write them: the words beside it say the same. */
export const Sign = ({ tone }: { tone: string }) => (
  <i class={tone} aria-hidden="true">
    {tone === 'good' ? '√' : tone === 'bad' ? '×' : '?'}
  </i>
);

/** Where sources contradict each other: what each says, and what to go by. */
export const Conflicts = ({ of }: { of: Shaped[] }) =>
  of.length ? (
    <Fold title={t('有不同的说法（') + of.length + t('处）')}>
      {of.map((one) => [
        <Words title={one.about} of={texts(one.claims.map((claim: Shaped) => claim.text))} />,
        <Note name={t('怎么办：')} text={one.use} />,
      ])}
    </Fold>
  ) : null;
