// The calls of the web channel. No cookies: the widget also stands on other sites than the server's.
import type { BotMessage } from './types';

export interface Session {
  session: string;
  token: string;
  expires_at: string;
}

export interface Line {
  from: 'resident' | 'bot';
  message_id: string;
  at: string;
  message: BotMessage;
}

export class Refusal extends Error {
  /** HTTP status; 0 where the server was not reached. */
  status: number;
  code: string;
  /** Seconds after which it may be tried again. */
  wait: number;

  constructor(message: string, status: number, code: string, wait: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }
}

// A phone in a lift keeps a dead connection open for minutes; the bot itself takes 30 seconds at most.
const PATIENCE_MS = 45000;

export class Server {
  constructor(readonly base: string) {}

  /** Raises Refusal, with the server's own Chinese sentence where there is one. */
  async call<T>(path: string, options: { token?: string; body?: object; method?: string } = {}): Promise<T> {
    const { token, body, method } = options;
    const headers: Record<string, string> = {};
    if (body) headers['Content-Type'] = 'application/json';
    else if (token) headers.Authorization = 'Bearer ' + token;
    const stop = typeof AbortController === 'function' ? new AbortController() : null;
    const timer = setTimeout(() => stop && stop.abort(), PATIENCE_MS);
    let response: Response;
    let data: any;
    try {
      response = await fetch(this.base + '/webhooks/web/' + path, {
        method: method || (body ? 'POST' : 'GET'),
        headers,
        body: body ? JSON.stringify(body) : undefined,
        credentials: 'omit',
        signal: stop ? stop.signal : undefined,
      });
      data = response.status === 204 ? {} : await response.json();
    } catch (e) {
      throw new Refusal('', 0, 'unreachable', 4);
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return data as T;
    const error = (data && data.error) || {};
    throw new Refusal(String(error.message || ''), response.status, String(error.code || ''), Number(response.headers.get('Retry-After')) || 4);
  }
}
