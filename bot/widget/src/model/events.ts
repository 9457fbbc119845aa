// Server-sent events over fetch: EventSource can send neither the token nor Last-Event-ID of our own choosing.

export interface EventHandlers {
  message(data: any): void;
  forgotten(): void;
  /** The stream stands (again). */
  open(): void;
  /** The token is no longer good. */
  refused(): void;
}

export class EventStream {
  private stopper: AbortController | null = null;
  private stopped = false;
  private waits = 0;

  constructor(private url: () => string, private token: string, private lastId: () => number, private on: EventHandlers) {
    this.run();
  }

  close(): void {
    this.stopped = true;
    if (this.stopper) this.stopper.abort();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.once();
        this.waits = 0;
      } catch (e) {
        /* dropped: it is tried again */
      }
      if (this.stopped) return;
      // 1, 2, 4 … 30 seconds, and a little apart from the others who lost the same server.
      const pause = Math.min(30000, 1000 * 2 ** this.waits++) * (0.75 + Math.random() / 2);
      await new Promise((go) => setTimeout(go, pause));
      while (!this.stopped && (document.hidden || !navigator.onLine)) await new Promise((go) => setTimeout(go, 500));
    }
  }

  private async once(): Promise<void> {
    this.stopper = new AbortController();
    const response = await fetch(this.url(), {
      headers: { Authorization: 'Bearer ' + this.token, 'Last-Event-ID': String(this.lastId()), Accept: 'text/event-stream' },
      credentials: 'omit',
      signal: this.stopper.signal,
    });
    if (response.status === 401) {
      this.stopped = true;
      this.on.refused();
      return;
    }
    if (!response.ok || !response.body) throw new Error('no stream');
    this.waits = 0;
    this.on.open();
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let buffer = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += decoder.decode(value, { stream: true });
      const blocks = buffer.split('\n\n');
      buffer = blocks.pop() || '';
      for (const block of blocks) this.heard(block);
    }
  }

  private heard(block: string): void {
    let name = 'message';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event: ')) name = line.slice(7);
      if (line.startsWith('data: ')) data += line.slice(6);
    }
    if (name === 'forgotten') this.on.forgotten();
    else if (data) this.on.message(JSON.parse(data));
  }
}
