// The whole chat: header, settings, notice, conversation, field. Components with a state are classes here: the hooks
// would be a twentieth of what the widget weighs.
import { Component } from 'preact';
import type { Chat } from '../model/chat';
import { speak } from '../model/speech';
import { isTraditional, t } from '../text/strings';
import { Composer } from './composer';
import { Icon } from './icons';
import { Log } from './log';
import { Menu } from './menu';
import { Notice } from './notice';

interface Props {
  chat: Chat;
  /** Given where the chat stands in a panel that can be closed. */
  close: (() => void) | null;
  theme: string;
}

const NORMAL_PX = 18;
const ELDER_PX = 24;

export class App extends Component<Props, { menu: boolean }> {
  state = { menu: false };
  private stop = () => undefined as void;

  componentDidMount(): void {
    const { chat } = this.props;
    this.stop = chat.subscribe(() => this.setState({}));
    chat.onAnswer = (messages) => chat.settings.aloud && speak(messages.map((m) => m.text).join('\n'));
  }

  componentWillUnmount(): void {
    this.stop();
  }

  private keys = (e: KeyboardEvent) => {
    const box = e.currentTarget as HTMLElement;
    const find = (what: string) => box.querySelector(what) as HTMLElement;
    const { close } = this.props;
    if (e.key === 'Escape' && (this.state.menu || close)) {
      e.stopPropagation();
      if (this.state.menu) {
        this.setState({ menu: false });
        find('.more').focus();
      } else if (close) close();
    } else if (e.key === 'F6') {
      // Between what was said and the field, as desk programs go between their panes.
      e.preventDefault();
      const field = find('.field textarea');
      ((box.getRootNode() as ShadowRoot).activeElement === field ? find('.scroll') : field).focus();
    }
  };

  render({ chat, close, theme }: Props, { menu }: { menu: boolean }) {
    const { elder, scale } = chat.settings;
    const show = (open: boolean) => () => this.setState({ menu: open });
    return (
      <div
        class={'cc' + (elder ? ' elder ' : ' ') + theme}
        lang={isTraditional() ? 'zh-Hant' : 'zh-Hans'}
        style={{ fontSize: (elder ? ELDER_PX : NORMAL_PX) * scale + 'px' }}
        tabIndex={-1}
        onKeyDown={this.keys}
      >
        <div class="head">
          <h2>{t('邻里通')}</h2>
          <button aria-pressed={elder} onClick={() => chat.set({ elder: !elder })}>
            {t('长辈版')}
          </button>
          <a class="btn call" href="tel:12345" aria-label={t('打12345')}>
            <Icon name="phone" />
            12345
          </a>
          <button class="more" aria-expanded={menu} aria-label={t('设置')} onClick={show(!menu)}>
            <Icon name="menu" />
          </button>
          {close && (
            <button class="shut" aria-label={t('关上')} onClick={close}>
              <Icon name="close" />
            </button>
          )}
        </div>
        {menu && <Menu chat={chat} done={show(false)} />}
        <Notice notice={chat.notice} />
        <Log chat={chat} />
        <Composer chat={chat} />
      </div>
    );
  }
}
