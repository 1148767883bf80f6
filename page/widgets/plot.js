// A line plot whose horizontal axis begins at 0, with a cursor.

const MARGIN = { left: 54, right: 12, top: 10, bottom: 26 }; // room for the axes' numbers

/**
 * Draws `lines` into the element `axes`, for x from 0 to `last` and y from `low` to `high`. Returns
 * a function that moves the cursor to an x. A line has a `color` (an index), a `className`, and
 * `ys` from x = `start` on, `stride` apart. `end` is the text below the right end.
 */
function plot(axes, { lines, last, low, high, ticks, end, label, logarithmic = false }) {
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
      `<text x="${left - 8}" y="${toY(v) + 5}" text-anchor="end">${number}</text>`
    );
  };
  const line = ({ ys, className, color, start = 0, stride = 1 }) => {
    if (!ys.length) return "";
    const points = Array.from(ys, (v, k) => point(start + k * stride, v));
    return `<path class="${className}" style="stroke: var(--line-${color})" d="M${points.join("L")}"/>`;
  };
  const dot = ({ color }) => `<circle r="6" style="fill: var(--line-${color})"/>`;
  axes.innerHTML =
    `<svg role="img">${ticks.map(tick).join("")}<text x="${left}" y="${height - 4}">0</text>` +
    `<text x="${right}" y="${height - 4}" text-anchor="end">${end}</text>` +
    `${lines.map(line).join("")}` +
    `<g hidden><path class="cursor" d="M0 ${top}V${bottom}"/>${lines.map(dot).join("")}</g></svg>`;
  axes.firstChild.setAttribute("aria-label", label);
  const cursor = axes.querySelector(".cursor");
  const dots = axes.querySelectorAll("circle");
  return (x) => {
    cursor.parentNode.removeAttribute("hidden");
    cursor.setAttribute("transform", `translate(${toX(x)})`);
    lines.forEach(({ ys }, k) => {
      dots[k].setAttribute("transform", `translate(${point(x, ys[x])})`);
    });
  };
}
