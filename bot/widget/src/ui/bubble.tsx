// One message of the bot: its text, the card of its kind, what can be tapped, and where it comes from.
import { Component, ComponentType } from 'preact';
import type { Chat } from '../model/chat';
import type { BotMessage, Button } from '../model/types';
import { Circle } from '../cards/circle';
import { day, Note, Phones } from '../cards/parts';
import { Question } from '../cards/question';
import { Rating } from '../cards/rating';
import { Service } from '../cards/service';
import { objects, shape, Shaped } from '../cards/shape';
import { Sites } from '../cards/sites';
import { Sources } from '../cards/sources';
import { spoken } from '../cards/spoken';
import { Suggestions, takenBy } from '../cards/suggestions';
import { Verdict } from '../cards/verdict';
import { linesIn, str } from '../text/format';
import { isTraditional, t } from '../text/strings';
import { buttonsOf, Options } from './options';

interface Props {
  message: BotMessage;
  chat: Chat;
  /** Whether it came after the resident's last words: what it offered before has been answered. */
  live: boolean;
}

/** Their buttons answer what was just asked; those of other kinds are whole questions and stay good. */
const ONCE = /^(question|clarify|sites|ack)$/;

const Ticket = ({ custom }: { custom: Shaped }) => (
  <div class="card">
    <Note name={t('编号：')} text={custom.ticket} />
    <h3>{custom.state}</h3>
    <Note name={t('登记时间：')} text={day(custom.created_at || '')} />
  </div>
);

const Call = ({ custom }: { custom: Shaped }) => (
  <div class="call-now">
    <Note name={t('编号：')} text={custom.ticket} />
    <Phones phone={custom.phone} words={t('打电话 ')} />
  </div>
);

/** Cards that hold much of what the text says, and the others. */
const FULL = new Map<string, ComponentType<any>>([
  ['sites', Sites],
  ['verdict', Verdict],
  ['service', Service],
  ['life_circle', Circle],
  ['suggestions', Suggestions],
]);
const OTHER = new Map<string, ComponentType<any>>([
  ['question', Question],
  ['ticket', Ticket],
  ['handoff', Call],
  ['cannot_answer', Call],
]);

export class Bubble extends Component<Props> {
  private script = false;

  /** A long log is not drawn again for each word that is added to it. */
  shouldComponentUpdate(next: Props): boolean {
    return next.message !== this.props.message || next.live !== this.props.live || isTraditional() !== this.script;
  }

  render({ message, chat, live }: Props) {
    this.script = isTraditional();
    const told = (message || {}) as Shaped;
    const custom = shape(told.custom);
    const { kind = '' } = custom;
    const ask = (b: Button) => chat.ask(b.payload, b.title);
    const full = FULL.get(kind);
    const Card = full || OTHER.get(kind);
    const buttons = buttonsOf([...objects(told.buttons), ...custom.options]);
    const taken = kind === 'question' ? buttons : kind === 'suggestions' ? takenBy(custom.items, buttons) : [];
    const [before, after] = spoken(told.text, custom, Boolean(full));
    const said = (lines: string[]) => lines.length > 0 && <div class="say">{linesIn(lines)}</div>;
    return (
      <article class="msg bot" data-kind={kind}>
        <span class="hide">{t('邻里通说：')}</span>
        {kind === 'emergency' && (
          <div class="call-now sos">
            <Phones phone={custom.phone} words={t('马上打 ')} />
          </div>
        )}
        {said(before)}
        {Card && <Card custom={custom} buttons={buttons} chat={chat} live={live} ask={ask} />}
        {said(after)}
        <Options items={buttons.filter((b) => !taken.includes(b))} disabled={!live && ONCE.test(kind)} onPick={ask} />
        <Sources of={custom.sources} />
        {(full || /^(faq|cannot_answer)$/.test(kind)) && (
          <Rating answer={custom.answer_id} text={str(told.text).replace(/\*\*/g, '')} chat={chat} />
        )}
      </article>
    );
  }
}
