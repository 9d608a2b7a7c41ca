'use strict';

// Numbers as text, and charts as SVG. Nothing here knows the page.

//===--- Numbers ----------------------------------------------------------===//

const kAbsent = '\u2013';

function withMinusSign(text) {
  return text.replace(/-/g, '\u2212');
}

// Four significant digits.
function formatNumber(x) {
  if (x === null || x === undefined)
    return kAbsent;
  if (!Number.isFinite(x))
    return x > 0 ? '\u221e' : '\u2212\u221e';
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return withMinusSign(x.toExponential(2).replace('e+', 'e'));
  return withMinusSign(String(Number(x.toPrecision(4))));
}

function formatCount(n) {
  return n.toLocaleString('en-US');
}

function formatShare(share) {
  if (share === null)
    return kAbsent;
  const percent = 100 * share;
  if (percent === 0)
    return '0\u202f%';
  if (percent < 0.001)
    return '<0.001\u202f%';
  return Number(percent.toPrecision(percent < 0.1 ? 1 : 3)) + '\u202f%';
}

function formatDecibels(db) {
  if (db === null)
    return kAbsent;
  return Number.isFinite(db) ? withMinusSign(db.toFixed(1)) : 'exact';
}

function formatRange(min, max) {
  return min === null ? kAbsent
                      : '[' + formatNumber(min) + ', ' + formatNumber(max) + ']';
}

function formatBytes(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; ++unit)
    bytes /= 1024;
  return Number(bytes.toPrecision(3)) + '\u202f' + units[unit];
}

// How an SQNR is coloured.
function gradeDecibels(db) {
  return db === null ? 'unknown' : db < 20 ? 'poor' : db < 30 ? 'fair' : 'good';
}

//===--- SVG --------------------------------------------------------------===//

function makeSVG(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes))
    node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function makeChart(width, height, label) {
  return makeSVG('svg', {
    viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': label
  });
}

function makeLine(className, x1, y1, x2, y2) {
  return makeSVG('line', {class: className, x1, y1, x2, y2});
}

function round(x) {
  return Math.round(x * 100) / 100;
}

// About `count` round numbers in [low, high].
function chooseTicks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  const step = power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; ++i)
    ticks.push(i * step);
  return ticks;
}

//===--- Histograms -------------------------------------------------------===//

// The interval to show: all data, the chosen range, and some width.
function getDomain(edge) {
  const marks = [edge.dataMin, edge.dataMax, edge.rangeMin, edge.rangeMax];
  const h = edge.histogram;
  if (h && edge.dataMin === null)
    marks.push(h.left, h.left + h.width * h.counts.length);
  const finite = marks.filter(x => x !== null && Number.isFinite(x));
  let low = Math.min(...finite), high = Math.max(...finite);
  if (!finite.length)
    [low, high] = [-1, 1];
  if (low === high)
    [low, high] = [low - (Math.abs(low) || 1), high + (Math.abs(high) || 1)];
  return {low, high};
}

function describeHistogram(edge) {
  return `Histogram of ${edge.name}: data from ${formatNumber(edge.dataMin)} ` +
      `to ${formatNumber(edge.dataMax)}, chosen range ` +
      `${formatRange(edge.rangeMin, edge.rangeMax)}, ` +
      `${formatShare(edge.clipped)} clipped`;
}

// The outlines of the bars inside and outside the chosen range. A bar that
// the range cuts is cut in two; the outermost bins end where the data does, so
// that nothing seems clipped that is not.
function outlineBars(edge, toX, base, getHeight) {
  const outlines = {inside: '', clipped: ''};
  const {left, width, counts} = edge.histogram;
  const orElse = (x, other) => x === null ? other : x;
  const dataMin = orElse(edge.dataMin, -Infinity);
  const dataMax = orElse(edge.dataMax, Infinity);
  const cuts = [edge.clippedLow === 0 ? -Infinity : orElse(edge.rangeMin, -Infinity),
                edge.clippedHigh === 0 ? Infinity : orElse(edge.rangeMax, Infinity)];
  const addBar = (from, to, height) => {
    const middle = (from + to) / 2;
    const isInside = middle >= cuts[0] && middle <= cuts[1];
    const x = toX(from);
    // Thinner than this a lonely bar disappears.
    const barWidth = Math.max(toX(to) - x, 0.8);
    outlines[isInside ? 'inside' : 'clipped'] +=
        `M${round(x)} ${base}v${-round(height)}h${round(barWidth)}` +
        `v${round(height)}z`;
  };
  counts.forEach((count, i) => {
    if (!count)
      return;
    const to = Math.min(left + (i + 1) * width, dataMax);
    let from = Math.max(left + i * width, dataMin);
    for (const cut of cuts) {
      if (!(cut > from && cut < to))
        continue;
      addBar(from, cut, getHeight(count));
      from = cut;
    }
    addBar(from, to, getHeight(count));
  });
  return outlines;
}

function addBars(svg, edge, toX, base, getHeight) {
  if (!edge.histogram)
    return;
  const outlines = outlineBars(edge, toX, base, getHeight);
  for (const [className, d] of Object.entries(outlines))
    if (d)
      svg.append(makeSVG('path', {class: className, d}));
}

// The interval of the data as a line with ends, at height y.
function addFloatRange(svg, edge, toX, y) {
  if (edge.dataMin === null)
    return;
  const from = round(toX(edge.dataMin)), to = round(toX(edge.dataMax));
  svg.append(makeSVG('path', {
    class: 'float', d: `M${from} ${y - 3}v6m0 -3H${to}m0 -3v6`
  }));
}

function addChosenRange(svg, edge, toX, top, bottom) {
  if (edge.rangeMin === null)
    return;
  const from = round(toX(edge.rangeMin)), to = round(toX(edge.rangeMax));
  svg.append(makeSVG('rect', {
    class: 'band', x: from, y: top, width: Math.max(to - from, 0),
    height: bottom - top
  }));
  svg.append(makeLine('bound', from, top, from, bottom),
             makeLine('bound', to, top, to, bottom));
}

function makeCountScale(counts, isLog, height) {
  const f = isLog ? Math.log1p : x => x;
  const most = f(Math.max(1, ...counts));
  return count => Math.max(1, height * f(count) / most);
}

// A histogram that fits in a row of the table.
function drawSmallHistogram(edge, isLog) {
  const width = 320, height = 46, base = 37;
  const svg = makeChart(width, height, describeHistogram(edge));
  svg.setAttribute('preserveAspectRatio', 'none');
  const {low, high} = getDomain(edge);
  const toX = x => 2 + (width - 4) * (x - low) / (high - low);
  addChosenRange(svg, edge, toX, 0, base);
  addBars(svg, edge, toX, base,
          makeCountScale(edge.histogram ? edge.histogram.counts : [], isLog,
                         base - 2));
  svg.append(makeLine('axis', 0, base, width, base));
  addFloatRange(svg, edge, toX, base + 5);
  return svg;
}

// A histogram with axes.
function drawLargeHistogram(edge, isLog, width) {
  const left = 44, right = width - 12, top = 22, base = 200, height = 236;
  const svg = makeChart(width, height, describeHistogram(edge));
  const {low, high} = getDomain(edge);
  const toX = x => left + (right - left) * (x - low) / (high - low);
  const counts = edge.histogram ? edge.histogram.counts : [];
  const getHeight = makeCountScale(counts, isLog, base - top - 4);

  const most = Math.max(1, ...counts);
  const ticks = [];
  if (isLog)
    for (let tick = 1; tick <= most; tick *= 10)
      ticks.push(tick);
  else
    ticks.push(...chooseTicks(0, most, 4).filter(t => Number.isInteger(t)));
  for (const tick of ticks) {
    const y = tick ? round(base - getHeight(tick)) : base;
    svg.append(makeLine('axis', left, y, right, y),
               makeSVG('text', {x: left - 6, y: y + 4, 'text-anchor': 'end'},
                       tick < 1e5 ? formatCount(tick)
                                  : tick.toExponential().replace('e+', 'e')));
  }
  addChosenRange(svg, edge, toX, top - 6, base);
  addBars(svg, edge, toX, base, getHeight);
  if (low < 0 && high > 0)
    svg.append(makeLine('zero', round(toX(0)), top, round(toX(0)), base));
  svg.append(makeLine('axis', left, base, right, base));
  addFloatRange(svg, edge, toX, base + 8);
  for (const tick of chooseTicks(low, high, Math.max(2, width / 110)))
    svg.append(makeSVG('text', {
      x: round(toX(tick)), y: base + 28, 'text-anchor': 'middle'
    }, formatNumber(Math.abs(tick) < (high - low) * 1e-9 ? 0 : tick)));
  if (edge.rangeMin !== null)
    addBoundLabels(svg, edge, toX, left, right, top - 10);
  if (!edge.histogram)
    svg.append(makeSVG('text', {
      x: (left + right) / 2, y: (top + base) / 2, 'text-anchor': 'middle'
    }, 'no histogram'));
  return svg;
}

// The bounds of the chosen range above the chart, kept apart and on it.
function addBoundLabels(svg, edge, toX, left, right, y) {
  const min = formatNumber(edge.rangeMin), max = formatNumber(edge.rangeMax);
  const getWidth = text => 7 * text.length;
  const place = (x, text) => Math.min(
      Math.max(x, left + getWidth(text) / 2), right - getWidth(text) / 2);
  let from = place(toX(edge.rangeMin), min);
  let to = place(toX(edge.rangeMax), max);
  const gap = (getWidth(min) + getWidth(max)) / 2 + 8;
  if (to - from < gap) {
    to = place(from + gap, max);
    from = to - gap;
  }
  for (const [x, text] of [[from, min], [to, max]])
    svg.append(makeSVG('text', {x: round(x), y, 'text-anchor': 'middle'},
                       text));
}

// The chosen range of every channel, side by side.
function drawChannels(edge, width) {
  const left = 44, right = width - 12, top = 6, base = 116;
  const {min, max} = edge.parameters;
  const svg = makeChart(width, 138, `Chosen ranges of ${min.length} channels`);
  const low = Math.min(...min), high = Math.max(...max);
  const span = high - low || 1;
  const toY = x => base - (base - top) * (x - low) / span;
  for (const tick of chooseTicks(low, low + span, 4))
    svg.append(makeLine('axis', left, round(toY(tick)), right, round(toY(tick))),
               makeSVG('text', {
                 x: left - 6, y: round(toY(tick)) + 4, 'text-anchor': 'end'
               }, formatNumber(tick)));
  const step = Math.min((right - left) / min.length, 24);
  const barWidth = round(Math.max(step - (step > 4 ? 1.5 : 0), 0.5));
  let d = '';
  min.forEach((from, i) => {
    const y = round(toY(max[i]));
    d += `M${round(left + i * step)} ${y}h${barWidth}` +
        `V${round(Math.max(toY(from), y + 1))}h${-barWidth}z`;
  });
  svg.append(makeSVG('path', {class: 'channels', d}));
  const every = Math.ceil(34 / step);
  for (let i = 0; i < min.length; i += every)
    svg.append(makeSVG('text', {
      x: round(left + (i + 0.5) * step), y: base + 18, 'text-anchor': 'middle'
    }, String(i)));
  return svg;
}
