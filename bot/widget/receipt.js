// A link to #CODE fills the form in. The part behind # is never sent to the server; the page forgets it at once.
(function () {
  'use strict';
  const code = document.getElementById('code');
  if (!code || location.hash.length < 2) return;
  try {
    code.value = decodeURIComponent(location.hash.slice(1));
  } catch (error) {
    code.value = location.hash.slice(1);
  }
  history.replaceState(null, '', location.pathname);
  code.focus();
})();
