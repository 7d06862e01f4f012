// The view of the fault rules.

import {find, make, number, setText, shown} from './dom.js';
import {ask} from './server.js';

let seen = '';
const form = find('add-rule');

const NUMBERS = ['delay_seconds', 'skip', 'every', 'count'];

export async function read() {
  const rules = await ask('GET', 'faults');
  setText(find('faults-count'), rules.length === 0 ? '' : number(rules.length));
  const text = JSON.stringify(rules);
  if (text === seen) return;
  seen = text;
  show(rules);
}

function callsOf(rule) {
  const parts = [];
  if (rule.key_call !== undefined) {
    parts.push(`key call ${rule.key_call}`);
    if (rule.via !== undefined && rule.via !== 'any') {
      parts.push(rule.via === 'glue' ? 'made by Glue' : 'made by a client');
    }
  } else {
    parts.push(rule.operation ?? 'any operation');
  }
  for (const [key, word] of [
    ['account', 'account'], ['region', 'region'], ['principal', 'principal']]) {
    if (rule[key] !== undefined && rule[key] !== '') parts.push(`${word} ${rule[key]}`);
  }
  return parts.join(', ');
}

function effectOf(rule) {
  const parts = [];
  switch (rule.fault ?? 'error') {
    case 'error':
      parts.push(rule.error ?? 'error');
      if (rule.message) parts.push(`“${rule.message}”`);
      break;
    case 'lose_request': parts.push('the request is lost'); break;
    case 'lose_answer': parts.push('the answer is lost'); break;
    default: break;
  }
  if (rule.delay_seconds) parts.push(`after ${rule.delay_seconds} s`);
  return parts.join(' ') || 'nothing';
}

function whenOf(rule) {
  const parts = [];
  if (rule.skip) parts.push(`after ${number(rule.skip)} calls`);
  if ((rule.every ?? 1) !== 1) parts.push(`every ${number(rule.every)}th call`);
  parts.push(rule.count === 'forever' ? 'forever' :
             (rule.count ?? 1) === 1 ? 'once' : `${number(rule.count)} times`);
  return parts.join(', ');
}

function show(rules) {
  find('no-faults').hidden = rules.length > 0;
  find('rules').hidden = rules.length === 0;
  find('clear-faults').hidden = rules.length < 2;
  const body = find('rules').tBodies[0];
  const focused = body.contains(document.activeElement) ?
      document.activeElement.dataset.rule : undefined;
  body.replaceChildren(...rules.map((rule) => make('tr', {},
    make('th', {scope: 'row', class: 'number'}, number(rule.id)),
    make('td', {}, ...shown(callsOf(rule))),
    make('td', {}, ...shown(effectOf(rule))),
    make('td', {}, whenOf(rule)),
    ...['matched', 'acted'].map((key) => make('td', {class: 'number'}, number(rule[key]))),
    make('td', {class: 'number'}, rule.remaining === 'forever' ? '∞' : number(rule.remaining)),
    make('td', {}, make('button', {
      type: 'button', 'data-rule': rule.id, 'aria-label': `Delete rule ${rule.id}`,
      click: () => remove(rule.id),
    }, 'Delete')))));
  if (focused !== undefined) {
    const same = body.querySelector(`[data-rule="${CSS.escape(focused)}"]`);
    (same ?? body.querySelector('button') ?? find('faults-title')).focus();
  }
}

let run;

function remove(id) {
  return run(async () => {
    await ask('DELETE', `faults/${id}`);
    await read();
    setText(find('faults-status'), `Rule ${id} is deleted.`);
  }, 'faults-error');
}

// Shows the fields that mean something for what is chosen.
function showFields() {
  const chosen = [find('rule-of').value, find('rule-fault').value];
  for (const part of form.querySelectorAll('[data-for]')) {
    part.hidden = !chosen.includes(part.dataset.for);
  }
  find('rule-error').placeholder = chosen[0] === 'operation' ?
      'InternalServiceException' : 'KMSInternalException';
}

// Returns the rule of the form. Numbers are sent as numbers; what is not one is
// sent as it is, so that the server says what is wrong.
function ruleOfForm() {
  const rule = {};
  for (const field of form.elements) {
    if (field.name === '' || field.closest('[hidden]') !== null) continue;
    const value = field.value.trim();
    if (value === '') continue;
    const isNumber = NUMBERS.includes(field.name) && /^-?\d+(\.\d+)?$/.test(value);
    rule[field.name] = isNumber ? Number(value) : value;
  }
  return rule;
}

export function start(runAction) {
  run = runAction;
  find('faults-title').tabIndex = -1;
  find('rule-of').addEventListener('input', showFields);
  find('rule-fault').addEventListener('input', showFields);
  showFields();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    run(async () => {
      const {id} = await ask('POST', 'faults', ruleOfForm());
      await read();
      setText(find('faults-status'), `Rule ${id} is added.`);
    }, 'add-error');
  });
  find('clear-faults').addEventListener('click', () => run(async () => {
    await ask('DELETE', 'faults');
    await read();
    setText(find('faults-status'), 'All rules are deleted.');
    find('faults-title').focus();
  }, 'faults-error'));
}
