// The first page of 邻里通: a plain chat over the web channel. What the server says becomes text nodes only.
(() => {
  'use strict';
  const API = '/webhooks/web/';
  const $ = (id) => document.getElementById(id);
  const log = $('log'), scroll = $('scroll'), input = $('text'), regionBox = $('region'), typing = $('typing'), net = $('net');
  const store = {
    get: (k) => { try { return JSON.parse(localStorage.getItem('linlitong.' + k)); } catch (e) { return null; } },
    set: (k, v) => { try { localStorage.setItem('linlitong.' + k, JSON.stringify(v)); } catch (e) { /* private mode */ } },
  };
  let session = store.get('session');
  let events = null, lastId = 0, place = null, sending = false, aim = null, retired = [], lastQuestion = '', kindBefore = '';
  const shown = new Set(), asked = new Set(), titles = {};
  // Not yet answered; survives a reload and goes out again under the same message_id.
  let queue = store.get('queue') || [];

  const TRUST = { official: '官方发布', secondary: '转载资料，请再核实', plan: '规划里写的，未必已经办', sample: '示例数据，不是真的' };
  const OUTCOME = { eligible: '符合条件', ineligible: '暂时不符合', undetermined: '还不能确定' };
  const SIGN = { eligible: '✓ ', ineligible: '✗ ', undetermined: '？ ' };
  const STATUS = { unmet: '✗ 不符合', unknown: '？ 不清楚', met: '✓ 符合' };
  const FIELD = { childbirth: '生育', childcare: '托育', education: '上学', employment: '就业', health: '看病', elderly: '养老',
    housing: '住房', assistance: '救助', veterans: '退役军人', culture: '文体', environment: '公园绿地', community: '社区便民', government: '办事' };
  const PERIOD = { month: '每月', year: '每年', once: '一次性' }, UNIT = { month: '个月', year: '年', once: '次' };
  const STARTERS = ['附近哪里能吃上便宜饭', '租房子政府补不补钱', '我妈七十五了能领什么', '有没有育儿补贴'];
  const NATIONWIDE = '100000';
  const URGENT = '急事请直接拨打12345，危急拨打120、110、119。';

  // el('a.btn', {href}, 'text', node…): strings become text nodes; false, null and 0 are left out.
  const el = (what, props, ...kids) => {
    const [tag, ...names] = what.split('.');
    const node = document.createElement(tag);
    if (names.length) node.className = names.join(' ');
    for (const k of Object.keys(props || {})) k.startsWith('on') ? node.addEventListener(k.slice(2), props[k]) : node.setAttribute(k, props[k]);
    node.append(...kids.flat(4).filter(Boolean).map((kid) => kid.nodeType ? kid : String(kid)));
    return node;
  };
  const list = (v) => Array.isArray(v) ? v : [];
  const linesOf = (text) => String(text || '').split('\n').filter((s) => s.trim());
  const paragraphs = (lines) => lines.map((s) => el('p', {}, s));
  const tel = (number, label, big, name) => {
    const digits = String(number || '').replace(/[^\d+]/g, '');
    return digits && el('a.btn' + (big ? '.big' : ''), { href: 'tel:' + digits, ...(name && { 'aria-label': name }) }, label || '打 ' + number);
  };
  const link = (url, label, cls, name) => /^https?:\/\//i.test(url || '') &&
    el('a' + (cls || ''), { href: url, target: '_blank', rel: 'noopener noreferrer', ...(name && { 'aria-label': name }) }, label);
  const far = (m) => m < 950 ? '约' + Math.max(10, Math.round(m / 10) * 10) + '米' : '约' + (m / 1000).toFixed(1) + '公里';
  const part = (title, node) => node && [el('h3', {}, title), node];
  const steps = (items, tag) => list(items).length > 0 && el(tag || 'ol', {}, items.map((s) => el('li', {}, s)));
  const button = (title, onclick) => el('button', { type: 'button', onclick }, title);
  const options = (items) => {
    const seen = new Set();
    const all = list(items).filter((b) => b && b.payload && !seen.has(b.payload) && seen.add(b.payload));
    return all.length && el('div.opts', {}, all.map((b) => {
      titles[b.payload] = b.title;
      const one = button(b.title, () => ask(b.payload, b.title));
      one.payload = b.payload;
      return one;
    }));
  };

  const site = (s, i) => el('li.card.site', {}, el('h3', {}, i + 1 + '. ' + s.name), el('div', {},
    el('p', {}, el('b.tag', {}, s.distance_m !== null ? far(s.distance_m) : s.same_area ? '同一片区，距离不详' : '距离不详'), ' ',
      typeof s.open_now === 'boolean' && el('b.tag' + (s.open_now ? '' : '.off'), {}, s.open_now ? '现在开着' : '现在没开'), ' ',
      s.trust === 'sample' && el('b.tag.off', {}, '示例，不是真的')),
    s.address && el('p', {}, s.address), el('p.soft', {}, s.hours_text || '开门时间不详'),
    s.phone && el('p', {}, '电话 ' + s.phone), s.cost && el('p.soft', {}, '费用：' + s.cost), s.note && el('p.soft', {}, s.note)),
  el('div.acts', {}, tel(s.phone, '打电话', false, '打电话给' + s.name), link(s.map_url, '看地图', '.btn', '看地图：' + s.name)));
  const reasons = (all) => Object.keys(STATUS).map((status) => list(all).filter((r) => r.status === status).map((r) =>
    el('li.' + status, {}, el('b', {}, STATUS[status]), ' ', el('span', {}, r.text), r.clause && el('span.soft.clause', {}, '依据：' + r.clause))));

  // What is drawn under the first line of the text.
  const DRAW = {
    service: (c) => (list(c.steps).length || list(c.documents).length || list(c.contacts).length || c.cost) && el('div.card', {},
      part('怎么办', steps(c.steps)), part('带什么', steps(c.documents, 'ul.dots')), c.cost && part('费用', el('p', {}, c.cost)),
      list(c.contacts).map((p) => el('div.row', {}, el('span', {}, p.name, p.hours ? '（' + p.hours + '）' : ''), tel(p.phone)))),
    sites: (c) => list(c.items).length > 0 && el('ol.list', {}, c.items.map(site)),
    verdict: (c) => {
      const b = c.benefit || {};
      return el('div.card', {}, el('p.head.' + c.outcome, {}, SIGN[c.outcome], OUTCOME[c.outcome]),
        typeof b.amount === 'number' && el('p.sum', {}, (PERIOD[b.period] || '') + (b.upper_limit ? '最多' : b.floor ? '不低于' : '') + b.amount + b.unit,
          b.max_periods > 1 && el('span', {}, '，最多' + b.max_periods + (UNIT[b.period] || '次'))),
        b.formula_text && el('p.soft', {}, '算法：' + b.formula_text), el('ul.list', {}, reasons(c.reasons)),
        c.eligible_from && el('p', {}, '从' + c.eligible_from + '起可以再来申请。'), part('下一步', steps(c.next_steps)),
        c.receipt && el('p.soft', {}, '回执码：' + c.receipt));
    },
    suggestions: (c) => list(c.items).length > 0 && el('ul.list.card', {}, c.items.map((i) => el('li.' + ({ eligible: 'met', ineligible: 'unmet' }[i.outcome] || 'unknown'), {},
      el('b', {}, SIGN[i.outcome], OUTCOME[i.outcome]), ' ', el('span', {}, i.name || i.policy), i.why && el('span.soft.clause', {}, i.why)))),
    life_circle: (c) => el('ul.list.card', {}, list(c.fields).filter((f) => f.count).map((f) => el('li', {}, el('b', {}, f.name || FIELD[f.field] || f.field), ' ',
      el('span', {}, f.count + '处'), f.nearest && el('span.clause', {}, '最近的是' + f.nearest.name + (f.nearest.distance_m ? '，' + far(f.nearest.distance_m) : '')))),
    list(c.gaps).length > 0 && el('li.unknown', {}, el('b', {}, '没有查到'), ' ', el('span', {}, c.gaps.map((g) => (list(c.fields).find((f) => f.field === g) || {}).name || FIELD[g] || g).join('、')))),
    handoff: (c) => [c.ticket && el('p.soft', {}, '编号：' + c.ticket), tel(c.phone, '打电话 ' + c.phone, true)],
    ticket: (c) => el('div.card', {}, el('h3', {}, '编号：' + c.ticket), el('p', {}, '现在：' + c.state)),
    cannot_answer: (c) => tel(c.phone, '打电话 ' + c.phone, true),
    emergency: (c) => tel(c.phone, '☎ 马上拨打 ' + c.phone, true),
  };
  const WIDE = /^(sites|verdict|service|life_circle|suggestions|emergency)$/;
  const CARD = /^(sites|verdict|service|life_circle|suggestions)$/;
  const RATED = /^(faq|service|sites|verdict|suggestions|life_circle|cannot_answer)$/;

  const source = (s) => {
    const text = '来源：' + (s.publisher || s.title) + '，' + (s.date || '日期不详');
    return el('p', {}, link(s.url, text) || text, ' ', el(s.trust === 'official' ? 'span' : 'span.trust', {}, '（' + (TRUST[s.trust] || '来源不明') + '）'));
  };
  const sources = (c) => {
    const all = list(c.sources).map(source);
    return all.length > 0 && el('div.src', {}, all.length < 3 ? all
      : [all[0], el('details', {}, el('summary', {}, '还有' + (all.length - 1) + '处来源'), all.slice(1))]);
  };
  const rating = (c) => {
    if (!RATED.test(c.kind)) return null;
    const say = (helpful) => {
      row.textContent = '谢谢，已经记下。';
      if (session) call('feedback', { token: session.token, answer_id: c.answer_id, helpful }).catch(() => {});
    };
    const row = el('div.row.soft', { role: 'status' }, el('span', {}, '这条回答'), ...[['有用', true], ['没用', false]].map(([title, helpful]) =>
      el('button.rate', { type: 'button', onclick: () => say(helpful) }, title)));
    return row;
  };

  // A line whose parts stand in the card already (at most a third of it is new, such as “达到：”) is not said again.
  const PARTS = /[，。、：；！（）“”\s]|^\d+\./;
  const held = (line, card) => {
    const parts = line.split(PARTS).filter(Boolean), size = (all) => all.join('').length;
    return size(parts.filter((s) => s.length > 1 && card.includes(s))) >= size(parts) * 0.66;
  };
  // The text as [what comes before the card, what comes after it].
  const spoken = (text, card) => {
    const lines = linesOf(text), told = card ? card.textContent : '';
    if (!card) return [lines, []];
    const colon = lines[0] ? lines[0].indexOf('：') : -1;
    // A long first line that only lists what the card lists ends at its colon.
    const first = colon > 0 && lines[0].length > 60 && held(lines[0].slice(colon), told) ? lines[0].slice(0, colon + 1) : lines[0] || '';
    return [[first], lines.slice(1).filter((line) => !held(line, told))];
  };

  function drawBot(m) {
    if (m.id) { if (shown.has(m.id)) return null; shown.add(m.id); lastId = Math.max(lastId, m.id); }
    const c = m.custom || {};
    const buttons = [...list(m.buttons), ...list(c.options)];
    if (c.kind === 'question' && c.fact !== 'location' && !buttons.some((b) => b.payload === '不清楚')) buttons.push({ title: '不清楚', payload: '不清楚' });
    const drawn = (Object.prototype.hasOwnProperty.call(DRAW, c.kind) && DRAW[c.kind](c)) || null;
    const [before, after] = spoken(m.text, CARD.test(c.kind) ? drawn : null);
    kindBefore = c.kind || '';
    return put(el('article.msg' + (WIDE.test(c.kind) ? '.wide' : '') + (c.kind === 'emergency' ? '.sos' : ''), { 'data-kind': kindBefore },
      el('span.hide', {}, '邻里通说：'), el('div.say' + (c.kind === 'question' ? '.ask' : ''), {}, paragraphs(before)), drawn,
      after.length > 0 && el('div.say', {}, paragraphs(after)), options(buttons),
      c.kind === 'question' && [
        c.fact === 'location' && navigator.geolocation && el('div.opts', {}, button('使用我的位置', locate)),
        c.why && el('p.soft', {}, '为什么问：' + c.why), c.remaining_at_most > 1 && el('p.soft', {}, '最多还有' + c.remaining_at_most + '个问题')],
      sources(c), rating(c)));
  }
  function drawMine(text, id) {
    if (asked.has(id)) return null;
    asked.add(id);
    // What was offered before belongs to what was asked before: a late tap would answer another question.
    retire(text);
    return put(el('article.msg.mine', { 'data-id': id }, el('span.hide', {}, '您说：'), paragraphs(linesOf(titles[text] || text))));
  }
  function put(node) { log.append(node); return node; }
  const offers = () => [...log.querySelectorAll('.opts:not(.keep) button:enabled')];
  function retire(said) {
    retired = offers();
    for (const b of retired) { b.disabled = true; b.classList.toggle('chosen', b.payload === said); }
  }
  function revive() { for (const b of retired) { b.disabled = false; b.classList.remove('chosen'); } }

  // The conversation stands at the beginning of what came last until the resident scrolls.
  function lookAt(node) { aim = node || aim; settle(); }
  function settle() { if (aim && aim.isConnected) scroll.scrollTop = aim.offsetTop - 12; }

  const starters = () => el('div.opts.keep', {}, STARTERS.map((s) => button(s, () => ask(s))));
  const say = (lines, ...more) => put(el('article.msg', {}, el('span.hide', {}, '邻里通说：'), el('div.say', {}, paragraphs(lines)), more));
  const cities = (question) => el('div.where', {}, el('p.ask', {}, question), el('div.opts.keep', {}, [...regionBox.options].filter((o) => o.value).map((o) => button(o.text, () => {
    const again = lastQuestion;
    moveTo(o.value);
    if (again) ask(again);
  }))));
  function welcome() {
    const known = regionBox.value;
    say(['您好，我是邻里通。吃饭、养老、租房、补贴、办事，用平常话问我就行。'], known ? starters() : cities('先选一下：您要问哪里的事？'),
      el('p.soft', {}, '您说的情况只用来回答您，一天后自动删除，也可以随时点“清除我的记录”。'));
  }
  const cityName = () => regionBox.selectedOptions[0].text;
  // Another place from now on: by the list above, by a button, or because the resident named it.
  function moveTo(code, heard) {
    place = null;
    regionBox.value = code;
    store.set('region', code);
    retire();
    for (const box of log.querySelectorAll('.where')) box.remove();
    const text = code === NATIONWIDE ? '好，我按全国统一的规定回答您。' : '好，我按' + cityName() + '的资料回答您。';
    const again = lastQuestion;
    lookAt(say([text, '要换地方，点最上面的“地区”。'], heard ? null : again ? el('div.opts.keep', {}, button('再问一遍：' + (titles[again] || again), () => ask(again))) : starters()));
  }
  // The page shows the city the bot speaks of, also where the resident named it in words.
  function follow(c) {
    if (c.region && c.region !== NATIONWIDE && c.region !== regionBox.value && [...regionBox.options].some((o) => o.value === c.region)) moveTo(c.region, true);
  }

  function notice(text, urgent) {
    net.textContent = '';
    net.hidden = !text;
    if (text) net.append(el('p', {}, text), urgent ? el('div.row', {}, ['12345', '120', '110', '119'].map((n) => tel(n, n, false, '拨打' + n))) : '');
  }

  async function call(path, body, method) {
    const headers = body ? { 'Content-Type': 'application/json' } : { Authorization: 'Bearer ' + session.token };
    const r = await fetch(API + path, { method: method || (body ? 'POST' : 'GET'), headers, body: body ? JSON.stringify(body) : undefined });
    const data = r.status === 204 ? {} : await r.json();
    if (r.ok) return data;
    const e = new Error((data.error && data.error.message) || '出了点问题，请稍后再试。');
    e.code = data.error && data.error.code; e.status = r.status; e.wait = Number(r.headers.get('Retry-After')) || 3;
    throw e;
  }
  const region = () => regionBox.value || NATIONWIDE;
  async function begin(fresh) {
    if (session && !fresh) return;
    session = await call('session', { region: region() });
    store.set('session', session);
    listen();
  }
  function listen() {
    if (events) events.close();
    if (!window.EventSource) return;
    events = new EventSource(API + 'events?last_event_id=' + lastId);
    events.onmessage = (e) => {
      const m = JSON.parse(e.data);
      // What another tab asked is taken from the history; what we asked comes with its own answer.
      if (m.in_reply_to && !asked.has(m.in_reply_to)) history();
      else if (!m.in_reply_to) lookAt(drawBot(m));
    };
    // While a message is under way its own answer says so, too; what waits behind it is not lost.
    events.addEventListener('forgotten', () => { if (log.children.length > 1) reset(sending ? queue : []); });
  }
  const forgets = (m) => Boolean(m.custom) && m.custom.kind === 'ack' && m.custom.of === 'forget';
  async function history() {
    const h = await call('history');
    const from = h.messages.map((e) => forgets(e.message)).lastIndexOf(true);
    for (const e of h.messages.slice(Math.max(from, 0))) e.from === 'bot' ? drawBot(e.message) : drawMine(e.message.text, e.message_id);
    lastId = Math.max(lastId, h.last_event_id);
    lookAt([...log.querySelectorAll('.mine')].pop());
  }

  function ask(text, title) {
    text = text.trim();
    if (!text) return;
    if (title) titles[text] = title;
    if (kindBefore !== 'question') lastQuestion = text;
    const id = (Date.now().toString(36) + Math.random().toString(36).slice(2)).slice(0, 32);
    queue.push({ message_id: id, text, region: region(), location: place || undefined });
    store.set('queue', queue);
    lookAt(drawMine(text, id));
    flush();
  }
  const mine = (id) => log.querySelector('[data-id="' + id + '"]');
  function waiting(on) {
    for (const box of log.querySelectorAll('.wait')) box.remove();
    if (on) for (const item of queue) { const box = mine(item.message_id); if (box) box.append(el('p.wait', {}, '还没有发出去')); }
  }
  // One at a time, in order; what cannot be sent now stays in the queue.
  async function flush() {
    if (sending || !queue.length) return;
    sending = true;
    typing.hidden = false;
    settle();
    let wait = 0, renewed = false;
    try {
      while (queue.length) {
        const item = queue[0];
        let replies = [];
        try {
          await begin();
          replies = list((await call('message', Object.assign({ token: session.token }, item))).messages);
          notice('');
          waiting(false);
        } catch (e) {
          if (e.status === 401 && !renewed) { renewed = true; await begin(true); continue; }
          if (!e.status || e.status >= 500) throw e;
          if (e.status === 429) { notice(e.message); wait = e.wait; break; }
          revive();
          lookAt(put(el('p.fail', { role: 'alert' }, e.message)));
        }
        queue = queue.filter((other) => other.message_id !== item.message_id);
        store.set('queue', queue);
        answered(replies);
      }
    } catch (e) {
      const why = !navigator.onLine ? '您的手机现在没有网络。' : e.status ? e.message.replace(/急事请拨打12345。?/, '') : '现在连不上邻里通。';
      notice(why + '您的话已经存好，连上了会自动再发。' + URGENT, true);
      waiting(true);
      wait = 4;
    }
    sending = false;
    typing.hidden = true;
    settle();
    if (wait) setTimeout(flush, wait * 1000);
  }
  function answered(replies) {
    if (replies.some(forgets)) reset(queue);
    if (!replies.length) return;
    const kinds = replies.map((m) => (m.custom || {}).kind);
    if (kinds.every((kind) => kind === 'error')) revive();
    follow(replies[0].custom || {});
    const nodes = replies.map(drawBot);
    // What was typed meanwhile answers what was just asked.
    if (queue.length) retire();
    if (!regionBox.value && !kinds.some((kind) => /^(ack|emergency|error|out_of_scope|handoff)$/.test(kind))) {
      say(['您还没选地区，上面是按全国的规定答的。'], cities('您要问哪里的事？选好了我再答一遍。'));
    }
    lookAt(nodes.find(Boolean));
  }
  function locate() {
    notice('正在取您的位置……');
    const before = asked.size;
    navigator.geolocation.getCurrentPosition((p) => {
      notice('');
      // Three decimals are about 100 metres: near enough, and not your door.
      place = { lng: Number(p.coords.longitude.toFixed(3)), lat: Number(p.coords.latitude.toFixed(3)), crs: 'wgs84' };
      if (asked.size === before) ask('用我现在的位置');
    }, () => { notice('没有取到位置。请打字告诉我地名，比如：五角场。'); input.focus(); }, { timeout: 10000, maximumAge: 60000 });
  }
  function reset(keep) {
    queue = keep; place = null; session = null; lastQuestion = kindBefore = ''; retired = [];
    store.set('queue', queue); store.set('session', null);
    shown.clear(); asked.clear();
    if (events) events.close();
    log.textContent = '';
    welcome();
    for (const item of queue) drawMine(item.text, item.message_id);
  }
  async function forget() {
    if (!window.confirm('要删除您的对话和说过的情况吗？')) return;
    try {
      const done = session ? await call('conversation', null, 'DELETE') : { message: '没有要删除的记录。' };
      reset([]);
      notice(done.message);
    } catch (e) {
      if (e.status === 401) reset([]); else notice(e.status ? e.message : '现在连不上，还没有删除，请稍后再点一次。');
    }
  }
  function elder(on) {
    document.documentElement.classList.toggle('elder', on);
    $('elder').setAttribute('aria-pressed', String(on));
    store.set('elder', on);
    settle();
  }
  const grow = () => { input.style.height = 'auto'; input.style.height = input.scrollHeight + 3 + 'px'; };
  function submit(e) {
    e.preventDefault();
    ask(input.value);
    input.value = '';
    grow();
    input.focus();
  }

  $('form').addEventListener('submit', submit);
  input.addEventListener('input', grow);
  // Enter that chooses a word of the input method must not send; 229 is what old engines tell.
  input.addEventListener('keydown', (e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing && e.keyCode !== 229) submit(e); });
  $('elder').addEventListener('click', () => { elder($('elder').getAttribute('aria-pressed') !== 'true'); grow(); });
  $('forget').addEventListener('click', forget);
  regionBox.addEventListener('change', () => moveTo(regionBox.value));
  for (const moved of ['wheel', 'touchmove', 'pointerdown', 'keydown']) scroll.addEventListener(moved, () => { aim = null; }, { passive: true });
  // A notice or the keyboard of the phone takes room: what came last stays in sight.
  if (window.ResizeObserver) new ResizeObserver(settle).observe(scroll);
  addEventListener('offline', () => notice('您的手机现在没有网络，连上了会自动再发。' + URGENT, true));
  addEventListener('online', () => { notice(''); flush(); });

  elder(store.get('elder') === true);
  const saved = store.get('region') || new URLSearchParams(location.search).get('region');
  if ([...regionBox.options].some((o) => o.value === saved)) regionBox.value = saved;
  welcome();
  (async function start() {
    if (session) {
      try { await history(); listen(); } catch (e) {
        if (e.status === 401) { session = null; store.set('session', null); } else setTimeout(start, 4000);
      }
    }
    for (const item of queue) drawMine(item.text, item.message_id);
    flush();
  })();
})();
