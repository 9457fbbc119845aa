// Makes what comes from outside fit to be read: text nodes, bold, lists, links to https and telephones. Never HTML.
import type { ComponentChildren } from 'preact';
import { t } from './strings';

const MAX_SIGNS = 20000;
const MAX_LINES = 400;
// Signs that turn the direction of writing (by them a number can be made to read as another), and halves of signs.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;
const cut = () => t('……（太长，后面没有显示）');

/** At most 20,000 signs of a text (or `most`); numbers and flags as they are written, "" where `x` is something else. */
export function str(x: unknown, most = MAX_SIGNS): string {
  const text = /^[snb]/.test(typeof x) ? String(x) : '';
  return text.slice(0, most).replace(TURNING, '').trim() + (text.length > most ? cut() : '');
}

/** The lines that say something; at most 400. */
export function linesOf(x: unknown): string[] {
  const all = str(x)
    .split(/\s*\n\s*/)
    .filter(Boolean);
  return all.length > MAX_LINES ? [...all.slice(0, MAX_LINES), cut()] : all;
}

/** An address of the web that may be opened; "" otherwise. */
export const web = (url: string): string => (/^https?:\/\/[^/\s]/i.test(url) ? url : '');

/** What a telephone is to dial of a number as people write it; "" where it is none. 转 leads to an extension. */
export function dial(number: string): string {
  const digits = number.replace(/[转轉]/, ',').replace(/[^\d+,]/g, '');
  return /^\+?\d{3,15}(,\d+)?$/.test(digits) ? digits : '';
}

const TOKEN = /\*\*([^*]{1,1000})\*\*|https:\/\/[\w.-]+(?::\d+)?(?:[/?#][\w\-./?%&=#:~+@!$*,;]*)?|\d[\d-]*\d/g;
// Area codes, 400 numbers and mobiles are known by their looks.
const PHONE = /^(0\d{2,3}-?\d{7,8}(-\d{1,5})?|[48]00-?\d{3}-?\d{4}|1[3-9]\d{9})$/;
// 12345 or 120 might as well be a sum or an area: they need a word of calling before them.
const SHORT = /^(1(10|14|19|20|22)|123\d\d|9[56]\d{3,4})$/;
const CALLING = /[打拨撥话話线線][^，。；！？：]{0,20}$/;

const isPhone = (number: string, before: string, after: string) =>
  !/[\w./]$/.test(before) &&
  !/^[\w元万萬号號年]/.test(after) &&
  (PHONE.test(number) || (SHORT.test(number) && CALLING.test(before)));

/** One line with its bold words, links and telephone numbers. */
export function inline(line: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let from = 0;
  line.replace(TOKEN, (all: string, bold: string | undefined, at: number) => {
    const found = all.replace(/[.,;:!?]+$/, '');
    const end = at + found.length;
    const web = found[0] === 'h';
    if (bold || web || isPhone(found, line.slice(Math.max(0, at - 30), at), line.slice(end))) {
      out.push(
        line.slice(from, at),
        bold ? (
          <b>{inline(bold)}</b>
        ) : (
          <a
            class="in"
            href={web ? found : 'tel:' + dial(found)}
            target={web ? '_blank' : ''}
            rel="noopener noreferrer"
          >
            {found}
          </a>
        ),
      );
      from = end;
    }
    return '';
  });
  out.push(line.slice(from));
  return out;
}

const ITEM = /^(?:(\d{1,3})\. |- )/;

/** Lines as paragraphs, and as lists where they begin with "1. " or "- ". */
export function linesIn(lines: string[]): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let kind = '';
  let items: ComponentChildren[] = [];
  for (const line of lines) {
    const m = ITEM.exec(line);
    const now = m ? (m[1] ? 'ol' : 'ul') : '';
    if (!m) out.push(<p>{inline(line)}</p>);
    else {
      if (now !== kind) {
        items = [];
        out.push(m[1] ? <ol start={Number(m[1])}>{items}</ol> : <ul>{items}</ul>);
      }
      items.push(<li>{inline(line.slice(m[0].length))}</li>);
    }
    kind = now;
  }
  return out;
}
