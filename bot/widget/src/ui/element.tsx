// <community-chat>: the chat in a shadow root of its own, so that no style leaks in or out.
import { render } from 'preact';
import { Chat, Settings } from '../model/chat';
import base from '../style/base.css';
import cards from '../style/cards.css';
import { App } from './app';
import { dress } from './styles';

const STARTERS = ['附近哪儿能吃上便宜饭', '租房子政府补不补钱', '我妈七十五了能领什么', '有没有育儿补贴'];

export class CommunityChat extends HTMLElement {
  /** Where the script came from; the server's address unless `host` says another. */
  static home = '';

  private chat: Chat | null = null;
  private box: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.chat) return;
    const root = this.shadowRoot || this.attachShadow({ mode: 'open' });
    if (!this.box) {
      dress(root, base + cards);
      this.box = document.createElement('div');
      this.box.className = 'box';
      root.append(this.box);
    }
    this.chat = new Chat(this.server(), this.getAttribute('region') || '', this.starters(), this.asked());
    const close = this.hasAttribute('closable') ? () => this.dispatchEvent(new CustomEvent('close')) : null;
    render(<App chat={this.chat} close={close} theme={this.getAttribute('theme') || ''} />, this.box);
    if (!close) this.begin();
  }

  disconnectedCallback(): void {
    if (this.box) render(null, this.box);
    if (this.chat) this.chat.stop();
    this.chat = null;
  }

  /** Speaks with the server from now on; a launcher calls it when it is first opened. */
  begin(): void {
    if (this.chat) this.chat.start();
  }

  /** Where the keyboard goes when the chat opens: to the field, but on a phone that would bring up its keyboard. */
  enter(): void {
    const fine = typeof matchMedia === 'function' && matchMedia('(pointer: fine)').matches;
    const target = this.shadowRoot && this.shadowRoot.querySelector<HTMLElement>(fine ? '.field textarea' : '.cc');
    if (target) target.focus();
  }

  /** `host` where it is an address of the web, the script's own otherwise. */
  private server(): string {
    const host = this.getAttribute('host') || '';
    return /^https?:\/\//.test(host) ? new URL(host).origin : CommunityChat.home;
  }

  private starters(): string[] {
    const given = this.getAttribute('starters');
    return given === null ? STARTERS : given.split('|').map((s) => s.trim()).filter(Boolean).slice(0, 6);
  }

  private asked(): Partial<Settings> {
    const scale = Number(this.getAttribute('scale'));
    const wanted: Partial<Settings> = {};
    if (this.hasAttribute('elder')) wanted.elder = true;
    if (scale >= 0.5 && scale <= 4) wanted.scale = Math.min(2, Math.max(1, scale));
    return wanted;
  }
}
