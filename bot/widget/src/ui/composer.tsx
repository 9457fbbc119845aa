// The field: typed, or spoken where the browser can.
import { Component, createRef } from 'preact';
import type { Chat } from '../model/chat';
import { canListen, listen } from '../model/speech';
import { t } from '../text/strings';
import { Icon } from './icons';

interface State {
  text: string;
  hears: boolean;
  /** Ends listening; null while nothing is listened to. */
  stop: (() => void) | null;
}

export class Composer extends Component<{ chat: Chat }, State> {
  state: State = { text: '', hears: canListen(), stop: null };
  private field = createRef<HTMLTextAreaElement>();

  componentDidMount(): void {
    this.componentDidUpdate();
  }

  /** The field grows with what is written. */
  componentDidUpdate(): void {
    const box = this.element();
    box.style.height = 'auto';
    box.style.height = box.scrollHeight + 3 + 'px';
  }

  private element = () => this.field.current as HTMLTextAreaElement;

  private send = (e: Event) => {
    e.preventDefault();
    this.props.chat.ask(this.state.text);
    this.setState({ text: '' });
    this.element().focus();
  };

  private keys = (e: KeyboardEvent) => {
    // Enter that chooses a word of the input method must not send; 229 is what old engines tell.
    if (e.key === 'Enter' && !e.shiftKey && !e.isComposing && e.keyCode !== 229) this.send(e);
  };

  private speakInstead = () => {
    if (this.state.stop) {
      this.state.stop();
      return;
    }
    const stop = listen(
      (heard) => this.setState({ text: heard.slice(0, 500) }),
      (never) => {
        this.setState({ stop: null, hears: !never });
        if (never) this.props.chat.tell(t('这个浏览器听不了语音，请打字，或者用输入法的话筒。'));
        this.element().focus();
      },
    );
    this.setState({ stop });
  };

  render(_: { chat: Chat }, { text, hears, stop }: State) {
    return (
      <form class="field" onSubmit={this.send}>
        <textarea
          ref={this.field}
          rows={1}
          maxLength={500}
          aria-label={t('您想问什么')}
          placeholder={stop ? t('请说话……') : t('想问什么？')}
          enterkeyhint="send"
          value={text}
          onInput={(e) => this.setState({ text: (e.target as HTMLTextAreaElement).value })}
          onKeyDown={this.keys}
        />
        {hears && (
          <button
            type="button"
            class="mic"
            aria-pressed={Boolean(stop)}
            aria-label={stop ? t('说完了') : t('说话输入')}
            onClick={this.speakInstead}
          >
            <Icon name="mic" />
          </button>
        )}
        <button class="send">{t('发送')}</button>
      </form>
    );
  }
}
