// The page of the server: chooses the view, and reads again what it shows.

import * as clock from './clock.js';
import {find, setText} from './dom.js';
import * as faults from './faults.js';
import * as history from './history.js';
import {ask, Refusal, setToken, Silence} from './server.js';
import * as stored from './stored.js';

const POLL_MS = 1000;
// What is stored is read when calls were made, and so often in any case:
// another process may have written it, or a snapshot was restored.
const READ_STORED_EVERY = 5;

const VIEWS = ['stored', 'history', 'faults', 'clock'];
let view = '';
let round = 0;
let isStale = true;

// Shows an error where it belongs, and whether the server answers.
function report(error, place) {
  if (error instanceof Silence) {
    setText(find('connection'), `${error.message} Trying again.`);
  } else if (error instanceof Refusal && error.needsToken) {
    askForToken();
  } else if (error instanceof Refusal) {
    setText(place === undefined ? find('connection') : find(place), error.message);
    return;
  } else {
    throw error;
  }
  if (place !== undefined) setText(find(place), error.message);
}

// Runs what a button asks for. An error is shown at `place`.
async function run(action, place) {
  if (place !== undefined) setText(find(place), '');
  try {
    await action();
  } catch (error) {
    report(error, place);
  }
}

function askForToken() {
  if (!find('token-form').hidden) return;
  find('token-form').hidden = false;
  find('main').hidden = true;
  find('token').focus();
}

async function submitToken(event) {
  event.preventDefault();
  const text = find('token').value;
  if (!/^[\x21-\x7e]{1,256}$/.test(text)) {
    setText(find('token-error'), 'A token has 1 to 256 visible ASCII characters.');
    return;
  }
  setToken(text);
  setText(find('token-error'), '');
  try {
    await ask('GET', 'clock');
  } catch (error) {
    setText(find('token-error'), error.message);
    return;
  }
  find('token').value = '';
  find('token-form').hidden = true;
  find('main').hidden = false;
  find('main').focus();
  await showView();
}

// The address is #/VIEW, and for a catalog #/stored/CATALOG/REGION.
async function showView() {
  const [, asked, ...rest] = location.hash.split('/');
  if (location.hash !== '' && !location.hash.startsWith('#/')) return;
  const chosen = VIEWS.includes(asked) ? asked : 'stored';
  if (chosen !== view) {
    view = chosen;
    for (const other of VIEWS) find(other).hidden = other !== view;
    for (const link of document.querySelectorAll('[data-view]')) {
      if (link.dataset.view === view) {
        link.setAttribute('aria-current', 'page');
      } else {
        link.removeAttribute('aria-current');
      }
    }
    document.title = `${find(`${view}-title`).textContent} – glue_security`;
  }
  await run(async () => {
    if (view === 'stored') {
      let parts = [];
      try {
        parts = rest.map(decodeURIComponent);
      } catch {
        // Not an address of this page: as without a catalog.
      }
      await stored.show(...parts);
    }
    if (view === 'history') history.show();
    if (view === 'faults') await faults.read();
    if (view === 'clock') await clock.read();
  });
}

async function poll() {
  if (document.hidden || !find('token-form').hidden) return;
  ++round;
  try {
    if (await history.poll()) isStale = true;
    if (view === 'stored' && (isStale || round % READ_STORED_EVERY === 0)) {
      isStale = false;
      await stored.read();
    }
    if (view === 'faults' || round % READ_STORED_EVERY === 1) await faults.read();
    if (view === 'clock' || round % READ_STORED_EVERY === 1) await clock.read();
    setText(find('connection'), '');
  } catch (error) {
    report(error);
  }
}

async function pollForever() {
  await poll();
  setTimeout(pollForever, POLL_MS);
}

for (const place of document.querySelectorAll('.endpoint')) {
  place.textContent = location.origin;
}
find('token-form').addEventListener('submit', submitToken);
for (const part of [stored, history, faults, clock]) part.start(run);
addEventListener('hashchange', showView);
await showView();
await pollForever();
