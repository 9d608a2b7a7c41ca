// The rows of the table, and what they unfold to. Relies on page.js, whose
// `report` holds the edges.

//===--- Rows -------------------------------------------------------------===//

const isLog = () => getElement('log').checked;

// Small histograms are drawn when they come near the window.
const pending = new IntersectionObserver(entries => {
  for (const {isIntersecting, target} of entries)
    if (isIntersecting)
      drawRow(report.edges[target.dataset.edge]);
}, {rootMargin: '400px'});

function drawRow(edge) {
  pending.unobserve(edge.chart);
  edge.chart.replaceChildren(drawSmallHistogram(edge, isLog()));
}

function makeMeter(className, share) {
  const bar = make('i', {className});
  bar.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  const meter = make('span', {className: 'meter'}, bar);
  meter.setAttribute('aria-hidden', 'true');
  return meter;
}

function makeCell(label, ...content) {
  const cell = make('td', {className: 'number'}, ...content);
  cell.dataset.label = label;
  return cell;
}

function makeRow(edge) {
  edge.button = make('button', {type: 'button'}, make('bdi', {}, edge.name));
  edge.button.setAttribute('aria-expanded', 'false');
  const about = [edge.kind, edge.role === 'activation' ? '' : edge.role,
                 [edge.storage, edge.symmetry, edge.granularity].join(' ')];
  const subtitle = make('small', {}, about.filter(text => text).join(' \u00b7 '));
  if (edge.warnings.length) {
    const count = edge.warnings.length;
    subtitle.append(' \u00b7 ', make('span', {
      className: 'warning', title: edge.warnings.join('\n')
    }, `\u26a0 ${count} warning${count > 1 ? 's' : ''}`));
  }
  edge.chart = make('td', {className: 'chart'});
  edge.chart.dataset.edge = edge.index;
  const sqnr = makeCell('SQNR, dB', formatDecibels(edge.sqnr));
  if (edge.sqnr !== null)
    sqnr.append(makeMeter(gradeDecibels(edge.sqnr), edge.sqnr / largestSqnr));
  const cells = [sqnr];
  if (hasHarm) {
    const harm = makeCell('Harm', formatNumber(edge.harm));
    if (edge.harm !== null)
      harm.append(makeMeter('', edge.harm / largestHarm));
    cells.push(harm);
  }
  const row = make('tr', {className: 'edge'},
      make('td', {className: 'index'}, String(edge.index + 1)),
      make('th', {className: 'name', scope: 'row'}, edge.button, subtitle),
      edge.chart, ...cells,
      makeCell('Clipped', formatShare(edge.clipped)),
      makeCell('Chosen range', formatRange(edge.rangeMin, edge.rangeMax),
               make('small', {}, edge.dataMin === null ? 'no data' :
                    'data ' + formatRange(edge.dataMin, edge.dataMax))));
  row.addEventListener('click', event => {
    if (event.target.closest('button') || !String(getSelection()))
      unfold(edge, !edge.detail);
  });
  edge.row = row;
  pending.observe(edge.chart);
  return row;
}

//===--- Details ----------------------------------------------------------===//

function makeValues(pairs) {
  return make('dl', {className: 'values'},
      ...pairs.filter(([, value]) => value !== '' && value !== null)
          .map(([label, value]) => make('div', {}, make('dt', {}, label),
                                        make('dd', {}, make('bdi', {}, value)))));
}

function describeClipping(edge) {
  return !edge.clipped ? formatShare(edge.clipped) :
      `${formatShare(edge.clippedLow)} below, ` +
      `${formatShare(edge.clippedHigh)} above`;
}

function describeParameters({scale, zeroPoint}) {
  if (!scale.length)
    return [];
  const least = Math.min(...scale), largest = Math.max(...scale);
  if (scale.length === 1)
    return [['Scale', String(scale[0])], ['Zero point', String(zeroPoint[0])]];
  return [['Channels', formatCount(scale.length)],
          ['Scales', `${formatNumber(least)} to ${formatNumber(largest)}`],
          ['Zero points', zeroPoint.every(z => z === zeroPoint[0]) ?
               `all ${zeroPoint[0]}` :
               `${Math.min(...zeroPoint)} to ${Math.max(...zeroPoint)}`]];
}

function countOf(n, total) {
  return n ? `${formatCount(n)} (${formatShare(n / total)})` : '0';
}

function drawDetail(edge) {
  const box = edge.detail.firstElementChild;
  const style = getComputedStyle(box);
  const width = Math.max(280, box.clientWidth - parseFloat(style.paddingLeft) -
                         parseFloat(style.paddingRight));
  const parts = [];
  if (edge.warnings.length)
    parts.push(make('ul', {className: 'warnings warning'},
                    ...edge.warnings.map(text => make('li', {}, text))));
  parts.push(make('div', {className: 'figure'},
                  drawLargeHistogram(edge, isLog(), width)));
  if (edge.parameters.min.length > 1)
    parts.push(make('div', {className: 'figure'},
                    make('h3', {}, 'Chosen range of each channel'),
                    drawChannels(edge, width)));
  parts.push(makeValues([
    ['Location', edge.location], ['Op', edge.kind],
    ['Encoding', `${edge.storage} ${edge.symmetry}, ${edge.granularity}`],
    ['Estimator', edge.estimator],
    ['Chosen range', formatRange(edge.rangeMin, edge.rangeMax)],
    ['Float range', formatRange(edge.dataMin, edge.dataMax)],
    ...describeParameters(edge.parameters),
    ['Clipped', describeClipping(edge)],
    ['SQNR', formatDecibels(edge.sqnr) +
         (Number.isFinite(edge.sqnr) ? ' dB' : '')],
    ['Harm', edge.harm === null ? null : formatNumber(edge.harm)],
    ['Samples', formatCount(edge.samples)],
    ['Elements', formatCount(edge.elements)],
    ['Zeros', countOf(edge.zeros, edge.elements)],
    ['NaN', countOf(edge.nans, edge.elements)],
    ['Infinities', countOf(edge.infinities, edge.elements)]
  ]));
  box.replaceChildren(...parts);
}

function unfold(edge, isOpen) {
  edge.button.setAttribute('aria-expanded', String(isOpen));
  if (isOpen && !edge.detail) {
    const box = make('td', {colSpan: columns.length});
    edge.detail = make('tr', {className: 'detail'}, box);
    edge.row.after(edge.detail);
    drawDetail(edge);
  } else if (!isOpen && edge.detail) {
    edge.detail.remove();
    edge.detail = null;
  }
}
