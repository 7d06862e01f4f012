// The pages of HistoryTimelineHtml: that they are well formed and closed, and what their
// script does. Its argument is the program that prints them.
//
// No browser takes part; tools/timeline_picture.py looks at the same pages in Chromium.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import test from 'node:test';
import vm from 'node:vm';

import {parse} from './page_stub.mjs';

const pages = Object.fromEntries(['example', 'hostile', 'large'].map((name) => [
  name,
  execFileSync(process.argv[2], [name], {encoding: 'latin1', maxBuffer: 1 << 28}),
]));

// Returns a page on which the script runs.
function open(name) {
  const document = parse(pages[name]);
  const page = {document, selected: false, observed: []};
  vm.runInNewContext(document.querySelector('script').textContent, {
    document,
    getSelection: () => ({isCollapsed: !page.selected}),
    ResizeObserver: class {
      constructor(callback) { page.resize = callback; }
      observe(element) { page.observed.push(element); }
    },
  });
  page.find = (id) => document.getElementById(id);
  page.boxes = (letter) =>
    page.find('order-' + letter).dataset.calls.split(' ').map((call) => page.find('b' + call));
  page.here = () => document.querySelectorAll('.here');
  page.chosen = () => document.querySelectorAll('input').find((i) => i.checked).value;
  page.label = (place) => document.querySelector(`[data-place="${place}"]`);
  page.key = (key, more = {}) =>
    !(document.activeElement ?? document.body).dispatch('keydown', {key, ...more});
  page.lines = () => page.find('path').querySelectorAll('path').filter(
      (path) => path.attributes.has('marker-end'));
  return page;
}

for (const name of Object.keys(pages)) {
  test(`${name}: elements end where they should, and links lead to something`, () => {
    const document = parse(pages[name]);
    const elements = document.querySelectorAll('[id]');
    const ids = new Map(elements.map((element) => [element.id, element]));
    assert.equal(ids.size, elements.length, 'an id occurs twice');
    for (const link of document.querySelectorAll('a')) {
      const target = link.attributes.get('href');
      assert.match(target, /^#[bc][0-9]+$/);
      assert.ok(ids.has(target.slice(1)), target);
    }
    for (const label of document.querySelectorAll('[for]')) {
      assert.equal(ids.get(label.htmlFor).localName, 'input');
    }
    const allowed = /^(id|class|href|for|type|name|value|data-(calls|place|to)|aria-(hidden|label)|role|hidden|checked|autocomplete|lang|charset|content|http-equiv)$/;
    for (const element of document.all()) {
      for (const attribute of element.attributes.keys()) assert.match(attribute, allowed);
    }
    assert.ok(!/[^\n -~]/.test(pages[name]), 'a byte that is not printable ASCII');
  });

  test(`${name}: the policy allows exactly this style and this script`, () => {
    const document = parse(pages[name]);
    const source = (element) => {
      const hash = createHash('sha256').update(element.textContent).digest('base64');
      return `'sha256-${hash}'`;
    };
    const styles = document.querySelectorAll('style');
    const scripts = document.querySelectorAll('script');
    assert.equal(styles.length, 1);
    assert.equal(scripts.length, 1);
    assert.equal(
        document.querySelector('[http-equiv]').attributes.get('content'),
        `default-src 'none'; style-src ${source(styles[0])}; ` +
        `script-src ${source(scripts[0])}; base-uri 'none'; form-action 'none'`);
  });
}

test('hostile texts are shown, and change nothing', () => {
  const page = open('hostile');
  const text = "</script></style></li><script>document.title='1'</script>" +
      `<img src=x onerror="document.title='2'">`;
  assert.ok(page.document.querySelector('h1').textContent.startsWith(text));
  assert.ok(page.find('c1').textContent.includes('</style></li>'));
  page.find('order-a').click();
  assert.equal(page.lines().length, 1);
});

test('no order is followed at first', () => {
  const page = open('example');
  assert.equal(page.chosen(), '');
  assert.ok(page.find('bar').hidden);
  assert.equal(page.lines().length, 0);
  assert.equal(page.here().length, 0);
  assert.ok(!page.key('ArrowRight'), 'an arrow key scrolls');
  assert.ok(page.document.body.classList.contains('script'));
});

test('a chosen order is drawn, and followed with the buttons', () => {
  const page = open('example');
  const boxes = page.boxes('a');
  assert.ok(boxes.length > 2);
  page.find('order-a').click();
  assert.ok(!page.find('bar').hidden);
  assert.equal(page.lines().length, boxes.length - 1);
  assert.equal(page.find('status').textContent, `Order A: ${boxes.length} calls`);
  assert.ok(page.find('previous').disabled);
  for (const [place, box] of boxes.entries()) {
    assert.ok(!page.find('next').disabled);
    page.find('next').click();
    assert.deepEqual(page.here(), [box]);
    assert.equal(
        page.find('status').textContent,
        `Order A, ${place + 1} of ${boxes.length}: ` + box.querySelector('.name').textContent);
    assert.equal(page.document.activeElement, box.querySelector('.name'));
    assert.equal(box.scrolled, 1);
  }
  assert.ok(page.find('next').disabled);
  page.find('previous').click();
  assert.deepEqual(page.here(), [boxes[boxes.length - 2]]);
  page.find('stop').click();
  assert.equal(page.chosen(), '');
  assert.ok(page.find('bar').hidden);
  assert.equal(page.here().length, 0);
  assert.equal(page.lines().length, 0);
  assert.equal(page.document.activeElement, boxes[boxes.length - 2].querySelector('.name'));
});

test('the keys step through the order', () => {
  const page = open('example');
  const boxes = page.boxes('b');
  page.find('order-b').click();
  const last = boxes.length - 1;
  for (const [key, place] of [
    ['ArrowRight', 0], ['ArrowRight', 1], ['ArrowLeft', 0], ['ArrowLeft', 0], ['End', last],
    ['ArrowRight', last], ['Home', 0],
  ]) {
    assert.ok(page.key(key), key);
    assert.deepEqual(page.here(), [boxes[place]], key);
  }
  assert.ok(!page.key('a'));
  assert.ok(!page.key('ArrowRight', {ctrlKey: true}));
  assert.ok(!page.key('ArrowLeft', {altKey: true}), 'the browser goes back');
  assert.deepEqual(page.here(), [boxes[0]]);
  // The keys of a group of radio buttons are its own.
  page.find('order-b').focus();
  assert.ok(!page.key('ArrowRight'));
  boxes[0].querySelector('.name').focus();
  assert.ok(page.key('Escape'));
  assert.equal(page.chosen(), '');
});

test('a click on a call follows an order that it is in', () => {
  const page = open('example');
  const box = page.boxes('a')[1];
  box.click();
  assert.equal(page.chosen(), 'a');
  assert.deepEqual(page.here(), [box]);
  // The order is kept when the next call is in it, too.
  page.find('order-b').click();
  const shared = page.boxes('b').find((b) => page.boxes('a').includes(b));
  shared.click();
  assert.equal(page.chosen(), 'b');
  assert.deepEqual(page.here(), [shared]);
});

test('a click on a label chooses its order and its place', () => {
  const page = open('example');
  page.label('b2').click();
  assert.equal(page.chosen(), 'b');
  assert.deepEqual(page.here(), [page.boxes('b')[1]]);
  page.label('a1').click();
  assert.equal(page.chosen(), 'a');
  assert.deepEqual(page.here(), [page.boxes('a')[0]]);
  const links = page.boxes('a')[0].querySelectorAll('[data-to]');
  links.find((link) => link.parent.classList.contains('place-a')).click();
  assert.deepEqual(page.here(), [page.boxes('a')[1]]);
});

test('a link, a faded call and selected text follow nothing', () => {
  const page = open('example');
  page.boxes('a')[0].querySelector('.name').click();
  page.document.querySelector('.faded').click();
  page.selected = true;
  page.boxes('a')[0].click();
  assert.equal(page.chosen(), '');
  assert.equal(page.here().length, 0);
});

test('the path is drawn again when the timeline changes its size', () => {
  const page = open('example');
  assert.deepEqual(page.observed, [page.find('sheet')]);
  page.find('order-a').click();
  page.find('path').replaceChildren();
  page.resize();
  assert.equal(page.lines().length, page.boxes('a').length - 1);
});

test('a page shows at most a thousand of many calls', () => {
  const document = parse(pages.large);
  assert.equal(document.getElementById('calls').children.filter((c) => c.id).length, 1000);
  assert.ok(pages.large.length < 1_000_000);
});
