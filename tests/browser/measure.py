"""What is measured on a page as it is drawn: sizes, contrast, room, focus. Scripts run with ``HERE`` of widget.py.

Each gives a list of what is wrong, [] where all is well.
"""

from __future__ import annotations

from tests.browser.driver import SHIFT, TAB
from tests.browser.widget import Widget

_SHOWN = "const shown = e => e.getClientRects().length > 0 && !e.closest('.hide');"
#: Elements that hold text of their own.
_TEXTS = _SHOWN + """
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const texts = $$('*').filter(e => e.tagName !== 'STYLE' && e.tagName !== 'OPTION' && own(e) && shown(e));
  const size = e => parseFloat(getComputedStyle(e).fontSize) * (e.ownerSVGElement ? e.getScreenCTM().a : 1);
  const name = e => e.tagName.toLowerCase() + '.' + e.getAttribute('class') + ' ' + e.textContent.trim().slice(0, 24);
"""  # fmt: skip
_TARGETS = _SHOWN + """
  const targets = $$('button, a[href], select, textarea, input, summary').filter(shown);
  // A link inside a sentence is as high as its line; WCAG leaves it out as well.
  const inline = e => e.tagName === 'A' && getComputedStyle(e).display === 'inline' &&
    e.parentElement.textContent.trim().length > e.textContent.trim().length;
"""  # fmt: skip


def small_targets(widget: Widget, least: float) -> list[object]:
    """Targets under ``least`` × ``least`` CSS pixels, as [text, width, height]."""
    return list(widget.js(_TARGETS + """
      // Of a box to tick the whole line is the target.
      return targets.filter(e => !inline(e)).map(e => { const r = (e.closest('label') || e).getBoundingClientRect();
        return [e.textContent.slice(0, 20) || e.getAttribute('aria-label'), Math.round(r.width * 10) / 10,
          Math.round(r.height * 10) / 10]; })
        .filter(([, w, h]) => w < arguments[0] || h < arguments[0])""", least))  # fmt: skip


def touching_targets(widget: Widget) -> list[object]:
    """Pairs of targets that lie over each other."""
    return list(widget.js(_TARGETS + """
      const rects = targets.map(e => [e, e.getBoundingClientRect()]), out = [];
      rects.forEach(([a, p], i) => rects.slice(i + 1).forEach(([b, q]) => {
        if (!a.contains(b) && !b.contains(a) && p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 &&
          q.top < p.bottom - 1 && a.closest('.log') && b.closest('.log')) out.push([a.textContent, b.textContent]); }));
      return out"""))  # fmt: skip


def small_text(widget: Widget, least: float) -> list[object]:
    """Text under ``least`` CSS pixels, also in pictures (as they are scaled)."""
    return list(widget.js(_TEXTS + """
      return texts.filter(e => size(e) < arguments[0] - 0.01).map(e => [name(e), size(e)])""", least))  # fmt: skip


def tight_lines(widget: Widget, least: float) -> list[object]:
    """Running text (paragraphs, items of lists) whose line height is under ``least`` times its size."""
    return list(widget.js(_TEXTS + """
      return texts.filter(e => e.matches('p, li, p *, li *') && !e.closest('button, .btn, svg')).map(e => {
        const s = getComputedStyle(e); return [name(e), parseFloat(s.lineHeight) / parseFloat(s.fontSize)]; })
        .filter(([, ratio]) => ratio < arguments[0] - 0.01)""", least))  # fmt: skip


def low_contrast(widget: Widget, least: float) -> list[object]:
    """Text whose colour is nearer than ``least`` to 1 to what is behind it."""
    return list(widget.js(_TEXTS + """
      const rgb = s => { const m = (s.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
        return m.length > 3 ? m : [...m, 1]; };
      const over = (c, b) => [0, 1, 2].map(i => c[i] * c[3] + b[i] * (1 - c[3]));
      const lum = c => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
      const back = e => { if (!e) return [255, 255, 255];
        const b = rgb(getComputedStyle(e).backgroundColor);
        return b[3] === 1 ? b.slice(0, 3) : over(b, back(e.parentElement || (e.getRootNode().host))); };
      // In a picture: the last shape drawn before the text that lies under its middle, if it is filled.
      const under = e => { const r = e.getBoundingClientRect(), x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
        const all = [...e.ownerSVGElement.querySelectorAll('circle, rect, path')].filter(f => { const q =
          f.getBoundingClientRect(); return f.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING &&
          getComputedStyle(f).fill !== 'none' && q.left < x && q.right > x && q.top < y && q.bottom > y; });
        const shape = all.length && getComputedStyle(all.pop()), page = back(e.parentElement);
        if (!shape) return page;
        const fill = rgb(shape.fill);
        return over([...fill.slice(0, 3), fill[3] * shape.fillOpacity * shape.opacity], page); };
      return texts.map(e => { const s = getComputedStyle(e), behind = e.ownerSVGElement ? under(e) : back(e);
        const color = over(rgb(e.ownerSVGElement ? s.fill : s.color), behind);
        const a = lum(color), b = lum(behind);
        return [name(e), Math.round((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) * 100) / 100]; })
        .filter(([, ratio]) => ratio < arguments[0])""", least))  # fmt: skip


def sideways(widget: Widget) -> list[object]:
    """What does not fit the width: a page or a pane that scrolls sideways, an element that stands out of the window."""
    return list(widget.js(_SHOWN + """
      const out = [], wide = innerWidth, doc = document.scrollingElement;
      const mark = e => e.tagName + '.' + e.getAttribute('class') + ' ' + e.textContent.trim().slice(0, 20);
      if (doc.scrollWidth > doc.clientWidth) out.push(['page', doc.scrollWidth]);
      for (const e of $$('*')) {
        if (!shown(e) || e.closest('textarea, option')) continue;
        if (e.scrollWidth > e.clientWidth + 1 && /auto|scroll|hidden/.test(getComputedStyle(e).overflowX))
          out.push(['scrolls', mark(e), e.scrollWidth, e.clientWidth]);
        const r = e.getBoundingClientRect();
        if (r.width && (r.right > wide + 1 || r.left < -1)) out.push(['outside', mark(e), Math.round(r.right)]);
      }
      return out.slice(0, 12)"""))  # fmt: skip


_FOCUSABLE = _SHOWN + """
  const open = e => !e.closest('details:not([open])') || e.matches('details:not([open]) > summary');
  const all = $$('button:enabled, a[href], select, textarea, input, summary, [tabindex="0"]')
    .filter(e => shown(e) && open(e));
"""  # fmt: skip


def tab_through(widget: Widget, most: int = 400) -> dict[str, list[object]]:
    """Goes through the chat by Tab from its beginning, and back by one.

    Gives what was not reached (``missed``), reached without a mark that can be seen (``unmarked``), covered by
    something else or out of the window (``hidden``), and where the order is not that of the page (``disorder``).
    """
    total = widget.js(_FOCUSABLE + """
      window.order = all; window.reached = new Map(); window.faults = {unmarked: [], hidden: [], disorder: []};
      window.at = -1;
      const first = all[0]; first.focus(); first.blur();
      // Focus begins before the first: the root element of the chat takes it.
      $('.cc').focus();
      return all.length""")  # fmt: skip
    assert total <= most, total
    for _ in range(total + 2):
        widget.browser.keys(TAB)
        going = widget.js("""
          const a = root.activeElement;
          if (!a) return false;
          const i = window.order.indexOf(a), name = (a.getAttribute('aria-label') || a.textContent).trim().slice(0, 24);
          if (i < 0 || window.reached.has(a)) return i >= 0 && false;
          window.reached.set(a, true);
          if (i < window.at) window.faults.disorder.push(name);
          window.at = i;
          const s = getComputedStyle(a);
          if (!(s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)) window.faults.unmarked.push(name);
          const r = a.getBoundingClientRect();
          const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 1);
          const y = Math.min(Math.max(r.top + Math.min(r.height / 2, 30), 1), innerHeight - 1);
          const inside = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
          const top = root.elementFromPoint(x, y);
          if (!inside || !(top && (a.contains(top) || top.contains(a))))
            window.faults.hidden.push([name, r.top, r.bottom]);
          return true;""")  # fmt: skip
        if not going:
            break
    faults = dict(widget.js("return window.faults"))
    faults["missed"] = widget.js(
        "return window.order.filter(e => !window.reached.has(e)).map(e => (e.className || e.tagName) + ' ' + "
        "e.textContent.slice(0, 20))"
    )
    before = widget.focused()
    widget.browser.chord(SHIFT, TAB)
    faults["trapped"] = [before] if before and widget.focused() == before else []
    return faults
