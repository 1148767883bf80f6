// A line plot with a cursor.

const MARGIN = { left: 54, right: 12, top: 10, bottom: 26 }; // room for the axes' numbers

/**
 * Draws `lines` into the element `axes`, for x from 0 to `last` and y from `low` to `high`. A line
 * has a `color` (an index), a `className`, and `ys` at `xs`, or from x = `start` on, `stride` apart. `begin` and
 * `end` are the texts below the two ends.
 *
 * Returns a function that moves the cursor to an x and each line's dot there, or to the line's own x
 * in `places`; without an x there is no cursor. `beside` is the room between the numbers and the axis,
 * in pixels. The function has `mend(k, ys)`, which draws one line
 * again, and what turns numbers into pixels and, on a linear axis, back.
 */
function plot(
  axes,
  { lines, last, low, high, ticks, begin = 0, end, label, logarithmic = false, beside = 8 },
) {
  const [width, height] = [axes.clientWidth, axes.clientHeight];
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const scale = logarithmic ? Math.log : (v) => v;
  const toX = (x) => left + ((right - left) * x) / last;
  const toY = (v) => {
    const clamped = Math.min(high, Math.max(low, v));
    return bottom - ((bottom - top) * (scale(clamped) - scale(low))) / (scale(high) - scale(low));
  };
  const point = (x, v) => `${toX(x).toFixed(1)} ${toY(v).toFixed(1)}`;
  const tick = (v) => {
    const number = `${v < 0 ? "−" : ""}${Number(Math.abs(v).toPrecision(3))}`;
    return (
      `<path class="grid" d="M${left} ${toY(v)}H${right}"/>` +
      `<text x="${left - beside}" y="${toY(v) + 5}" text-anchor="end">${number}</text>`
    );
  };
  const way = ({ ys, xs, start = 0, stride = 1 }) =>
    `M${Array.from(ys, (v, k) => point(xs ? xs[k] : start + k * stride, v)).join("L")}`;
  const line = ({ className, color, ...rest }) => {
    if (!rest.ys.length) return "";
    return `<path class="line ${className}" style="stroke: var(--line-${color})" d="${way(rest)}"/>`;
  };
  const dot = ({ color }) => `<circle r="6" style="fill: var(--line-${color})"/>`;
  axes.innerHTML =
    `<svg role="img">${ticks.map(tick).join("")}<text x="${left}" y="${height - 4}">${begin}</text>` +
    `<text x="${right}" y="${height - 4}" text-anchor="end">${end}</text>` +
    `${lines.map(line).join("")}` +
    `<g hidden><path class="cursor" d="M0 ${top}V${bottom}"/>${lines.map(dot).join("")}</g></svg>`;
  axes.firstChild.setAttribute("aria-label", label);
  const cursor = axes.querySelector(".cursor");
  const group = cursor.parentNode;
  const dots = axes.querySelectorAll("circle");
  const paths = axes.querySelectorAll(".line");
  const moved = lines.map(({ ys }) => ys); // as they were last drawn
  const moveTo = (x, places = moved.map(() => x)) => {
    group.removeAttribute("hidden");
    if (x === null) cursor.remove();
    else cursor.setAttribute("transform", `translate(${toX(x)})`);
    places.forEach((place, k) => {
      dots[k].setAttribute("transform", `translate(${point(place, moved[k][place])})`);
    });
  };
  const mend = (k, ys) => {
    moved[k] = ys;
    paths[k].setAttribute("d", way({ ...lines[k], ys }));
  };
  const fromX = (x) => (last * (x - left)) / (right - left);
  const fromY = (y) => low + ((high - low) * (bottom - y)) / (bottom - top);
  return Object.assign(moveTo, { mend, toX, toY, fromX, fromY });
}
