// <community-launcher>: a quiet button in a corner. It opens nothing by itself, and can be put away.
import { render } from 'preact';
import css from '../style/launcher.css';
import { t } from '../text/strings';
import type { CommunityChat } from './element';
import { Icon } from './icons';
import { dress } from './styles';

const GONE = 'linlitong.away';
const PASSED_ON = ['region', 'host', 'starters', 'theme', 'elder', 'scale'];

/** Puts the launcher on the page once there is a body; `data` are the script's data attributes. */
export function launch(data: DOMStringMap): void {
  const put = () => {
    if (document.querySelector('community-launcher')) return;
    const launcher = document.createElement('community-launcher');
    for (const name of [...PASSED_ON, 'label', 'side']) if (data[name] !== undefined) launcher.setAttribute(name, data[name] as string);
    document.body.append(launcher);
  };
  if (document.body) put();
  else document.addEventListener('DOMContentLoaded', put);
}

export class CommunityLauncher extends HTMLElement {
  private panel: HTMLElement | null = null;
  private chat: CommunityChat | null = null;

  connectedCallback(): void {
    if (this.panel) return;
    const root = this.attachShadow({ mode: 'open' });
    dress(root, css);
    this.panel = document.createElement('div');
    this.panel.className = 'panel';
    this.panel.hidden = true;
    this.panel.setAttribute('role', 'dialog');
    this.panel.setAttribute('aria-label', this.label());
    this.chat = document.createElement('community-chat') as CommunityChat;
    this.chat.setAttribute('closable', '');
    for (const name of PASSED_ON) if (this.hasAttribute(name)) this.chat.setAttribute(name, this.getAttribute(name) as string);
    this.chat.addEventListener('close', () => this.show(false));
    this.panel.append(this.chat);
    const bar = document.createElement('div');
    root.append(bar, this.panel);
    let away = false;
    try {
      away = sessionStorage.getItem(GONE) === 'yes';
    } catch (e) {
      /* nothing can be kept here */
    }
    this.hidden = away;
    render(
      <div class="bar">
        <button class="open" aria-expanded="false" onClick={() => this.show(true)}>
          <Icon name="chat" /> {this.label()}
        </button>
        <button class="away" aria-label={t('收起这个按钮')} title={t('收起这个按钮')} onClick={() => this.putAway()}>
          <Icon name="close" />
        </button>
      </div>,
      bar,
    );
    const view = window.visualViewport;
    // The phone's keyboard covers what is fixed at the bottom: the panel keeps to what can be seen.
    if (view) view.addEventListener('resize', () => this.panel && this.panel.style.setProperty('--seen', view.height + 'px'));
  }

  /** Opens or closes the chat; the keyboard goes with it, and comes back. */
  show(open: boolean): void {
    const button = this.shadowRoot && this.shadowRoot.querySelector<HTMLElement>('.open');
    if (!this.panel || !this.chat || !button) return;
    this.panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    this.classList.toggle('open', open);
    if (open) {
      this.chat.begin();
      this.chat.enter();
    } else button.focus();
  }

  private putAway(): void {
    this.hidden = true;
    try {
      sessionStorage.setItem(GONE, 'yes');
    } catch (e) {
      /* it comes back with the next page */
    }
  }

  private label(): string {
    return this.getAttribute('label') || t('问邻里通');
  }
}
