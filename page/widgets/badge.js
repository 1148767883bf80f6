/** Of what was drawn in the browser: where, and how long a call took; before, the megabytes fetched. */
function showBadge({ here }) {
  const badge = find(".badge");
  badge.hidden = !here;
  if (!here) return;
  badge.dataset.where = "here";
  badge.textContent = "ms" in here ? say("drawn_here", here) : say("drawn_fetching", here);
}
