// The conversation: what was said, what waits to be sent, and the settings of whoever reads. Draws nothing.
import { EventStream } from './events';
import { locate, Place } from './place';
import { Line, Refusal, Server, Session } from './server';
import { load, onChange, save } from './storage';
import type { BotMessage, Button, Entry } from './types';
import { t, useTraditional } from '../text/strings';

interface Waiting {
  message_id: string;
  text: string;
  region: string;
  location?: Place;
}

export interface Region {
  region: string;
  name: string;
}

export interface Settings {
  elder: boolean;
  /** Text size over the mode's own: 1, 1.25, 1.5 or 2. */
  scale: number;
  traditional: boolean;
  /** Answers are read aloud without being asked for. */
  aloud: boolean;
}

export interface Notice {
  text: string;
  /** Whether the emergency numbers stand below it. */
  urgent: boolean;
}

const NATIONWIDE = '100000';
/** Kinds that say nothing of a place: after them nobody is asked for the city. */
const PLACELESS = /^(ack|emergency|error|out_of_scope|handoff)$/;
const DEFAULTS: Settings = { elder: false, scale: 1, traditional: false, aloud: false };
const newId = () => (Date.now().toString(36) + Math.random().toString(36).slice(2)).slice(0, 32);
export const kindOf = (m: BotMessage) => (m.custom && m.custom.kind) || '';
const forgets = (m: BotMessage) => kindOf(m) === 'ack' && m.custom.of === 'forget';

export class Chat {
  readonly server: Server;
  entries: Entry[] = [];
  regions: Region[] = [];
  /** Hours of silence after which the server forgets what was told; 0 while that is not known. */
  keepHours = 0;
  /** Days after which it deletes the conversation. */
  keepDays = 0;
  typing = false;
  notice: Notice | null = null;
  settings: Settings;
  region: string;
  /** Called with each answer that has just come (not with those of the history). */
  onAnswer: (messages: BotMessage[]) => void = () => undefined;

  private session: Session | null = load<Session>('session');
  private queue: Waiting[] = load<Waiting[]>('queue') || [];
  private stream: EventStream | null = null;
  private place: Place | null = null;
  private sending = false;
  private started = false;
  private lastId = 0;
  private lastQuestion = '';
  private readonly shown = new Set<number>();
  private readonly titles: Record<string, string> = {};
  private readonly listeners = new Set<() => void>();
  private readonly stops: (() => void)[] = [];

  constructor(base: string, region: string, readonly starters: string[], settings: Partial<Settings>) {
    this.server = new Server(base);
    this.region = load<string>('region') || region;
    this.settings = { ...DEFAULTS, ...load<Partial<Settings>>('settings'), ...settings };
    useTraditional(this.settings.traditional);
    this.welcome();
  }

  subscribe(call: () => void): () => void {
    this.listeners.add(call);
    return () => this.listeners.delete(call);
  }

  /** Begins to speak with the server: only once the chat is seen, so that a page that merely has it costs nothing. */
  start(): void {
    if (this.started) return;
    this.started = true;
    const online = () => {
      this.tell('');
      this.flush();
    };
    const offline = () => this.tell(t('您的手机现在没有网络，连上了会自动再发。'), true);
    addEventListener('online', online);
    addEventListener('offline', offline);
    this.stops.push(
      () => removeEventListener('online', online),
      () => removeEventListener('offline', offline),
      onChange('session', () => this.adopt()),
      onChange('queue', () => {
        this.queue = load<Waiting[]>('queue') || [];
      }),
    );
    if (!navigator.onLine) offline();
    this.loadRegions();
    this.resume();
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
    if (this.stream) this.stream.close();
    this.stream = null;
    this.started = false;
  }

  /** Says something in the resident's name: typed, spoken, or the payload of a button. */
  ask(said: string, title = ''): void {
    const text = said.trim().slice(0, 500);
    const last = this.entries[this.entries.length - 1];
    // A trembling finger taps twice: the same button again is no new question before it is answered.
    if (!text || (title && last && last.from === 'resident' && last.text === text && last.state === 'sent')) return;
    if (title) this.titles[text] = title;
    const before = this.lastBot();
    if (!before || kindOf(before) !== 'question') this.lastQuestion = text;
    const item: Waiting = { message_id: newId(), text, region: this.region || NATIONWIDE, location: this.place || undefined };
    this.keep([...this.queue, item]);
    this.put(this.mine(item.message_id, text));
    this.flush();
  }

  set(change: Partial<Settings>): void {
    const script = change.traditional !== undefined && change.traditional !== this.settings.traditional;
    this.settings = { ...this.settings, ...change };
    save('settings', this.settings);
    useTraditional(this.settings.traditional);
    if (script) this.rewrite();
    this.changed();
  }

  /** Another place from now on; `heard` where the resident named it in a question that is already answered. */
  moveTo(region: string, heard = false): void {
    this.place = null;
    this.region = region;
    save('region', region);
    const again = this.lastQuestion;
    const name = this.regionName(region);
    const text = region === NATIONWIDE ? t('好，我按全国统一的规定回答您。') : t('好，我按') + name + t('的资料回答您。');
    const buttons: Button[] = heard ? [] : again ? [{ title: t('再问一遍：') + (this.titles[again] || again), payload: again }] : this.starterButtons();
    this.entries = this.entries.filter((e) => e.from !== 'page' || !e.region);
    this.put({ key: newId(), from: 'page', text, buttons });
  }

  regionName(region: string): string {
    const found = this.regions.find((r) => r.region === region);
    return found ? found.name : region === NATIONWIDE ? t('全国') : '';
  }

  /** Takes the device's place, to some hundred metres, and goes on with it. */
  locate(): void {
    this.tell(t('正在取您的位置……'));
    const before = this.entries.length;
    locate().then(
      (place) => {
        this.tell('');
        this.place = place;
        if (this.entries.length === before) this.ask('用我现在的位置', t('用我现在的位置'));
      },
      () => this.tell(t('没有取到位置。请打字告诉我地名，比如路名、小区、地铁站。')),
    );
  }

  /** Raises Refusal where it could not be passed on. */
  async rate(answer: string, helpful: boolean, comment: string): Promise<void> {
    const body = { token: this.session ? this.session.token : '', answer_id: answer, helpful, comment: comment || undefined };
    await this.server.call('feedback', { body });
  }

  /** Deletes the conversation and everything said in it, here and on the server. */
  async forget(): Promise<void> {
    try {
      let said = t('没有要删除的记录。');
      for (const token of [...this.ended(), ...(this.session ? [this.session.token] : [])]) {
        try {
          said = (await this.server.call<{ message: string }>('conversation', { token, method: 'DELETE' })).message;
        } catch (e) {
          // So old that nothing is left of it.
          if ((e as Refusal).status !== 401) throw e;
        }
      }
      save('ended', null);
      this.reset([]);
      this.tell(said);
    } catch (e) {
      this.tell((e as Refusal).message || t('现在连不上，还没有删除，请稍后再点一次。'));
    }
  }

  /** Everything that the server keeps of the conversation, as a file. */
  async download(): Promise<void> {
    try {
      const token = this.session ? this.session.token : '';
      const told = token ? (await this.server.call<{ text: string }>('export?script=' + this.script(), { token })).text : '';
      if (!told) return this.tell(t('还没有记录。'));
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([told], { type: 'text/plain' }));
      link.download = t('邻里通记录') + '.txt';
      link.click();
    } catch (e) {
      this.tell((e as Refusal).message || t('现在连不上，请稍后再点一次。'));
    }
  }

  /** The keys of conversations that have ended: they can still be deleted. */
  private ended(): string[] {
    return load<string[]>('ended') || [];
  }

  tell(text: string, urgent = false): void {
    this.notice = text ? { text, urgent } : null;
    this.changed();
  }

  // --- with the server ------------------------------------------------------------------------------

  private async resume(): Promise<void> {
    if (this.session) {
      try {
        await this.history();
        this.listen();
      } catch (e) {
        if ((e as Refusal).status === 401) this.end();
        else if (this.started) setTimeout(() => this.started && this.resume(), 4000);
      }
    }
    for (const item of this.queue) if (!this.hasMine(item.message_id)) this.put(this.mine(item.message_id, item.text));
    this.flush();
  }

  /** One message at a time, in order; what cannot be sent now stays in the queue. */
  private async flush(): Promise<void> {
    if (this.sending || !this.queue.length || !this.started) return;
    this.sending = this.typing = true;
    this.changed();
    let wait = 0;
    let renewed = false;
    while (this.queue.length && !wait) {
      const item = this.queue[0];
      let replies: BotMessage[] = [];
      try {
        await this.begin(false);
        const body = { ...item, token: (this.session as Session).token, script: this.script() };
        replies = ((await this.server.call<{ messages: BotMessage[] }>('message', { body })).messages || []).filter(Boolean);
        if (this.notice && this.notice.urgent) this.tell('');
        this.mark(item.message_id, 'sent');
      } catch (e) {
        const refusal = e as Refusal;
        if (refusal.status === 401 && !renewed) {
          renewed = true;
          this.end();
          continue;
        }
        if (!refusal.status || refusal.status >= 500 || refusal.status === 429) {
          wait = refusal.wait;
          this.cannotSend(refusal);
          break;
        }
        this.mark(item.message_id, 'refused', refusal.message || t('这句话没有发出去，请换个说法再试。'));
      }
      this.keep(this.queue.filter((other) => other.message_id !== item.message_id));
      try {
        this.answered(replies);
      } catch (e) {
        // An answer that cannot be shown must not hold up what is asked after it.
        this.tell(t('这条回答显示不出来，请再问一次。'), true);
      }
    }
    this.sending = this.typing = false;
    this.changed();
    if (wait) setTimeout(() => this.flush(), wait * 1000);
  }

  private cannotSend(refusal: Refusal): void {
    if (refusal.status === 429) {
      this.tell(refusal.message);
      return;
    }
    const why = !navigator.onLine ? t('您的手机现在没有网络。') : refusal.message.split('急事')[0] || t('现在连不上邻里通。');
    this.tell(why + t('您的话已经存好，连上了会自动再发。'), true);
    for (const item of this.queue) this.mark(item.message_id, 'waiting');
  }

  private answered(replies: BotMessage[]): void {
    if (!replies.length) return;
    // A page that holds what was just deleted is emptied before the last word is read on it.
    if (replies.some(forgets)) this.reset(this.queue);
    this.follow(replies[0]);
    for (const message of replies) this.hear(message);
    if (!this.region && !replies.every((m) => PLACELESS.test(kindOf(m)))) this.askRegion(t('上面是按全国的规定答的。您要问什么地方的事？选好了我再答一遍。'));
    this.onAnswer(replies);
    this.changed();
  }

  private async begin(fresh: boolean): Promise<void> {
    if (this.session && !fresh) return;
    this.session = await this.server.call<Session>('session', { body: this.region ? { region: this.region } : {} });
    save('session', this.session);
    this.listen();
  }

  private listen(): void {
    if (this.stream) this.stream.close();
    const session = this.session;
    if (!session || typeof ReadableStream !== 'function' || typeof AbortController !== 'function') return;
    const url = () => this.server.base + '/webhooks/web/events?script=' + this.script();
    this.stream = new EventStream(url, session.token, () => this.lastId, {
      open: () => this.flush(),
      refused: () => this.drop(),
      // While a message is under way its own answer says so, too; what waits behind it is not lost.
      forgotten: () => this.entries.length > 1 && this.reset(this.sending ? this.queue : []),
      message: (message: BotMessage) => {
        const asked = message.in_reply_to || '';
        // What another tab asked is taken from the history; what we asked comes with its own answer.
        if (asked && !this.hasMine(asked)) this.history().catch(() => undefined);
        else if (!asked || !this.sending) {
          this.hear(message);
          this.changed();
        }
      },
    });
  }

  private async history(): Promise<void> {
    const session = this.session as Session;
    const told = await this.server.call<{ messages: Line[]; last_event_id: number }>('history?script=' + this.script(), { token: session.token });
    const from = told.messages.map((line) => forgets(line.message)).lastIndexOf(true);
    this.shown.clear();
    this.entries = [];
    this.welcome();
    for (const line of told.messages.slice(Math.max(from, 0))) {
      if (line.from === 'bot') this.hear(line.message);
      else this.put(this.mine(line.message_id, line.message.text));
    }
    for (const item of this.queue) if (!this.hasMine(item.message_id)) this.put(this.mine(item.message_id, item.text));
    this.lastId = Math.max(this.lastId, told.last_event_id);
    this.changed();
  }

  private async loadRegions(): Promise<void> {
    try {
      const told = await this.server.call<{ regions: Region[]; keep_hours?: number; keep_days?: number }>('regions?script=' + this.script());
      this.regions = told.regions;
      this.keepHours = told.keep_hours || 0;
      this.keepDays = told.keep_days || 0;
    } catch (e) {
      return;
    }
    if (!this.region && this.entries.length === 1) {
      this.entries = [];
      this.welcome();
    }
    this.changed();
  }

  /** Simplified or Traditional: everything that stands there is fetched again. */
  private rewrite(): void {
    if (!this.started) return;
    this.loadRegions();
    if (this.session) {
      this.history().catch(() => undefined);
      this.listen();
    } else {
      this.entries = [];
      this.welcome();
    }
  }

  /** Another tab has begun or ended the conversation. */
  private adopt(): void {
    const other = load<Session>('session');
    if (other && this.session && other.token === this.session.token) return;
    if (!other) this.reset([]);
    else if (!this.sending) {
      this.session = other;
      this.lastId = 0;
      this.resume();
    }
  }

  private script(): string {
    return this.settings.traditional ? 'hant' : 'hans';
  }

  // --- what stands there ------------------------------------------------------------------------------

  private hear(message: BotMessage): void {
    if (message.id) {
      if (this.shown.has(message.id)) return;
      this.shown.add(message.id);
      this.lastId = Math.max(this.lastId, message.id);
    }
    for (const list of [message.buttons, message.custom && message.custom.options])
      if (Array.isArray(list)) for (const b of list) if (b && typeof b.payload === 'string' && typeof b.title === 'string') this.titles[b.payload] = b.title;
    this.put({ key: message.id ? 'b' + message.id : newId(), from: 'bot', message });
  }

  private mine(id: string, text: string): Entry {
    return { key: id, from: 'resident', text, title: this.titles[text] || text, id, state: 'sent' };
  }

  private mark(id: string, state: 'sent' | 'waiting' | 'refused', why = ''): void {
    this.entries = this.entries.map((e) => (e.from === 'resident' && e.id === id ? { ...e, state, why } : e));
  }

  private hasMine(id: string): boolean {
    return this.entries.some((e) => e.from === 'resident' && e.id === id);
  }

  private lastBot(): BotMessage | null {
    const all = this.entries.filter((e) => e.from === 'bot');
    const last = all[all.length - 1];
    return last && last.from === 'bot' ? last.message : null;
  }

  private welcome(): void {
    this.put({ key: 'welcome', from: 'page', text: '', buttons: this.region ? this.starterButtons() : [], region: !this.region });
  }

  private askRegion(text: string): void {
    this.entries = this.entries.filter((e) => e.from !== 'page' || !e.region);
    this.put({ key: newId(), from: 'page', text, buttons: [], region: true });
  }

  private starterButtons(): Button[] {
    return this.starters.map((text) => ({ title: t(text), payload: text }));
  }

  /** The page shows the city that the bot speaks of, also where the resident named it in words. */
  private follow(message: BotMessage): void {
    const region = (message.custom && message.custom.region) || '';
    if (region && region !== NATIONWIDE && region !== this.region && this.regions.some((r) => r.region === region)) this.moveTo(region, true);
  }

  private put(entry: Entry): void {
    this.entries = [...this.entries, entry];
    this.changed();
  }

  private keep(queue: Waiting[]): void {
    this.queue = queue;
    save('queue', queue.length ? queue : null);
  }

  private end(): void {
    if (this.session) save('ended', [...this.ended(), this.session.token].slice(-30));
    this.drop();
  }

  private drop(): void {
    this.session = null;
    save('session', null);
    if (this.stream) this.stream.close();
    this.stream = null;
  }

  private reset(queue: Waiting[]): void {
    this.drop();
    this.keep(queue);
    this.place = null;
    this.lastQuestion = '';
    this.lastId = 0;
    this.shown.clear();
    this.entries = [];
    this.welcome();
    for (const item of queue) this.put(this.mine(item.message_id, item.text));
  }

  private changed(): void {
    for (const call of this.listeners) call();
  }
}
