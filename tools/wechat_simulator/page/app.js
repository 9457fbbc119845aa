"use strict";

const $ = (id) => document.getElementById(id);
const FAULTS = { lost: { lost_replies: 1 }, copies: { copies: 2 }, delay: { delay_s: 3 } };
let lastTime = 0;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.assign(made, attributes);
  made.append(...children);
  return made;
}

// WeChat makes links of addresses and of <a href> in a text, and runs nothing else in it.
function linked(text) {
  const parts = [];
  const pattern = /<a href="([^"]*)"[^>]*>([^<]*)<\/a>|https?:\/\/[^\s<>"，。；、）】]+/g;
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(from, found.index));
    const address = found[1] === undefined ? found[0] : found[1];
    const words = found[2] === undefined ? found[0] : found[2];
    if (/^https?:\/\//.test(address)) {
      parts.push(element("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, words));
    } else {
      parts.push(words);
    }
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

function showTime(at) {
  if (at - lastTime > 300) {
    const words = new Date(at * 1000).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
    $("chat").append(element("li", { className: "time" }, words));
  }
  lastTime = at;
}

function article(item) {
  const card = element("a", { className: "article", target: "_blank", rel: "noreferrer noopener" },
    element("strong", {}, item.title), element("span", {}, item.description));
  if (/^https?:\/\//.test(item.url)) {
    card.href = item.url;
  }
  return card;
}

function menuBubble(bubble) {
  const lines = bubble.text.split("\n");
  const count = bubble.choices.length;
  const body = element("div", { className: "bubble" });
  body.append(...linked(lines.slice(0, lines.length - count - 1).join("\n")));
  bubble.choices.forEach(([, words], index) => {
    const line = element("button", { className: "choice", type: "button" }, words);
    line.addEventListener("click", () => act({ kind: "choose", number: index + 1 }));
    body.append(line);
  });
  body.append(lines[lines.length - 1]);
  return body;
}

function show(bubble) {
  showTime(bubble.at);
  if (bubble.kind === "notice") {
    $("chat").append(element("li", { className: "notice" }, element("span", {}, bubble.text)));
  } else {
    const mine = bubble.who === "user";
    const row = element("li", { className: mine ? "user" : "account" });
    row.append(element("span", { className: "face", ariaHidden: "true" }, mine ? "我" : "邻"));
    if (bubble.kind === "news") {
      row.append(...bubble.articles.map(article));
    } else if (bubble.kind === "msgmenu") {
      row.append(menuBubble(bubble));
    } else {
      const body = element("div", { className: "bubble" }, ...linked(bubble.text));
      if (bubble.via === "service") {
        body.append(element("small", { className: "via" }, "客服消息"));
      }
      row.append(body);
    }
    $("chat").append(row);
  }
  $("chat").scrollTop = $("chat").scrollHeight;
}

function showMenu(buttons) {
  const known = buttons.length > 0;
  $("to-menu").hidden = !known;
  if (!known && !$("menu").hidden) {
    only("typing");
  }
  $("buttons").replaceChildren(...buttons.map((button, index) => {
    const entries = button.sub_button || [];
    const head = element("button", { type: "button" }, button.name);
    const holder = element("div", {}, head);
    if (entries.length) {
      const list = element("div", { className: "entries", hidden: true });
      entries.forEach((entry, line) => {
        const item = element("button", { type: "button" }, entry.name);
        item.addEventListener("click", () => { list.hidden = true; tap(entry, index + 1, line + 1); });
        list.append(item);
      });
      head.setAttribute("aria-expanded", "false");
      head.addEventListener("click", () => {
        const open = list.hidden;
        document.querySelectorAll(".entries").forEach((other) => { other.hidden = true; });
        list.hidden = !open;
        head.setAttribute("aria-expanded", String(open));
      });
      holder.prepend(list);
    } else {
      head.addEventListener("click", () => tap(button, index + 1, 0));
    }
    return holder;
  }));
}

function tap(button, number, entry) {
  act({ kind: "menu", number, entry });
  if (button.type === "view" && /^https?:\/\//.test(button.url)) {
    window.open(button.url, "_blank", "noopener");
  }
}

function only(shown) {
  ["typing", "speaking", "menu"].forEach((name) => { $(name).hidden = name !== shown; });
}

async function act(body) {
  const chosen = document.querySelector("input[name=fault]:checked").value;
  if (chosen) {
    body.faults = FAULTS[chosen];
    document.querySelector("input[name=fault][value='']").checked = true;
  }
  $("state").textContent = "对方正在输入…";
  try {
    const answer = await fetch("act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const told = await answer.json();
    $("state").textContent = told.error || describe(told);
  } catch {
    $("state").textContent = "模拟器没有回答";
  }
}

function describe(told) {
  const tries = told.tries.length > 1 ? `试了 ${told.tries.length} 次 ` : "";
  const last = told.tries[told.tries.length - 1];
  return `${tries}${last ? last.seconds.toFixed(1) + " 秒" : ""}`;
}

function listen() {
  const stream = new EventSource("events");
  stream.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    if (told.state) {
      $("chat").replaceChildren();
      lastTime = 0;
      told.state.bubbles.forEach(show);
      showMenu(told.state.menu);
      $("places").replaceChildren(...told.state.places.map((place) => {
        const button = element("button", { type: "button", className: "plain" }, place.label);
        button.addEventListener("click", () => act({ kind: "location", ...place }));
        return button;
      }));
    } else if (told.bubble) {
      show(told.bubble);
    } else if (told.menu) {
      showMenu(told.menu);
    }
  });
}

$("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("words").value;
  if (text.trim()) {
    $("words").value = "";
    act({ kind: "text", text });
  }
});
$("speaking").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("spoken").value;
  if (text.trim()) {
    $("spoken").value = "";
    act({ kind: "voice", text });
  }
});
$("point").addEventListener("submit", (event) => {
  event.preventDefault();
  act({ kind: "location", lat: $("lat").value, lng: $("lng").value });
});
$("unheard").addEventListener("click", () => act({ kind: "voice", text: null }));
$("to-voice").addEventListener("click", () => { only("speaking"); $("spoken").focus(); });
$("to-words").addEventListener("click", () => { only("typing"); $("words").focus(); });
$("to-typing").addEventListener("click", () => { only("typing"); $("words").focus(); });
$("to-menu").addEventListener("click", () => only("menu"));
$("more").addEventListener("click", () => {
  $("extras").hidden = !$("extras").hidden;
  $("more").setAttribute("aria-expanded", String(!$("extras").hidden));
  $("chat").scrollTop = $("chat").scrollHeight;
});
document.querySelectorAll("[data-act]").forEach((button) => {
  button.addEventListener("click", () => act({ kind: button.dataset.act }));
});
listen();
