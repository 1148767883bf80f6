// The corners' noises: a click on one's picture draws another, its lock keeps it when all are drawn
// anew.

const corners = [...element.querySelectorAll(".corner")];
const locked = new Set(); // numbers of corners
const LOCK =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path class="bow" d="M7 11V8a5 5 0 0 1 10 0v3"/>' +
  '<rect x="5" y="11" width="14" height="10" rx="2"/></svg>';

/** The seeds of the corners' noises, which are those of before where no corner has its own. */
function seedsOf({ seed, seeds }) {
  return seeds?.length ? seeds : corners.map((_, k) => seed + k);
}

/** Another noise in this corner, which no corner had. */
function roll(k) {
  const seeds = seedsOf(state);
  change({ seeds: seeds.with(k, Math.max(...seeds) + 1) });
}

/** Other noises everywhere, but for locked corners. */
function rollAll() {
  const seeds = seedsOf(state);
  let next = Math.max(...seeds);
  const isOne = state.corners === "classes"; // noise, the seed's own, for all corners
  if (isOne || !locked.size) return change({ seed: next + 1, seeds: isOne ? state.seeds : [] });
  change({ seeds: seeds.map((seed, k) => (locked.has(k) ? seed : ++next)) });
}

function setLocked(k, on) {
  if (on) locked.add(k);
  else locked.delete(k);
  nameCorners();
}

function nameCorners() {
  const isBetweenClasses = state.corners === "classes";
  corners.forEach((corner, k) => {
    const [rolls, lock] = [corner.querySelector(".roll"), corner.querySelector(".lock")];
    const name = say(`walk_corner_${k}`);
    rolls.disabled = isBetweenClasses;
    rolls.ariaLabel = say("walk_roll", { name });
    lock.hidden = isBetweenClasses;
    lock.ariaPressed = String(locked.has(k));
    lock.ariaLabel = say("walk_lock", { name });
  });
}

corners.forEach((corner, k) => {
  corner.querySelector(".roll").addEventListener("click", () => roll(k));
  corner.querySelector(".lock").innerHTML = LOCK;
  corner.querySelector(".lock").addEventListener("click", () => setLocked(k, !locked.has(k)));
});
find(".fresh").addEventListener("click", rollAll);
