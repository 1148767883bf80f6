/** A canvas that shows the plane around the middle of the noise: points, arrows and ways. */

import { REACH } from "../../../in_browser/points/world.js";

const SQUARE = 1.3; // pixels: a smaller dot looks as a square does, which is drawn faster
const NOISE = 2.45; // within this radius lie 95% of normal noise
const { PI, hypot, min, round } = Math;

/** What draws on a square canvas, as sharp as the screen is, in the page's colours.
 * @param {HTMLCanvasElement} canvas */
export function planeOn(canvas) {
  const context = canvas.getContext("2d");
  const layer = document.createElement("canvas"); // the ways so far: a frame adds to them
  const pen = layer.getContext("2d");
  let [ratio, unit, drawnUpTo] = [1, 1, 0];
  let colors = [];
  const toX = (x) => (x + REACH) * unit;
  const toY = (y) => (REACH - y) * unit;

  /** An empty plane, and on it the circle within which noise lies. */
  function begin() {
    ratio = devicePixelRatio;
    const side = round(canvas.clientWidth * ratio);
    if (canvas.width !== side || canvas.height !== side) {
      canvas.width = canvas.height = side;
      forget();
    }
    unit = side / (2 * REACH);
    const style = getComputedStyle(canvas);
    const color = (name) => style.getPropertyValue(name).trim();
    colors = Array.from({ length: 8 }, (_, k) => color(`--line-${k}`));
    colors.push(color("--body-text-color"));
    context.clearRect(0, 0, side, side);
    context.globalAlpha = 0.35;
    context.strokeStyle = colors[PLAIN];
    context.lineWidth = ratio;
    context.setLineDash([3 * ratio, 5 * ratio]);
    context.beginPath();
    context.arc(toX(0), toY(0), NOISE * unit, 0, 2 * PI);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** Points, each in the colour of its label; without labels all in that of the text. */
  function points(x, { labels, radius = 1.6, alpha = 0.8 } = {}) {
    context.globalAlpha = alpha;
    const r = radius * ratio * Math.max(0.7, canvas.clientWidth / 400);
    for (let color = 0; color < colors.length; color++) {
      if (!labels && color !== PLAIN) continue;
      context.fillStyle = colors[color];
      context.beginPath();
      for (let k = 0; k < x.length / 2; k++) {
        if (labels && labels[k] !== color) continue;
        const across = toX(x[2 * k]);
        const down = toY(x[2 * k + 1]);
        if (r < SQUARE) context.fillRect(across - r, down - r, 2 * r, 2 * r);
        else {
          context.moveTo(across + r, down);
          context.arc(across, down, r, 0, 2 * PI);
        }
      }
      context.fill();
    }
    context.globalAlpha = 1;
  }

  /** Arrows from the places of a `grid` of `count` in a row towards `to`, no longer than a cell. */
  function arrows(grid, to, count) {
    const most = (1.7 * REACH) / count;
    context.strokeStyle = colors[PLAIN];
    context.globalAlpha = 0.3;
    context.lineWidth = 1.2 * ratio;
    context.beginPath();
    for (let k = 0; k < grid.length; k += 2) {
      const [wayX, wayY] = [to[k] - grid[k], to[k + 1] - grid[k + 1]];
      const length = hypot(wayX, wayY);
      if (length < 0.02) continue;
      const part = min(0.35 * length, most) / length;
      const [x, y] = [toX(grid[k]), toY(grid[k + 1])];
      const [dx, dy] = [wayX * part * unit, -wayY * part * unit];
      context.moveTo(x, y);
      context.lineTo(x + dx, y + dy);
      context.lineTo(x + 0.7 * dx + 0.18 * dy, y + 0.7 * dy - 0.18 * dx);
      context.moveTo(x + dx, y + dy);
      context.lineTo(x + 0.7 * dx - 0.18 * dy, y + 0.7 * dy + 0.18 * dx);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** The ways of the first `count` points through these states, up to number `passed` of them and
   * from there to `now`. */
  function ways(states, passed, now, count, labels) {
    if (passed < drawnUpTo) forget();
    for (let i = drawnUpTo; i < passed; i++) segment(pen, states[i], states[i + 1], count, labels);
    drawnUpTo = passed;
    context.globalAlpha = 0.55;
    if (layer.width) context.drawImage(layer, 0, 0); // not where the plane is hidden
    segment(context, states[passed], now, count, labels);
    context.globalAlpha = 1;
  }

  function segment(pen, from, to, count, labels) {
    pen.lineWidth = 1.3 * ratio;
    for (let color = 0; color < colors.length; color++) {
      pen.strokeStyle = colors[color];
      pen.beginPath();
      for (let k = 0; k < count; k++) {
        if ((labels ? labels[k] : PLAIN) !== color) continue;
        pen.moveTo(toX(from[2 * k]), toY(from[2 * k + 1]));
        pen.lineTo(toX(to[2 * k]), toY(to[2 * k + 1]));
      }
      pen.stroke();
    }
  }

  /** Other ways come. */
  function forget() {
    layer.width = layer.height = canvas.width;
    drawnUpTo = 0;
  }

  /** The place in the plane of a pointer. */
  function placeOf({ clientX, clientY }) {
    const box = canvas.getBoundingClientRect();
    const part = (2 * REACH) / box.width;
    return [(clientX - box.left) * part - REACH, REACH - (clientY - box.top) * part];
  }

  /** A ring around a place, for the keyboard. */
  function ring([x, y]) {
    context.strokeStyle = colors[0];
    context.lineWidth = 2 * ratio;
    context.beginPath();
    context.arc(toX(x), toY(y), 8 * ratio, 0, 2 * PI);
    context.stroke();
  }

  return { begin, points, arrows, ways, forget, placeOf, ring };
}

const PLAIN = 8; // the number of the text's colour

/** Another width, or light in place of dark: a canvas has to be drawn again, unless it is hidden.
 * @param {HTMLElement} root
 * @param {() => void} redraw */
export function whenLooksChange(root, redraw) {
  const redrawSeen = () => root.clientWidth && redraw();
  new ResizeObserver(redrawSeen).observe(root);
  new MutationObserver(redrawSeen).observe(document.body, { attributeFilter: ["class"] });
}
