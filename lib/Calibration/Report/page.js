// The page: reads the report, builds the table, answers to the reader. All text
// of the report enters the document as text, never as markup.

const report = JSON.parse(document.getElementById('report').textContent);
const getElement = id => document.getElementById(id);

function make(tag, properties, ...children) {
  const node = document.createElement(tag);
  Object.assign(node, properties);
  node.append(...children);
  return node;
}

//===--- The report's numbers ---------------------------------------------===//

// JSON has no infinities; they come as text.
const toNumber = x => typeof x === 'string' ? Number(x) : x;

report.edges.forEach((edge, index) => {
  edge.index = index;
  for (const key of ['dataMin', 'dataMax', 'rangeMin', 'rangeMax', 'sqnr'])
    edge[key] = toNumber(edge[key]);
  edge.harm = edge.harm === undefined ? null : toNumber(edge.harm);
  edge.clipped = edge.clippedLow === null || edge.clippedHigh === null ?
      null : edge.clippedLow + edge.clippedHigh;
  edge.text = [edge.name, edge.kind, edge.location, edge.estimator]
      .join('\n').toLowerCase();
});

const finiteOf = key => report.edges.map(edge => edge[key])
    .filter(x => x !== null && Number.isFinite(x));
const largestSqnr = Math.max(1, ...finiteOf('sqnr'));
const largestHarm = Math.max(0, ...finiteOf('harm'));
const hasHarm = report.edges.some(edge => edge.harm !== null);

//===--- Head and summary -------------------------------------------------===//

function addFact(label, value) {
  if (value)
    getElement('facts').append(make('div', {}, make('dt', {}, label),
                                    make('dd', {}, make('bdi', {}, value))));
}

function addTile(label, value, ...note) {
  getElement('tiles').append(
      make('div', {}, make('dt', {}, label), make('dd', {}, value),
           make('dd', {className: 'note'}, ...note)));
}

function writeHead() {
  addFact('Model', report.model);
  addFact('Data', report.data);
  addFact('Method', report.method);
  addFact('Samples', formatCount(report.samples));

  for (const figure of report.figures)
    addTile(figure.label, figure.value, make('bdi', {}, figure.note));
  const {summary, weights} = report;
  addTile('Edges', formatCount(report.edges.length),
          `${formatCount(summary.activations)} activations, ` +
          `${formatCount(summary.weights)} weights`);
  if (summary.worstEdge !== undefined) {
    const worst = report.edges[summary.worstEdge];
    addTile('Worst SQNR', formatDecibels(worst.sqnr) +
            (Number.isFinite(worst.sqnr) ? ' dB' : ''),
            make('bdi', {}, worst.name));
    const median = toNumber(summary.medianSqnr);
    addTile('Median SQNR', formatDecibels(median) +
            (Number.isFinite(median) ? ' dB' : ''), 'over all edges');
  }
  if (summary.clippedShare !== undefined)
    addTile('Clipped', formatShare(summary.clippedShare),
            'of all activation elements');
  if (weights.tensors)
    addTile('Weights', formatBytes(weights.bytesAfter),
            `from ${formatBytes(weights.bytesBefore)} in ` +
            `${formatCount(weights.tensors)} tensors`);
  addTile('Warnings', formatCount(summary.warnings),
          summary.warnings ? 'see the edges marked \u26a0' : 'nothing to report');
}

//===--- Overview ---------------------------------------------------------===//

function drawOverview() {
  const box = getElement('overview-chart');
  const edges = report.edges;
  getElement('overview').hidden = edges.length < 2 || !finiteOf('sqnr').length;
  if (getElement('overview').hidden)
    return;
  const width = box.clientWidth || 1000, left = 32, top = 6, base = 106;
  const svg = makeChart(width, 112, 'SQNR of each edge in the order of the ' +
                        'network; the table below has the numbers');
  const high = Math.ceil(largestSqnr / 10) * 10;
  const toY = db => base - (base - top) * Math.max(0, Math.min(db, high)) / high;
  for (let tick = 0; tick <= high; tick += high > 50 ? 20 : 10)
    svg.append(makeLine('axis', left, toY(tick), width, toY(tick)),
               makeSVG('text', {
                 x: left - 6, y: toY(tick) + 4, 'text-anchor': 'end'
               }, String(tick)));
  const step = (width - left) / edges.length;
  const barWidth = round(Math.min(Math.max(step * 0.8, 0.6), 32));
  for (const edge of edges) {
    const from = left + edge.index * step;
    const x = round(from + (step - barWidth) / 2);
    const y = round(edge.sqnr === null ? base - 3
                                       : Math.min(toY(edge.sqnr), base - 2));
    const group = makeSVG('g', {},
        makeSVG('title', {}, `${edge.name}: ${formatDecibels(edge.sqnr)}` +
                (Number.isFinite(edge.sqnr) ? ' dB' : '')),
        makeSVG('rect', {class: gradeDecibels(edge.sqnr), x, y,
                         width: barWidth, height: base - y}),
        makeSVG('rect', {class: 'hit', x: round(from), y: 0, width: round(step),
                         height: base}));
    group.addEventListener('click', () => showEdge(edge));
    svg.append(group);
  }
  box.replaceChildren(svg);
}

// Unfolds an edge and brings it into view, whatever was filtered out before.
function showEdge(edge) {
  if (edge.row.hidden) {
    getElement('toolbar').reset();
    arrange();
  }
  unfold(edge, true);
  edge.row.scrollIntoView({block: 'center'});
  edge.button.focus({preventScroll: true});
}

//===--- Order and choice -------------------------------------------------===//

const columns = [
  {label: '#', title: 'Order of the network', key: edge => edge.index, sign: 1},
  {label: 'Edge', title: 'Name', key: edge => edge.name, sign: 1},
  {label: 'Distribution'},
  {label: 'SQNR, dB', title: 'SQNR', key: edge => edge.sqnr, sign: 1},
  {label: 'Harm', title: 'Harm', key: edge => edge.harm, sign: -1},
  {label: 'Clipped', title: 'Clipped share', key: edge => edge.clipped, sign: -1},
  {label: 'Chosen range', title: 'Width of the range', sign: -1,
   key: edge => edge.rangeMin === null ? null : edge.rangeMax - edge.rangeMin}
].filter(column => column.label !== 'Harm' || hasHarm);

// The worst first: by harm where it is known, else by SQNR.
const order = {column: columns.find(c => c.label === (hasHarm ? 'Harm' : 'SQNR, dB'))};
order.sign = order.column.sign;

// Numbers in names count as numbers: layer2 comes before layer10.
const names = new Intl.Collator(undefined, {numeric: true});

function compareEdges(a, b) {
  const x = order.column.key(a), y = order.column.key(b);
  if (x === null || y === null)
    return (x === null) - (y === null) || a.index - b.index;
  const sign = typeof x === 'string' ? names.compare(x, y) :
      x < y ? -1 : x > y ? 1 : 0;
  return sign * order.sign || a.index - b.index;
}

function arrange() {
  const words = getElement('filter').value.toLowerCase().split(/\s+/);
  const role = getElement('role').value;
  const onlyWarned = getElement('warned').checked;
  const rows = document.createDocumentFragment();
  let numShown = 0;
  for (const edge of [...report.edges].sort(compareEdges)) {
    const isShown = (!role || edge.role === role) &&
        (!onlyWarned || edge.warnings.length > 0) &&
        words.every(word => edge.text.includes(word));
    edge.row.hidden = !isShown;
    numShown += isShown;
    rows.append(edge.row);
    if (edge.detail) {
      edge.detail.hidden = !isShown;
      rows.append(edge.detail);
    }
  }
  getElement('rows').replaceChildren(rows);
  const total = report.edges.length;
  getElement('shown').textContent = numShown === total ?
      `${formatCount(total)} edge${total === 1 ? '' : 's'}` :
      `${formatCount(numShown)} of ${formatCount(total)} edges`;
  const nothing = getElement('nothing');
  nothing.hidden = numShown > 0;
  nothing.textContent = total ? 'No edge matches.' :
      'The network has no edges that calibration looked at.';
  for (const column of columns)
    if (column.key)
      column.header.setAttribute('aria-sort', column !== order.column ? 'none' :
          order.sign > 0 ? 'ascending' : 'descending');
  getElement('order').value = columns.indexOf(order.column);
}

function sortBy(column, sign) {
  order.column = column;
  order.sign = sign;
  arrange();
}

function writeColumns() {
  columns.forEach((column, index) => {
    column.header = make('th', {scope: 'col'});
    getElement('columns').append(column.header);
    if (!column.key) {
      column.header.append(column.label);
      return;
    }
    if (index > 2)
      column.header.className = 'number';
    const button = make('button', {type: 'button'}, column.label);
    button.title = `Sort by ${column.title.toLowerCase()}`;
    button.addEventListener('click', () => sortBy(column,
        column === order.column ? -order.sign : column.sign));
    column.header.append(button);
    getElement('order').append(
        make('option', {value: index}, `Sort by ${column.title.toLowerCase()}`));
  });
}

//===--- Answers to the reader --------------------------------------------===//

function redrawDetails() {
  for (const edge of report.edges)
    if (edge.detail)
      drawDetail(edge);
}

function listen() {
  for (const id of ['filter', 'role', 'warned'])
    getElement(id).addEventListener('input', arrange);
  getElement('toolbar').addEventListener('submit', event => event.preventDefault());
  getElement('order').addEventListener('input', event => {
    const column = columns[event.target.value];
    sortBy(column, column.sign);
  });
  getElement('log').addEventListener('input', () => {
    for (const edge of report.edges)
      if (edge.chart.firstChild)
        drawRow(edge);
    redrawDetails();
  });
  let width = innerWidth;
  addEventListener('resize', () => {
    if (width === innerWidth)
      return;
    width = innerWidth;
    measureToolbar();
    drawOverview();
    redrawDetails();
  });
  addEventListener('beforeprint', () => report.edges.forEach(drawRow));
}

// Column headers stick below the toolbar, which may have wrapped.
function measureToolbar() {
  document.documentElement.style.setProperty(
      '--toolbar-height', `${getElement('toolbar').offsetHeight}px`);
}

writeHead();
writeColumns();
report.edges.forEach(makeRow);
arrange();
listen();
measureToolbar();
drawOverview();
