#include "glue_security/backend/timeline_assets.h"

namespace glue_security {

const absl::string_view kTimelineStyle = R"css(
:root { color-scheme: light;
  --back: #ffffff; --text: #1b1f24; --dim: #59636e; --line: #7d8590;
  --lane: #f6f8fa; --ok: #dff3e4; --ok-edge: #1a7f37; --error: #fbe9d0;
  --error-edge: #9a6700; --open: #e4e6ea; --open-edge: #6e7781;
  --bad: #b91c26; --link: #0550ae; --path: #6639ba; }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark;
  --back: #0d1117; --text: #e6edf3; --dim: #9198a1; --line: #6e7681;
  --lane: #151b23; --ok: #12331d; --ok-edge: #3fb950; --error: #3a2a0c;
  --error-edge: #d29922; --open: #2b3138; --open-edge: #9198a1;
  --bad: #ff7b72; --link: #79c0ff; --path: #d2a8ff; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding: 3rem 1rem 5rem; }
body { margin: 0; padding: 1.2rem 1.5rem 4rem; background: var(--back);
  color: var(--text); font: .8125rem/1.4 system-ui, sans-serif; }
h1, h2, p, fieldset, #calls { max-width: min(75em, calc(100vw - 3rem));
  overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p { margin: .25rem 0; }
a { color: var(--link); }
code { font: .75rem/1.45 ui-monospace, monospace; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
input { margin: 0 .3rem 0 0; vertical-align: -.1em;
  accent-color: var(--path); }
.dim { color: var(--dim); }
.key > * { display: inline-block; padding: 1px .5rem;
  margin: .25rem .5rem .25rem 0; border: 1px solid var(--line);
  border-left-width: 5px; border-radius: 3px; }
fieldset { margin: .25rem 0; padding: 0; border: none; min-width: 0; }
legend { padding: 0; }
fieldset div { margin: .4rem 0; padding-left: .6rem;
  border-left: 3px solid var(--path); }
fieldset div.none { border-color: transparent; margin-bottom: 0; }
#sheet { position: relative; width: min-content; min-width: 100%; }
#timeline { display: grid; column-gap: 0; list-style: none; margin: 0;
  padding: 0; grid-template-columns: repeat(var(--columns), minmax(15rem, 1fr));
  grid-template-rows: var(--rows); }
.head { font-weight: 600; text-align: center; height: 2rem;
  line-height: 2rem; align-self: start; position: sticky; top: 0; z-index: 3; background: var(--back); }
.lane { background: var(--lane); border-radius: 4px; margin: 0 4px; }
.call { margin: 0 7px 3px; padding: 2px 7px; border-radius: 4px;
  border: 1px solid var(--line); border-left-width: 5px; min-width: 0;
  overflow-wrap: anywhere; position: relative; z-index: 1; }
.call .name { color: inherit; font-weight: 600; text-decoration: none; }
.call .name:hover { text-decoration: underline; }
.call .text { display: block; }
.call summary { cursor: pointer; }
.call .who { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.ok { background: var(--ok); border-left-color: var(--ok-edge); }
.error { background: var(--error); border-left-color: var(--error-edge);
  border-left-style: double; }
.open { background: var(--open); border-left-color: var(--open-edge);
  border-left-style: dashed; }
.endless { border-bottom: 3px dotted var(--open-edge); margin-bottom: 0;
  border-bottom-left-radius: 0; border-bottom-right-radius: 0; }
.faded { background: none; color: var(--dim); }
.call.bad { border: 3px solid var(--bad); }
.mark { color: var(--bad); font-weight: 700; }
.moment { border-top: 2px dashed var(--bad); height: 0; z-index: 2;
  pointer-events: none; }
.places { float: right; margin-left: .3rem; text-align: right; }
.places span { display: inline-block; white-space: nowrap; }
.places label, .places a { display: inline-block; min-width: 1.5rem;
  line-height: 1.5rem; text-align: center; font-weight: 700;
  color: var(--path); border-radius: 3px; cursor: pointer; }
.places label:hover, .places a:hover { outline: 1px solid var(--path); }
.places a { display: none; text-decoration: none; }
.call:target, .call.here { outline: 3px solid var(--path);
  outline-offset: 1px; }
#path, #path * { pointer-events: none; }
#path { position: absolute; left: 0; top: 0; z-index: 4; fill: none;
  stroke: var(--path); stroke-width: 2.5; stroke-opacity: .7; }
#path marker path { fill: var(--path); stroke: none; }
#bar { position: fixed; left: 0; right: 0; bottom: 0; z-index: 5;
  padding: .5rem 1.5rem; background: var(--back);
  border-top: 1px solid var(--line); }
#bar button { font: inherit; min-height: 1.8rem; padding: 0 .7rem;
  margin-right: .4rem; }
#calls { list-style: none; margin: 0; padding: 0; }
#calls li { border-top: 1px solid var(--line); padding: .3rem 0; }
#calls li:target { outline: 3px solid var(--path); outline-offset: 1px; }
dl { margin: .1rem 0 0 1rem; }
dt { float: left; min-width: 5.5rem; color: var(--dim); }
dd { margin: 0 0 0 5.5rem; overflow-wrap: anywhere; }
@media screen {
  body:has(#hide:checked) .faded { display: none; }
  body:has(#hide:checked) #timeline {
    grid-template-rows: var(--rows-that-matter); }
  body:has(#hide:checked) #calls .faded { display: none; }
  .script .in { cursor: pointer; }
}
@media screen and (max-width: 40rem) {
  body { padding: .8rem .8rem 4rem; }
  h1, h2, p, fieldset, #calls { max-width: none; }
  #timeline { display: block; }
  .head, .lane, .moment, #path { display: none; }
  .call { margin: 0 0 .4rem; }
  .call .who { position: static; width: auto; height: auto; clip-path: none;
    white-space: normal; display: block; color: var(--dim); }
  #bar { padding: .5rem .8rem; }
  #bar .dim { display: none; }
  dt { float: none; }
  dd { margin-left: 0; }
}
@page { size: landscape; margin: 12mm; }
@media print {
  body { padding: 0; font-size: 8pt; print-color-adjust: exact;
    -webkit-print-color-adjust: exact; }
  h1, h2, p, fieldset, #calls { max-width: none; }
  h2, legend { break-after: avoid; }
  #hiding, #bar, #path, legend span, fieldset .none, fieldset input {
    display: none; }
  #sheet { width: 100%; }
  #timeline { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); }
  .head { position: static; }
  .call, fieldset div, .moment { break-inside: avoid; }
  .call { box-decoration-break: clone; -webkit-box-decoration-break: clone; }
  .call:target, .call.here, #calls li:target { outline: none; }
  #calls li { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
)css";

const absl::string_view kTimelineScript = R"js(
'use strict';
(() => {
  const find = (id) => document.getElementById(id);
  const radios = [...document.querySelectorAll('input[name=order]')];
  const sheet = find('sheet');
  const bar = find('bar');
  const picture = find('path');
  let here = -1;  // The place in the order that is followed; -1: none yet.

  const chosen = () => radios.find((radio) => radio.checked && radio.value);
  const callsOf = (radio) => radio.dataset.calls.split(' ');
  const boxOf = (call) => find('b' + call);
  const nameOf = (box) => box.querySelector('.name').textContent;

  // Shows the state: the bar, the current box, and the path.
  const show = () => {
    for (const box of document.querySelectorAll('.here')) {
      box.classList.remove('here');
    }
    const radio = chosen();
    bar.hidden = !radio;
    draw();
    if (!radio) return;
    const calls = callsOf(radio);
    const letter = radio.value.toUpperCase();
    if (here < 0) {
      find('status').textContent = `Order ${letter}: ${calls.length} calls`;
    } else {
      const box = boxOf(calls[here]);
      box.classList.add('here');
      find('status').textContent =
          `Order ${letter}, ${here + 1} of ${calls.length}: ${nameOf(box)}`;
    }
    find('previous').disabled = here <= 0;
    find('next').disabled = here === calls.length - 1;
  };

  const add = (parent, name, attributes) => {
    const element = document.createElementNS(picture.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) {
      element.setAttribute(key, value);
    }
    return parent.appendChild(element);
  };

  // Draws the order that is followed, from place to place.
  const draw = () => {
    picture.replaceChildren();
    const radio = chosen();
    if (!radio) return;
    const origin = sheet.getBoundingClientRect();
    const points = callsOf(radio).map((call, place) => {
      const label =
          boxOf(call).querySelector(`[data-place="${radio.value}${place + 1}"]`)
              .getBoundingClientRect();
      return [label.left - origin.left + label.width / 2,
              label.top - origin.top + label.height / 2];
    });
    picture.setAttribute('width', origin.width);
    picture.setAttribute('height', origin.height);
    const marker = add(picture, 'marker', {
      id: 'arrow', viewBox: '0 0 8 8', refX: 8, refY: 4, orient: 'auto',
      markerWidth: 4, markerHeight: 4});
    add(marker, 'path', {d: 'M0 0L8 4L0 8z'});
    for (let i = 1; i < points.length; ++i) {
      const [x1, y1] = points[i - 1];
      const [x2, y2] = points[i];
      const length = Math.hypot(x2 - x1, y2 - y1) || 1;
      const [dx, dy] = [(x2 - x1) / length * 12, (y2 - y1) / length * 12];
      add(picture, 'path', {
        d: `M${x1 + dx} ${y1 + dy}L${x2 - dx} ${y2 - dy}`,
        'marker-end': 'url(#arrow)'});
    }
  };

  // Goes to a place in the order that is followed.
  const go = (place) => {
    const calls = callsOf(chosen());
    here = Math.max(0, Math.min(calls.length - 1, place));
    show();
    const box = boxOf(calls[here]);
    box.scrollIntoView({block: 'nearest', inline: 'nearest'});
    box.querySelector('.name').focus({preventScroll: true});
  };

  // Follows the order of a radio button, or none.
  const follow = (radio) => {
    radio.checked = true;
    here = -1;
    show();
  };

  for (const radio of radios) {
    radio.addEventListener('change', () => follow(radio));
  }

  // A click on a call follows the order that it is in. When it is in several,
  // the current one is kept; a click on a label chooses.
  find('timeline').addEventListener('click', (event) => {
    const box = event.target.closest('.in');
    if (!box || event.target.closest('a, summary')) return;
    const label = event.target.closest('label');
    if (!label && !getSelection().isCollapsed) return;
    const call = box.id.slice(1);
    const candidates = radios.filter(
        (radio) => radio.value && callsOf(radio).includes(call));
    const radio = label
        ? find(label.htmlFor)
        : candidates.find((radio) => radio.checked) || candidates[0];
    event.preventDefault();
    follow(radio);
    go(label ? Number(label.dataset.place.slice(1)) - 1
             : callsOf(radio).indexOf(call));
  });

  // The links of the places do the same as the buttons.
  find('timeline').addEventListener('click', (event) => {
    const link = event.target.closest('[data-to]');
    if (!link || !chosen()) return;
    event.preventDefault();
    go(Number(link.dataset.to) - 1);
  });

  const actions = {
    previous: () => go(here - 1),
    next: () => go(here + 1),
    first: () => go(0),
    last: () => go(Infinity),
    stop: () => {
      const radio = chosen();
      const call = callsOf(radio)[here];
      follow(radios[0]);
      const left = call ? boxOf(call).querySelector('.name') : radio;
      left.focus({preventScroll: true});
    },
  };
  for (const id of ['previous', 'next', 'stop']) {
    find(id).addEventListener('click', () => actions[id]());
  }

  const keys = {ArrowLeft: 'previous', ArrowRight: 'next', Home: 'first',
                End: 'last', Escape: 'stop'};
  document.addEventListener('keydown', (event) => {
    const action = keys[event.key];
    if (!action || !chosen() || event.target.closest('input')) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    actions[action]();
  });

  new ResizeObserver(draw).observe(sheet);
  document.body.classList.add('script');
  show();
})();
)js";

}  // namespace glue_security
