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
  let events = null, lastId = 0, place = null, sending = false;
  const shown = new Set(), asked = new Set(), titles = {};
  // Not yet answered; survives a reload and goes out again under the same message_id.
  let queue = store.get('queue') || [];

  const TRUST = { official: '官方发布', secondary: '转载资料，请再核实', plan: '规划里写的，未必已经办', sample: '示例数据，不是真的' };
  const OUTCOME = { eligible: '符合条件', ineligible: '暂时不符合', undetermined: '还不能确定' };
  const STATUS = { met: '✓ 符合', unmet: '✗ 不符合', unknown: '？ 不清楚' };
  const FIELD = { childbirth: '生育', childcare: '托育', education: '上学', employment: '就业', health: '看病', elderly: '养老',
    housing: '住房', assistance: '救助', veterans: '退役军人', culture: '文体', environment: '公园绿地', community: '社区便民', government: '办事' };
  const PERIOD = { month: '每月', year: '每年', once: '一次性' }, UNIT = { month: '个月', year: '年', once: '次' };
  const STARTERS = ['附近哪里能吃上便宜饭', '租房子政府补不补钱', '我妈七十五了能领什么', '有没有育儿补贴'];

  // el('a.btn', {href}, 'text', node…): strings become text nodes; false, null and 0 are left out.
  const el = (what, props, ...kids) => {
    const [tag, ...names] = what.split('.');
    const node = document.createElement(tag);
    if (names.length) node.className = names.join(' ');
    for (const k of Object.keys(props || {})) k.startsWith('on') ? node.addEventListener(k.slice(2), props[k]) : node.setAttribute(k, props[k]);
    node.append(...kids.flat().filter(Boolean).map((kid) => kid.nodeType ? kid : String(kid)));
    return node;
  };
  const lines = (text) => String(text || '').split('\n').filter((s) => s.trim()).map((s) => el('p', {}, s));
  const list = (v) => Array.isArray(v) ? v : [];
  const tel = (number, label, big) => {
    const digits = String(number || '').replace(/[^\d+]/g, '');
    return digits && el('a.btn' + (big ? '.big' : ''), { href: 'tel:' + digits }, label || '打 ' + number);
  };
  const link = (url, label, cls) => /^https?:\/\//i.test(url || '') &&
    el('a' + (cls || ''), { href: url, target: '_blank', rel: 'noopener noreferrer' }, label);
  const far = (m) => m < 950 ? '约' + Math.max(10, Math.round(m / 10) * 10) + '米' : '约' + (m / 1000).toFixed(1) + '公里';
  const part = (title, node) => node && [el('h3', {}, title), node];
  const steps = (items, tag) => list(items).length > 0 && el(tag || 'ol', {}, items.map((s) => el('li', {}, s)));
  const options = (items) => {
    const seen = new Set();
    const all = list(items).filter((b) => b && b.payload && !seen.has(b.payload) && seen.add(b.payload));
    return all.length && el('div.opts', {}, all.map((b) => {
      titles[b.payload] = b.title;
      return el('button', { type: 'button', onclick: () => ask(b.payload, b.title) }, b.title);
    }));
  };

  const DRAW = {
    service: (c) => el('div.card', {}, part('怎么办', steps(c.steps)), part('带什么', steps(c.documents, 'ul.dots')),
      c.cost && part('费用', el('p', {}, c.cost)), list(c.contacts).map((p) => el('div.row', {},
        el('span', {}, p.name, p.hours ? '（' + p.hours + '）' : ''), tel(p.phone)))),
    sites: (c) => list(c.items).map((s) => el('div.card', {}, el('h3', {}, s.name),
      el('div.row', {}, el('span.tag', {}, s.distance_m !== null ? far(s.distance_m) : s.same_area ? '同一片区，距离不详' : '距离不详'),
        el('span.tag' + (s.open_now ? '' : '.off'), {}, s.open_now === null ? '开门时间不详' : s.open_now ? '现在开着' : '现在关着')),
      s.address && el('p', {}, s.address), s.hours_text && el('p.soft', {}, '时间：' + s.hours_text), s.cost && el('p.soft', {}, '费用：' + s.cost),
      el('div.row', {}, tel(s.phone), link(s.map_url, '看地图', '.btn')))),
    question: (c) => [c.why && el('p.soft', {}, '为什么问：' + c.why),
      c.remaining_at_most > 1 && el('p.soft', {}, '最多还有' + c.remaining_at_most + '个问题'),
      c.fact === 'location' && navigator.geolocation && el('div.opts', {}, el('button', { type: 'button', onclick: locate }, '使用我的位置'))],
    verdict: (c) => {
      const b = c.benefit || {};
      return el('div.card', {}, el('p.head.' + c.outcome, {}, OUTCOME[c.outcome]),
        typeof b.amount === 'number' && [el('p.sum', {}, (PERIOD[b.period] || '') + (b.upper_limit ? '最多' : b.floor ? '不低于' : '') + b.amount + b.unit),
          b.max_periods > 1 && el('p', {}, '最多' + b.max_periods + (UNIT[b.period] || '次'))],
        b.formula_text && el('p.soft', {}, b.formula_text),
        el('ul.list', {}, list(c.reasons).map((r) => el('li.' + r.status, {}, el('b', {}, STATUS[r.status]),
          el('span', {}, r.text, r.clause && el('span.soft', {}, '（' + r.clause + '）'))))),
        c.eligible_from && el('p', {}, '从' + c.eligible_from + '起可以再来申请。'), part('下一步', steps(c.next_steps)),
        c.receipt && el('p.soft', {}, '回执码：' + c.receipt));
    },
    suggestions: (c) => list(c.items).length && el('ul.list.card', {}, c.items.map((i) => el('li.' + ({ eligible: 'met', ineligible: 'unmet' }[i.outcome] || 'unknown'), {},
      el('b', {}, OUTCOME[i.outcome]), el('span', {}, i.name || i.policy, i.why && el('span.soft', {}, '：' + i.why))))),
    life_circle: (c) => el('ul.list.card', {}, list(c.fields).map((f) => el('li', {}, el('b', {}, FIELD[f.field] || f.field),
      el('span', {}, f.count + '处', f.nearest && '，最近的是' + f.nearest.name + (f.nearest.distance_m ? '，' + far(f.nearest.distance_m) : '')))),
      list(c.gaps).map((g) => el('li.unknown', {}, el('b', {}, FIELD[g] || g), el('span', {}, '没有查到')))),
    handoff: (c) => [c.ticket && el('p.soft', {}, '编号：' + c.ticket), tel(c.phone, '打电话 ' + c.phone, true)],
    ticket: (c) => el('div.card', {}, el('h3', {}, '编号：' + c.ticket), el('p', {}, '现在：' + c.state)),
    cannot_answer: (c) => tel(c.phone, '打电话 ' + c.phone, true),
    emergency: (c) => tel(c.phone, '☎ 马上拨打 ' + c.phone, true),
  };
  const WIDE = /^(sites|verdict|service|life_circle|suggestions|emergency)$/;
  const RATED = /^(faq|service|sites|verdict|suggestions|life_circle|cannot_answer)$/;

  const sources = (c) => list(c.sources).length && el('div.src', {}, c.sources.map((s) => {
    const text = '来源：' + (s.publisher || s.title) + '，' + (s.date || '日期不详');
    return el('p', {}, link(s.url, text) || text, ' ', el(s.trust === 'official' ? 'span' : 'span.trust', {}, '（' + (TRUST[s.trust] || '来源不明') + '）'));
  }));
  const rating = (c) => {
    if (!RATED.test(c.kind)) return null;
    const say = (helpful) => {
      row.textContent = '谢谢，已经记下。';
      call('feedback', { token: session.token, answer_id: c.answer_id, helpful }).catch(() => {});
    };
    const row = el('div.row.soft', { role: 'status' }, el('button.rate', { type: 'button', onclick: () => say(true) }, '有用'),
      el('button.rate', { type: 'button', onclick: () => say(false) }, '没用'));
    return row;
  };

  function drawBot(m) {
    if (m.id) { if (shown.has(m.id)) return; shown.add(m.id); lastId = Math.max(lastId, m.id); }
    const c = m.custom || {};
    let buttons = [...list(m.buttons), ...list(c.options)];
    if (c.kind === 'question' && c.fact !== 'location' && !buttons.some((b) => b.payload === '不清楚')) buttons.push({ title: '不清楚', payload: '不清楚' });
    const draw = Object.prototype.hasOwnProperty.call(DRAW, c.kind) ? DRAW[c.kind](c) : null;
    put(el('article.msg' + (WIDE.test(c.kind) ? '.wide' : '') + (c.kind === 'emergency' ? '.sos' : ''), { 'data-kind': c.kind || '' },
      el('span.hide', {}, '邻里通说：'), el('div.say', {}, lines(m.text)), ...[draw].flat(3), options(buttons), sources(c), rating(c)));
  }
  function drawMine(text, id) {
    if (asked.has(id)) return;
    asked.add(id);
    put(el('article.msg.mine', { 'data-id': id }, el('span.hide', {}, '您说：'), lines(titles[text] || text)));
  }
  function put(node) {
    log.append(node);
    // A long answer is read from its beginning, not from its end.
    requestAnimationFrame(() => {
      const tall = node.offsetHeight > scroll.clientHeight * 0.8;
      scroll.scrollTop = tall ? node.offsetTop - 12 : scroll.scrollHeight;
    });
  }
  function welcome() {
    put(el('article.msg', {}, el('div.say', {}, el('p', {}, '您好，我是邻里通。吃饭、养老、租房、补贴、办事，用平常话问我就行。'),
      el('p.soft', {}, '您说的情况只用来回答您，一天后自动删除，也可以随时点“清除我的记录”。')), options(STARTERS.map((s) => ({ title: s, payload: s })))));
  }
  function notice(text) { net.textContent = text || ''; net.hidden = !text; }

  async function call(path, body, method) {
    const headers = body ? { 'Content-Type': 'application/json' } : { Authorization: 'Bearer ' + session.token };
    const r = await fetch(API + path, { method: method || (body ? 'POST' : 'GET'), headers, body: body ? JSON.stringify(body) : undefined });
    const data = r.status === 204 ? {} : await r.json();
    if (r.ok) return data;
    const e = new Error((data.error && data.error.message) || '出了点问题，请稍后再试。');
    e.code = data.error && data.error.code; e.status = r.status; e.wait = Number(r.headers.get('Retry-After')) || 3;
    throw e;
  }
  async function begin(fresh) {
    if (session && !fresh) return;
    session = await call('session', { region: regionBox.value });
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
      else if (!m.in_reply_to) drawBot(m);
    };
    events.addEventListener('forgotten', () => { if (log.children.length > 1) reset(); });
  }
  async function history() {
    const h = await call('history');
    for (const e of h.messages) e.from === 'bot' ? drawBot(e.message) : drawMine(e.message.text, e.message_id);
    lastId = Math.max(lastId, h.last_event_id);
  }

  function ask(text, title) {
    text = text.trim();
    if (!text) return;
    if (title) titles[text] = title;
    const id = (Date.now().toString(36) + Math.random().toString(36).slice(2)).slice(0, 32);
    queue.push({ message_id: id, text, region: regionBox.value, location: place || undefined });
    store.set('queue', queue);
    drawMine(text, id);
    flush();
  }
  // One at a time, in order; what cannot be sent now stays in the queue.
  async function flush() {
    if (sending || !queue.length) return;
    sending = true;
    typing.hidden = false;
    scroll.scrollTop = scroll.scrollHeight;
    let wait = 0, renewed = false;
    try {
      while (queue.length) {
        const item = queue[0];
        try {
          await begin();
          const answer = await call('message', Object.assign({ token: session.token }, item));
          notice('');
          answer.messages.forEach(drawBot);
        } catch (e) {
          if (e.status === 401 && !renewed) { renewed = true; await begin(true); continue; }
          if (!e.status || e.status >= 500) throw e;
          if (e.status === 429) { notice(e.message); wait = e.wait; break; }
          put(el('p.fail', { role: 'alert' }, e.message));
        }
        queue.shift();
        store.set('queue', queue);
      }
    } catch (e) {
      notice('网络不通，您的话还没有发出去，网络好了会自动再发。');
      wait = 4;
    }
    sending = false;
    typing.hidden = true;
    if (wait) setTimeout(flush, wait * 1000);
  }
  function locate() {
    notice('正在取您的位置……');
    navigator.geolocation.getCurrentPosition((p) => {
      notice('');
      // Three decimals are about 100 metres: near enough, and not your door.
      place = { lng: Number(p.coords.longitude.toFixed(3)), lat: Number(p.coords.latitude.toFixed(3)), crs: 'wgs84' };
      ask('用我现在的位置');
    }, () => { notice('没有取到位置。请打字告诉我地名，比如：五角场。'); input.focus(); }, { timeout: 10000, maximumAge: 60000 });
  }
  function reset() {
    queue = []; place = null; session = null;
    store.set('queue', queue); store.set('session', null);
    shown.clear(); asked.clear();
    if (events) events.close();
    log.textContent = '';
    welcome();
  }
  async function forget() {
    if (!window.confirm('要删除您的对话和说过的情况吗？')) return;
    try {
      const done = session ? await call('conversation', null, 'DELETE') : { message: '没有要删除的记录。' };
      reset();
      notice(done.message);
    } catch (e) {
      if (e.status === 401) reset(); else notice(e.status ? e.message : '网络不通，还没有删除，请稍后再点一次。');
    }
  }
  function elder(on) {
    document.documentElement.classList.toggle('elder', on);
    $('elder').setAttribute('aria-pressed', String(on));
    store.set('elder', on);
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
  regionBox.addEventListener('change', () => { place = null; store.set('region', regionBox.value); });
  addEventListener('offline', () => notice('网络断了，网络好了会自动再发。'));
  addEventListener('online', () => { notice(''); flush(); });

  elder(store.get('elder') === true);
  const saved = store.get('region') || new URLSearchParams(location.search).get('region');
  if ([...regionBox.options].some((o) => o.value === saved)) regionBox.value = saved;
  welcome();
  (async () => {
    if (session) {
      try { await history(); listen(); } catch (e) {
        if (e.status === 401) { session = null; store.set('session', null); }
      }
    }
    queue.forEach((item) => drawMine(item.text, item.message_id));
    flush();
  })();
})();
