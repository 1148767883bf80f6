// One plot of a table of every schedule in `schedules`, with a cursor. Returns what moves it to t.

function makePlot(axes, column, low, high, ticks) {
  const [width, height] = [axes.clientWidth, axes.clientHeight];
  const [left, right, top, bottom] = [44, width - 12, 10, height - 26];
  const last = schedules[0].T - 1;
  const toX = (t) => left + ((right - left) * t) / last;
  const toY = (v) => {
    const inside = Math.min(high, Math.max(low, v));
    return bottom - ((bottom - top) * (inside - low)) / (high - low);
  };
  const point = (v, t) => `${toX(t).toFixed(1)} ${toY(v).toFixed(1)}`;
  const colour = (schedule) => `style="--its-color: var(--${schedule.name})"`;
  const tick = (v) =>
    `<path class="grid" d="M${left} ${toY(v)}H${right}"/>` +
    `<text x="${left - 8}" y="${toY(v) + 5}" text-anchor="end">${v < 0 ? "−" : ""}${Math.abs(v)}</text>`;
  const curve = (schedule) =>
    `<path class="curve" ${colour(schedule)} d="M${[...schedule[column]].map(point).join("L")}"/>`;
  axes.innerHTML =
    `<svg aria-hidden="true">${ticks.map(tick).join("")}` +
    `<text x="${left}" y="${height - 4}">0</text>` +
    `<text x="${right}" y="${height - 4}" text-anchor="end">t = ${last}</text>` +
    schedules.map(curve).join("") +
    `<path class="cursor" d="M0 ${top}V${bottom}"/>` +
    schedules.map((schedule) => `<circle r="6" ${colour(schedule)}/>`).join("") +
    "</svg>";
  const cursor = axes.querySelector(".cursor");
  const dots = [...axes.querySelectorAll("circle")];
  return (t) => {
    cursor.setAttribute("transform", `translate(${toX(t)})`);
    dots.forEach((dot, k) => {
      dot.setAttribute("transform", `translate(${point(schedules[k][column][t], t)})`);
    });
  };
}
