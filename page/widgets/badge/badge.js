/** Of what was drawn in the browser: where, and how long a call took; before, the megabytes fetched. */
function showBadge({ here }) {
  const badge = find(".badge");
  badge.hidden = !here;
  if (!here) return;
  badge.dataset.where = "here";
  badge.textContent = "ms" in here ? timed("here", here) : say("drawn_fetching", here);
}

/** What a call took, and why it took longer than it might, if something is known to. */
function timed(where, { ms, slow }) {
  const took = say(`drawn_${where}`, { ms });
  return slow ? `${took} · ${say(`drawn_slow_${slow}`)}` : took;
}
