/** The control for a number of network calls, which is an instrument. */

import { mount } from "../host.js";

export function stepsField(setting, tell) {
  const element = make("div", { className: "field", id: "generate-steps" });
  let value = setting.default;
  let mounted = null;
  const place = () => mounted?.set({ value });
  // it fills an element of the page, where the form will be in a moment
  queueMicrotask(async () => {
    mounted = await mount("generate-steps", { value });
    mounted.on("change", () => {
      const given = mounted.props.value;
      if (!Number.isInteger(given) || given < mounted.props.low || given > mounted.props.high)
        return;
      value = given;
      tell();
    });
    offerStops();
  });
  let stops = setting.stops;
  const offerStops = () =>
    mounted?.set({ stops, low: stops[0], high: stops.at(-1), named: setting.label, value });
  return {
    element,
    get value() {
      return value;
    },
    set value(given) {
      value = given;
      place();
    },
    offer(others) {
      stops = others;
      offerStops();
    },
    translate() {},
  };
}
