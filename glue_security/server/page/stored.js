// The view of what is stored: the catalogs, and the records of one of them.

import {count, find, make, name, number, setText, shown, time} from './dom.js';
import {ask, query} from './server.js';

// The lists of a catalog are read again, as far as they are shown, up to so
// many pages.
const PAGES_MAX = 20;
// The part of a policy that is shown.
const LINES_MAX = 2000;
const CHARACTERS_MAX = 100_000;
const FINDINGS_MAX = 100;

let catalogs = [];
let nextCatalog = null;
let catalogPages = 1;
let selected = null;  // {catalog, region}
const pages = {security_configurations: 1, connections: 1};
const next = {};
// The answers that are shown, so that nothing is shown again that is the same.
const seen = new Map();

const isSame = (a, b) =>
    a !== null && b !== null && a.catalog === b.catalog && a.region === b.region;

function isNew(what, value) {
  const text = JSON.stringify(value);
  if (seen.get(what) === text) return false;
  seen.set(what, text);
  return true;
}

export function linkTo({catalog, region}) {
  return `#/stored/${encodeURIComponent(catalog)}/${encodeURIComponent(region)}`;
}

// Shows the catalog of the address; none: the first.
export async function show(catalog, region) {
  const asked =
      catalog === undefined ? null : {catalog, region: region ?? ''};
  if (asked !== null && !isSame(asked, selected)) select(asked);
  await read();
}

function select(asked) {
  selected = asked;
  pages.security_configurations = 1;
  pages.connections = 1;
  for (const what of ['policy', 'settings', 'security_configurations', 'connections']) {
    seen.delete(what);
  }
  // What cannot be read must not leave the records of another catalog.
  find('policy').replaceChildren();
  find('settings').replaceChildren();
  for (const table of ['configurations', 'connections']) {
    find(table).closest('.scroll').hidden = true;
    find(table).tBodies[0].replaceChildren();
    find(`no-${table}`).hidden = true;
    find(`${table}-more`).hidden = true;
  }
}

export async function read() {
  await readCatalogs();
  if (selected === null && catalogs.length > 0) select(catalogs[0]);
  await readCatalog();
}

async function readCatalogs() {
  const found = [];
  let after = null;
  for (let page = 0; page < catalogPages; ++page) {
    const answer = await ask('GET', 'stored?' + query({
      after_catalog: after?.catalog,
      after_region: after?.region,
      limit: 200,
    }));
    found.push(...answer.catalogs);
    after = answer.next ?? null;
    if (after === null) break;
  }
  catalogs = found;
  nextCatalog = after;
  showCatalogs();
}

function contentsOf(catalog) {
  const parts = [];
  if (catalog.policy) parts.push('policy');
  if (catalog.settings) parts.push('settings');
  if (catalog.security_configurations > 0) {
    parts.push(count(catalog.security_configurations, 'configuration'));
  }
  if (catalog.connections > 0) parts.push(count(catalog.connections, 'connection'));
  return parts.length === 0 ? 'empty' : parts.join(', ');
}

function showCatalogs() {
  find('catalogs-more').hidden = nextCatalog === null;
  find('nothing-stored').hidden = catalogs.length > 0 || selected !== null;
  find('catalog').hidden = selected === null;
  if (!isNew('catalogs', [catalogs, selected])) return;
  const list = find('catalogs');
  const focused = list.contains(document.activeElement) ?
      document.activeElement.getAttribute('href') : null;
  const accounts = new Map();
  for (const catalog of catalogs) {
    if (!accounts.has(catalog.catalog)) accounts.set(catalog.catalog, []);
    accounts.get(catalog.catalog).push(catalog);
  }
  list.replaceChildren(...[...accounts].map(([account, regions]) =>
    make('li', {},
         make('span', {class: 'account'}, name(account, 60)),
         make('ul', {}, ...regions.map((catalog) => make('li', {},
           make('a', {
             href: linkTo(catalog),
             'aria-current': isSame(catalog, selected) && 'true',
           }, name(catalog.region, 60),
              make('span', {class: 'contents'}, ' ', contentsOf(catalog)))))))));
  if (focused !== null) {
    [...list.querySelectorAll('a')]
        .find((link) => link.getAttribute('href') === focused)?.focus();
  }
  if (catalogs.length === 0) {
    list.append(make('li', {class: 'dim'}, 'None yet'));
  }
}

async function readCatalog() {
  if (selected === null) return;
  const catalog = selected;
  showCatalogs();
  find('catalog-title').replaceChildren(
      name(catalog.catalog, 100), make('span', {class: 'slash'}, ' / '),
      name(catalog.region, 100));
  const problems = [];
  for (const [what, showPart] of [
    ['policy', showPolicy], ['settings', showSettings],
    ['security_configurations', showConfigurations],
    ['connections', showConnections]]) {
    try {
      const answer = await readPart(what, catalog);
      // Meanwhile another one may have been selected.
      if (catalog !== selected) return;
      if (isNew(what, answer)) showPart(answer);
    } catch (error) {
      if (error.status === undefined || error.needsToken) throw error;
      problems.push(error.message);
    }
  }
  setText(find('catalog-error'), problems.join(' '));
}

async function readPart(what, {catalog, region}) {
  const path = `stored/${what}?`;
  if (!(what in pages)) return ask('GET', path + query({catalog, region}));
  const records = [];
  let after;
  for (let page = 0; page < Math.min(pages[what], PAGES_MAX); ++page) {
    const answer = await ask('GET', path + query({catalog, region, after}));
    records.push(...answer[what]);
    after = answer.next;
    if (after === undefined) break;
  }
  next[what] = after;
  return records;
}

// The policy.

function showPolicy(answer) {
  const part = find('policy');
  if (answer.policy === null) {
    part.replaceChildren(make('p', {class: 'empty'},
      ...(answer.deleted === undefined ?
          ['None was put.'] : ['None. The last one was deleted at ', time(answer.deleted), '.'])));
    return;
  }
  const {policy, findings = []} = answer;
  const meta = make('dl', {class: 'meta'},
    make('div', {}, make('dt', {}, 'Hash'), make('dd', {}, make('code', {}, ...shown(policy.PolicyHash)))),
    make('div', {}, make('dt', {}, 'Created'), make('dd', {}, time(policy.created))),
    make('div', {}, make('dt', {}, 'Updated'), make('dd', {}, time(policy.updated))),
    make('div', {}, make('dt', {}, 'Size'), make('dd', {}, count(policy.bytes, 'byte'))));
  if (policy.PolicyInJson === undefined) {
    part.replaceChildren(meta, make('p', {class: 'empty'}, 'It is too long to be shown.'));
    return;
  }
  part.replaceChildren(
      meta, showFindings(findings), showText(policy.PolicyInJson, findings));
}

function showFindings(findings) {
  if (findings.length === 0) {
    return make('p', {class: 'fine'}, 'The checks find nothing wrong in it.');
  }
  const errors = findings.filter((finding) => finding.severity === 'error');
  const few = findings.slice(0, FINDINGS_MAX);
  return make('section', {class: 'findings', 'aria-labelledby': 'findings-title'},
    make('h5', {id: 'findings-title'},
         errors.length > 0 ? count(errors.length, 'error') : count(findings.length, 'warning')),
    errors.length > 0 && make('p', {class: 'dim'},
      'It is stored all the same: the checks in force when it was put were fewer.') || '',
    make('ol', {}, ...few.map((finding, index) => make('li', {class: finding.severity},
      make('button', {
        type: 'button', class: 'link',
        click: () => find(`finding-${markOf(few, index)}`)?.focus(),
      }, `Line ${number(finding.line)}, column ${number(finding.column)}`), ' ',
      make('span', {class: `badge ${finding.severity}`}, finding.severity), ' ',
      ...shown(finding.message), '. ',
      make('code', {class: 'dim'}, finding.code,
           finding.pointer === '' ? '' : ' at ', ...shown(finding.pointer, 200))))),
    findings.length > few.length &&
        make('p', {class: 'dim'}, `And ${number(findings.length - few.length)} more.`) || '');
}

// Returns the number of the first finding at the same place.
function markOf(findings, index) {
  const {line, column} = findings[index];
  return findings.findIndex((f) => f.line === line && f.column === column) + 1;
}

// Returns the end of the JSON token that begins at `from`.
function endOfToken(points, from) {
  let end = from + 1;
  if (points[from] === '"') {
    while (end < points.length && points[end] !== '"') {
      end += points[end] === '\\' ? 2 : 1;
    }
    return Math.min(end + 1, points.length);
  }
  if (!/[\w.+-]/.test(points[from] ?? ' ')) return Math.min(end, points.length);
  while (end < points.length && /[\w.+-]/.test(points[end])) ++end;
  return end;
}

// Returns the text, line by line, with a mark at each finding.
function showText(text, findings) {
  const lines = text.slice(0, CHARACTERS_MAX).split(/\r\n|\n|\r/).slice(0, LINES_MAX);
  const places = new Map();  // line -> column -> the numbers of its findings
  findings.slice(0, FINDINGS_MAX).forEach(({line, column}, index) => {
    if (!places.has(line)) places.set(line, new Map());
    const columns = places.get(line);
    if (!columns.has(column)) columns.set(column, []);
    columns.get(column).push(index);
  });
  const code = make('code');
  lines.forEach((line, index) => {
    const parts = make('span', {class: 'line'});
    const points = Array.from(line);
    let from = 0;
    for (const [column, numbers] of [...(places.get(index + 1) ?? [])].sort((a, b) => a[0] - b[0])) {
      const begin = Math.min(column - 1, points.length);
      if (begin < from) continue;
      const end = endOfToken(points, begin);
      parts.append(...shown(points.slice(from, begin).join(''), Infinity),
                   markFor(points.slice(begin, end).join(''), numbers, findings));
      from = end;
    }
    parts.append(...shown(points.slice(from).join(''), Infinity), '\n');
    code.append(parts);
  });
  const isCut = text.length > CHARACTERS_MAX || lines.length === LINES_MAX;
  return make('div', {},
    make('pre', {class: 'code', tabindex: '0', 'aria-label': 'Text of the policy'}, code),
    isCut && make('p', {class: 'dim'}, 'Only the beginning of the text is shown.') || '');
}

function markFor(text, numbers, findings) {
  const isError = numbers.some((i) => findings[i].severity === 'error');
  return make('mark', {
    id: `finding-${numbers[0] + 1}`,
    class: isError ? 'error' : 'warning',
    tabindex: '-1',
    title: numbers.map((i) => findings[i].message).join('\n'),
  }, ...shown(text === '' ? ' ' : text, Infinity),
     make('sup', {}, make('span', {class: 'hidden'}, ' finding '), numbers.map((i) => i + 1).join(',')));
}

// The settings.

function showSettings({settings}) {
  const part = find('settings');
  if (settings === null) {
    part.replaceChildren(make('p', {class: 'empty'}, 'None were put, so nothing is encrypted.'));
    return;
  }
  const groups = Object.entries(settings.DataCatalogEncryptionSettings ?? {});
  if (groups.length === 0) {
    part.replaceChildren(make('p', {class: 'empty'}, 'They are empty, so nothing is encrypted.'));
    return;
  }
  part.replaceChildren(make('div', {class: 'groups'}, ...groups.map(([group, members]) =>
    make('dl', {class: 'members'},
      make('div', {class: 'group'}, make('dt', {}, group)),
      ...Object.entries(members).map(([key, value]) => make('div', {},
        make('dt', {}, key), make('dd', {}, ...shown(value))))))));
}

// The lists.

function showList(what, table, none, more, records, rowOf) {
  find(none).hidden = records.length > 0;
  find(table).closest('.scroll').hidden = records.length === 0;
  find(more).hidden = next[what] === undefined || pages[what] >= PAGES_MAX;
  find(table).tBodies[0].replaceChildren(...records.map(rowOf));
}

function damagedRow(record, columns) {
  return make('tr', {},
    make('th', {scope: 'row'}, name(record.name)),
    make('td', {colspan: columns - 1, class: 'error'}, 'The record is damaged.'));
}

function encryptionOf(part, mode) {
  if (part === undefined) return make('span', {class: 'dim'}, '–');
  return make('span', {}, make('span', {}, ...shown(part[mode] ?? 'no mode')),
    part.KmsKeyArn === undefined ? '' :
        make('span', {class: 'under'}, ...shown(part.KmsKeyArn)));
}

function showConfigurations(records) {
  showList('security_configurations', 'configurations', 'no-configurations',
           'configurations-more', records, (record) => {
    if (record.stored === 'damaged') return damagedRow(record, 6);
    const parts = record.SecurityConfiguration?.EncryptionConfiguration ?? {};
    const cell = (...children) => make('td', {}, ...children);
    const s3 = parts.S3Encryption ?? [];
    return make('tr', {},
      make('th', {scope: 'row'}, name(record.name)),
      cell(...(s3.length === 0 ? [encryptionOf(undefined)] :
               s3.slice(0, 20).map((entry) => encryptionOf(entry, 'S3EncryptionMode')))),
      cell(encryptionOf(parts.CloudWatchEncryption, 'CloudWatchEncryptionMode')),
      cell(encryptionOf(parts.JobBookmarksEncryption, 'JobBookmarksEncryptionMode')),
      cell(encryptionOf(parts.DataQualityEncryption, 'DataQualityEncryptionMode')),
      make('td', {class: 'time'}, time(record.created)));
  });
}

function propertiesOf(record) {
  const shownOnes = Object.entries(record.Connection?.ConnectionProperties ?? {}).sort();
  return make('dl', {class: 'properties'},
    ...shownOnes.map(([key, value]) => make('div', {},
      make('dt', {}, ...shown(key)), make('dd', {}, name(value, 200)))),
    ...(record.hidden ?? []).map((key) => make('div', {},
      make('dt', {}, ...shown(key)), make('dd', {class: 'dim'}, 'hidden'))));
}

function showConnections(records) {
  showList('connections', 'connections', 'no-connections', 'connections-more', records, (record) => {
    if (record.stored === 'damaged') return damagedRow(record, 5);
    const isSealed = record.stored === 'sealed';
    return make('tr', {},
      make('th', {scope: 'row'}, name(record.name),
           record.Connection?.Description === undefined ? '' :
               make('span', {class: 'under'}, name(record.Connection.Description, 200))),
      make('td', {}, ...shown(record.Connection?.ConnectionType ?? '–')),
      make('td', {}, isSealed ? make('span', {class: 'dim'}, 'sealed') : propertiesOf(record)),
      make('td', {}, isSealed ?
          make('span', {}, 'sealed by', make('span', {class: 'under'}, ...shown(record.key))) :
          'not sealed'),
      make('td', {class: 'time'}, time(record.updated),
           record.updated_by === undefined ? '' :
               make('span', {class: 'under'}, 'by ', name(record.updated_by))));
  });
}

// Listens to the buttons. `run` handles what they throw.
export function start(run) {
  find('refresh').addEventListener('click', () => run(async () => {
    seen.clear();
    await read();
  }));
  find('catalogs-more').addEventListener('click', () => run(async () => {
    ++catalogPages;
    await readCatalogs();
  }));
  for (const [button, what] of [
    ['configurations-more', 'security_configurations'], ['connections-more', 'connections']]) {
    find(button).addEventListener('click', () => run(async () => {
      ++pages[what];
      await readCatalog();
    }));
  }
}
