// The view of the clock.

import {find, setText, time} from './dom.js';
import {ask} from './server.js';

let isFrozen = false;

export async function read() {
  show(await ask('GET', 'clock'));
}

function show({now, frozen}) {
  isFrozen = frozen;
  const shown = time(now);
  find('now').dateTime = shown.dateTime;
  // A running clock shows no fractions.
  setText(find('now'), frozen ? shown.textContent : shown.textContent.replace(/\.\d+/, ''));
  setText(find('frozen'), frozen ? 'frozen' : 'running');
  find('frozen').className = frozen ? 'badge warning' : 'badge ok';
  setText(find('freeze'), frozen ? 'Let it run' : 'Freeze');
  setText(find('clock-state'), frozen ? 'frozen' : '');
}

export function start(run) {
  const change = (error, method, path, body, what) => run(async () => {
    const clock = await ask(method, path, typeof body === 'function' ? body() : body);
    show(clock);
    setText(find('clock-status'), `${typeof what === 'function' ? what() : what} It is ${time(clock.now).textContent}.`);
  }, error);

  find('freeze').addEventListener('click', () => change(
      'clock-error', 'PUT', 'clock', {frozen: !isFrozen},
      () => isFrozen ? 'The clock is frozen.' : 'The clock runs.'));
  find('system-time').addEventListener('click', () => change(
      'clock-error', 'DELETE', 'clock', undefined, 'The clock follows the system’s time.'));
  find('set-clock').addEventListener('submit', (event) => {
    event.preventDefault();
    const body = {now: find('set-now').value.trim()};
    if (find('set-frozen').checked) body.frozen = true;
    change('set-error', 'PUT', 'clock', body, 'The clock is set.');
  });
  const advance = (seconds) => change(
      'advance-error', 'POST', 'clock/advance', {seconds}, 'The clock is moved.');
  find('advance-clock').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = find('advance-seconds').value.trim();
    // What is not a number is sent as it is, so that the server says what is wrong.
    advance(/^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  });
  for (const button of find('advance-clock').querySelectorAll('[data-seconds]')) {
    button.addEventListener('click', () => advance(Number(button.dataset.seconds)));
  }
}
