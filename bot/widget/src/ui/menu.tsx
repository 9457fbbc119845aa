// Settings and what must always be in reach. It opens in place, over nothing.
import { Component, createRef } from 'preact';
import type { Chat } from '../model/chat';
import { canSpeak, speak } from '../model/speech';
import { t } from '../text/strings';

interface Props {
  chat: Chat;
  done: () => void;
}

export class Menu extends Component<Props, { sure: boolean }> {
  state = { sure: false };
  private box = createRef<HTMLDivElement>();

  componentDidMount(): void {
    // The keyboard goes into what has just opened.
    (this.box.current as HTMLElement).focus();
  }

  render({ chat, done }: Props, { sure }: { sure: boolean }) {
    const setSure = (on: boolean) => this.setState({ sure: on });
    const { scale, aloud, traditional } = chat.settings;
    const sizes: [number, string][] = [
      [1, t('标准')],
      [1.25, t('大')],
      [1.5, t('更大')],
      [2, t('最大')],
    ];
    return (
      <div class="menu" role="group" aria-label={t('设置')} tabIndex={-1} ref={this.box}>
        {chat.regions.length > 0 && (
          <label class="line">
            <span>{t('地区')}</span>
            <select value={chat.region} onChange={(e) => chat.moveTo((e.target as HTMLSelectElement).value)}>
              {!chat.region && <option value="">{t('请选地方')}</option>}
              {chat.regions.map((r) => (
                <option value={r.region}>{r.name}</option>
              ))}
            </select>
          </label>
        )}
        <div class="line" role="group" aria-label={t('字的大小')}>
          <span>{t('字号')}</span>
          <div class="row">
            {sizes.map(([size, name]) => (
              <button aria-pressed={scale === size} onClick={() => chat.set({ scale: size })}>
                {name}
              </button>
            ))}
          </div>
        </div>
        <div class="line">
          <span>{t('文字')}</span>
          <div class="row">
            <button aria-pressed={!traditional} onClick={() => chat.set({ traditional: false })}>
              简体
            </button>
            <button aria-pressed={traditional} lang="zh-Hant" onClick={() => chat.set({ traditional: true })}>
              繁體
            </button>
          </div>
        </div>
        {canSpeak() && (
          <div class="line">
            <span>{t('回答')}</span>
            <button
              aria-pressed={aloud}
              onClick={() => {
                if (aloud) speak('');
                chat.set({ aloud: !aloud });
              }}
            >
              {t('每条都念出来')}
            </button>
          </div>
        )}
        <div class="line">
          <span>{t('记录')}</span>
          <button onClick={() => chat.download()}>{t('下载我的记录')}</button>
        </div>
        <div class="line forget">
          {sure ? (
            <>
              <p>{t('要删除您的对话和说过的情况吗？')}</p>
              <div class="row">
                <button
                  class="danger"
                  onClick={() => {
                    chat.forget();
                    done();
                  }}
                >
                  {t('删除')}
                </button>
                <button onClick={() => setSure(false)}>{t('不删')}</button>
              </div>
            </>
          ) : (
            <button onClick={() => setSure(true)}>{t('清除我的记录')}</button>
          )}
        </div>
        <p class="soft">{privacy(chat)}</p>
      </div>
    );
  }
}

/** Said before the first fact, and here. */
export function privacy(chat: Chat): string {
  const { keepHours, keepDays } = chat;
  const end = keepHours ? t('不说话') + keepHours + t('小时就自动删除') : t('过一段时间自动删除');
  const talk = keepDays * 24 > keepHours ? t('；对话去掉姓名、号码留') + keepDays + t('天') : '';
  return t('您说的情况只用来回答您，') + end + talk + t('。也可以随时点“设置”，再点“清除我的记录”。');
}
