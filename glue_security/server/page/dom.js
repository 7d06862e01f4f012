// Makes elements. Texts of the server become text nodes, never markup.

export const find = (id) => document.getElementById(id);

// Returns an element with attributes and children, which are nodes or texts.
// An attribute that is true is empty; one that is false or undefined is left
// out; a function listens to the event of its name.
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function makeSvg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

function setAttributes(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(key, value);
    } else if (value === true) {
      element.setAttribute(key, '');
    } else if (value !== false && value !== undefined) {
      element.setAttribute(key, value);
    }
  }
}

// Characters that cannot be seen, or that change the order of others. Line
// ends and tabs are not among them.
const UNSEEN =
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2800\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/gu;

// Returns nodes that show `text`, each unseen character as its number. A text
// longer than `max` is cut, and its length is said.
export function shown(text, max = 400) {
  const nodes = [];
  let rest = String(text);
  const length = rest.length;
  if (length > max) rest = rest.slice(0, max);
  let from = 0;
  for (const match of rest.matchAll(UNSEEN)) {
    if (match.index > from) nodes.push(rest.slice(from, match.index));
    const number = match[0].codePointAt(0).toString(16).toUpperCase();
    nodes.push(make('span', {class: 'unseen'}, 'U+' + number.padStart(4, '0')));
    from = match.index + match[0].length;
  }
  if (from < rest.length) nodes.push(rest.slice(from));
  if (length > max) {
    nodes.push(make('span', {class: 'cut'}, `… ${number(length)} characters`));
  }
  return nodes;
}

// Returns a name or another text of a client, whose direction is its own.
export function name(text, max) {
  return make('bdi', {}, ...shown(text, max));
}

export function number(value) {
  return value.toLocaleString('en');
}

export function count(value, one, many = one + 's') {
  return `${number(value)} ${value === 1 ? one : many}`;
}

// Returns a time of the server, 2026-01-31T12:00:00+00:00, as it is read.
export function time(text) {
  const readable = text.replace('T', ' ').replace(/\+00:00$/, ' UTC');
  return make('time', {datetime: text}, readable);
}

// Sets a text only if it changes, so that nothing is announced twice.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
