// The answer contract as the widget reads it (bot/contract/answer.schema.json). All from outside: nothing is certain to
// be there, and every text is shown as text.

export interface Button {
  title: string;
  payload: string;
}

export interface Source {
  title: string;
  publisher: string;
  url: string;
  /** YYYY, YYYY-MM or YYYY-MM-DD; empty when unknown. */
  date: string;
  trust: 'official' | 'secondary' | 'plan' | 'sample';
}

export interface Contact {
  name: string;
  phone: string;
  hours?: string;
}

export interface Point {
  lng: number;
  lat: number;
  name?: string;
}

export interface Site {
  id: string;
  name: string;
  address: string;
  phone: string;
  /** Metres; null where only an area is known. */
  distance_m: number | null;
  same_area: boolean;
  open_now: boolean | null;
  hours_text: string;
  /** GCJ-02 degrees, as Chinese maps use them. */
  lng: number | null;
  lat: number | null;
  map_url: string;
  cost?: string;
  note?: string;
  trust?: string;
}

export interface Reason {
  text: string;
  status: 'met' | 'unmet' | 'unknown';
  clause: string;
}

export interface Benefit {
  amount: number | null;
  unit: string;
  period: 'month' | 'year' | 'once' | null;
  max_periods: number | null;
  upper_limit: boolean;
  floor?: boolean;
  formula_text: string;
}

export interface Suggestion {
  policy: string;
  topic: string;
  outcome: string;
  why: string;
  name?: string;
  payload?: string;
}

export interface CircleField {
  field: string;
  name?: string;
  count: number;
  nearest: { name: string; distance_m?: number | null } | null;
}

/** One fact that the bot has understood, and what to send to change it. */
export interface Understood {
  text: string;
  payload: string;
}

/** `custom` of a message: the fields of all kinds, each of which may be missing. */
export interface Custom {
  kind: string;
  answer_id: string;
  topic?: string;
  region?: string;
  sources?: Source[];
  // question
  fact?: string;
  why?: string;
  options?: Button[];
  policy?: string;
  remaining_at_most?: number;
  understood?: Understood[];
  // service; documents, where and contacts also of a verdict
  steps?: string[];
  documents?: string[];
  contacts?: Contact[];
  cost?: string;
  where?: string;
  // sites, life_circle
  items?: Site[] | Suggestion[];
  center?: Point | null;
  radius_m?: number | null;
  minutes?: number;
  fields?: CircleField[];
  gaps?: string[];
  // verdict
  outcome?: 'eligible' | 'ineligible' | 'undetermined';
  reasons?: Reason[];
  benefit?: Benefit | null;
  eligible_from?: string | null;
  next_steps?: string[];
  receipt?: string;
  // handoff, cannot_answer, emergency, ticket
  phone?: string;
  ticket?: string | null;
  state?: string;
  created_at?: string;
  of?: string;
  code?: string;
}

export interface BotMessage {
  text: string;
  buttons?: Button[];
  custom: Custom;
  /** Position in the conversation; missing where it could not be stored. */
  id?: number;
  in_reply_to?: string;
}

/** One line of the conversation as it is drawn. */
export type Entry =
  | { key: string; from: 'bot'; message: BotMessage }
  | { key: string; from: 'resident'; text: string; title: string; id: string; state: 'sent' | 'waiting' | 'refused'; why?: string }
  | { key: string; from: 'page'; text: string; buttons: Button[]; region?: boolean };
