// What the pages do beside showing: the live state, pause, dialogs, letters, times. Without it every link and form still works.
const root = document.documentElement;
const text = name => root.dataset['text' + name];
const byId = id => document.getElementById(id);
const lost = 8000; // ms without a word from the core; it speaks every 3 s
let connection = null, asked = 0, roundTrip = null, heardAt = performance.now(), isOpen = false, isPaused = false, offset = 0;

// How long, in its largest unit, as the core writes it.
function span(seconds) {
  const [n, unit] = seconds < 60 ? [seconds, 's'] : seconds < 3600 ? [seconds / 60, 'min'] : seconds < 172800 ? [seconds / 3600, 'h'] : [seconds / 86400, root.dataset.day];
  return Math.max(0, Math.floor(n)) + '\u00a0' + unit;
}

function say(words) {
  const notice = byId('notice');
  if (!notice) return;
  notice.textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => notice.textContent = '', 6000);
}

// ---- live state ----

function showLive() {
  const live = byId('live');
  if (!live || !byId('stream')) return;
  const silence = performance.now() - heardAt;
  const state = isPaused ? 'paused' : silence > lost || (!isOpen && silence > 1500) ? 'lost' : isOpen ? 'on' : 'waiting';
  if (state === 'on' && live.dataset.state === 'lost') say(text('Back'));
  live.dataset.state = state;
  document.body.classList.toggle('stale', state === 'lost');
  const words = state === 'paused' ? text('Paused') : state === 'lost' ? text('Lost').replace('{0}', span(silence / 1000))
    : state === 'on' ? text('Live') + (roundTrip === null ? '' : ` · ${Math.round(roundTrip)}\u00a0ms`) : null;
  if (words !== null && byId('live-text').textContent !== words) byId('live-text').textContent = words;
  // A link that is silent without having ended is given up, and made anew.
  if (silence > 2 * lost && isOpen) {
    isOpen = false;
    connection?.reader?.cancel();
  }
}

function tick() {
  const now = Date.now() + offset;
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const words = text('Ago').replace('{0}', span((now - Date.parse(time.dateTime)) / 1000));
    if (time.textContent !== words) time.textContent = words;
  }
  showLive();
}

function pause(on) {
  isPaused = on;
  const button = byId('pause');
  button?.setAttribute('aria-pressed', String(on));
  document.body.classList.toggle('paused', on);
  // What was missed meanwhile comes with a new connection, which begins with everything.
  if (!on) connection?.reader?.cancel();
  showLive();
}

document.addEventListener('htmx:sse:before:connection', event => {
  connection = event.detail.connection;
  isOpen = false;
  asked = performance.now();
});
document.addEventListener('htmx:sse:after:connection', () => {
  isOpen = true;
  heardAt = performance.now();
  showLive();
});
document.addEventListener('htmx:sse:error', event => {
  isOpen = false;
  // The session has ended: the page itself asks for the key.
  if (event.detail.status === 401) location.reload();
});
document.addEventListener('htmx:sse:before:message', event => {
  const {event: name, data} = event.detail.message;
  heardAt = performance.now();
  if (name === 'beat') {
    offset = Number(data) - Date.now();
    event.preventDefault();
  } else if (name === 'hello') {
    // Another version of the core came up: its page goes with its scripts.
    if (data !== root.dataset.assets) location.reload();
    event.preventDefault();
  } else if (isPaused) event.preventDefault();
});

async function measure() {
  if (!byId('stream') || document.hidden || !isOpen) return;
  const start = performance.now();
  try {
    const answer = await fetch('/ping', {headers: {'HX-Request': 'true'}, cache: 'no-store'});
    if (answer.status === 401) location.reload();
    if (answer.ok) roundTrip = performance.now() - start;
  } catch { /* the stream says so */ }
}

// ---- dialogs ----

const dialog = byId('dialog');

document.addEventListener('htmx:after:swap', event => {
  if (dialog && event.detail.ctx.target?.id === 'dialog-body' && !dialog.open && byId('dialog-body').childElementCount) dialog.showModal();
  if (dialog?.open) (dialog.querySelector('[aria-invalid=true]') ?? dialog.querySelector('input:not([type=hidden]), textarea') ?? dialog.querySelector('button'))?.focus();
});
document.addEventListener('htmx:response:error', event => {
  if (event.detail.ctx.response.status === 401) location.reload();
});
document.addEventListener('essaim:done', event => {
  dialog?.close();
  say(event.detail.notice);
  const then = event.detail.then;
  if (then === location.pathname || (location.pathname === '/edge' && then.startsWith('/edge/rounds/'))) refresh();
  else location.assign(then);
});
dialog?.addEventListener('click', event => {
  if (event.target === dialog || event.target.closest('[data-close]')) {
    event.preventDefault();
    dialog.close();
  }
});
// What was in it is done with; a password does not stay.
dialog?.addEventListener('close', () => byId('dialog-body').replaceChildren());

function refresh() {
  htmx.ajax('GET', location.href, {target: '#main', select: '#main', swap: 'outerMorph'});
}

document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy]');
  if (button) {
    const source = byId(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      say(text('Copied'));
    } catch {
      getSelection().selectAllChildren(source);
    }
  }
  if (event.target.closest('#pause')) pause(!isPaused);
});

// ---- letters ----

let before = '';
const goes = {e: '/edge', r: '/edge/rounds', a: '/audit'};

function step(by) {
  const links = [...document.querySelectorAll('main tbody th a')];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, [contenteditable]') || dialog?.open) return;
  const key = event.key;
  if (key === '?') byId('keys')?.togglePopover();
  if (root.dataset.keys === 'off') return;
  if (before === 'g' && goes[key]) location.assign(goes[key]);
  else if (key === 'p' && byId('pause')) pause(!isPaused);
  else if (key === 'n') byId('open-round')?.click();
  else if (key === 'j' || key === 'k') step(key === 'j' ? 1 : -1);
  else if (key === '/' && byId('search')) {
    event.preventDefault();
    byId('search').focus();
  }
  before = key;
});

setInterval(tick, 1000);
setInterval(measure, 15000);
setTimeout(measure, 500);
tick();
