// The forward process of a cloud of points, at the t of the picture's view: see points.py.

const view = () => document.querySelector(props.view);

const picture = {
  now: () => window.forwardNow?.(),
  move(t) {
    const slider = view().querySelector(".time");
    slider.value = t;
    slider.dispatchEvent(new Event("input"));
  },
  play: () => view().querySelector(".play").click(),
  onChange: (follow) => document.addEventListener("forward", follow),
};

find(".points").ariaLabel = say("points_forward");
whenSeen((kit, { showForward }) => showForward(kit, picture));
