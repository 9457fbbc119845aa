// Whether the resident is entitled, how much, why, and what to do next; with a receipt that prints on one page.
import type { Chat } from '../model/chat';
import { t } from '../text/strings';
import { Conflicts, Contacts, day, Note, Out, Papers, Part, Sign, toneOf, Words } from './parts';
import { Shaped, texts } from './shape';
import { held } from './spoken';
import { sumOf } from './sum';

export const outcomeText = (outcome: string) =>
  outcome === 'eligible' ? t('符合条件') : outcome === 'ineligible' ? t('暂时不符合') : t('还不能确定');

const Reasons = ({ title, tone, of }: { title: string; tone: string; of: Shaped[] }) => {
  const these = of.filter((one) => toneOf(one.status) === tone);
  return (
    <Part title={title}>
      {these.map((one) => (
        <div class="reason">
          <Sign tone={tone} />
          <div>
            {one.text}
            <Note name={t('依据：')} text={one.clause} />
          </div>
        </div>
      ))}
    </Part>
  );
};

export function Verdict({ custom, chat }: { custom: Shaped; chat: Chat }) {
  const { outcome, benefit, reasons, documents } = custom;
  const tone = toneOf(outcome);
  const [sum, times] = sumOf(benefit);
  const code = custom.receipt;
  // What stands in the lists of their own is not a step, too.
  const steps = custom.next_steps.filter((step: string) => !held(step, documents + custom.where));
  return (
    <div class="card">
      <p class={'outcome ' + tone}>
        <Sign tone={tone} />
        {outcomeText(outcome)}
      </p>
      {sum && (
        <p class="sum">
          {tone !== 'good' && t('要是符合，')}
          <b>{sum}</b>
          {times && t('，') + times}
        </p>
      )}
      <Note name={t('算法：')} text={benefit && benefit.formula_text} />
      {custom.eligible_from && <p>{day(custom.eligible_from) + t('起可以来申请。')}</p>}
      <Reasons title={t('没有达到的条件')} tone="bad" of={reasons} />
      <Reasons title={t('还不清楚的条件')} tone="warn" of={reasons} />
      <Reasons title={t('达到的条件')} tone="good" of={reasons} />
      <Papers of={documents} />
      <Words title={t('去哪办')} of={custom.where} />
      <Contacts of={custom.contacts} />
      <Words title={t('下一步')} of={steps} />
      <Words title={t('不能同时享受')} of={texts(custom.excludes.map((one: Shaped) => one.text))} />
      <Conflicts of={custom.conflicts} />
      <Part title={t('回执码')}>
        {code && (
          <div class="row">
            <code class="grow">{code}</code>
            <Out class="btn" url={(chat.server.base || location.origin) + '/receipt#' + encodeURIComponent(code)}>
              {t('打印办理清单')}
            </Out>
          </div>
        )}
      </Part>
    </div>
  );
}
