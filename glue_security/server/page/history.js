// The view of the history: the calls as they come, filtered, and their timeline.

import {find, make, makeSvg, name, number, setText, shown} from './dom.js';
import {ask, query} from './server.js';

// The latest calls that are kept here, that are in a page of the server's
// answer, in the table, and in the timeline.
const KEPT = 2000;
const PAGE = 500;
const ROWS = 200;
const BARS = 150;
// The longest request or answer that is shown.
const BODY_MAX = 65_536;
// How many calls without an answer are asked for again at a time.
const ASKED_AGAIN = 20;
const LANES = 12;

let calls = [];
let leftOut = 0;
let isPaused = false;
let polls = 0;
const open = new Set();  // The starts of the calls that are shown in full.
const rows = new Map();  // start -> {call, row, detail}

const fields = {
  operation: find('filter-operation'),
  outcome: find('filter-outcome'),
  account: find('filter-account'),
  text: find('filter-text'),
};

export function outcomeOf(call) {
  if (call.cut) return 'cut';
  if (call.response === undefined) return 'open';
  return call.response.__type === undefined ? 'ok' : 'error';
}

function outcomeText(call) {
  switch (outcomeOf(call)) {
    case 'ok': return 'ok';
    case 'error': return call.response.__type;
    case 'cut': return 'too long to show';
    default: return call.unknown ? 'no answer, effect unknown' : 'no answer';
  }
}

// Reads what is new. Returns true if something may have been written since the
// last time.
export async function poll() {
  if (isPaused) return false;
  ++polls;
  const changed = await readNew();
  const answered = await readAnswers();
  if (changed || answered) show();
  return changed || answered;
}

async function readNew() {
  const last = calls.at(-1);
  const found = await readFrom(last?.start);
  // The last call must still be there, or the server has another history.
  const isOther = last !== undefined &&
      (found[0]?.start !== last.start || found[0].operation !== last.operation ||
       found[0].client !== last.client);
  if (isOther) {
    calls = await readFrom(undefined);
    rows.clear();
    open.clear();
    find('calls').tBodies[0].replaceChildren();
    return true;
  }
  if (last !== undefined) {
    const same = found.length === 1 && outcomeOf(found[0]) === outcomeOf(last);
    if (same) return false;
    calls.pop();
  }
  if (found.length === 0) return false;
  calls.push(...found);
  if (calls.length > KEPT) calls.splice(0, calls.length - KEPT);
  return true;
}

// Returns the calls from a start on; undefined: the latest.
async function readFrom(start) {
  const found = [];
  let after = start === undefined || start === 0 ? undefined : start - 1;
  for (let page = 0; page <= KEPT / PAGE; ++page) {
    const answer = await ask(
        'GET', 'history?' + query({after, limit: PAGE, latest: KEPT}));
    leftOut = answer.left_out;
    found.push(...answer.calls);
    after = answer.next;
    if (after === undefined) break;
  }
  return found;
}

// Asks again for calls without an answer, ever less often.
async function readAnswers() {
  let changed = false;
  const waiting = calls.slice(0, -1).filter((call) => outcomeOf(call) === 'open' &&
      polls % 2 ** Math.min(call.asked ?? 0, 6) === 0).slice(-ASKED_AGAIN);
  for (const call of waiting) {
    call.asked = (call.asked ?? 0) + 1;
    const after = call.start === 0 ? undefined : call.start - 1;
    const answer = await ask('GET', 'history?' + query({after, limit: 1}));
    const now = answer.calls[0];
    if (now?.start !== call.start || outcomeOf(now) === 'open') continue;
    const place = calls.indexOf(call);
    if (place >= 0) calls[place] = now;
    changed = true;
  }
  return changed;
}

function textOf(call) {
  call.text ??= (JSON.stringify(call.request ?? '') + JSON.stringify(call.response ?? '') +
                 call.operation + outcomeText(call)).toLowerCase();
  return call.text;
}

function matching() {
  const operation = fields.operation.value;
  const outcome = fields.outcome.value;
  const account = fields.account.value.trim();
  const text = fields.text.value.trim().toLowerCase();
  return calls.filter((call) =>
    (operation === '' || call.operation === operation) &&
    (outcome === '' || outcomeOf(call) === outcome) &&
    (account === '' || call.account.includes(account)) &&
    (text === '' || textOf(call).includes(text)));
}

function showOperations() {
  const names = [...new Set(calls.map((call) => call.operation))].sort();
  const select = fields.operation;
  // A name that is chosen stays, though there is no such call any more.
  if (select.value !== '' && !names.includes(select.value)) names.push(select.value);
  const present = [...select.options].slice(1).map((option) => option.value);
  if (names.join() === present.join()) return;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...names.map((text) => make('option', {}, text)));
  select.value = chosen;
}

export function show() {
  showOperations();
  setText(find('history-count'), calls.length === 0 ? '' :
      calls.length === KEPT ? `${number(KEPT)}+` : number(calls.length));
  const found = matching();
  const shownOnes = found.slice(-ROWS).reverse();
  find('no-history').hidden = calls.length > 0;
  find('calls').hidden = shownOnes.length === 0;
  showRows(shownOnes);
  showTimeline(found.slice(-BARS));
  showStatus(found.length, shownOnes.length);
}

function showStatus(found, rowCount) {
  const parts = [];
  if (calls.length > 0) {
    parts.push(`${number(found)} of ${number(calls.length)} calls match`);
    if (rowCount < found) parts.push(`the latest ${number(rowCount)} are listed`);
    if (leftOut > 0) parts.push(`the server dropped ${number(leftOut)} older ones`);
  }
  if (isPaused) parts.push('paused');
  setText(find('history-status'), parts.join('; '));
}

function showRows(wanted) {
  const body = find('calls').tBodies[0];
  const starts = new Set(wanted.map((call) => call.start));
  for (const [start, entry] of rows) {
    if (starts.has(start)) continue;
    entry.row.remove();
    entry.detail?.remove();
    rows.delete(start);
  }
  let before = body.firstChild;
  for (const call of wanted) {
    let entry = rows.get(call.start);
    if (entry === undefined) {
      entry = {call, row: rowOf(call), detail: null};
      rows.set(call.start, entry);
      body.insertBefore(entry.row, before);
    } else if (entry.call !== call) {
      entry.call = call;
      entry.row.cells[2].replaceWith(outcomeCell(call));
      showDetail(entry);
    }
    if (entry.row !== before) body.insertBefore(entry.row, before);
    before = (entry.detail ?? entry.row).nextSibling;
  }
}

function outcomeCell(call) {
  const kind = outcomeOf(call);
  return make('td', {}, make('span', {class: `badge ${kind}`}, ...shown(outcomeText(call), 100)));
}

function rowOf(call) {
  return make('tr', {id: `call-${call.start}`},
    make('td', {class: 'number'}, number(call.start)),
    make('th', {scope: 'row'}, make('button', {
      type: 'button', class: 'link', 'aria-expanded': 'false',
      click: () => toggle(call.start),
    }, call.operation)),
    outcomeCell(call),
    make('td', {}, name(call.account, 60)),
    make('td', {}, name(call.region, 60)),
    make('td', {class: 'number'}, number(call.client)));
}

function toggle(start) {
  if (!open.delete(start)) open.add(start);
  const entry = rows.get(start);
  if (entry !== undefined) showDetail(entry);
}

function bodyOf(title, value) {
  const text = value === undefined ? 'There is none.' : JSON.stringify(value, null, 2);
  return make('div', {},
    make('h3', {}, title), make('pre', {class: 'body', tabindex: '0'},
      make('code', {}, ...shown(text, BODY_MAX))));
}

function showDetail(entry) {
  const {call, row} = entry;
  const isOpen = open.has(call.start);
  row.querySelector('button').setAttribute('aria-expanded', String(isOpen));
  entry.detail?.remove();
  entry.detail = null;
  if (!isOpen) return;
  entry.detail = make('tr', {class: 'detail'}, make('td', {colspan: '6'},
    call.cut ? make('p', {class: 'dim'}, 'The call is too long for an answer of the server.') :
    make('div', {class: 'bodies'}, bodyOf('Request', call.request), bodyOf('Answer', call.response))));
  row.after(entry.detail);
}

// The timeline.

// Returns the lane of each call, the first in which no other call overlaps it,
// and the number of lanes. Beyond LANES, calls share the last one.
function lanesOf(found, end) {
  const ends = [];
  const lanes = found.map((call) => {
    let lane = ends.findIndex((to) => to < call.start);
    if (lane < 0) lane = Math.min(ends.length, LANES - 1);
    ends[lane] = Math.max(ends[lane] ?? 0, call.end ?? end);
    return lane;
  });
  return [lanes, ends.length];
}

function showTimeline(found) {
  find('timeline-figure').hidden = found.length === 0;
  if (found.length === 0) return;
  const svg = find('timeline');
  const from = found[0].start;
  const end = Math.max(...found.map((call) => call.end ?? call.start)) + 1;
  const [lanes, laneCount] = lanesOf(found, end);
  svg.setAttribute('viewBox', `0 0 ${end - from} ${laneCount * 10}`);
  svg.setAttribute('height', laneCount * 16);
  svg.setAttribute('aria-label',
      `Timeline of the latest ${number(found.length)} matching calls; the table has the same calls`);
  svg.replaceChildren(...found.map((call, index) => {
    const kind = outcomeOf(call);
    const isFailure = kind === 'error';
    return makeSvg('rect', {
      class: `bar ${kind}`,
      x: call.start - from + 0.08,
      y: lanes[index] * 10 + (isFailure ? 1 : 2.5),
      width: Math.max((call.end ?? end) - call.start, 1) - 0.16,
      height: isFailure ? 8 : 5,
      'data-start': call.start,
      click: () => reveal(call.start),
    }, makeSvg('title', {}, `${call.operation}: ${outcomeText(call)}, connection ${call.client}`));
  }));
}

function reveal(start) {
  const entry = rows.get(start);
  if (entry === undefined) return;
  if (!open.has(start)) toggle(start);
  entry.row.querySelector('button').focus();
}

// Listens to the controls. `run` handles what they throw.
export function start(run) {
  for (const field of Object.values(fields)) field.addEventListener('input', show);
  find('filters').addEventListener('submit', (event) => event.preventDefault());
  find('pause').addEventListener('click', () => {
    isPaused = !isPaused;
    find('pause').setAttribute('aria-pressed', String(isPaused));
    show();
    if (!isPaused) run(poll);
  });
  find('clear-history').addEventListener('click', () => run(async () => {
    await ask('DELETE', 'history');
    await readNew();
    show();
  }, 'history-error'));
}
