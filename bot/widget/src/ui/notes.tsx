// What the resident said, and what the page itself says: the welcome, another city.
import type { Chat } from '../model/chat';
import type { Entry } from '../model/types';
import { t } from '../text/strings';
import { privacy } from './menu';
import { Options } from './options';

type Said = Extract<Entry, { from: 'resident' }>;
type Note = Extract<Entry, { from: 'page' }>;

export function Mine({ entry }: { entry: Said }) {
  return (
    <article class="msg mine">
      <span class="hide">{t('您说：')}</span>
      {entry.title.split('\n').map((line) => (
        <p>{line}</p>
      ))}
      {entry.state === 'waiting' && <p class="wait">{t('还没有发出去')}</p>}
      {entry.state === 'refused' && (
        <p class="wait" role="alert">
          {entry.why}
        </p>
      )}
    </article>
  );
}

export function PageNote({ entry, chat }: { entry: Note; chat: Chat }) {
  const welcome = entry.key === 'welcome';
  return (
    <article class="msg">
      <span class="hide">{t('邻里通说：')}</span>
      <div class="say">
        {welcome ? <p>{t('您好，我是邻里通。吃饭、养老、租房、补贴、办事，用平常话问我就行。')}</p> : <p>{entry.text}</p>}
        {welcome && entry.region && chat.regions.length > 0 && <p class="ask">{t('先选一下：您要问什么地方的事？')}</p>}
      </div>
      {entry.region && <Options items={chat.regions.map((r) => ({ title: r.name, payload: r.region }))} onPick={(b) => chat.moveTo(b.payload)} />}
      <Options items={entry.buttons} onPick={(b) => chat.ask(b.payload, b.title)} />
      {welcome && <p class="soft">{privacy(chat)}</p>}
    </article>
  );
}
