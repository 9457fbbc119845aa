// Below an answer: have it read aloud, and say whether it helped.
import { Component, createRef } from 'preact';
import type { Chat } from '../model/chat';
import { canSpeak, speak } from '../model/speech';
import { t } from '../text/strings';
import { Icon } from '../ui/icons';
import { Options } from '../ui/options';

const MAX_COMMENT = 500;

interface Props {
  answer: string | undefined;
  /** What is read aloud. */
  text: string;
  chat: Chat;
}

interface State {
  speaking?: boolean;
  /** Whether it is asked what did not help. */
  asking?: boolean;
  done?: boolean;
  told?: string;
}

export class Rating extends Component<Props, State> {
  private status = createRef<HTMLParagraphElement>();
  private words = '';

  componentWillUnmount(): void {
    if (this.state.speaking) speak('', () => undefined);
  }

  private aloud = () => {
    const speaking = !this.state.speaking;
    this.setState({ speaking });
    speak(speaking ? this.props.text : '', () => this.setState({ speaking: false }));
  };

  private rate(helpful: boolean, comment: string): void {
    this.props.chat.rate(this.props.answer as string, helpful, comment.slice(0, MAX_COMMENT)).then(
      () => {
        this.setState({ done: true, told: t('谢谢，已经记下。') });
        // The button that had the keyboard goes.
        if (this.status.current) this.status.current.focus();
      },
      (e: Error) => this.setState({ told: e.message || t('没有记上，请稍后再点一次。') }),
    );
  }

  render({ answer }: Props, { speaking, asking, done, told }: State) {
    const open = answer && !done;
    return (
      <>
        <div class="row under">
          {canSpeak() && (
            <button onClick={this.aloud}>
              <Icon name={speaking ? 'close' : 'sound'} />
              {speaking ? t('停') : t('朗读')}
            </button>
          )}
          {open && <button onClick={() => this.rate(true, '')}>{t('有用')}</button>}
          {open && (
            <button aria-expanded={Boolean(asking)} onClick={() => this.setState({ asking: !asking })}>
              {t('没用')}
            </button>
          )}
        </div>
        {open && asking && (
          <div class="why">
            <label>
              {t('可以先写几句，再点一个原因')}
              <textarea
                maxLength={MAX_COMMENT - 10}
                onInput={(e) => {
                  this.words = e.currentTarget.value;
                }}
              />
            </label>
            <Options
              items={t('答非所问 信息不对 看不懂 没说全 其他')
                .split(' ')
                .map((one) => ({ title: one, payload: one }))}
              onPick={(b) => this.rate(false, b.title + ' ' + this.words)}
            />
          </div>
        )}
        <p role="status" tabIndex={-1} ref={this.status}>
          {told}
        </p>
      </>
    );
  }
}
