const texts = {
  en: {
    round: id => id ? `Round ${id}` : 'Round', recent: 'Votes here', open: 'open: vote now', closed: 'closed', void: 'void', idle: 'no round yet',
    unknown: 'nothing heard of a round yet', said: age => ` (as of ${age} ago)`, waiting: 'not sent yet', asked: 'sent, no answer yet', counted: 'counted', late: 'came too late',
    linked: '● connected', unlinked: age => `○ no link since ${age}`, silent: age => `○ this page has heard nothing for ${age}`,
    queued: n => n === 1 ? '1 vote is safe here and not counted yet' : `${n} votes are safe here and not counted yet`, none: 'none yet',
    refused: 'This vote was not accepted. ', vote: choice => `Vote ${choice}`,
  },
  fr: {
    round: id => id ? `Tour ${id}` : 'Tour', recent: 'Votes d’ici', open: 'ouvert : votez', closed: 'terminé', void: 'annulé', idle: 'pas encore de tour',
    unknown: 'aucune nouvelle d’un tour', said: age => ` (il y a ${age})`, waiting: 'pas encore envoyé', asked: 'envoyé, pas de réponse', counted: 'compté', late: 'arrivé trop tard',
    linked: '● connecté', unlinked: age => `○ pas de liaison depuis ${age}`, silent: age => `○ cette page n’entend rien depuis ${age}`,
    queued: n => n === 1 ? '1 vote est gardé ici, pas encore compté' : `${n} votes sont gardés ici, pas encore comptés`, none: 'aucun',
    refused: 'Ce vote n’a pas été accepté. ', vote: choice => `Voter ${choice}`,
  },
};
const byId = id => document.getElementById(id);
let status = null, heard = performance.now(), shownChoices = '';

// Ages go on while nothing arrives: what was true is never shown as if it were now.
const since = () => performance.now() - heard;
function ageOf(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

function language() {
  const wanted = new URLSearchParams(location.search).get('lang') ?? status?.language ?? navigator.language ?? 'en';
  return wanted.startsWith('fr') ? 'fr' : 'en';
}

function set(id, text, mood) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
  element.className = mood ?? '';
}

function draw() {
  const t = texts[language()];
  document.documentElement.lang = language();
  const isSilent = since() > 2500;
  document.body.classList.toggle('stale', isSilent || !status?.isLinked);
  byId('recent-title').textContent = t.recent;
  if (isSilent) set('link', t.silent(ageOf(since())), 'bad');
  else if (status) set('link', status.isLinked ? t.linked : t.unlinked(ageOf(status.linkAge + since())), status.isLinked ? 'ok' : 'warn');
  for (const button of byId('votes').children) button.disabled = isSilent;
  if (!status) return;
  const name = status.label ?? status.slot;
  set('name', name);
  document.title = name;
  const round = status.round;
  byId('round-title').textContent = t.round(round?.round);
  set('count', round?.expected ? `${round.votes} / ${round.expected}` : '–', 'figure');
  byId('bar').max = round?.expected || 1;
  byId('bar').value = round?.votes ?? 0;
  const old = round && (isSilent || !status.isLinked) ? t.said(ageOf(status.roundAge + since())) : '';
  set('state', (round ? t[round.state] : t.unknown) + old, round?.state === 'open' ? 'ok' : 'muted');
  byId('fault').hidden = !status.fault;
  set('fault', status.fault ? t.refused + status.fault : '', 'bad');
  drawRecent(t);
  drawButtons(t);
}

function drawRecent(t) {
  const rows = status.recent.map(vote => {
    const row = document.createElement('li');
    const what = document.createElement('span'), state = document.createElement('span');
    what.textContent = vote.choice;
    state.textContent = t[vote.verdict ?? (status.isLinked ? 'asked' : 'waiting')];
    state.className = vote.verdict === 'counted' ? 'ok' : 'warn';
    row.append(what, state);
    return row;
  });
  const more = document.createElement('li');
  more.className = status.waiting > 0 ? 'warn' : 'muted';
  more.textContent = status.waiting > 0 ? t.queued(status.waiting) : rows.length === 0 ? t.none : '';
  byId('recent').replaceChildren(more, ...rows);
}

function drawButtons(t) {
  const wanted = status.choices.join('\n') + language();
  if (wanted === shownChoices) return;
  shownChoices = wanted;
  byId('votes').replaceChildren(...status.choices.map(choice => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = t.vote(choice);
    button.addEventListener('click', () => press(choice));
    return button;
  }));
}

async function press(choice) {
  try {
    const answer = await fetch('press', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ choice, input: 'touch' }) });
    if (answer.ok) return;
    const problem = await answer.json();
    status.fault = problem.detail;
  } catch (error) {
    status.fault = error.message;
  }
  draw();
}

// One stream; it is made anew by the browser, and by hand where the browser has given up.
function listen() {
  const stream = new EventSource('events');
  stream.onmessage = event => {
    status = JSON.parse(event.data);
    heard = performance.now();
    draw();
  };
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, 1000);
  };
}

listen();
draw();
setInterval(draw, 500);
