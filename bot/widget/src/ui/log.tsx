// The conversation. It stands at the beginning of what came last until the resident scrolls.
import { Component, createRef } from 'preact';
import type { Chat } from '../model/chat';
import type { Entry } from '../model/types';
import { t } from '../text/strings';
import { Bubble } from './bubble';
import { Mine, PageNote } from './notes';

const lastAsked = (entries: Entry[]) => entries.map((e) => e.from).lastIndexOf('resident');

export class Log extends Component<{ chat: Chat }> {
  private box = createRef<HTMLDivElement>();
  private aim: HTMLElement | null = null;
  private seen = '';
  private watch: ResizeObserver | null = null;

  componentDidMount(): void {
    const box = this.box.current as HTMLElement;
    const free = () => {
      this.aim = null;
    };
    for (const move of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
      box.addEventListener(move, free, { passive: true });
    // A notice or the keyboard of the phone takes room: what came last stays in sight.
    if (typeof ResizeObserver === 'function') (this.watch = new ResizeObserver(this.settle)).observe(box);
  }

  componentWillUnmount(): void {
    if (this.watch) this.watch.disconnect();
  }

  componentDidUpdate(): void {
    const { entries } = this.props.chat;
    const last = entries[entries.length - 1];
    if (!last || this.seen === last.key) return;
    this.seen = last.key;
    const asked = lastAsked(entries);
    const nodes = (this.box.current as HTMLElement).querySelectorAll<HTMLElement>('.log > *');
    // With a long answer one reads on from its beginning; with one's own words alone, from them.
    this.aim = entries.length > 1 ? nodes[Math.max(0, Math.min(asked + 1, entries.length - 1))] : null;
    this.settle();
  }

  private settle = () => {
    const box = this.box.current;
    if (box && this.aim && this.aim.isConnected) box.scrollTop = this.aim.offsetTop - 12;
  };

  render({ chat }: { chat: Chat }) {
    const { entries } = chat;
    const asked = lastAsked(entries);
    // What failed on our side has not used up what was offered before.
    const failed =
      asked >= 0 &&
      entries.length > asked + 1 &&
      entries.slice(asked + 1).every((e) => e.from === 'bot' && e.message.custom && e.message.custom.kind === 'error');
    // Another city: what was asked before belongs to the old one.
    const moved = entries.map((e) => e.from === 'page' && e.key !== 'welcome' && !e.region).lastIndexOf(true);
    const live = Math.max(moved, failed ? lastAsked(entries.slice(0, asked)) : asked);
    return (
      <div class="scroll" ref={this.box} tabIndex={0} role="region" aria-label={t('对话')}>
        <div class="log" role="log" aria-live="polite" aria-label={t('对话')}>
          {entries.map((e, i) =>
            e.from === 'bot' ? (
              <Bubble key={e.key} message={e.message} chat={chat} live={i > live} />
            ) : e.from === 'resident' ? (
              <Mine key={e.key} entry={e} />
            ) : (
              <PageNote key={e.key} entry={e} chat={chat} />
            ),
          )}
        </div>
        <p class="typing" role="status">
          {chat.typing && (
            <>
              <i />
              <i />
              <i />
              <span>{t('正在查，请稍等')}</span>
            </>
          )}
        </p>
      </div>
    );
  }
}
