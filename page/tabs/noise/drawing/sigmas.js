// The drawn schedule as other tools write one: a list of σ, k-diffusion's and ComfyUI's, at ten steps.
// A list that is pasted, of σ or β, becomes the curve: see ddpm/exchange/sigmas.py, with which a test
// compares this.

const LISTED = 10; // steps, after which a 0 stands

/** σ = √((1-ᾱ)/ᾱ) where ten steps begin, the noisiest first. */
function sigmasOf({ T, logSnr }) {
  const count = Math.min(LISTED, T);
  const at = Array.from({ length: count }, (_, k) => Math.round(T - 1 - (k * T) / count));
  const found = at.map((t) => Math.exp(-logSnr[t] / 2)).filter(Number.isFinite);
  return [...found.map((sigma) => Number(sigma.toPrecision(4))), 0].join(", ");
}

/** Points through a list of σ that fall, or of β between 0 and 1; null for anything else. */
function pointsFrom(text, { most_points, most_drawn }) {
  let numbers = text
    .split(/[\s,;[\]()]+/)
    .filter(Boolean)
    .map(Number);
  if (numbers.at(-1) === 0) numbers = numbers.slice(0, -1);
  const { length } = numbers;
  if (length < 2 || !numbers.every((each) => each > 0 && each < Infinity)) return null;
  let found;
  if (numbers.every((each, k) => k === 0 || each < numbers[k - 1])) {
    found = numbers.map((sigma, k) => [1 - k / (length - 1), -2 * Math.log(sigma)]).reverse();
  } else if (Math.max(...numbers) < 1) {
    let log = 0; // of ᾱ
    found = numbers.map((beta, t) => {
      log += Math.log1p(-beta);
      return [(t + 0.5) / length, log - Math.log(-Math.expm1(log))];
    });
  } else {
    return null;
  }
  const count = Math.min(length, most_points);
  const kept = Array.from({ length: count }, (_, k) =>
    Math.round((k * (length - 1)) / (count - 1)),
  );
  return kept.map((k) => {
    const [u, value] = found[k];
    return [rounded(u), rounded(clamp(value, -most_drawn, most_drawn))];
  });
}

function showList() {
  const list = find(".editor .list input");
  if (document.activeElement !== list) list.value = sigmasOf(drawn);
}

find(".editor .list input").addEventListener("change", ({ target }) => {
  const found = pointsFrom(target.value, props.limits);
  if (!found) return notify(say("noise_draw_no_list"));
  target.blur(); // it shows the new curve's own σ
  setPoints(found);
});
