// As much of a browser's document as the page of a timeline and its script need. The
// parser is strict: it throws where a browser would have to guess, so that a text that
// becomes markup is noticed.

const VOID = new Set(['br', 'input', 'meta', 'wbr']);
const RAW = new Set(['script', 'style']);
const ENTITIES = {
  amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", larr: '←', rarr: '→', lsaquo: '‹',
  rsaquo: '›', '#10007': '✗',
};

function decode(text) {
  return text.replace(/&([^;]*);?/g, (entity, name) => {
    if (!(name in ENTITIES) || !entity.endsWith(';')) throw new Error(`entity ${entity}`);
    return ENTITIES[name];
  });
}

export class Element {
  constructor(document, name) {
    this.document = document;
    this.localName = name;
    this.namespaceURI = 'of ' + name;
    this.attributes = new Map();
    this.children = [];  // Elements and texts.
    this.parent = null;
    this.listeners = [];
    this.checkedNow = this.disabled = false;
    this.scrolled = 0;
    const element = this;
    this.dataset = new Proxy({}, {
      get: (_, key) => element.attributes.get('data-' + key),
    });
    this.classList = {
      names: () => (element.attributes.get('class') ?? '').split(' ').filter((c) => c),
      contains: (name) => this.classList.names().includes(name),
      add: (name) =>
        element.setAttribute('class', [...this.classList.names(), name].join(' ')),
      remove: (name) =>
        element.setAttribute('class', this.classList.names().filter((c) => c !== name).join(' ')),
    };
  }

  get id() { return this.attributes.get('id') ?? ''; }
  get value() { return this.attributes.get('value') ?? ''; }
  get htmlFor() { return this.attributes.get('for') ?? ''; }
  get hidden() { return this.attributes.has('hidden'); }
  set hidden(is) { is ? this.attributes.set('hidden', '') : this.attributes.delete('hidden'); }
  get checked() { return this.checkedNow; }
  set checked(is) {
    // Of the radio buttons of a name, one is chosen.
    for (const other of is && this.attributes.get('type') === 'radio'
      ? this.document.querySelectorAll(`input[name=${this.attributes.get('name')}]`) : []) {
      other.checkedNow = false;
    }
    this.checkedNow = is;
  }
  get textContent() {
    return this.children.map((c) => (typeof c === 'string' ? c : c.textContent)).join('');
  }
  set textContent(text) { this.children = [text]; }

  setAttribute(name, value) { this.attributes.set(name, String(value)); }
  appendChild(child) {
    child.parent = this;
    this.children.push(child);
    return child;
  }
  replaceChildren() { this.children = []; }

  // Returns the elements in this one, in the order of the page.
  all() {
    const elements = [];
    const waiting = [...this.children].reverse();
    while (waiting.length > 0) {
      const element = waiting.pop();
      if (typeof element === 'string') continue;
      elements.push(element);
      for (let i = element.children.length; i-- > 0;) waiting.push(element.children[i]);
    }
    return elements;
  }
  // Knows NAME, .CLASS, [ATTRIBUTE] and [ATTRIBUTE=VALUE], joined, in a list.
  matches(selectors) {
    return selectors.split(',').some((selector) => {
      const parts = selector.trim().match(/^[a-z][a-z0-9]*|\.[\w-]+|\[[^\]]+\]/g) ?? [];
      if (parts.join('') !== selector.trim()) throw new Error(`selector ${selector}`);
      return parts.every((part) => {
        if (part[0] === '.') return this.classList.contains(part.slice(1));
        if (part[0] !== '[') return this.localName === part;
        const [name, value] = part.slice(1, -1).split('=');
        if (value === undefined) return this.attributes.has(name);
        return this.attributes.get(name) === value.replaceAll('"', '');
      });
    });
  }
  querySelectorAll(selectors) { return this.all().filter((e) => e.matches(selectors)); }
  querySelector(selectors) { return this.querySelectorAll(selectors)[0] ?? null; }
  closest(selectors) {
    for (let e = this; e; e = e.parent) if (e.matches(selectors)) return e;
    return null;
  }

  getBoundingClientRect() { return {left: 0, top: 0, width: 10, height: 10}; }
  scrollIntoView() { ++this.scrolled; }
  focus() { this.document.activeElement = this; }

  addEventListener(type, listener) { this.listeners.push([type, listener]); }
  // Gives an event to the listeners of this and of what it is in. Returns false when
  // one of them has prevented what a browser does by itself.
  dispatch(type, more = {}) {
    let prevented = false;
    const event = {type, target: this, preventDefault: () => { prevented = true; }, ...more};
    for (let e = this; e; e = e.parent ?? (e === this.document ? null : this.document)) {
      for (const [on, listener] of e.listeners) if (on === type) listener(event);
    }
    return !prevented;
  }
  // Does what a browser does when this is clicked.
  click() {
    if (!this.dispatch('click') || this.disabled) return;
    const input = this.localName === 'input' ? this
      : this.closest('label')?.querySelector('input') ??
        this.document.getElementById(this.closest('label')?.htmlFor ?? '');
    if (!input) return;
    input.checked = input.attributes.get('type') === 'radio' || !input.checked;
    input.dispatch('change');
  }
}

// Returns the document of a page.
export function parse(html) {
  const document = new Element(null, 'document');
  document.document = document;
  document.activeElement = null;
  document.getElementById = (id) => document.all().find((e) => e.id === id) ?? null;
  document.createElementNS = (_, name) => new Element(document, name);
  if (!html.startsWith('<!DOCTYPE html>\n')) throw new Error('no type');
  let at = html.indexOf('<html');
  const open = [document];
  while (at < html.length) {
    const inside = open[open.length - 1];
    const end = html.indexOf('<', at);
    const text = html.slice(at, end < 0 ? html.length : end);
    if (RAW.has(inside.localName)) {
      const close = html.indexOf(`</${inside.localName}`, at);
      inside.children.push(html.slice(at, close));
      at = close + inside.localName.length + 3;
      open.pop();
      continue;
    }
    if (text) inside.children.push(decode(text));
    if (end < 0) break;
    const tag = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>/.exec(html.slice(end, end + 100_000));
    if (!tag) throw new Error(`markup: ${html.slice(end, end + 60)}`);
    at = end + tag[0].length;
    if (tag[1]) {
      if (inside.localName !== tag[2]) throw new Error(`</${tag[2]}> in ${inside.localName}`);
      open.pop();
      continue;
    }
    const element = inside.appendChild(new Element(document, tag[2]));
    for (const [, name, , value] of tag[3].matchAll(/ ([a-z-]+)(="([^"]*)")?/g)) {
      element.attributes.set(name, decode(value ?? ''));
    }
    element.checked = element.attributes.has('checked');
    if (!VOID.has(tag[2])) open.push(element);
  }
  if (open.length !== 1) throw new Error(`${open[open.length - 1].localName} has no end`);
  document.body = document.querySelector('body');
  return document;
}
