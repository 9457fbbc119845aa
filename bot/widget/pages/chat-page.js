// What the address says of the chat: ?region=510100, ?font=1.25 (the text size of WeChat, from a mini program's
// wx.getAppBaseInfo().fontSizeScaleFactor), ?elder, ?ask=… (a first question to tap; nothing is asked by itself).
(function () {
  'use strict';
  const chat = document.querySelector('community-chat');
  const said = new URLSearchParams(location.search);
  const region = said.get('region') || '';
  const font = Number(said.get('font'));
  const ask = (said.get('ask') || '').replace(/[|\s]+/g, ' ').trim();
  if (/^\d{6}$/.test(region)) chat.setAttribute('region', region);
  if (font >= 0.5 && font <= 4) chat.setAttribute('scale', String(font));
  if (said.has('elder')) chat.setAttribute('elder', '');
  if (ask && ask.length <= 60) chat.setAttribute('starters', [ask, '附近哪儿能吃上便宜饭', '我妈七十五了能领什么'].join('|'));
})();
