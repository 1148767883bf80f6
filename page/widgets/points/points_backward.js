// Points on their way from noise to a cloud: see points.py.

const drawn = () => document.querySelector("#noise-view [data-drawn]")?.dataset.drawn;

function followLink() {
  if (props.value.settings) shown?.set(props.value.settings);
}

find(".points").ariaLabel = say("points_backward");
window.pointsShown = () => shown?.settings() ?? props.value.settings;
watch("value", followLink);
whenSeen((kit, { showBackward }) => showBackward(kit, drawn, props.value.settings));
